"""The demo tenant and the first operator of a fresh installation."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from django.contrib.auth import get_user_model
from django.utils import timezone
from django.utils.crypto import get_random_string

from accounts.models import ApiKey, Tenant
from accounts.selectors import caller_by_key
from accounts.services import key_issue, key_revoke, tenant_create

SLUG = "demo"
KEY_NAME = "demo"
ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Demo:
    """What `demo_bootstrap` made this time."""

    tenant: bool
    key: bool
    admin: bool


def demo_bootstrap(*, directory: Path) -> Demo:
    """Make the tenant `demo` with a key in `directory/demo.key`, and the user `admin` with a random password in
    `directory/admin.password`, both readable by the owner only. What is there already stays as it is; a key whose
    file was lost or no longer works is replaced, since nobody can read it again.
    """
    directory.mkdir(parents=True, exist_ok=True)
    tenant = Tenant.objects.filter(slug=SLUG).first()
    made_tenant = tenant is None
    if tenant is None:
        tenant = tenant_create(slug=SLUG, name="演示 Demo")
    key_file = directory / "demo.key"
    made_key = not _works(key_file, tenant)
    if made_key:
        for lost in ApiKey.objects.filter(tenant=tenant, name=KEY_NAME, revoked_at=None):
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
    return Demo(made_tenant, made_key, made_admin)


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
