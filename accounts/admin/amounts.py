"""Limits and amounts as admin pages show them."""

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from accounts.limits.names import Limit
from accounts.models import Tenant
from accounts.models.plan import LIMIT_LABELS

BAR_WIDTH = 100.0
NEARLY = 0.8
"""From this share of a limit on, the bar has another colour."""


def amount(value: int | None) -> str:
    """A limit: NULL and 0 in words, because both look like nothing."""
    if value is None:
        return gettext("unlimited")
    return f"{value:,}" if value else gettext("none")


def usage_bar(used: int, reserved: int, limit: int | None) -> SafeString:
    """Characters used and reserved out of those allowed, as a bar and as figures."""
    figures = gettext("%(used)s of %(limit)s") % {"used": f"{used:,}", "limit": amount(limit)}
    if reserved:
        figures += " · " + gettext("%(reserved)s reserved") % {"reserved": f"{reserved:,}"}
    bar = "" if limit is None else _bar(used, reserved, limit)
    return format_html('<span class="usage">{}<span class="numbers">{}</span></span>', bar, figures)


def _bar(used: int, reserved: int, limit: int) -> SafeString:
    share = used / limit if limit else 1.0
    taken = min(1.0, share)
    held = min(1.0 - taken, reserved / limit if limit else 0.0)
    level = "over" if share >= 1 else "nearly" if share >= NEARLY else "well"
    # SVG, since a style of its own is what the Content-Security-Policy forbids; the figures beside it say the same.
    return format_html(
        '<svg class="usage-bar usage-{}" viewBox="0 0 {} 8" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="used" width="{}" height="8"/><rect class="reserved" x="{}" width="{}" height="8"/></svg>',
        level,
        f"{BAR_WIDTH:g}",
        f"{taken * BAR_WIDTH:.2f}",
        f"{taken * BAR_WIDTH:.2f}",
        f"{held * BAR_WIDTH:.2f}",
    )


def limits_table(tenant: Tenant) -> SafeString:
    """The limits that hold for a tenant, and where each comes from. Reads its plan and overrides."""
    own = {row.limit for row in tenant.overrides.all() if not row.observe_only}
    limits = tenant.limits()
    rows = [
        (
            LIMIT_LABELS[limit],
            amount(limits.of(limit)),
            gettext("its own") if limit.value in own else gettext("the plan's"),
            amount(limits.watched(limit)) if limit in limits.observed else "",
        )
        for limit in Limit
    ]
    heads = (gettext("limit"), gettext("in force"), gettext("set by"), gettext("only watched"))
    return format_html(
        '<div class="limits-in-force"><table><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>',
        format_html_join("", '<th scope="col">{}</th>', ((head,) for head in heads)),
        format_html_join(
            "",
            '<tr><th scope="row">{}</th><td class="numbers">{}</td><td>{}</td><td class="numbers">{}</td></tr>',
            rows,
        ),
    )
