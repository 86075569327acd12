"""`manage.py rotate_key KEY`."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from accounts.actors import Actor
from accounts.management.named_keys import HELP, key_named
from accounts.management.refusals import told
from accounts.services.key_rotation import key_rotate
from accounts.services.keys import KeyEnded


class Command(BaseCommand):
    help = "Give an API key another secret and print it, this once, alone on standard output."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("key", help=HELP)
        parser.add_argument(
            "--overlap-hours",
            type=float,
            default=24.0,
            metavar="H",
            help="how long the old secret still works; 0 ends it at once (default: %(default)g)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        key = key_named(options["key"])
        actor = Actor.of_command("rotate_key")
        try:
            row, text = key_rotate(key=key, overlap=_hours(options["overlap_hours"]), actor=actor)
        except KeyEnded as problem:
            raise CommandError(f"{key.label} cannot be rotated: {problem}") from problem
        except ValidationError as problem:
            raise CommandError(told(problem)) from problem
        self.stdout.write(text)
        until = row.previous_until
        old = "no longer" if until is None else f"until {until.isoformat(timespec='seconds')}"
        self.stderr.write(f"Keep it now: it is not shown again. The old secret works {old}.")


def _hours(number: float) -> timedelta:
    try:
        return timedelta(hours=number)
    except (ValueError, OverflowError) as problem:
        raise CommandError("--overlap-hours is no number of hours") from problem
