"""May this caller do that?"""

from typing import TYPE_CHECKING

from rest_framework import exceptions
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.selectors import Caller

if TYPE_CHECKING:  # a circular import otherwise: DRF's views load permissions by name
    from rest_framework.views import APIView


OTHERWISE = "*"
"""Stands for all methods that are not named."""


class ScopeMissing(exceptions.PermissionDenied):
    default_code = "scope_missing"


class HasScope(BasePermission):
    """Views name their scope in `required_scope`: a `Scope`, or a dict of method → `Scope`, with `OTHERWISE` for those
    it does not name.
    """

    def has_permission(self, request: Request, view: "APIView") -> bool:
        caller = request.auth
        if not isinstance(caller, Caller):
            raise exceptions.NotAuthenticated
        required = getattr(view, "required_scope", None)
        if isinstance(required, dict):
            required = required.get(request.method, required.get(OTHERWISE))
        if required is None:
            # A view that forgot to say what it needs is closed, not open.
            raise exceptions.MethodNotAllowed(request.method or "")
        if required not in caller.scopes:
            raise ScopeMissing(f"This key lacks the scope {required}.")
        return True
