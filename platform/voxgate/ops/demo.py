"""The demo tenant and the first operator of a fresh installation."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.utils import timezone
from django.utils.crypto import get_random_string

from accounts.models import ApiKey, Plan, Tenant
from accounts.selectors import caller_by_key
from accounts.services.keys import key_issue, key_revoke
from accounts.services.plans import plan_create
from accounts.services.tenants import tenant_create, tenant_update

SLUG = "demo"
KEY_NAME = "demo"
ADMIN = "admin"
PLAN: dict[str, Any] = {
    "requests_per_minute": 60_000,
    "requests_burst": 5_000,
    "characters_per_minute": 5_000_000,
    "concurrent_requests": None,
    "queued_requests": 2_000,
    "characters_per_month": None,
    "max_characters_sync": 800,
    "max_timeout_seconds": 60,
}
"""More than one machine can speak, so that what a load test meets is the machine (`benchmarks/article_load.py`)."""


@dataclass(frozen=True, slots=True)
class Demo:
    """What `demo_bootstrap` made this time."""

    plan: bool
    tenant: bool
    key: bool
    admin: bool


def demo_bootstrap(*, directory: Path) -> Demo:
    """Make the tenant `demo` on a plan of its own with a key in `directory/demo.key`, and the user `admin` with a
    random password in `directory/admin.password`, both readable by the owner only. What is there already stays as it
    is; a key whose file was lost or no longer works is replaced, since nobody can read it again.
    """
    directory.mkdir(parents=True, exist_ok=True)
    plan = Plan.objects.filter(slug=SLUG).first()
    made_plan = plan is None
    if plan is None:
        plan = plan_create(slug=SLUG, name="演示 Demo", **PLAN)
    tenant = Tenant.objects.select_related("plan").filter(slug=SLUG).first()
    made_tenant = tenant is None
    if tenant is None:
        tenant = tenant_create(slug=SLUG, name="演示 Demo", plan=plan)
    elif made_plan and tenant.plan.is_default:
        # Made before there were plans, or left on the one it was given then.
        tenant = tenant_update(tenant=tenant, plan=plan)
    key_file = directory / "demo.key"
    made_key = not _works(key_file, tenant)
    if made_key:
        for lost in ApiKey.objects.of(tenant).filter(name=KEY_NAME, revoked_at=None):
            key_revoke(key=lost)
        _, text = key_issue(tenant=tenant, name=KEY_NAME)
        _write_secret(key_file, text)
    users = get_user_model()
    made_admin = not users._default_manager.filter(is_superuser=True).exists()
    if made_admin:
        password = get_random_string(20)
        # The file first: a password that only its digest remembers would lock everybody out.
        _write_secret(directory / "admin.password", password)
        users._default_manager.create_superuser(username=ADMIN, email=None, password=password)
    return Demo(made_plan, made_tenant, made_key, made_admin)


def _works(key_file: Path, tenant: Tenant) -> bool:
    """Whether the file holds a good key: it may be lost or damaged, its key revoked, the pepper another one."""
    try:
        text = key_file.read_text(encoding="ascii").strip()
    except (FileNotFoundError, UnicodeDecodeError):
        return False
    caller = caller_by_key(text=text, now=timezone.now())
    return caller is not None and caller.tenant == tenant


def _write_secret(path: Path, text: str) -> None:
    """Write for the owner only, and all or nothing."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text + "\n")
    temporary.replace(path)
