"""A request's timeline as its page draws it: a table whose last column is a waterfall."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts.admin.formatting import moment, seconds
from tts.admin.request_words import STEPS
from tts.models import EngineAttempt, RequestEvent, SynthesisRequest
from tts.services.timeline import Step, timeline_of

WIDTH = 1000
"""Of the drawing, in its own units."""
LEAST_WIDTH = 6
"""Of a stretch: a moment is to be seen as well."""
SHOWN_OTHERWISE = frozenset({"seconds", "limits_seconds", "engine"})


@dataclass(frozen=True, slots=True)
class Bar:
    """A row of the waterfall. `x` and `width` are those of its stretch in `WIDTH` units; `is_later` has no stretch."""

    label: Any
    tone: str
    begins: SafeString | str
    took: SafeString | str
    x: int
    width: int
    is_open: bool
    is_later: bool
    facts: SafeString


def bars_of(
    *,
    row: SynthesisRequest,
    events: Sequence[RequestEvent],
    attempts: Sequence[EngineAttempt],
    now: datetime,
) -> list[Bar]:
    """Every step of a request; the engine that each attempt asked stands in its label."""
    timeline = timeline_of(row=row, events=events, now=now)
    whole = max(timeline.seconds, 1e-6)
    has_work = any(step.name == "attempt" for step in timeline.steps)
    voices = iter([attempt.voice for attempt in attempts if attempt.claim == row.claim])
    return [
        Bar(
            label=_label(step, has_work),
            tone=_tone(step),
            begins=moment(step.later_at) if step.later_at else seconds(step.offset_seconds, digits=3),
            took="" if step.is_moment or step.later_at else seconds(step.seconds, digits=3),
            x=min(WIDTH - LEAST_WIDTH, int(WIDTH * step.offset_seconds / whole)),
            width=max(LEAST_WIDTH, int(WIDTH * step.seconds / whole)),
            is_open=step.is_open,
            is_later=step.later_at is not None,
            facts=_facts(step, next(voices, "") if step.name == "attempt" else ""),
        )
        for step in timeline.steps
    ]


def _label(step: Step, has_work: bool) -> Any:
    if step.name == "attempt":
        return format_html("{} {}", STEPS["attempt"], step.data.get("engine", ""))
    if step.name == "started" and not has_work:
        return STEPS["at-work"]
    return STEPS.get(step.name, step.name)


def _tone(step: Step) -> str:
    if step.is_problem:
        return "bad"
    match step.name:
        case "queued" | "limits":
            return "wait"
        case "attempt" | "started":
            return "work"
        case "succeeded":
            return "good"
        case _:
            return "rest"


def _facts(step: Step, voice: str) -> SafeString:
    facts = {name: value for name, value in step.data.items() if name not in SHOWN_OTHERWISE}
    if voice:
        facts["voice"] = voice
    return format_html_join(" ", '<span class="identifier">{}={}</span>', facts.items())
