"""Front end of voices that take the IPA of espeak-ng, code point by code point."""

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tts.engines.base import Deadline
from tts.engines.onnx.marks import FULL_WIDTH, SENTENCE_MARKS
from tts.engines.onnx.phonemizer import Phonemizer
from tts.engines.onnx.sequence_model import Utterance, UtteranceBuilder
from tts.engines.onnx.tokens import TokenTable
from tts.text.types import Run

# espeak-ng ends a clause at an ASCII mark only when white space follows.
_SPACED_MARKS = str.maketrans(
    {mark: f"{other} " for mark, other in FULL_WIDTH.items()} | {"、": ", ", "…": ". "}
)


@dataclass(frozen=True, slots=True)
class EspeakFrontEnd:
    """`rewrite` changes the IPA of all runs into what the voice was trained on; it gets NFC. Runs with phonemes from a
    dictionary keep those."""

    tokens: TokenTable
    espeak_voice: str
    rewrite: Callable[[str], str] = str

    @property
    def symbols(self) -> int:
        return self.tokens.size

    def utterance(
        self, runs: Sequence[Run], *, speaker: int, phonemizer: Phonemizer, deadline: Deadline
    ) -> Utterance:
        found = [self._ipa(run, phonemizer, deadline) for run in runs]
        return utterance_of_ipa(self.rewrite(" ".join(found)), self.tokens)

    def sample(self) -> Utterance:
        return sample_letters(self.tokens)

    def _ipa(self, run: Run, phonemizer: Phonemizer, deadline: Deadline) -> str:
        return run.phonemes or ipa_of(run.text, self.espeak_voice, phonemizer, deadline)


def ipa_of(text: str, espeak_voice: str, phonemizer: Phonemizer, deadline: Deadline) -> str:
    """IPA of `text` in NFC, with its marks in ASCII."""
    marked = text.translate(_SPACED_MARKS)
    ipa = phonemizer.phonemize(marked, espeak_voice=espeak_voice, deadline=deadline)
    return unicodedata.normalize("NFC", ipa).strip()


def utterance_of_ipa(ipa: str, tokens: TokenTable, *, ends: str = " ") -> Utterance:
    """The code points of `ipa` that are tokens; composed letters of which only the parts are tokens in parts. A long
    utterance may be cut after each of `ends`."""
    builder = UtteranceBuilder()
    for character in ipa:
        parts = [character] if character in tokens else unicodedata.normalize("NFD", character)
        builder.add(tokens.known(parts), is_mark=character in SENTENCE_MARKS)
    utterance = builder.done()
    ending = {tokens[end] for end in ends if end in tokens}
    gaps = tuple(place for place in utterance.gaps if utterance.ids[place - 1] in ending)
    return Utterance(utterance.ids, marks=utterance.marks, gaps=gaps)


def sample_letters(tokens: TokenTable) -> Utterance:
    """A dozen letters, which are sounds in every voice that takes single characters."""
    letters = [
        token for token in tokens.ids if len(token) == 1 and unicodedata.category(token) in ("Ll", "Lo")
    ]
    return Utterance(tuple(tokens.known((letters * 12)[:12])))
