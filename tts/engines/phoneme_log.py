"""What voices are told to say, for whoever looks for a mispronunciation: off unless the settings say otherwise."""

import logging
from collections.abc import Iterable

logger = logging.getLogger("tts.phonemes")


def phonemes_log(voice: str, symbols: Iterable[object]) -> None:
    """Write the phonemes, or the numbers of a voice's symbols, of one sentence into the debug log."""
    if logger.isEnabledFor(logging.DEBUG):
        logger.debug("%s: %s", voice, " ".join(map(str, symbols)))
