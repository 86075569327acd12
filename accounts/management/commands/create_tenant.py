"""`manage.py create_tenant SLUG`."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from accounts.actors import Actor
from accounts.management.refusals import told
from accounts.models import Plan
from accounts.services.tenants import tenant_create


class Command(BaseCommand):
    help = "Create a tenant."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="short name, e.g. acme")
        parser.add_argument("--name", help="name for people (default: the slug)")
        parser.add_argument("--plan", metavar="SLUG", help="its plan (default: the default plan)")
        parser.add_argument("--time-zone", default="Asia/Shanghai", help="IANA name (default: %(default)s)")

    def handle(self, *args: Any, **options: Any) -> None:
        slug = options["slug"]
        try:
            tenant = tenant_create(
                slug=slug,
                name=options["name"] or slug,
                plan=_plan(options["plan"]),
                time_zone=options["time_zone"],
                actor=Actor.of_command("create_tenant"),
            )
        except ValidationError as problem:
            raise CommandError(told(problem)) from problem
        self.stdout.write(
            f"tenant {tenant.slug} created; issue a key with: manage.py issue_key {tenant.slug} NAME"
        )


def _plan(slug: str | None) -> Plan | None:
    if slug is None:
        return None
    plan = Plan.objects.filter(slug=slug).first()
    if plan is None:
        known = ", ".join(Plan.objects.order_by("slug").values_list("slug", flat=True))
        raise CommandError(f"there is no plan {slug}; there are: {known}")
    return plan
