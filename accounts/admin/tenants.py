"""Tenants: create, rename, suspend, reactivate."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.forms import Form, ModelForm
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.admin.base import GuardedAdmin
from accounts.admin.marks import Tone, mark
from accounts.models import Tenant
from accounts.services import tenant_create, tenant_reactivate, tenant_suspend, tenant_update


@admin.register(Tenant)
class TenantAdmin(GuardedAdmin[Tenant]):
    """Tenants are suspended, never deleted: history and usage belong to them."""

    list_display = ("name", "slug", "status_mark", "keys", "created_at")
    list_filter = ("status",)
    lookups = frozenset({"status__exact"})
    search_fields = ("name", "slug")
    fields = ("slug", "name", "time_zone", "status_mark", "created_at")
    actions = ("suspend", "reactivate")
    list_per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tenant]:
        now = timezone.now()
        unexpired = Q(api_keys__expires_at=None) | Q(api_keys__expires_at__gt=now)
        usable = Count("api_keys", filter=Q(api_keys__revoked_at=None) & unexpired)
        return super().get_queryset(request).annotate(usable_keys=usable)

    def get_readonly_fields(self, request: HttpRequest, obj: Tenant | None = None) -> tuple[str, ...]:
        # The slug is written into settings and commands elsewhere.
        return ("status_mark", "created_at") if obj is None else ("slug", "status_mark", "created_at")

    def get_fields(self, request: HttpRequest, obj: Tenant | None = None) -> tuple[str, ...]:
        return ("slug", "name", "time_zone") if obj is None else tuple(map(str, self.fields))

    def has_delete_permission(self, request: HttpRequest, obj: Tenant | None = None) -> bool:
        return False

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Tenant:
        if change:
            data = form.cleaned_data
            return tenant_update(tenant=form.instance, name=data["name"], time_zone=data["time_zone"])
        return tenant_create(**form.cleaned_data)

    def save_model(self, request: HttpRequest, obj: Tenant, form: "ModelForm[Tenant]", change: bool) -> None:
        """The service has saved it."""

    def save_related(self, request: HttpRequest, form: Form, formsets: Any, change: bool) -> None:
        """A tenant's form has no related rows."""

    @admin.display(description=_("status"), ordering="status")
    def status_mark(self, tenant: Tenant) -> SafeString:
        return mark(tenant.get_status_display(), Tone.GOOD if tenant.is_active else Tone.BAD)

    @admin.display(description=_("usable keys"))
    def keys(self, tenant: Tenant) -> SafeString:
        url = reverse(f"{self.admin_site.name}:accounts_apikey_changelist")
        # The annotation of `get_queryset`.
        count: int = getattr(tenant, "usable_keys", 0)
        return format_html('<a href="{}?tenant__id__exact={}">{}</a>', url, tenant.pk, count)

    @admin.action(description=_("Suspend selected tenants"), permissions=["change"])
    def suspend(self, request: HttpRequest, queryset: QuerySet[Tenant]) -> None:
        done = self._switch(request, queryset, tenant_suspend, "suspended")
        told = ngettext("%(count)d tenant suspended.", "%(count)d tenants suspended.", done)
        self.message_user(request, told % {"count": done})

    @admin.action(description=_("Reactivate selected tenants"), permissions=["change"])
    def reactivate(self, request: HttpRequest, queryset: QuerySet[Tenant]) -> None:
        done = self._switch(request, queryset, tenant_reactivate, "reactivated")
        told = ngettext("%(count)d tenant reactivated.", "%(count)d tenants reactivated.", done)
        self.message_user(request, told % {"count": done})

    def _switch(
        self, request: HttpRequest, tenants: QuerySet[Tenant], service: Callable[..., bool], done: str
    ) -> int:
        changed = [tenant for tenant in tenants if service(tenant=tenant)]
        for tenant in changed:
            self.log_change(request, tenant, done)
        return len(changed)
