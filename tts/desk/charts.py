"""Figures as the charts of the admin take them: data for `tts/charts.js`."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tts.desk.series import ServicePoint
from tts.models import SynthesisRequest
from tts.usage.histogram import percentile

Value = float | int | None
Status = SynthesisRequest.Status

OUTCOME_TONES = {
    Status.SUCCEEDED: "good",
    Status.FAILED: "bad",
    Status.EXPIRED: "busy",
    Status.CANCELED: "quiet",
}


@dataclass(frozen=True, slots=True)
class Chart:
    """A figure: `key` is its name in the page, `data` what the script draws."""

    key: str
    title: str | Promise
    data: dict[str, Any]


def series(label: str | Promise, values: Iterable[Value], tone: str = "") -> dict[str, Any]:
    """One line or layer of a chart; `tone` is `good`, `busy`, `bad` or `quiet` where its colour means something."""
    named = {"label": str(label), "values": list(values)}
    return named | {"tone": tone} if tone else named


def volume_charts(points: Sequence[ServicePoint]) -> list[Chart]:
    """How much: requests, characters and audio."""
    outcomes = [
        series(status.label, (getattr(point, status.value) for point in points), tone)
        for status, tone in OUTCOME_TONES.items()
    ]
    characters = series(_("Characters"), (point.characters for point in points))
    audio = series(_("Audio"), (round(point.audio_seconds, 1) for point in points))
    return [
        _chart("requests", _("Requests"), points, "stacked", "requests", outcomes),
        _chart("characters", _("Characters"), points, "bars", "characters", [characters]),
        _chart("audio", _("Audio made"), points, "bars", "s", [audio]),
    ]


def quality_charts(points: Sequence[ServicePoint]) -> list[Chart]:
    """How well: percentiles of durations, shares of fallback and errors, real-time factor."""
    shares = [
        series(_("Fallback engine"), (_percent(point.fallback_share) for point in points), "busy"),
        series(_("Errors"), (_percent(point.error_share) for point in points), "bad"),
    ]
    pace = series(_("Real-time factor"), (_rounded(point.real_time_factor) for point in points))
    return [
        _chart(
            "total", _("Time to the answer"), points, "line", "s", _percentiles(points, lambda p: p.totals)
        ),
        _chart(
            "wait", _("Waiting in the queue"), points, "line", "s", _percentiles(points, lambda p: p.waits)
        ),
        _chart("synthesis", _("Synthesis"), points, "line", "s", _percentiles(points, lambda p: p.syntheses)),
        _chart("shares", _("Fallback and errors"), points, "line", "%", shares),
        _chart("pace", _("Real-time factor"), points, "line", "", [pace]),
    ]


def _chart(
    key: str,
    title: str | Promise,
    points: Sequence[ServicePoint],
    kind: str,
    unit: str,
    lines: list[dict[str, Any]],
) -> Chart:
    x = [int(point.at.timestamp()) for point in points]
    data = {"kind": kind, "unit": unit, "x": x, "series": lines}
    # Beside amounts, of which the sum is told, a reader would take a last value for that of all.
    return Chart(f"chart-{key}", title, data | ({"last": gettext("last")} if kind == "line" else {}))


def _percentiles(
    points: Sequence[ServicePoint], histogram: Callable[[ServicePoint], list[int]]
) -> list[dict[str, Any]]:
    return [
        series(f"p{share}", (_rounded(percentile(histogram(point), share / 100)) for point in points))
        for share in (50, 95, 99)
    ]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _percent(share: float | None) -> float | None:
    return None if share is None else round(100 * share, 2)
