"""The symbols a network knows, by number, and what stands in for sounds it never heard."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from tts.engines.onnx.piper_config import BOS, EOS, PAD

PAD_ID, BOS_ID, EOS_ID = 0, 1, 2
SPACE = " "

_STAND_INS = {
    # Typographic and full-width marks are read as their ASCII forms.
    "，": ",",
    "、": ",",
    "。": ".",
    "…": ".",
    "？": "?",
    "！": "!",
    "；": ";",
    "：": ":",
    # Sounds of loan words and of neighbouring espeak-ng voices, by the nearest sound most sets hold.
    "g": "ɡ",
    "r": "ɹ",
    "ɽ": "ɾ",
    "x": "h",
    "χ": "h",
    "ç": "h",
    "ɣ": "ɡ",
    "ʁ": "ɹ",
    "ɬ": "l",
    "ʎ": "l",
    "ɲ": "n",
    "ʔ": "t",
    "β": "v",
    "ɸ": "f",
    "y": "i",
    "ø": "ə",
    "œ": "ɛ",
    "ɯ": "ʊ",
    "ɤ": "ʌ",
    "ɒ": "ɑ",
    "ɜ": "ə",
    "ɨ": "ɪ",
    "ᵻ": "ɪ",
}


@dataclass(frozen=True)
class SymbolTable:
    """Symbols by id: pad, begin and end of a sentence first, then IPA code points in code point order."""

    symbols: tuple[str, ...]

    def __post_init__(self) -> None:
        if self.symbols[:3] != (PAD, BOS, EOS) or len(set(self.symbols)) != len(self.symbols):
            raise ValueError("symbols must begin with pad, begin and end, and differ from each other")
        long = [symbol for symbol in self.symbols if len(symbol) != 1]
        if long:
            raise ValueError(f"the platform hands over single code points, so {long[0]!r} could never be met")

    @classmethod
    def of(cls, sentences: Iterable[Sequence[str]]) -> "SymbolTable":
        """The table of all symbols in `sentences`, and of the space between words."""
        found = {SPACE, *(symbol for sentence in sentences for symbol in sentence)} - {PAD, BOS, EOS}
        return cls((PAD, BOS, EOS, *sorted(found)))

    def __len__(self) -> int:
        return len(self.symbols)

    def ids(self, sentence: Sequence[str]) -> list[int]:
        """Raises `KeyError` for a symbol that is not in the table."""
        return [self._numbers[symbol] for symbol in sentence]

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {symbol: number for number, symbol in enumerate(self.symbols)}

    def phoneme_id_map(self) -> dict[str, list[int]]:
        """Piper's table: every symbol, and stand-ins for sounds and marks the network was not trained on."""
        table = {symbol: [number] for symbol, number in self._numbers.items()}
        for symbol, other in _STAND_INS.items():
            if symbol not in table and other in table:
                table[symbol] = table[other]
        return table
