"""What the text front end hands to engines and to the preview."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text in one language; `language` is a BCP 47 tag (`zh-CN`, `en-US`, …).

    `phonemes`, where a pronunciation dictionary gives them, are IPA for the whole of `text`: voices that take IPA say
    these, all others read `text`.
    """

    language: str
    text: str
    phonemes: str = ""


@dataclass(frozen=True, slots=True)
class Sentence:
    """What an engine speaks in one go.

    `text` is normalised and never empty; `language` is the BCP 47 tag of its main voice, `runs` are its stretches in
    one language each, which joined are `text`. `pause_after_seconds` is the silence that follows at speed 1.0, 0 after
    the last one; breaks are silences the client asked for, in seconds whatever the speed. `rate` is a factor of
    speaking rate on top of the request's speed.
    """

    text: str
    language: str
    pause_after_seconds: float
    runs: tuple[Run, ...] = ()
    rate: float = 1.0
    break_before_seconds: float = 0.0
    break_after_seconds: float = 0.0

    def spans(self) -> tuple[Run, ...]:
        """`runs`, or the whole sentence as one where the front end made none."""
        return self.runs or (Run(self.language, self.text),)


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
