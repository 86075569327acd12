"""`manage.py rqworker [queue …]`: a speech worker (RQ's own command starts no Django and speaks pickle)."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django_rq.management.commands.rqworker import Command as RqWorkerCommand


class Command(RqWorkerCommand):
    """django-rq's command with JSON jobs and the speech queue by default."""

    help = "Start a speech worker: engines loaded once, one request at a time."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)  # type: ignore[no-untyped-call] # django-rq has no annotations here
        # A worker that was killed leaves the dashboard after two minutes instead of eight.
        parser.set_defaults(serializer="rq.serializers.JSONSerializer", verbosity=0, worker_ttl=60)

    def handle(self, *args: str, **options: Any) -> None:
        queues = args or (settings.SPEECH_QUEUE,)
        super().handle(*queues, **options)  # type: ignore[no-untyped-call] # nor here
