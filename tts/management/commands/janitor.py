"""`manage.py janitor`: sweep what queue and workers forgot."""

import signal
from typing import Any

from django.core.management.base import BaseCommand

from tts.jobs.janitor import Janitor


class Command(BaseCommand):
    help = "Give back or end requests that the queue or a worker forgot; run one, a second one waits."

    def handle(self, *args: Any, **options: Any) -> None:
        janitor = Janitor()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: janitor.stop())
        janitor.run()
