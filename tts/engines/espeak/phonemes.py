"""Text to the phoneme string that Piper voices were trained on.

Method of Piper's `phonemize_espeak`: espeak-ng splits the text into clauses; each clause's IPA loses its language
flags and gains the mark that ended it, with a space after `,`, `:` and `;`; the whole is decomposed (NFD).
"""

import re
import unicodedata
from collections.abc import Sequence

from tts.engines.base import CancelToken, Deadline
from tts.engines.espeak.process import EspeakProcess
from tts.engines.espeak.wire import Clause

_LANGUAGE_FLAG = re.compile(r"\([^)]+\)")

# Marks espeak-ng knows as clause ends. Those that need no space after them, as Chinese marks, end a clause for Piper
# too, but its bridge has no symbol for them, so Piper voices never saw one there.
_SYMBOLS = {
    ".": ".",
    ",": ",",
    ":": ":",
    ";": ";",
    "?": "?",
    "!": "!",
    "–": ";",
    "—": ";",
    "،": ",",
    "؛": ";",
    "؟": "?",
}
_FINAL_MARKS = re.compile(f"[{re.escape(''.join(_SYMBOLS))}]+$")
_SPACE_AFTER = frozenset(",:;")
_CLOSING = " \u00a0\"'”’»)]}"


class EspeakPhonemizer:
    """Phonemes for the ONNX engine, from the worker's espeak-ng process."""

    def __init__(self, process: EspeakProcess) -> None:
        self._process = process

    def phonemize(self, text: str, *, espeak_voice: str, deadline: Deadline) -> str:
        """IPA with stress marks and punctuation, in NFD code points; empty if nothing in `text` can be said.

        `espeak_voice` is the voice's `espeak.voice` (`en-us`, `cmn`). Raises what `EspeakProcess` raises.
        """
        return phonemize(self._process, text, espeak_voice, deadline=deadline)


def phonemize(
    process: EspeakProcess,
    text: str,
    espeak_voice: str,
    *,
    deadline: Deadline,
    cancel: CancelToken | None = None,
) -> str:
    """See `EspeakPhonemizer.phonemize`."""
    return piper_phonemes(process.phonemize(text, voice=espeak_voice, deadline=deadline, cancel=cancel))


def piper_phonemes(clauses: Sequence[Clause]) -> str:
    """Clauses joined as Piper joins them."""
    parts: list[str] = []
    read_ahead = ""
    for index, clause in enumerate(clauses):
        source = read_ahead + clause.text
        if index < len(clauses) - 1:
            source, read_ahead = source[:-1], source[-1:]
        parts.append(_LANGUAGE_FLAG.sub("", clause.phonemes) + _symbol(source))
    return unicodedata.normalize("NFD", "".join(parts))


def _symbol(clause: str) -> str:
    """What stands for the marks at the end of `clause`: the first of a run counts, an ellipsis counts as none."""
    marks = _FINAL_MARKS.search(clause.rstrip(_CLOSING))
    if marks is None or marks[0].startswith("..."):
        return ""
    symbol = _SYMBOLS[marks[0][0]]
    return symbol + " " if symbol in _SPACE_AFTER else symbol
