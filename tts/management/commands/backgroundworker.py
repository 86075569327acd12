"""`manage.py backgroundworker`: reports and housekeeping."""

import logging
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django_rq.workers import get_worker

from tts.jobs.background import BackgroundWorker


class Command(BaseCommand):
    help = "Start the worker for usage exports and housekeeping; one is enough, several share the work."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--burst", action="store_true", help="end when there is nothing left to do")

    def handle(self, *args: Any, **options: Any) -> None:
        worker = get_worker(
            settings.BACKGROUND_QUEUE,
            worker_class=BackgroundWorker,
            serializer="rq.serializers.JSONSerializer",
            # One that was killed leaves the dashboard after two minutes instead of eight.
            worker_ttl=60,
        )
        worker.work(burst=options["burst"], logging_level=logging.getLevelName(logging.WARNING))
