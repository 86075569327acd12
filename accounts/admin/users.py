"""Staff and their groups: Django's own pages, guarded like all others. People are saved through services."""

from copy import copy
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm
from django.contrib.auth.models import Group, User
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from accounts.actors import Actor
from accounts.admin.actors import actor_of
from accounts.admin.base import M
from accounts.admin.operators import OperatorsAdmin
from accounts.admin.saving import ServiceSavedAdmin
from accounts.services.staff import (
    CHANGEABLE,
    GRANTS,
    user_create,
    user_delete,
    user_set_password,
    user_update,
)

if TYPE_CHECKING:
    DjangoUserAdmin = UserAdmin[User]
    PasswordForm = AdminPasswordChangeForm[User]
else:
    # They take no type parameters at run time; their stubs want them.
    DjangoUserAdmin = UserAdmin
    PasswordForm = AdminPasswordChangeForm

# Importing Django's module registered its classes.
admin.site.unregister([User, Group])


class SuperusersAdmin(OperatorsAdmin[M]):
    """Operators look. Who may change users or groups can make anybody a superuser, so only superusers do."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and request.user.is_superuser

    def has_change_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return super().has_change_permission(request, obj) and request.user.is_superuser

    def has_delete_permission(self, request: HttpRequest, obj: M | None = None) -> bool:
        return super().has_delete_permission(request, obj) and request.user.is_superuser


def _password_form(actor: Actor) -> type[PasswordForm]:
    """Django's form, which sets the password in the name of `actor`."""

    class ActorsPasswordForm(PasswordForm):
        def save(self, commit: bool = True) -> User:
            usable = self.cleaned_data["set_usable_password"]
            password = self.cleaned_data["password1"] if usable else None
            self.user = user_set_password(user=self.user, password=password, actor=actor)
            return self.user

    return ActorsPasswordForm


@admin.register(User)
class GuardedUserAdmin(SuperusersAdmin[User], ServiceSavedAdmin[User], DjangoUserAdmin):
    lookups = frozenset(
        {"is_staff__exact", "is_superuser__exact", "is_active__exact", "groups__id__exact", "groups__isnull"}
    )
    # Django's form would let them be made up.
    readonly_fields = ("last_login", "date_joined")

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        if not change:
            user_create(user=obj, actor=actor_of(request))
            return
        changed = {name: form.cleaned_data[name] for name in form.changed_data}
        known = {name: value for name, value in changed.items() if name in CHANGEABLE or name in GRANTS}
        user_update(user=obj, actor=actor_of(request), **known)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Nothing is left to save: groups and permissions went with the rest."""

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        user_delete(user=obj, actor=actor_of(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in queryset:
            self.delete_model(request, user)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        # Django's page makes its form without the request, and one admin serves many threads: so a copy of it.
        page = copy(self)
        page.change_password_form = _password_form(actor_of(request))
        return super(GuardedUserAdmin, page).user_change_password(request, id, form_url)


@admin.register(Group)
class GuardedGroupAdmin(SuperusersAdmin[Group], GroupAdmin):
    pass
