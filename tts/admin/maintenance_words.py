"""What a run of the housekeeping did, in words."""

from collections.abc import Callable, Mapping
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext, ngettext

from tts.models import MaintenanceRun

Kind = MaintenanceRun.Kind
Data = Mapping[str, Any]


def what_it_did(run: MaintenanceRun) -> str:
    """One sentence, or as much of it as the run has come to tell."""
    parts = _BY_KIND[Kind(run.kind)](run.data) if run.data else []
    if run.data.get("complete") is False:
        parts.append(gettext("the next run goes on from there"))
    return "; ".join(parts)


def removed(data: Data) -> list[str]:
    """Of retention: what is gone."""
    texts, audios, requests = (_number(data, name) for name in ("texts", "audios", "requests"))
    parts = []
    if texts:
        parts.append(ngettext("%(count)s text deleted", "%(count)s texts deleted", texts) % {"count": texts})
    if audios:
        told = ngettext(
            "%(count)s audio file deleted (%(size)s)", "%(count)s audio files deleted (%(size)s)", audios
        )
        parts.append(told % {"count": audios, "size": filesizeformat(_number(data, "bytes"))})
    if requests:
        told = ngettext(
            "%(count)s request taken out of the history",
            "%(count)s requests taken out of the history",
            requests,
        )
        parts.append(told % {"count": requests})
    return parts or [gettext("nothing was past its days")]


def _orphans(data: Data) -> list[str]:
    storages = data.get("storages") or {}
    files, orphans, size, unknown = (
        sum(_number(found, name) for found in storages.values())
        for name in ("files", "orphans", "bytes", "unknown")
    )
    parts = [ngettext("%(count)s file looked at", "%(count)s files looked at", files) % {"count": files}]
    if orphans:
        told = (
            ngettext("%(count)s of nobody found (%(size)s)", "%(count)s of nobody found (%(size)s)", orphans)
            if data.get("dry_run")
            else ngettext(
                "%(count)s of nobody deleted (%(size)s)", "%(count)s of nobody deleted (%(size)s)", orphans
            )
        )
        parts.append(told % {"count": orphans, "size": filesizeformat(size)})
    if unknown:
        told = ngettext("%(count)s is not Voxgate's", "%(count)s are not Voxgate's", unknown)
        parts.append(told % {"count": unknown})
    missing = _number(data, "missing")
    if missing:
        told = ngettext(
            "the file of %(count)s request is missing", "the files of %(count)s requests are missing", missing
        )
        parts.append(told % {"count": missing})
    return parts


def _usage_check(data: Data) -> list[str]:
    drift = _number(data, "drift")
    if not drift:
        return [gettext("usage agrees with its events")]
    told = ngettext(
        "usage differs from its events in %(count)s place",
        "usage differs from its events in %(count)s places",
        drift,
    )
    return [told % {"count": drift}]


def _log_rotation(data: Data) -> list[str]:
    return [
        gettext("log files: %(renamed)s put aside, %(compressed)s compressed, %(deleted)s deleted")
        % {name: _number(data, name) for name in ("renamed", "compressed", "deleted")}
    ]


def _exports(data: Data) -> list[str]:
    count = _number(data, "exports")
    told = ngettext("%(count)s expired export deleted", "%(count)s expired exports deleted", count)
    return [told % {"count": count}]


def _service_figures(data: Data) -> list[str]:
    count = _number(data, "rows")
    told = ngettext(
        "%(count)s row of figures added to another",
        "%(count)s rows of figures added to others",
        count,
    )
    return [told % {"count": count}]


def _number(data: Data, name: str) -> int:
    value = data.get(name)
    return value if isinstance(value, int) else 0


_BY_KIND: dict[MaintenanceRun.Kind, Callable[[Data], list[str]]] = {
    Kind.RETENTION: removed,
    Kind.ORPHANS: _orphans,
    Kind.USAGE_CHECK: _usage_check,
    Kind.LOG_ROTATION: _log_rotation,
    Kind.EXPORTS: _exports,
    Kind.SERVICE_FIGURES: _service_figures,
}
