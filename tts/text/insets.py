"""Stretches of a text that no rule may touch.

While cleaning and rules work, each stands in the text as one private-use character: cleaning drops those from what
clients send, so none can be forged. Planes 15 and 16 are theirs.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

_FIRST_INSET = 0xF0000
_FIRST_BORDER = 0x100000
_PLANE = 0xFFFE

INSET = re.compile("[\U000f0000-\U000ffffd]")
BORDER = re.compile("[\U00100000-\U0010fffd]")
_STANDINS = re.compile("([\U000f0000-\U0010fffd])")


@dataclass(frozen=True, slots=True)
class Inset:
    """What a private-use character stands for: `text` is what is said, `phonemes` its IPA where that is known.

    `waiting` names how `text` is to be read out once its language is known (`tts.text.say_as`), empty once it is.
    `language` (BCP 47) is of `phonemes`, empty for that of the text around.
    """

    text: str
    phonemes: str = ""
    language: str = ""
    waiting: str = ""


@dataclass(slots=True)
class Insets:
    """The insets of one text."""

    _insets: list[Inset] = field(default_factory=list)
    _characters: dict[Inset, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self._insets)

    def add(self, inset: Inset) -> str:
        """The character that stands for `inset`; its text itself once a plane's 65 534 characters are used up."""
        character = self._characters.get(inset)
        if character is None:
            if len(self._insets) >= _PLANE:
                return inset.text
            character = chr(_FIRST_INSET + len(self._insets))
            self._insets.append(inset)
            self._characters[inset] = character
        return character

    def get(self, character: str) -> Inset:
        """What `character` stands for: nothing, for one that was never given out."""
        number = ord(character) - _FIRST_INSET
        return self._insets[number] if number < len(self._insets) else Inset("")

    def replace(self, text: str, say: Callable[[Inset], str]) -> str:
        """`text` with what `say` makes of each inset."""
        if not self._insets:
            return text
        return INSET.sub(lambda match: say(self.get(match[0])), text)

    def shown(self, text: str) -> str:
        """`text` as people may see it: with the texts of insets and without borders."""
        return BORDER.sub("", self.replace(text, lambda inset: inset.text))

    def parts(self, text: str) -> Iterator[str | Inset]:
        """The stretches between insets, none empty, and the insets, in order."""
        start = 0
        for match in INSET.finditer(text):
            if start < match.start():
                yield text[start : match.start()]
            yield self.get(match[0])
            start = match.end()
        if start < len(text):
            yield text[start:]


def border(number: int) -> str:
    """The character that stands before passage `number`."""
    return chr(_FIRST_BORDER + number)


def at_borders(text: str) -> Iterator[tuple[int, str]]:
    """(number of the passage, its text) for the stretches between borders; what precedes the first is number 0."""
    number, start = 0, 0
    for match in BORDER.finditer(text):
        yield number, text[start : match.start()]
        number, start = ord(match[0]) - _FIRST_BORDER, match.end()
    yield number, text[start:]


def without_standins(text: str) -> str:
    """`text` without private-use characters of planes 15 and 16."""
    return _STANDINS.sub("", text)


def between_standins(apply: Callable[[str], str], text: str) -> str:
    """`apply` done to each stretch between insets and borders, which stay."""
    parts = _STANDINS.split(text)
    parts[::2] = map(apply, parts[::2])
    return "".join(parts)


def is_audible(text: str) -> bool:
    """Whether `text` holds a letter, digit, ideograph or inset."""
    return any(map(str.isalnum, text)) or INSET.search(text) is not None
