"""What no text may carry into espeak-ng, however it came here."""

import re

from tts.text.belt import break_words, limit_apostrophes

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_SURROGATES = re.compile(r"[\ud800-\udfff]")


def cleaned(text: str) -> str:
    """`text` with spaces for control characters, which are commands to espeak-ng, without lone surrogates, which UTF-8
    cannot hold, and within the limits of `tts.text.belt`.
    """
    return break_words(limit_apostrophes(_SURROGATES.sub("", _CONTROLS.sub(" ", text))))
