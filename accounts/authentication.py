"""Who is calling, from the headers of a request.

Kept apart from anything that imports DRF's views: its settings load authentication classes while those are being
imported.
"""

from django.utils import timezone
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from accounts.selectors import Caller, caller_anonymous, caller_by_key

KEY_HEADERS = ("X-API-Key", "xi-api-key")


class TenantSuspended(exceptions.PermissionDenied):
    default_code = "tenant_suspended"
    default_detail = "This tenant is suspended. Ask its owner or the operator of this server."


class KeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer <key>`, `X-API-Key` or `xi-api-key`; without any, the anonymous tenant where one is set.

    `request.auth` is a `Caller`. Every key that is not good gets the same 401, whatever is wrong with it.
    """

    def authenticate(self, request: Request) -> tuple[None, Caller] | None:
        text = key_of(request)
        if text is None:
            caller = caller_anonymous()
            if caller is None:
                return None
        else:
            caller = caller_by_key(text=text, now=timezone.now())
            if caller is None:
                raise exceptions.AuthenticationFailed
        if not caller.tenant.is_active:
            raise TenantSuspended
        return None, caller

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def key_of(request: Request) -> str | None:
    """The key text as sent, None when the request carries no credentials at all."""
    authorization = request.headers.get("Authorization")
    if authorization is not None:
        scheme, _, text = authorization.partition(" ")
        return text.strip() if scheme.lower() == "bearer" else ""
    for header in KEY_HEADERS:
        sent = request.headers.get(header)
        if sent is not None:
            return sent.strip()
    return None
