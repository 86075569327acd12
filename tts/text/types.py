"""What the text front end hands to engines and to the preview."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text in one language; `language` is a BCP 47 tag (`zh-CN`, `en-US`, …)."""

    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """What an engine speaks in one go.

    `text` is normalised and never empty; `language` is the BCP 47 tag of the voice that should speak it (foreign
    words may occur inside); `pause_after_seconds` is the silence that follows at speed 1.0, 0 after the last one.
    """

    text: str
    language: str
    pause_after_seconds: float


@dataclass(frozen=True, slots=True)
class Step:
    """One rule that changed something, for the preview: the text before and after it."""

    rule: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class PreparedText:
    """A text ready to be spoken.

    `characters` is the billed count: Unicode code points of the text as sent, after NFC, without control characters
    and surrounding white space. `runs` cover `normalized` without gaps.
    """

    characters: int
    normalized: str
    runs: tuple[Run, ...]
    sentences: tuple[Sentence, ...]
    steps: tuple[Step, ...]


class NothingToSpeak(ValueError):
    """The text holds no letter, digit or ideograph once cleaned."""
