from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accounts.identifiers import uuid7
from tts.models import RequestEvent, SynthesisRequest
from tts.services.events import event
from tts.services.timeline import Step, timeline_of

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def request(**fields: Any) -> SynthesisRequest:
    values: dict[str, Any] = {"id": uuid7(), "tenant_id": uuid7(), "created_at": NOON, "status": "succeeded"}
    return SynthesisRequest(**values | fields)


def spoken() -> tuple[SynthesisRequest, list[RequestEvent]]:
    """Arrived 0.01 s before it was accepted, waited 0.1 s, prepared 0.05 s, fell back, was delivered after a second."""
    row = request(limits_seconds=0.01, started_at=at(0.1), finished_at=at(0.8))
    lines = [
        event(row, "received", NOON),
        event(row, "claimed", at(0.1)),
        event(
            row,
            "attempt",
            at(0.45),
            level=RequestEvent.Level.ERROR,
            engine="onnx",
            outcome="timeout",
            seconds=0.3,
        ),
        event(row, "attempt", at(0.65), engine="espeak", outcome="succeeded", seconds=0.2),
        event(row, "encoded", at(0.7), seconds=0.05),
        event(row, "stored", at(0.8), bytes=7, seconds=0.1),
        event(row, "succeeded", at(0.8), engine="espeak"),
        event(row, "delivered", at(1.0), bytes=7, seconds=1.0),
    ]
    return row, lines


def told(steps: tuple[Step, ...]) -> list[tuple[str, float, float]]:
    return [(step.name, round(step.offset_seconds, 6), round(step.seconds, 6)) for step in steps]


def test_every_stretch_has_its_place_from_the_arrival_on() -> None:
    row, lines = spoken()

    timeline = timeline_of(row=row, events=lines, now=at(9))

    assert told(timeline.steps) == [
        ("received", 0.0, 0.0),
        ("limits", 0.0, 0.01),
        ("queued", 0.01, 0.1),
        ("started", 0.11, 0.05),
        ("attempt", 0.16, 0.3),
        ("attempt", 0.46, 0.2),
        ("encoded", 0.66, 0.05),
        ("stored", 0.71, 0.1),
        ("succeeded", 0.81, 0.0),
        ("delivered", 0.81, 0.2),
    ]
    assert timeline.seconds == pytest.approx(1.01)


def test_the_order_of_lines_does_not_matter() -> None:
    row, lines = spoken()

    forward, backward = (timeline_of(row=row, events=order, now=at(9)) for order in (lines, lines[::-1]))

    assert sorted(told(forward.steps)) == sorted(told(backward.steps))


def test_errors_are_problems_and_nothing_else_is() -> None:
    row, lines = spoken()

    problems = [
        step.data["engine"] for step in timeline_of(row=row, events=lines, now=at(9)).steps if step.is_problem
    ]

    assert problems == ["onnx"]


def test_one_that_waits_is_open_until_now() -> None:
    (_received, queued) = timeline_of(row=request(status="queued"), events=[], now=at(3)).steps

    assert (queued.name, queued.seconds, queued.is_open) == ("queued", 3.0, True)


def test_one_at_work_is_open_until_now() -> None:
    row = request(status="running", started_at=at(1))
    *_before, started = timeline_of(row=row, events=[], now=at(3)).steps

    assert (started.name, started.offset_seconds, started.seconds, started.is_open) == (
        "started",
        1.0,
        2.0,
        True,
    )


def test_one_that_expired_in_the_queue_waited_until_then() -> None:
    row = request(status="expired", finished_at=at(15), error_code="deadline_exceeded")
    steps = timeline_of(row=row, events=[], now=at(99)).steps

    assert told(steps) == [("received", 0, 0), ("queued", 0, 15), ("expired", 15, 0)]
    assert [step.is_problem for step in steps] == [False, False, True]


def test_lost_workers_are_moments_and_problems() -> None:
    row, lines = spoken()
    lost = event(row, "worker-lost", at(0.05), level=RequestEvent.Level.ERROR, worker="one.1", claim=1)

    steps = timeline_of(row=row, events=[*lines, lost], now=at(9)).steps

    (found,) = [step for step in steps if step.name == "worker-lost"]
    assert (found.is_moment, found.is_problem, found.data["claim"]) == (True, True, 1)


@pytest.mark.parametrize("name", ["delivered", "erased"])
def test_what_came_days_later_is_no_part_of_its_time(name: str) -> None:
    row, lines = spoken()
    days = timedelta(days=3)
    timely = [line for line in lines if line.name != "delivered"]

    timeline = timeline_of(row=row, events=[*timely, event(row, name, at(1) + days)], now=at(9) + days)

    *_before, later = timeline.steps
    assert (later.name, later.later_at) == (name, at(1) + days)
    assert timeline.seconds == pytest.approx(0.81)
    assert [step.later_at for step in _before] == [None] * len(_before)


@pytest.mark.parametrize(("took", "limit"), [(0.2, 1.2), (5.0, 10.0)])
def test_a_delivery_is_drawn_up_to_as_long_as_all_before_it_but_at_least_a_second(
    took: float, limit: float
) -> None:
    row = request(started_at=at(0.1), finished_at=at(took))
    for seconds, is_later in ((limit - 0.01, False), (limit + 0.01, True)):
        lines = [event(row, "succeeded", at(took)), event(row, "delivered", at(seconds))]
        timeline = timeline_of(row=row, events=lines, now=at(99))
        assert (timeline.steps[-1].later_at is not None) is is_later
        assert timeline.seconds == pytest.approx(took if is_later else seconds)


def test_clocks_that_disagree_make_no_negative_time() -> None:
    row = request(started_at=at(-1), finished_at=at(-2), limits_seconds=0.01)
    lines = [event(row, "attempt", at(-3), seconds=0.5), event(row, "delivered", at(-4), seconds=1)]

    timeline = timeline_of(row=row, events=lines, now=at(0))

    assert all(step.offset_seconds >= 0 and step.seconds >= 0 for step in timeline.steps)
