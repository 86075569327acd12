"""Who is calling, from the headers of a request.

Kept apart from anything that imports DRF's views: its settings load authentication classes while those are being
imported.
"""

from django.utils import timezone
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from accounts.addresses import client_address
from accounts.limits.failures import failure_check, failure_record
from accounts.limits.verified import verified_keys
from accounts.selectors import Caller, caller_anonymous, caller_by_key
from accounts.services.keys import key_mark_used

KEY_HEADERS = ("X-API-Key", "xi-api-key")


class TenantSuspended(exceptions.PermissionDenied):
    default_code = "tenant_suspended"
    default_detail = "This tenant is suspended. Ask its owner or the operator of this server."


class AddressRefused(exceptions.PermissionDenied):
    default_code = "address_refused"
    default_detail = "This key may not be used from the address of this request."


class TooManyFailures(exceptions.APIException):
    """Too many bad keys came from this address; `seconds` until another may be tried."""

    status_code = 429
    default_code = "rate_limited"
    default_detail = "Too many failed attempts from this address."

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds


class KeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer <key>`, `X-API-Key` or `xi-api-key`; without any, the anonymous tenant where one is set.

    `request.auth` is a `Caller`. Every key that is not good gets the same 401, whatever is wrong with it. An address
    that keeps sending such keys is refused before the database is asked; keys that were good in this process lately are
    not held up by a neighbour who does that.
    """

    def authenticate(self, request: Request) -> tuple[None, Caller] | None:
        text = key_of(request)
        caller = caller_anonymous() if text is None else _caller_with(text, request)
        if caller is None:
            return None
        caller_let_in(caller=caller, request=request)
        if caller.key is not None:
            key_mark_used(key=caller.key, now=timezone.now())
        return None, caller

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def caller_let_in(*, caller: Caller, request: Request) -> None:
    """Raises `AddressRefused` and `TenantSuspended` for a caller that is known and may not come in all the same."""
    # The address first: whoever holds a stolen key learns nothing more about its tenant.
    if not caller.may_come_from(client_address(request)):
        raise AddressRefused
    if not caller.tenant.is_active:
        raise TenantSuspended


def _caller_with(text: str, request: Request) -> Caller:
    address = client_address(request)
    if not verified_keys.holds(text):
        seconds = failure_check(address)
        if seconds is not None:
            raise TooManyFailures(seconds)
    caller = caller_by_key(text=text, now=timezone.now())
    if caller is None:
        verified_keys.forget(text)
        failure_record(address)
        raise exceptions.AuthenticationFailed
    verified_keys.remember(text)
    return caller


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
