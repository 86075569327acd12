"""`manage.py check_usage`: does what is kept of usage agree with its events?"""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from tts.usage.checking import UsageCheckRunning, usage_check
from tts.usage.repairing import usage_repair


class Command(BaseCommand):
    help = "Compare sums of usage with its events; ends with 1 where they differ."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--repair",
            action="store_true",
            help="first make the rollup agree; months of quotas stay as they are",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["repair"]:
                self.stdout.write(f"{usage_repair()} rows of the rollup were not the sum of their events")
            found = usage_check(now=timezone.now()).data
        except UsageCheckRunning as problem:
            raise CommandError(str(problem)) from problem
        checked = ", ".join(f"{count} {what}" for what, count in found["checked"].items())
        self.stdout.write(f"checked: {checked}; drift: {found['drift']}")
        for place in found["places"]:
            self.stdout.write(json.dumps(place))
        if found["drift"]:
            raise CommandError(f"{found['drift']} places differ")
