"""System checks of the platform: mistakes in settings, found at start with a hint what to do."""

import sys
from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.core.exceptions import ImproperlyConfigured

from accounts.peppers import pepper_current
from voxgate.settings.environment import ROOT

HOW_TO_MAKE_ONE = "python3 -c 'import secrets; print(secrets.token_hex(32))'"

NOT_RUNNING = (
    f"If this is about a system that `make run` started: nothing runs on {settings.VOXGATE_DATA_DIR} now, so start it, "
    "or let VOXGATE_DATA_DIR name its data directory."
)


@register()
def standard_library_platform(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """`import platform` must stay the standard library's (ADR 0001)."""
    intruders = [path.name for path in (ROOT / "platform").iterdir() if path.suffix == ".py"]
    module = sys.modules.get("platform")
    if intruders or (module is not None and str(ROOT) in str(getattr(module, "__file__", ""))):
        return [
            Error(
                f"platform/ holds {', '.join(sorted(intruders)) or 'a module'} and shadows the standard library.",
                hint="Move it into platform/voxgate/; platform/ itself must hold no Python file.",
                id="voxgate.E001",
            )
        ]
    return []


@register()
def secrets_are_set(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    try:
        secret_key = settings.SECRET_KEY
    except ImproperlyConfigured:
        secret_key = ""
    if len(secret_key) < 32:
        found.append(
            Error(
                "VOXGATE_SECRET_KEY is missing or shorter than 32 characters.",
                hint=f"{NOT_RUNNING} Otherwise make one with `{HOW_TO_MAKE_ONE}`; "
                "VOXGATE_SECRET_KEY_FILE may name a file that holds it.",
                id="voxgate.E002",
            )
        )
    try:
        pepper_current()
    except ImproperlyConfigured as problem:
        hint = f"{NOT_RUNNING} Otherwise VOXGATE_KEY_PEPPERS reads `1:<hex>`; make the hex with `{HOW_TO_MAKE_ONE}`."
        found.append(Error(str(problem), hint=hint, id="voxgate.E003"))
    return found


@register(deploy=True)
def nobody_is_anonymous(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    if settings.VOXGATE_ANONYMOUS_TENANT:
        return [
            Warning(
                f"Callers without a key act as the tenant {settings.VOXGATE_ANONYMOUS_TENANT}.",
                hint="Leave VOXGATE_ANONYMOUS_TENANT empty on servers that others can reach.",
                id="voxgate.W001",
            )
        ]
    return []
