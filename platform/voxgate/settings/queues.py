"""Redis and RQ: delivery of work, answers and leases."""

from typing import Any

from voxgate.settings.environment import env

REDIS_URL: str = env.str("REDIS_URL", "redis://127.0.0.1:6379/0")
"""The queue; kept on disk (append-only file) in `make run`."""

REDIS_VOLATILE_URL: str = env.str("REDIS_VOLATILE_URL", REDIS_URL)
"""Answers, worker leases and limits; losing it loses no record. May be the same server as the queue."""

SPEECH_QUEUE = "tts"
BACKGROUND_QUEUE = "background"
"""Long work without a deadline that somebody waits for: usage exports."""

HOUSEKEEPING_QUEUE = "housekeeping"
"""Long work that nobody waits for. A queue and a worker of its own, so that exports need not wait for it."""

RQ_QUEUES: dict[str, dict[str, Any]] = {
    name: {"URL": REDIS_URL, "SERIALIZER": "rq.serializers.JSONSerializer"}
    for name in (SPEECH_QUEUE, BACKGROUND_QUEUE, HOUSEKEEPING_QUEUE)
}
RQ: dict[str, Any] = {
    "WORKER_CLASS": "tts.jobs.worker.SpeechWorker",
    # Services enqueue after commit themselves.
    "COMMIT_MODE": "auto",
}
RQ_SHOW_ADMIN_LINK = False
