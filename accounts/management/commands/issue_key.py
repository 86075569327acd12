"""`manage.py issue_key TENANT NAME`."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from accounts.models import Tenant
from accounts.scopes import ALL_SCOPES
from accounts.services import UnknownScope, key_issue


class Command(BaseCommand):
    help = "Issue an API key and print it, this once, on standard output."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("tenant", help="slug of the tenant")
        parser.add_argument("name", help="which app or person will use it")
        parser.add_argument("--environment", default="live", choices=["live", "test"])
        parser.add_argument(
            "--scope", action="append", help=f"may be repeated; default: {' '.join(ALL_SCOPES)}"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        tenant = Tenant.objects.filter(slug=options["tenant"]).first()
        if tenant is None:
            raise CommandError(
                f"there is no tenant {options['tenant']}; make one with: manage.py create_tenant"
            )
        try:
            _, text = key_issue(
                tenant=tenant,
                name=options["name"],
                environment=options["environment"],
                scopes=options["scope"] or ALL_SCOPES,
            )
        except UnknownScope as problem:
            raise CommandError(str(problem)) from problem
        except ValidationError as problem:
            raise CommandError("; ".join(problem.messages)) from problem
        self.stdout.write(text)
        self.stderr.write("Keep it now: it is not shown again.")
