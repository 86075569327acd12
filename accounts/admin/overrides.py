"""Limits of a tenant's own, on its page."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from accounts.actors import Actor
from accounts.limits.names import Limit
from accounts.models import LimitOverride, Tenant
from accounts.roles import holds_everywhere
from accounts.services.overrides import override_clear, override_set

if TYPE_CHECKING:
    OverrideModelForm = forms.ModelForm[LimitOverride]
    TabularInline = admin.TabularInline[LimitOverride, Tenant]
else:
    # They take no type parameters at run time; their stubs want them.
    OverrideModelForm = forms.ModelForm
    TabularInline = admin.TabularInline


class OverrideForm(OverrideModelForm):
    """What a row limits is said when it is made; afterwards only its value and the reason change."""

    class Meta:
        model = LimitOverride
        fields = ("limit", "value", "observe_only", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            for name in ("limit", "observe_only"):
                if name in self.fields:
                    self.fields[name].disabled = True


class OverrideInline(TabularInline):
    """For operators: a tenant's own people neither give themselves more nor see why they have less."""

    model = LimitOverride
    form = OverrideForm
    classes = ("record-rows",)
    extra = 0
    max_num = 2 * len(Limit)

    def has_view_permission(self, request: HttpRequest, obj: Tenant | None = None) -> bool:
        return super().has_view_permission(request, obj) and _everywhere(request, "view")

    def has_add_permission(self, request: HttpRequest, obj: Tenant | None = None) -> bool:
        return super().has_add_permission(request, obj) and _everywhere(request, "add")

    def has_change_permission(self, request: HttpRequest, obj: Tenant | None = None) -> bool:
        return super().has_change_permission(request, obj) and _everywhere(request, "change")

    def has_delete_permission(self, request: HttpRequest, obj: Tenant | None = None) -> bool:
        return super().has_delete_permission(request, obj) and _everywhere(request, "delete")


def _everywhere(request: HttpRequest, action: str) -> bool:
    return holds_everywhere(request.user, f"accounts.{action}_limitoverride")


def overrides_save(formset: Any, tenant: Tenant, actor: Actor) -> None:
    """What the inline's rows say, through the services. Leaves the lists that Django's own history reads."""
    formset.save(commit=False)
    for row in formset.deleted_objects:
        override_clear(tenant=tenant, limit=row.limit, observe_only=row.observe_only, actor=actor)
    for row in (*(changed for changed, _fields in formset.changed_objects), *formset.new_objects):
        override_set(
            tenant=tenant,
            limit=row.limit,
            value=row.value,
            observe_only=row.observe_only,
            reason=row.reason,
            actor=actor,
        )
