"""`manage.py create_tenant SLUG`."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from accounts.services import tenant_create


class Command(BaseCommand):
    help = "Create a tenant."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="short name, e.g. acme")
        parser.add_argument("--name", help="name for people (default: the slug)")
        parser.add_argument("--time-zone", default="Asia/Shanghai", help="IANA name (default: %(default)s)")

    def handle(self, *args: Any, **options: Any) -> None:
        slug = options["slug"]
        try:
            tenant = tenant_create(slug=slug, name=options["name"] or slug, time_zone=options["time_zone"])
        except ValidationError as problem:
            raise CommandError(
                "; ".join(f"{field}: {' '.join(texts)}" for field, texts in problem.message_dict.items())
            ) from problem
        self.stdout.write(
            f"tenant {tenant.slug} created; issue a key with: manage.py issue_key {tenant.slug} NAME"
        )
