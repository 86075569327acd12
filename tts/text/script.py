"""A text with directions how to say it: what SSML becomes, and what plain text is the simplest case of."""

from dataclasses import dataclass

from tts.text.count import count_characters


@dataclass(frozen=True, slots=True)
class Substitute:
    """Something written that is said as something else, exactly as given."""

    written: str
    spoken: str


@dataclass(frozen=True, slots=True)
class SayAs:
    """Something written that is read in a way the client names, such as `telephone` or `date:mdy`; see
    `tts.text.say_as`.
    """

    written: str
    reading: str


Part = str | Substitute | SayAs


@dataclass(frozen=True, slots=True)
class Passage:
    """Neighbouring words that are said in one manner.

    `language` is a BCP 47 tag, empty where none is given. `rate` is a factor of speaking rate, 0.5 … 2.0.
    `break_before_seconds` is the silence before it, whatever the speed; None leaves that to punctuation.
    """

    parts: tuple[Part, ...]
    language: str = ""
    rate: float = 1.0
    break_before_seconds: float | None = None

    @property
    def written(self) -> str:
        return "".join(part if isinstance(part, str) else part.written for part in self.parts)


@dataclass(frozen=True, slots=True)
class Script:
    """Passages in order.

    `language` is that of the document: it holds for passages without one of their own, unless they are written in a
    script that cannot be in it. `source` is what the script was made from, for the preview.
    """

    passages: tuple[Passage, ...]
    language: str = ""
    break_after_seconds: float | None = None
    source: str = ""

    @property
    def written(self) -> str:
        """The text without directions."""
        return "".join(passage.written for passage in self.passages)

    @property
    def spoken(self) -> str:
        """The same with substitutes in their places."""
        return "".join(_spoken(part) for passage in self.passages for part in passage.parts)

    @property
    def characters(self) -> int:
        """The billed count (see `count_characters`): of substitutes the longer text, the written or the spoken one."""
        return count_characters("".join(_longer(part) for passage in self.passages for part in passage.parts))


def plain(text: str) -> Script:
    """A script without directions."""
    return Script((Passage((text,)),))


def _longer(part: Part) -> str:
    if isinstance(part, Substitute):
        return max(part.written, part.spoken, key=count_characters)
    return _spoken(part)


def _spoken(part: Part) -> str:
    match part:
        case Substitute(spoken=spoken):
            return spoken
        case SayAs(written=written):
            return written
        case _:
            return part
