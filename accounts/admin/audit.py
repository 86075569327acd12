"""The audit log: who did what, to look at only."""

import json
from collections.abc import Iterator
from typing import Any, ClassVar
from uuid import UUID

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.admin.filters import Choices, DayFilter
from accounts.admin.formatting import EMPTY, moment, whole_id
from accounts.admin.paginator import CappedPaginator
from accounts.admin.scoping import ScopedRecordAdmin
from accounts.models import AuditEvent, Membership
from accounts.roles import holds_everywhere

ACTIONS: dict[str, tuple[str, ...]] = {
    "tenant": ("tenant.create", "tenant.update", "tenant.suspend", "tenant.reactivate"),
    "key": ("key.issue", "key.update", "key.rotate", "key.revoke"),
    "plan": ("plan.create", "plan.update", "plan.delete", "plan.make_default", "plan.unmake_default"),
    "override": ("override.set", "override.clear"),
    "membership": ("membership.set", "membership.remove"),
    "request": (
        *("request.text", "request.audio", "request.rerun", "request.compare"),
        *("request.cancel", "request.erase"),
    ),
    "user": ("user.create", "user.update", "user.set_password", "user.disable_password", "user.delete"),
}
"""What the filter offers, by kind of target: the log is long, so it is not asked."""

ACTOR_KINDS = {
    "user": _("people"),
    "key": _("API keys"),
    "command": _("commands"),
    "system": _("Voxgate itself"),
}


MOST_SHOWN = 4
"""Changes of more fields, such as those of a new tenant, are folded up."""


class AuditTenantFilter(admin.SimpleListFilter):
    """By the tenant's id, since the log has no foreign keys; any other tenant by the link on its own page."""

    title = _("tenant")
    parameter_name = "tenant"
    shown: ClassVar[int] = 100

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        tenants = model_admin.seen_tenants(request).order_by("name").values_list("pk", "name")
        return [(str(pk), name) for pk, name in tenants[: self.shown]]

    def has_output(self) -> bool:
        return True

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEvent]) -> QuerySet[AuditEvent]:
        value = self.value()
        if value is None:
            return queryset
        try:
            return queryset.filter(tenant_id=UUID(value))
        except ValueError as problem:
            raise IncorrectLookupParameters from problem


class ActionFilter(admin.SimpleListFilter):
    """One action, or all of a kind of target: `key.revoke`, `key`."""

    title = _("action")
    parameter_name = "action"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [(name, name) for kind, actions in ACTIONS.items() for name in (kind, *actions)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEvent]) -> QuerySet[AuditEvent]:
        value = self.value()
        if value is None:
            return queryset
        return queryset.filter(**({"action": value} if "." in value else {"action__startswith": f"{value}."}))


class ActorFilter(admin.SimpleListFilter):
    """A kind of actor, or by the link of its name one of them: `user`, `user:17`."""

    title = _("actor")
    parameter_name = "actor"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return list(ACTOR_KINDS.items())

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        yield from super().choices(changelist)
        value = self.value()
        if value and ":" in value:
            chosen = changelist.get_query_string({self.parameter_name: value})
            yield {"selected": True, "query_string": chosen, "display": value}

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEvent]) -> QuerySet[AuditEvent]:
        value = self.value()
        if value is None:
            return queryset
        kind, _colon, identifier = value.partition(":")
        chosen = queryset.filter(actor_kind=kind)
        return chosen.filter(actor_id=identifier) if identifier else chosen


class AuditDayFilter(DayFilter):
    column = "at"


@admin.register(AuditEvent)
class AuditAdmin(ScopedRecordAdmin[AuditEvent]):
    """Append-only, in the database too. Events of no tenant, such as those of plans, are for operators."""

    tenant_path = "tenant_id"
    list_display = ("time", "actor", "action", "target", "changes", "tenant_slug")
    list_filter = (AuditDayFilter, ActionFilter, ActorFilter, AuditTenantFilter)
    lookups = frozenset({"day", "action", "actor", "tenant"})
    list_per_page = 50
    sortable_by = ()
    paginator = CappedPaginator
    # The attribute makes the search box appear; `get_search_results` says what it finds.
    search_fields = ("target_id",)
    search_help_text = _("A whole id of a target, or a whole X-Request-ID.")
    fields = (
        "time",
        "tenant_slug",
        "actor",
        "action",
        "target",
        "target_id",
        "changes",
        "address",
        "request_id",
        "id",
    )

    def get_fields(self, request: HttpRequest, obj: AuditEvent | None = None) -> list[Any]:
        # Where operators sit is none of a tenant's business.
        hidden = set() if obj is None or _tells_address(request, obj) else {"address"}
        return [name for name in self.fields if name not in hidden]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AuditEvent], search_term: str
    ) -> tuple[QuerySet[AuditEvent], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        of_target = queryset.filter(target_id=_canonical(term))
        # By the target first, which has an index.
        return (of_target if of_target.exists() else queryset.filter(Q(request_id=term))), False

    @admin.display(description=_("at"))
    def time(self, event: AuditEvent) -> SafeString | str:
        return moment(event.at)

    @admin.display(description=_("actor"))
    def actor(self, event: AuditEvent) -> SafeString | str:
        name = event.actor_name or str(ACTOR_KINDS.get(event.actor_kind, event.actor_kind))
        if not event.actor_id:
            return name
        url = reverse(f"{self.admin_site.name}:accounts_auditevent_changelist")
        return format_html('<a href="{}?actor={}%3A{}">{}</a>', url, event.actor_kind, event.actor_id, name)

    @admin.display(description=_("target"))
    def target(self, event: AuditEvent) -> SafeString | str:
        if event.target_name:
            return format_html('{} <span class="quiet">{}</span>', event.target_name, event.target_kind)
        try:
            return whole_id(UUID(event.target_id))
        except ValueError:
            return event.target_id or EMPTY

    @admin.display(description=_("what changed"))
    def changes(self, event: AuditEvent) -> SafeString | str:
        table, count = differences(event.before, event.after), len({*event.before, *event.after})
        if count <= MOST_SHOWN:
            return table or EMPTY
        told = ngettext("%(count)d field", "%(count)d fields", count) % {"count": count}
        return format_html('<details class="changes"><summary>{}</summary>{}</details>', told, table)


def differences(before: dict[str, Any], after: dict[str, Any]) -> SafeString | str:
    """Field by field: what it was, struck out, and what it is."""
    names = [*before, *(name for name in after if name not in before)]
    rows = ((name, _side("del", before, name), _side("ins", after, name)) for name in names)
    body = format_html_join("", '<tr><th scope="row">{}</th><td>{} {}</td></tr>', rows)
    return format_html('<table class="diff">{}</table>', body) if names else ""


def _side(tag: str, values: dict[str, Any], name: str) -> SafeString | str:
    if name not in values:
        return ""
    return format_html(f"<{tag}>{{}}</{tag}>", _plain(values[name]))


def _plain(value: Any) -> str:
    if value is None:
        return "∅"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _canonical(term: str) -> str:
    """An id as the log writes it; people paste it with or without hyphens."""
    try:
        return str(UUID(term))
    except ValueError:
        return term


def _tells_address(request: HttpRequest, event: AuditEvent) -> bool:
    """Whether whoever looks may know from where this was done: by a key or a member of the tenant, or they see all."""
    if event.actor_kind != "user" or holds_everywhere(request.user, "accounts.view_auditevent"):
        return True
    if event.tenant_id is None:
        return False
    members = Membership.objects.of(event.tenant_id)
    return any(str(user_id) == event.actor_id for user_id in members.values_list("user_id", flat=True))
