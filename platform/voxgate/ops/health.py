"""`/livez` and `/readyz`: does the process answer, and can the system speak?"""

import os
import time
from collections.abc import Callable
from typing import Any

from django.core.files.storage import FileSystemStorage
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views import View
from redis.exceptions import RedisError

from tts.connections import queue_redis, speech_queue, volatile_redis
from tts.models.request import audio_storage
from tts.services.background import background_workers
from tts.services.leases import WorkerFacts, janitor_alive, workers_facts

Part = dict[str, Any]


class LiveView(View):
    """200 as long as this process answers at all."""

    def get(self, request: HttpRequest) -> JsonResponse:
        return JsonResponse({"status": "ok"}, headers={"Cache-Control": "no-store"})


class ReadyView(View):
    """200 when a request would be spoken now; 503 naming the parts that are not well.

    The primary engine may be unwell or without a voice: the fallback speaks then, so the system is ready. Nor does
    speaking need the janitor or the background workers; they are told of all the same.
    """

    def get(self, request: HttpRequest) -> JsonResponse:
        parts = readiness()
        failing = sorted(
            name for name, part in parts.items() if not part["ok"] and part.get("required", True)
        )
        body = {"status": "unready" if failing else "ready", "failing": failing, "parts": parts}
        return JsonResponse(body, status=503 if failing else 200, headers={"Cache-Control": "no-store"})


def readiness() -> dict[str, Part]:
    """Each part with `ok` and what there is to say about it; no names of hosts, no secrets."""
    parts: dict[str, Part] = {
        "database": _checked(_database),
        "queue": _checked(_queue),
        "redis": _checked(lambda: {"ok": bool(volatile_redis().ping())}),
        "storage": _checked(_storage),
    }
    workers = _workers() if parts["redis"]["ok"] else []
    parts["workers"] = {"ok": bool(workers), "alive": len(workers)}
    # Requests are spoken without it, but what queue or workers forget stays forgotten.
    parts["janitor"] = _checked(lambda: {"ok": janitor_alive()}) | {"required": False}
    parts["background"] = (_checked(_background) if parts["queue"]["ok"] else parts["queue"]) | {
        "required": False
    }
    parts["primary"] = _engine(workers, "primary") | {"required": False}
    parts["fallback"] = _engine(workers, "fallback")
    return parts


def _checked(check: Callable[[], Part]) -> Part:
    try:
        return check()
    except (DatabaseError, RedisError, OSError) as problem:
        return {"ok": False, "problem": type(problem).__name__}


def _workers() -> list[WorkerFacts]:
    try:
        return workers_facts()
    except RedisError:
        return []


def _database() -> Part:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return {"ok": True}


def _queue() -> Part:
    queue_redis().ping()
    return {"ok": True, "waiting": speech_queue().count}


def _background() -> Part:
    """How many workers exports and housekeeping have, and how much waits for each."""
    workers = background_workers()
    queues = {name: {"alive": state.up, "waiting": state.waiting} for name, state in workers.items()}
    return {"ok": all(state.up for state in workers.values()), "queues": queues}


def _storage() -> Part:
    """A file system must be writable; a remote storage is taken at its word, a probe would cost a write each time."""
    storage = audio_storage()
    if not isinstance(storage, FileSystemStorage):
        return {"ok": True}
    root = storage.location
    while not os.path.exists(root):
        root = os.path.dirname(root)
    return {"ok": os.access(root, os.W_OK)}


def _engine(workers: list[WorkerFacts], role: str) -> Part:
    """The most recent real synthesis of an engine among the workers."""
    facts = [engine for worker in workers for engine in worker.engines if engine.role == role]
    if not facts:
        return {"ok": False, "problem": "no worker"}
    # One sick worker of several is its supervisor's business; nobody well is everybody's.
    best = max(facts, key=lambda engine: (engine.voices_ready > 0, engine.ok, engine.at))
    if not best.voices_ready:
        return {"ok": False, "engine": best.name, "voices_ready": 0, "problem": "no-voice"}
    # A voice that was loaded has spoken a sentence for its check, so an engine nobody asked yet is well.
    part: Part = {"ok": best.ok or not best.at, "engine": best.name, "voices_ready": best.voices_ready}
    if best.at:
        part |= {
            "age_seconds": round(max(0.0, time.time() - best.at), 1),
            "synthesis_seconds": round(best.seconds, 3),
        }
    if best.problem:
        part["problem"] = best.problem
    return part
