"""Front ends of the VITS models that sherpa-onnx publishes: characters, or words of a lexicon.

Method: sherpa-onnx, `offline-tts-character-frontend.cc` and `lexicon.cc`, without their rule FSTs: numbers, dates and
signs have become words before a voice sees them.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from tts.engines.base import Deadline
from tts.engines.onnx.espeak_front_end import sample_letters
from tts.engines.onnx.lexicon_file import Lexicon
from tts.engines.onnx.marks import SENTENCE_MARKS
from tts.engines.onnx.phonemizer import Phonemizer
from tts.engines.onnx.sequence_model import Utterance, UtteranceBuilder
from tts.engines.onnx.tokens import TokenTable
from tts.text.types import Run

_SAMPLE_WORDS = "你好世界我们很高兴"


@dataclass(frozen=True, slots=True)
class CharacterFrontEnd:
    """Each character in lower case is a token; unknown ones are left out."""

    tokens: TokenTable

    @property
    def symbols(self) -> int:
        return self.tokens.size

    def utterance(
        self, runs: Sequence[Run], *, speaker: int, phonemizer: Phonemizer, deadline: Deadline
    ) -> Utterance:
        return characters_of("".join(run.text for run in runs), self.tokens)

    def sample(self) -> Utterance:
        return sample_letters(self.tokens)


@dataclass(frozen=True, slots=True)
class LexiconFrontEnd:
    """Words of a lexicon. `between` is the token after each word, `pause` stands for marks that are no tokens."""

    lexicon: Lexicon
    tokens: TokenTable
    between: int | None = None
    pause: int | None = None

    @property
    def symbols(self) -> int:
        return self.tokens.size

    def utterance(
        self, runs: Sequence[Run], *, speaker: int, phonemizer: Phonemizer, deadline: Deadline
    ) -> Utterance:
        builder = UtteranceBuilder()
        for word in self.lexicon.words("".join(run.text for run in runs)):
            if word in SENTENCE_MARKS:
                self._add_mark(builder, word)
            else:
                self._add_word(builder, word)
        return builder.done()

    def sample(self) -> Utterance:
        builder = UtteranceBuilder()
        for word in [*_SAMPLE_WORDS, *list(self.lexicon.lines)[:50]]:
            if len(builder.ids) < 12:
                self._add_word(builder, word)
        return builder.done()

    def _add_word(self, builder: UtteranceBuilder, word: str) -> None:
        for found in self.lexicon.spell(word):
            following = [] if self.between is None else [self.between]
            tones = [*found.tones, *([0] * len(following))] if self.lexicon.has_tones else []
            builder.add([*found.ids, *following], tones)

    def _add_mark(self, builder: UtteranceBuilder, mark: str) -> None:
        token = self.tokens.ids.get(mark, self.pause)
        if token is not None:
            builder.add([token], [0] if self.lexicon.has_tones else [], is_mark=True)


def characters_of(text: str, tokens: TokenTable) -> Utterance:
    """The characters of `text`, in lower case where the table has no other, that are tokens."""
    builder = UtteranceBuilder()
    for character in unicodedata.normalize("NFC", text):
        known = character if character in tokens else character.lower()
        builder.add(tokens.known([known]), is_mark=character in SENTENCE_MARKS)
    return builder.done()
