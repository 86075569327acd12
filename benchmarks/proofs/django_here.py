"""Django in a benchmark's own process, on the empty servers that `tests.services` started for it."""

import os
import secrets

import django
from django.core.management import call_command


def set_up() -> None:
    """Configure Django for this process and make the tables. Models can be imported afterwards.

    `DATABASE_URL`, `REDIS_URL` and `REDIS_VOLATILE_URL` have to be in the environment; raises `SystemExit` saying so.
    """
    missing = [
        name for name in ("DATABASE_URL", "REDIS_URL", "REDIS_VOLATILE_URL") if not os.environ.get(name)
    ]
    if missing:
        raise SystemExit(
            f"{', '.join(missing)} not set. Servers for one command: python -m tests.services python -m …"
        )
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "voxgate.settings",
        "VOXGATE_SECRET_KEY": secrets.token_hex(32),
        "VOXGATE_KEY_PEPPERS": f"1:{secrets.token_hex(32)}",
        "VOXGATE_LOCAL": "1",
    }
    django.setup()
    call_command("migrate", verbosity=0)
