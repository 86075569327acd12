"""What the engine needs from a grapheme-to-phoneme converter."""

from typing import Protocol

from tts.engines.base import Deadline


class Phonemizer(Protocol):
    """Text to the phonemes Piper voices were trained on."""

    def phonemize(self, text: str, *, espeak_voice: str, deadline: Deadline) -> str:
        """IPA code points of `text` in NFD, words separated by spaces, with stress and punctuation marks.

        `espeak_voice` names an espeak-ng voice (`cmn`, `en-us`). Raises `EngineError`; `EngineTimeout` soon
        after `deadline` passes.
        """
        ...
