"""The text of a request beside what was made of it, for who may read it."""

from collections.abc import Iterator
from dataclasses import dataclass

from tts.models import SynthesisRequest
from tts.services.looking_text import text_prepared
from tts.text import Step

CONTEXT = 16
"""Characters on each side of a change that are shown with it."""
MOST_CHANGE = 400
"""Characters of a change that are shown."""


@dataclass(frozen=True, slots=True)
class Change:
    """What one rule did to the text: what stood there, what stands there now, and what surrounds both."""

    rule: str
    before: str
    after: str
    leading: str
    trailing: str


@dataclass(frozen=True, slots=True)
class Texts:
    """`said` is None where nothing could be spoken."""

    original: str
    said: str | None
    changes: tuple[Change, ...]


def texts_of(row: SynthesisRequest) -> Texts | None:
    """None when the text is no longer kept."""
    if not row.text:
        return None
    prepared = text_prepared(row=row)
    if prepared is None:
        return Texts(row.text, None, ())
    return Texts(row.text, prepared.normalized, tuple(_changes(prepared.steps)))


def _changes(steps: tuple[Step, ...]) -> Iterator[Change]:
    for step in steps:
        first, last = _common(step.before, step.after)
        before, after = (
            step.before[first : len(step.before) - last],
            step.after[first : len(step.after) - last],
        )
        leading = step.before[max(0, first - CONTEXT) : first]
        trailing = step.before[len(step.before) - last :][:CONTEXT]
        yield Change(step.rule, _short(before), _short(after), leading, trailing)


def _common(one: str, other: str) -> tuple[int, int]:
    """How many characters at the beginning and at the end are the same in both."""
    most = min(len(one), len(other))
    first = next((place for place in range(most) if one[place] != other[place]), most)
    rest = most - first
    last = next((place for place in range(rest) if one[-1 - place] != other[-1 - place]), rest)
    return first, last


def _short(text: str) -> str:
    return text if len(text) <= MOST_CHANGE else f"{text[:MOST_CHANGE]}…"
