import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from tts.services.retention import retention_run


def _no_pause(seconds: float) -> None:
    """Nobody else is to be left time."""


class Command(BaseCommand):
    """What the housekeeping worker does every hour, here and now, to the end."""

    help = "Delete texts, audio and requests that are past the days of their tenants."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--full-speed", action="store_true", help="do not wait between batches")

    def handle(self, *args: Any, **options: Any) -> None:
        pause = _no_pause if options["full_speed"] else time.sleep
        run = retention_run(now=timezone.now(), longest_seconds=float("inf"), pause=pause)
        if run is None:
            raise CommandError("retention is at work already")
        done = run.data
        self.stdout.write(
            f"{done['texts']} texts, {done['audios']} audio files ({done['bytes']} bytes) and"
            f" {done['requests']} requests deleted"
        )
        if run.problem:
            raise CommandError(run.problem)
