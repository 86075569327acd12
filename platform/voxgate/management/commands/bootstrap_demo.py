"""`manage.py bootstrap_demo`: part of `make run`."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from voxgate.ops.demo import demo_bootstrap


class Command(BaseCommand):
    help = "Create the demo tenant, its plan, its key and the first admin user, once; prints no secret."

    def handle(self, *args: Any, **options: Any) -> None:
        made = demo_bootstrap(directory=settings.VOXGATE_DATA_DIR)
        new = [name for name in ("plan", "tenant", "key", "admin") if getattr(made, name)]
        self.stdout.write(f"demo: created {', '.join(new)}" if new else "demo: everything is there")
