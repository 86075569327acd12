"""`manage.py backgroundworker [queue …]`: usage exports and housekeeping."""

import logging
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django_rq.workers import get_worker

from tts.jobs.background import BackgroundWorker


class Command(BaseCommand):
    help = (
        "Start a worker for usage exports (queue background) and housekeeping (queue housekeeping). One for each lets "
        "exports begin while housekeeping is at work; one for both takes exports first."
    )

    def add_arguments(self, parser: Any) -> None:
        queues = (settings.BACKGROUND_QUEUE, settings.HOUSEKEEPING_QUEUE)
        # No queue at all is checked too, by some versions of Python.
        parser.add_argument(
            "queues", nargs="*", metavar="queue", choices=[[], *queues], help=" or ".join(queues)
        )
        parser.add_argument("--burst", action="store_true", help="end when there is nothing left to do")

    def handle(self, *args: Any, **options: Any) -> None:
        worker = get_worker(
            *(options["queues"] or (settings.BACKGROUND_QUEUE, settings.HOUSEKEEPING_QUEUE)),
            worker_class=BackgroundWorker,
            serializer="rq.serializers.JSONSerializer",
            # One that was killed leaves the dashboard after two minutes instead of eight.
            worker_ttl=60,
        )
        worker.work(burst=options["burst"], logging_level=logging.getLevelName(logging.WARNING))
