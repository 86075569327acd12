"""The live figures as the strip on the home page shows them: in words, with a colour where one is due."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from tts.desk.live import LiveFigures, Percentiles
from tts.desk.queues import QueueState
from tts.desk.series import ServicePoint
from tts.desk.wording import LIMITS

NOTHING = "–"
OLD_SECONDS, VERY_OLD_SECONDS = 2.0, 10.0
"""How long somebody has waited when the strip turns yellow, and red."""
MUCH_FALLBACK = 0.05
SOME_ERRORS, MANY_ERRORS = 0.01, 0.05


@dataclass(frozen=True, slots=True)
class Figure:
    """One box of the strip. `tone` is empty, `busy` or `bad`; `query` filters the history for what it counts."""

    key: str
    label: str | Promise
    value: str
    note: str = ""
    tone: str = ""
    query: str = ""
    rows: tuple[tuple[str, str], ...] = ()


def figures(live: LiveFigures) -> list[Figure]:
    """The boxes, in the order of the page."""
    return [
        _queue(live.speech, _("Queue %(name)s"), query="status__exact=queued"),
        *_background(live.background),
        _workers(live),
        _percentiles("waits", _("Waiting, p50 / p95"), live.waits),
        _percentiles("syntheses", _("Synthesis, p50 / p95"), live.syntheses),
        _pace(live.recent),
        _fallback(live.recent),
        _errors(live),
        _refusals(live),
    ]


def duration(seconds: float | None) -> str:
    """Seconds to about three digits: `85 ms`, `1.25 s`, `3 min 20 s`, `2 h 5 min`."""
    if seconds is None:
        return NOTHING
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.3g} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def percent(share: float | None) -> str:
    """A share, 0 … 1, with one digit after the point where it is small."""
    if share is None:
        return NOTHING
    return f"{100 * share:.1f} %" if 0 < share < 0.1 else f"{100 * share:.0f} %"


def _queue(queue: QueueState, label: str | Promise, *, query: str = "") -> Figure:
    oldest = queue.oldest_seconds
    note = gettext("the oldest for %(time)s") % {"time": duration(oldest)} if oldest is not None else ""
    return Figure(
        f"queue-{queue.name}",
        label % {"name": queue.name},
        gettext("%(count)s waiting") % {"count": queue.waiting},
        note or gettext("nothing waits"),
        _tone(oldest, OLD_SECONDS, VERY_OLD_SECONDS) if query else "",
        query,
    )


def _background(queues: list[QueueState] | None) -> list[Figure]:
    """Nobody's request waits here, so a queue is no alarm; that nobody serves it is."""
    if queues is None:
        return [Figure("queue-background", _("Background queues"), NOTHING, gettext("Redis is away"), "bad")]
    return [_served(_queue(queue, _("Queue %(name)s")), queue) for queue in queues]


def _served(figure: Figure, queue: QueueState) -> Figure:
    if not queue.workers_up:
        # Not inside of an f-string, where makemessages does not look.
        told = gettext("no worker is up")
        return replace(figure, note=f"{figure.note} · {told}", tone="bad")
    told = gettext("%(busy)s of %(up)s busy") % {"busy": queue.workers_busy, "up": queue.workers_up}
    return replace(figure, note=f"{figure.note} · {told}")


def _workers(live: LiveFigures) -> Figure:
    if live.workers_up is None:
        return Figure("workers", _("Workers"), NOTHING, gettext("Redis is away"), "bad")
    busy, up = live.speech.workers_busy, live.workers_up
    tone = "bad" if not up else "busy" if busy >= up else ""
    value = gettext("%(busy)s of %(up)s busy") % {"busy": busy, "up": up}
    note = gettext("%(count)s requests at work") % {"count": live.speech.running}
    return Figure("workers", _("Workers"), value, note, tone, "status__exact=running")


def _percentiles(key: str, label: str | Promise, found: Percentiles) -> Figure:
    return Figure(key, label, f"{duration(found.p50)} / {duration(found.p95)}")


def _pace(recent: ServicePoint) -> Figure:
    factor = recent.real_time_factor
    value = NOTHING if factor is None else f"{factor:.3f}"
    note = gettext("%(time)s of audio") % {"time": duration(recent.audio_seconds)}
    return Figure("pace", _("Real-time factor"), value, note)


def _fallback(recent: ServicePoint) -> Figure:
    share = recent.fallback_share
    note = gettext("%(count)s of %(all)s requests") % {"count": recent.fallbacks, "all": recent.succeeded}
    tone = _tone(share, MUCH_FALLBACK, 0.5)
    return Figure("fallback", _("Fallback engine"), percent(share), note, tone, "fallback=any")


def _errors(live: LiveFigures) -> Figure:
    recent = live.recent
    share = recent.error_share
    note = gettext("%(count)s of %(all)s requests") % {
        "count": recent.failed + recent.expired,
        "all": recent.ended - recent.canceled,
    }
    rows = ((error.code, f"{error.count} · {percent(error.share)}") for error in live.errors)
    tone = _tone(share, SOME_ERRORS, MANY_ERRORS)
    return _listed(Figure("errors", _("Errors"), percent(share), note, tone, "status__exact=failed"), rows)


def _refusals(live: LiveFigures) -> Figure:
    label = _("Refused by limits")
    if live.refusals is None:
        return Figure("refusals", label, NOTHING, gettext("Redis is away"), "bad")
    rows = ((str(LIMITS.get(one.limit, one.limit)), f"{one.count:,}") for one in live.refusals)
    total = sum(one.count for one in live.refusals)
    return _listed(Figure("refusals", label, f"{total:,}"), rows)


def _listed(figure: Figure, rows: Iterable[tuple[str, str]]) -> Figure:
    return Figure(figure.key, figure.label, figure.value, figure.note, figure.tone, figure.query, tuple(rows))


def _tone(value: float | None, busy: float, bad: float) -> str:
    if value is None or value < busy:
        return ""
    return "bad" if value >= bad else "busy"
