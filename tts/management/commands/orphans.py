import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from tts.services.orphans import Wish, orphans_run


def _no_pause(seconds: float) -> None:
    """Nobody else is to be left time."""


class Command(BaseCommand):
    """What the housekeeping worker does every night, here and now, to the end."""

    help = "Delete files of audio and exports that no row points at, and count rows whose audio is missing."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--dry-run", action="store_true", help="count, and change nothing")
        parser.add_argument("--repair", action="store_true", help="let rows forget audio that is missing")
        parser.add_argument(
            "--force", action="store_true", help="go on although most files belong to no row of this database"
        )
        parser.add_argument("--full-speed", action="store_true", help="do not wait between steps")

    def handle(self, *args: Any, **options: Any) -> None:
        wish = Wish(**{name: options[name] for name in ("dry_run", "repair", "force")})
        pause = _no_pause if options["full_speed"] else time.sleep
        run = orphans_run(now=timezone.now(), wish=wish, longest_seconds=float("inf"), pause=pause)
        if run is None:
            raise CommandError("a walk is under way already")
        verb = "found" if wish.dry_run else "deleted"
        for storage, found in run.data["storages"].items():
            self.stdout.write(
                f"{storage}: {found['files']} files looked at, {found['orphans']} of nobody {verb}"
                f" ({found['bytes']} bytes), {found['unknown']} not Voxgate's"
            )
        done = run.data
        self.stdout.write(
            f"{done['missing']} of {done['rows']} rows without their file, {done['repaired']} repaired"
        )
        if run.problem:
            raise CommandError(run.problem)
