"""Staff and their groups: Django's own pages, guarded like all others."""

from typing import TYPE_CHECKING

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User

from accounts.admin.base import GuardedAdmin

if TYPE_CHECKING:
    DjangoUserAdmin = UserAdmin[User]
else:
    DjangoUserAdmin = UserAdmin

# Importing Django's module registered its classes.
admin.site.unregister([User, Group])


@admin.register(User)
class GuardedUserAdmin(GuardedAdmin[User], DjangoUserAdmin):
    lookups = frozenset(
        {"is_staff__exact", "is_superuser__exact", "is_active__exact", "groups__id__exact", "groups__isnull"}
    )


@admin.register(Group)
class GuardedGroupAdmin(GuardedAdmin[Group], GroupAdmin):
    pass
