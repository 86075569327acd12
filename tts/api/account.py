"""`GET /api/account`: who is calling, and how much of each limit is left."""

from typing import Any

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import ApiKey
from accounts.scopes import Scope
from tts.api.base import ApiView, caller_of
from tts.services.account import LimitUse, limits_in_use


class AccountView(ApiView):
    """The caller's tenant, plan, key and limits."""

    required_scope = Scope.USAGE_READ

    def check_throttles(self, request: Request) -> None:
        """Takes nothing: who was refused must be able to ask why."""

    def get(self, request: Request) -> Response:
        caller = caller_of(request)
        tenant = caller.tenant
        return Response(
            {
                "tenant": {
                    "id": str(tenant.pk),
                    "slug": tenant.slug,
                    "name": tenant.name,
                    "time_zone": tenant.time_zone,
                },
                "plan": {"slug": tenant.plan.slug, "name": tenant.plan.name},
                "key": None if caller.key is None else _key_json(caller.key),
                "limits": [_limit_json(use) for use in limits_in_use(caller=caller, now=timezone.now())],
            }
        )


def _key_json(key: ApiKey) -> dict[str, Any]:
    return {
        "id": key.label,
        "name": key.name,
        "environment": key.environment,
        "scopes": key.scopes,
        "expires_at": None if key.expires_at is None else key.expires_at.isoformat(),
        "allowed_voices": key.allowed_voices,
    }


def _limit_json(use: LimitUse) -> dict[str, Any]:
    return {
        "limit": use.limit.value,
        "of": "key" if use.of_key else "tenant",
        "enforced": use.enforced,
        "value": use.value,
        "used": use.used,
        "reserved": use.reserved,
        "remaining": use.remaining,
        "resets_at": None if use.resets_at is None else use.resets_at.isoformat(),
    }
