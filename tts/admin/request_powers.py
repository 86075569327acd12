"""What a person may do with a request: Django's permission, and in its tenant the role that carries it."""

from functools import cached_property
from uuid import UUID

from django.contrib.auth.models import AnonymousUser, PermissionsMixin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.models import Tenant
from accounts.roles import PERMISSIONS, AnyUser, Role, is_operator, visible_tenants
from tts.models import SynthesisRequest

READ = "tts.read_text"
RERUN = "tts.rerun_synthesisrequest"
CANCEL = "tts.cancel_synthesisrequest"
ERASE = "tts.erase_synthesisrequest"


def tenants_allowing(user: AnyUser, permission: str) -> QuerySet[Tenant]:
    """The tenants in which a person has a permission: all for operators who have it, else those of a role with it."""
    if not isinstance(user, PermissionsMixin | AnonymousUser) or not user.has_perm(permission):
        return Tenant.objects.none()
    if is_operator(user):
        return Tenant.objects.all()
    role = _least_role(permission)
    return Tenant.objects.none() if role is None else visible_tenants(user, role)


def may_anywhere(user: AnyUser, permission: str) -> bool:
    """Whether there is a tenant in which a person has a permission. Costs operators no query of its own."""
    tenants = tenants_allowing(user, permission)
    return not tenants.query.is_empty() and (is_operator(user) or tenants.exists())


def _least_role(permission: str) -> Role | None:
    return next((role for role in PERMISSIONS if permission in PERMISSIONS[role]), None)


class Powers:
    """What the person behind an HTTP request may do with one request for speech."""

    def __init__(self, request: HttpRequest, row: SynthesisRequest) -> None:
        self._user = request.user
        self._row = row
        self._roles: dict[Role, bool] = {}

    @cached_property
    def is_operator(self) -> bool:
        return is_operator(self._user)

    @cached_property
    def is_superuser(self) -> bool:
        return self._user.is_active and self._user.is_superuser

    @cached_property
    def read(self) -> bool:
        return self.have(READ)

    @cached_property
    def rerun(self) -> bool:
        return self.have(RERUN)

    @cached_property
    def cancel(self) -> bool:
        return self.have(CANCEL)

    @cached_property
    def erase(self) -> bool:
        return self.have(ERASE)

    def have(self, permission: str) -> bool:
        if not self._user.has_perm(permission):
            return False
        role = _least_role(permission)
        return self.is_operator or (role is not None and self._holds(role, self._row.tenant_id))

    def see(self, permission: str) -> bool:
        """Django's permission alone: for a link to a page that looks after its own walls."""
        return self._user.has_perm(permission)

    def _holds(self, role: Role, tenant_id: UUID) -> bool:
        if role not in self._roles:
            self._roles[role] = visible_tenants(self._user, role).filter(pk=tenant_id).exists()
        return self._roles[role]
