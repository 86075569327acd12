"""Who belongs to which tenant: a page of its own, and rows on the tenant's."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminTextInputWidget
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.actors import Actor
from accounts.admin.actors import actor_of
from accounts.admin.filters import TenantFilter
from accounts.admin.saving import ServiceSavedAdmin, become
from accounts.admin.scoping import TenantScopedAdmin
from accounts.models import Membership, Tenant
from accounts.roles import PERMISSIONS, Role, holds_in, holds_somewhere
from accounts.services.memberships import membership_remove, membership_set

if TYPE_CHECKING:
    MembershipModelForm = forms.ModelForm[Membership]
    TabularInline = admin.TabularInline[Membership, Tenant]
else:
    # They take no type parameters at run time; their stubs want them.
    MembershipModelForm = forms.ModelForm
    TabularInline = admin.TabularInline


class RoleForm(MembershipModelForm):
    class Meta:
        model = Membership
        fields = ("role",)


class MembershipForm(MembershipModelForm):
    """Asks for a person by their whole user name: a list to choose from would show who else is on this server."""

    username = forms.CharField(
        label=_("User name"),
        max_length=150,
        widget=AdminTextInputWidget,
        help_text=_(
            "The whole user name of somebody of the staff. They need the group of the role too, such as tenant owners."
        ),
    )

    class Meta:
        model = Membership
        fields = ("tenant", "role")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding and "username" in self.fields:
            self.fields["username"].initial = self.instance.user.get_username()
            self.fields["username"].disabled = True

    def clean_username(self) -> str:
        username: str = self.cleaned_data["username"]
        if self.instance._state.adding:
            user = User.objects.filter(username=username, is_staff=True, is_active=True).first()
            if user is None:
                raise forms.ValidationError(_("There is nobody of this name on the staff."))
            self.instance.user = user
        return username

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        # On a tenant's own page it is the page that says which.
        tenant = data.get("tenant") or (self.instance.tenant_id and self.instance.tenant)
        if tenant and self._is_member_already(tenant):
            self.add_error("username", _("This person is a member already."))
        return data

    def _is_member_already(self, tenant: Tenant) -> bool:
        user_id = self.instance.user_id
        adding = self.instance._state.adding and user_id is not None
        return adding and Membership.objects.of(tenant).filter(user_id=user_id).exists()


def _may(request: HttpRequest, action: str, tenant: Tenant | None) -> bool:
    permission = f"accounts.{action}_membership"
    if tenant is None:
        return holds_somewhere(request.user, permission)
    return holds_in(request.user, tenant, permission)


class MembershipInline(TabularInline):
    """For operators and owners to change; members see who else is one."""

    model = Membership
    form = MembershipForm
    classes = ("record-rows",)
    readonly_fields = ("person",)
    extra = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        return super().get_queryset(request).select_related("user")

    def get_fields(self, request: HttpRequest, obj: Tenant | None = None) -> tuple[str, ...]:
        writes = self.has_add_permission(request, obj) or self.has_change_permission(request, obj)
        return ("username" if writes else "person", "role")

    def has_view_permission(self, request: HttpRequest, obj: Tenant | None = None) -> bool:
        return super().has_view_permission(request, obj) and (
            _may(request, "view", obj) or _may(request, "change", obj)
        )

    def has_add_permission(self, request: HttpRequest, obj: Tenant | None = None) -> bool:
        return super().has_add_permission(request, obj) and _may(request, "add", obj)

    def has_change_permission(self, request: HttpRequest, obj: Tenant | None = None) -> bool:
        return super().has_change_permission(request, obj) and _may(request, "change", obj)

    def has_delete_permission(self, request: HttpRequest, obj: Tenant | None = None) -> bool:
        return super().has_delete_permission(request, obj) and _may(request, "delete", obj)

    @admin.display(description=_("user"))
    def person(self, membership: Membership) -> str:
        return membership.user.get_username()


def missing_group_tell(request: HttpRequest, row: Membership) -> None:
    """Say so when a member lacks the permissions that the role needs: they would be shown an empty page."""
    if not row.user.has_perms(PERMISSIONS[Role(row.role)]):
        told = _(
            "Member %(user)s sees nothing of it yet: an administrator has to add them to the group “tenant %(role)ss”."
        )
        messages.warning(request, told % {"user": row.user.get_username(), "role": row.role})


def memberships_save(formset: Any, tenant: Tenant, actor: Actor) -> None:
    """What the inline's rows say, through the services. Leaves the lists that Django's own history reads."""
    formset.save(commit=False)
    for row in formset.deleted_objects:
        membership_remove(tenant=tenant, user=row.user, actor=actor)
    for row in (*(changed for changed, _fields in formset.changed_objects), *formset.new_objects):
        membership_set(tenant=tenant, user=row.user, role=row.role, actor=actor)


@admin.register(Membership)
class MembershipAdmin(TenantScopedAdmin[Membership], ServiceSavedAdmin[Membership]):
    """Owners say who belongs to their tenant. A person without a membership sees no tenant at all."""

    form = MembershipForm
    list_display = ("person", "tenant", "role", "created_at")
    list_filter = ("role", ("tenant", TenantFilter))
    lookups = frozenset({"role__exact", "tenant__id__exact"})
    list_select_related = ("tenant", "user")
    list_per_page = 100
    search_fields = ("user__username",)

    def get_fields(self, request: HttpRequest, obj: Membership | None = None) -> tuple[str, ...]:
        if obj is None:
            return ("tenant", "username", "role")
        return ("tenant", "person", "role", "created_at")

    def get_readonly_fields(self, request: HttpRequest, obj: Membership | None = None) -> tuple[str, ...]:
        return () if obj is None else ("tenant", "person", "created_at")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        # A membership is of one person for good: only the form that makes one asks for a name.
        return super().get_form(request, obj, change, **({"form": RoleForm} if change else {}), **kwargs)

    def save_model(
        self, request: HttpRequest, obj: Membership, form: MembershipModelForm, change: bool
    ) -> None:
        row = membership_set(tenant=obj.tenant, user=obj.user, role=obj.role, actor=actor_of(request))
        become(obj, row)
        missing_group_tell(request, row)

    def delete_model(self, request: HttpRequest, obj: Membership) -> None:
        membership_remove(tenant=obj.tenant, user=obj.user, actor=actor_of(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Membership]) -> None:
        for row in self.all_allowed(request, queryset, "delete").select_related("tenant", "user"):
            self.delete_model(request, row)

    @admin.display(description=_("user"), ordering="user__username")
    def person(self, membership: Membership) -> str:
        return membership.user.get_username()
