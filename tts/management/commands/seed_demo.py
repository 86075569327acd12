"""`manage.py seed_demo`: something to look at in an empty admin."""

import os
from argparse import ArgumentParser
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_date

from tts.seeding.history import FEWEST, MOST_ATTEMPTS
from tts.seeding.people import KeyText
from tts.seeding.seed import Sown, Wish, demo_seed, tables_settle

PROGRESS = 100_000
"""After how many requests each the command says how far it is."""


class Command(BaseCommand):
    help = "Make a few tenants with plans, keys, members and some weeks of history."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--requests", type=int, default=3_000, help="how many (default: %(default)s)")
        parser.add_argument(
            "--attempts",
            type=int,
            default=0,
            help="engines asked in all, by workers that get lost (default: few)",
        )
        parser.add_argument(
            "--all-ended",
            action="store_true",
            help="no queued or running requests, for workers that run to take up",
        )
        parser.add_argument("--weeks", type=int, default=6, help="how long a history (default: %(default)s)")
        parser.add_argument(
            "--until", help="the day it ends before, such as 2026-05-01 (default: it ends now)"
        )
        parser.add_argument("--seed", type=int, default=1, help="another one, another history")
        parser.add_argument(
            "--keys-to", type=Path, metavar="FILE", help="a new file, for the owner only; else no key is told"
        )
        parser.add_argument("--force", action="store_true", help="also where VOXGATE_LOCAL is not set")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.VOXGATE_LOCAL and not options["force"]:
            raise CommandError(
                "VOXGATE_LOCAL is not set, so this may be production: say --force if it is meant"
            )
        if options["requests"] < FEWEST or not 1 <= options["weeks"] <= 520:
            raise CommandError(f"at least {FEWEST} requests, and 1 to 520 weeks")
        if options["attempts"] and not 2 <= options["attempts"] / options["requests"] <= MOST_ATTEMPTS:
            raise CommandError(f"2 to {MOST_ATTEMPTS} attempts for each request")
        until = _end(options["until"])
        # Opened first: keys that cannot be written would be lost, since nobody can read them again.
        keys_file = None if options["keys_to"] is None else _private_file(options["keys_to"])
        wish = Wish(
            requests=options["requests"],
            start=until - timedelta(weeks=options["weeks"]),
            until=until,
            seed=options["seed"],
            attempts=options["attempts"],
            unfinished=not options["all_ended"],
        )
        try:
            sown = demo_seed(wish, on_progress=self._tell)
        except ValidationError as problem:
            if keys_file is not None:
                os.close(keys_file)
                options["keys_to"].unlink()
            raise CommandError("; ".join(problem.messages)) from problem
        if keys_file is not None:
            _write_keys(keys_file, sown.keys)
        tables_settle()
        self._report(sown)
        if keys_file is not None:
            self.stdout.write(f"{len(sown.keys)} keys are in {options['keys_to']}")

    def _tell(self, requests: int) -> None:
        if requests % PROGRESS == 0:
            self.stdout.write(f"… {requests} requests")
            self.stdout.flush()

    def _report(self, sown: Sown) -> None:
        counts = ", ".join(f"{count} {status}" for status, count in sorted(sown.statuses.items()))
        self.stdout.write(f"{sown.tenants} tenants; requests: {counts}; {sown.attempts} attempts")


def _end(day: str | None) -> datetime:
    if day is None:
        return timezone.now()
    try:
        parsed = parse_date(day)
    except ValueError:
        parsed = None
    if parsed is None:
        raise CommandError("--until takes a day such as 2026-05-01")
    return datetime.combine(parsed, time.min, tzinfo=UTC)


def _private_file(path: Path) -> int:
    try:
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as problem:
        raise CommandError(f"{path} cannot be made: {problem.strerror}") from problem


def _write_keys(descriptor: int, keys: list[KeyText]) -> None:
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.writelines(f"{key.tenant}\t{key.name}\t{key.text}\n" for key in keys)
