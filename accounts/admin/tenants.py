"""Tenants: who they are, what they may use and have used, who belongs to them."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.admin.actors import actor_of
from accounts.admin.amounts import limits_table, usage_bar
from accounts.admin.marks import Tone, mark
from accounts.admin.memberships import MembershipInline, memberships_save, missing_group_tell
from accounts.admin.overrides import OverrideInline, overrides_save
from accounts.admin.saving import ServiceSavedAdmin, become
from accounts.admin.scoping import TenantScopedAdmin
from accounts.admin.tenant_filters import PlanFilter
from accounts.admin.tenant_form import TenantForm
from accounts.limits.names import Limit
from accounts.models import LimitOverride, Membership, Tenant, UsagePeriod
from accounts.roles import holds_everywhere, holds_in
from accounts.services.tenants import (
    CHANGEABLE,
    tenant_create,
    tenant_reactivate,
    tenant_suspend,
    tenant_update,
)

OWNERS = ("name", "time_zone", "overload_policy", "default_timeout_seconds")
"""Fields that a tenant's own people may change; the others are the operators' to grant."""
OPERATORS = (
    "text_retention_days",
    "audio_retention_days",
    "history_retention_days",
    "zero_retention",
    "allowed_voices",
)
LINKED = {
    "issue": "accounts.add_apikey",
    "keys": "accounts.view_apikey",
    "requests": "tts.view_synthesisrequest",
    "usage": "accounts.view_usageperiod",
    "refusals": "accounts.view_shadowrefusal",
    "audit": "accounts.view_auditevent",
}
"""What a tenant's page leads to, and the permission that its people need there."""
SHOWN = ("status_mark", "used_this_month", "limits_in_force", "created_at")


@admin.register(Tenant)
class TenantAdmin(TenantScopedAdmin[Tenant], ServiceSavedAdmin[Tenant]):
    """Tenants are suspended, never deleted: history and usage belong to them."""

    tenant_path = "pk"
    form = TenantForm
    list_display = ("name", "used_this_month", "plan_name", "status_mark", "keys", "slug")
    list_filter = ("status", ("plan", PlanFilter))
    lookups = frozenset({"status__exact", "plan__id__exact"})
    list_select_related = ("plan",)
    search_fields = ("name", "slug")
    inlines = (OverrideInline, MembershipInline)
    actions = ("suspend", "reactivate")
    list_per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tenant]:
        now = timezone.now()
        unexpired = Q(api_keys__expires_at=None) | Q(api_keys__expires_at__gt=now)
        month = UsagePeriod.all_tenants.filter(
            tenant=OuterRef("pk"), api_key=None, starts_at__lte=now, ends_at__gt=now
        )
        return (
            super()
            .get_queryset(request)
            .prefetch_related("overrides")
            .annotate(
                usable_keys=Count("api_keys", filter=Q(api_keys__revoked_at=None) & unexpired),
                used_now=Subquery(month.values("used_characters")[:1]),
                reserved_now=Subquery(month.values("reserved_characters")[:1]),
            )
        )

    def get_fieldsets(self, request: HttpRequest, obj: Tenant | None = None) -> Any:
        plan = "plan" if self._changes_plans(request) else "plan_name"
        keeping = ("zero_retention", "text_retention_days", "audio_retention_days", "history_retention_days")
        shown = [
            (_("Keeping"), {"fields": keeping}),
            (_("Speaking"), {"fields": ("allowed_voices", "overload_policy", "default_timeout_seconds")}),
        ]
        if obj is not None:
            who: tuple[str, ...] = ("slug", "name", "time_zone", "status_mark", "created_at")
            limits: tuple[str, ...] = (plan, "used_this_month", "limits_in_force")
        else:
            # A new tenant of those who may not choose is on the default plan.
            who, limits = ("slug", "name", "time_zone"), ("plan",) if plan == "plan" else ()
        return [(None, {"fields": who}), *([(_("Limits"), {"fields": limits})] if limits else []), *shown]

    def get_readonly_fields(self, request: HttpRequest, obj: Tenant | None = None) -> tuple[str, ...]:
        if obj is None:
            return SHOWN
        # The slug is written into settings and commands elsewhere.
        fixed = (*SHOWN, "slug", "plan_name")
        return fixed if self._grants(request) else (*fixed, *OPERATORS)

    def _changes_plans(self, request: HttpRequest) -> bool:
        return holds_everywhere(request.user, "accounts.change_plan")

    def _grants(self, request: HttpRequest) -> bool:
        return holds_everywhere(request.user, self.permission("change"))

    def get_inlines(self, request: HttpRequest, obj: Tenant | None) -> Any:
        # There is nothing to attach them to before the tenant is made.
        return () if obj is None else super().get_inlines(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Tenant | None = None) -> bool:
        return False

    def has_operate_permission(self, request: HttpRequest) -> bool:
        return self._grants(request)

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Tenant | None = None,
    ) -> HttpResponse:
        context |= {"can_operate": self.has_operate_permission(request)}
        if obj is not None:
            context["may"] = {
                name: holds_in(request.user, obj, permission) for name, permission in LINKED.items()
            }
        return super().render_change_form(request, context, add, change, form_url, obj)

    def save_model(self, request: HttpRequest, obj: Tenant, form: "ModelForm[Tenant]", change: bool) -> None:
        values = {name: value for name, value in form.cleaned_data.items() if name in CHANGEABLE}
        if change:
            tenant_update(tenant=obj, actor=actor_of(request), **values)
        else:
            become(obj, tenant_create(slug=form.cleaned_data["slug"], actor=actor_of(request), **values))

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        save = overrides_save if formset.model is LimitOverride else memberships_save
        save(formset, form.instance, actor_of(request))
        if formset.model is Membership:
            for row in (*(changed for changed, _fields in formset.changed_objects), *formset.new_objects):
                missing_group_tell(request, row)

    @admin.display(description=_("status"), ordering="status")
    def status_mark(self, tenant: Tenant) -> SafeString:
        return mark(tenant.get_status_display(), Tone.GOOD if tenant.is_active else Tone.BAD)

    @admin.display(description=_("plan"), ordering="plan__name")
    def plan_name(self, tenant: Tenant) -> SafeString | str:
        if not tenant.plan.observe_only:
            return tenant.plan.name
        return format_html("{} {}", tenant.plan.name, mark(_("observe only"), Tone.BUSY))

    @admin.display(description=_("characters this month"))
    def used_this_month(self, tenant: Tenant) -> SafeString:
        # The annotations of `get_queryset`; NULL before the first request of a month.
        used: int = getattr(tenant, "used_now", None) or 0
        reserved: int = getattr(tenant, "reserved_now", None) or 0
        return usage_bar(used, reserved, tenant.limits().of(Limit.CHARACTERS_PER_MONTH))

    @admin.display(description=_("limits in force"))
    def limits_in_force(self, tenant: Tenant) -> SafeString:
        return limits_table(tenant)

    @admin.display(description=_("usable keys"))
    def keys(self, tenant: Tenant) -> SafeString:
        url = reverse(f"{self.admin_site.name}:accounts_apikey_changelist")
        # The annotation of `get_queryset`.
        count: int = getattr(tenant, "usable_keys", 0)
        return format_html('<a href="{}?tenant__id__exact={}">{}</a>', url, tenant.pk, count)

    @admin.action(description=_("Suspend selected tenants"), permissions=["operate"])
    def suspend(self, request: HttpRequest, queryset: QuerySet[Tenant]) -> None:
        done = self._switch(request, queryset, tenant_suspend, "suspended")
        told = ngettext("%(count)d tenant suspended.", "%(count)d tenants suspended.", done)
        self.message_user(request, told % {"count": done})

    @admin.action(description=_("Reactivate selected tenants"), permissions=["operate"])
    def reactivate(self, request: HttpRequest, queryset: QuerySet[Tenant]) -> None:
        done = self._switch(request, queryset, tenant_reactivate, "reactivated")
        told = ngettext("%(count)d tenant reactivated.", "%(count)d tenants reactivated.", done)
        self.message_user(request, told % {"count": done})

    def _switch(
        self, request: HttpRequest, tenants: QuerySet[Tenant], service: Callable[..., bool], done: str
    ) -> int:
        changed = [tenant for tenant in tenants if service(tenant=tenant, actor=actor_of(request))]
        for tenant in changed:
            self.log_change(request, tenant, done)
        return len(changed)
