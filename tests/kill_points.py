"""Workers that kill themselves at a chosen point of a request, and what must be left of it then.

`VOXGATE_PRIMARY_ENGINE=tests.kill_points:build` gives a worker the ordinary engine, and wraps what it does for a
request: it looks for a file that names the point, takes it away, and ends itself with SIGKILL. Nothing in Voxgate knows
of it.
"""

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import wraps
from pathlib import Path
from typing import Any

from tests.system import System, wait_for
from tts.engines.base import Engine
from tts.engines.registry import EngineSettings

ENGINE = "tests.kill_points:build"


class Point(StrEnum):
    """Where a worker dies, in the order of its work."""

    BEFORE_CLAIM = "before the claim"
    BEFORE_SYNTHESIS = "before synthesis"
    AFTER_SYNTHESIS = "after synthesis"
    AFTER_FILE = "after the file"
    AFTER_SETTLING = "after settling"
    BEFORE_ACKNOWLEDGEMENT = "before RQ's acknowledgement"


@dataclass(frozen=True, slots=True)
class Aftermath:
    """What is left of a request whose worker died at a point. `seconds` until the client had its answer."""

    http_status: int
    status: str
    claims: int
    usage_events: int
    usage_characters: int
    reserved_characters: int
    unfinished: int
    audio_files: int
    seconds: float

    @property
    def is_clean(self) -> bool:
        """Charged once, nothing reserved, nothing unfinished, at most one audio file."""
        return (
            (self.status, self.usage_events) == ("succeeded", 1)
            and self.reserved_characters == self.unfinished == 0
            and self.audio_files <= 1
        )


def build(settings: EngineSettings) -> Engine:
    """The ordinary primary engine, in a process that now dies where it is told to."""
    from tts.engines.onnx.factory import build as build_onnx
    from tts.jobs import speech
    from tts.jobs.worker import SpeechWorker
    from tts.services import speaking

    _die_around(speech, "request_claim_next", before=Point.BEFORE_CLAIM)
    _die_around(speaking, "request_prepare", before=Point.BEFORE_SYNTHESIS)
    _die_around(speaking, "encode", before=Point.AFTER_SYNTHESIS)
    _die_around(speaking, "audio_store", after=Point.AFTER_FILE)
    _die_around(speaking, "request_succeed", after=Point.AFTER_SETTLING)
    _die_around(SpeechWorker, "handle_job_success", before=Point.BEFORE_ACKNOWLEDGEMENT)
    return build_onnx(settings)


def _die_around(owner: object, name: str, *, before: Point | None = None, after: Point | None = None) -> None:
    original: Callable[..., Any] = getattr(owner, name)

    @wraps(original)
    def wrapped(*args: Any, **options: Any) -> Any:
        _die_at(before)
        result = original(*args, **options)
        _die_at(after)
        return result

    setattr(owner, name, wrapped)


def _die_at(point: Point | None) -> None:
    order = order_of(Path(os.environ["VOXGATE_DATA_DIR"]))
    try:
        if point is None or order.read_text() != point.value:
            return
        # Of several workers one gets to take it away.
        order.unlink()
    except FileNotFoundError:
        return
    os.kill(os.getpid(), signal.SIGKILL)


def order_of(data: Path) -> Path:
    """The file that tells the next worker to come to a point to die there."""
    return data / "die-at"


def kill_at(system: System, point: Point, *, timeout: float = 12.0) -> Aftermath:
    """Have a worker of `system` die at `point` of a request, and look at the request when it is answered.

    `timeout` is the request's, in seconds. Raises `AssertionError` when no worker died.
    """
    order = order_of(system.data)
    before = set(system.workers().items())
    order.write_text(point.value)
    response = system.speak("今天天气很好。", timeout=timeout, reference=point.value)
    wait_for(lambda: before - set(system.workers().items()), what=f"a worker that died {point}")
    assert not order.exists()
    wait_for(lambda: _unfinished(system) == 0, what="an end")
    return _aftermath(system, point, response.status_code, response.elapsed.total_seconds())


def _unfinished(system: System) -> int:
    ((count,),) = system.sql(
        "SELECT count(*) FROM tts_synthesisrequest WHERE status IN ('queued', 'running')"
    )
    return int(count)


def _aftermath(system: System, point: Point, http_status: int, seconds: float) -> Aftermath:
    ((request, status, claims),) = system.sql(
        "SELECT id::text, status, claim FROM tts_synthesisrequest WHERE reference = %s", point.value
    )
    ((events, characters),) = system.sql(
        "SELECT count(*), coalesce(sum(characters), 0) FROM tts_usageevent WHERE request_id = %s", request
    )
    ((reserved,),) = system.sql("SELECT sum(reserved_characters) FROM accounts_usageperiod")
    files = [path for path in system.data.rglob(f"{request}*") if path.is_file()]
    return Aftermath(
        http_status=http_status,
        status=status,
        claims=claims,
        usage_events=events,
        usage_characters=int(characters),
        reserved_characters=int(reserved),
        unfinished=_unfinished(system),
        audio_files=len(files),
        seconds=seconds,
    )
