"""`manage.py issue_key TENANT NAME`."""

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.actors import Actor
from accounts.keys import ENVIRONMENTS
from accounts.limits.names import KEY_LIMITS
from accounts.management.refusals import told
from accounts.models import Tenant
from accounts.scopes import ALL_SCOPES
from accounts.services.keys import UnknownScope, key_issue


class Command(BaseCommand):
    help = "Issue an API key and print it, this once, alone on standard output."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("tenant", help="slug of the tenant")
        parser.add_argument("name", help="which app or person will use it")
        parser.add_argument("--environment", default="live", choices=ENVIRONMENTS)
        parser.add_argument(
            "--scope", action="append", help=f"may be repeated; default: {' '.join(ALL_SCOPES)}"
        )
        parser.add_argument("--expires", metavar="TIME", help="ISO 8601, e.g. 2030-01-31T18:00 or 2030-01-31")
        parser.add_argument(
            "--address", action="append", help="address or network it may be used from; may be repeated"
        )
        parser.add_argument("--voice", action="append", help="id of a voice it may use; may be repeated")
        for limit in KEY_LIMITS:
            name = limit.value.replace("_", "-")
            parser.add_argument(f"--{name}", type=int, metavar="N", help="lower than the tenant's; 0 is none")

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
                expires_at=_moment(options["expires"]),
                actor=Actor.of_command("issue_key"),
                allowed_addresses=options["address"],
                allowed_voices=options["voice"],
                **{limit.value: options[limit.value] for limit in KEY_LIMITS},
            )
        except UnknownScope as problem:
            raise CommandError(str(problem)) from problem
        except ValidationError as problem:
            raise CommandError(told(problem)) from problem
        self.stdout.write(text)
        self.stderr.write("Keep it now: it is not shown again.")


def _moment(text: str | None) -> datetime | None:
    """A time of this server's zone where the text names none."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
        aware = timezone.localtime(moment) if moment.tzinfo is not None else timezone.make_aware(moment)
    except (ValueError, OverflowError) as problem:
        raise CommandError("--expires is no time of ISO 8601, such as 2030-01-31T18:00") from problem
    if aware <= timezone.now():
        raise CommandError("--expires is in the past")
    return aware
