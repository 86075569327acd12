"""How audio travels from a worker to the HTTP request that waits for it: one short Redis stream per request.

The worker ends the request in Postgres first and answers then, so whoever holds an answer can read the record. A
stream serves late and several readers alike and costs what a list does; its content is gone after a minute.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeout

from tts.connections import volatile_redis, waiting_redis
from tts.engines.base import Deadline

LIFETIME_SECONDS = 60
SLICE_SECONDS = 0.5
"""How often a waiting request looks whether its client is still there."""


STORED = "stored"
"""Code of an answer too large for Redis: the audio is in storage, under the name the record tells."""

CANCELED = "canceled"
"""Code of the answer to who waits for a request that somebody else has canceled."""


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """How a request ended: code `ok` with its `audio`, `STORED`, or the code of an error."""

    code: str
    audio: bytes = b""
    detail: str = ""

    @property
    def is_speech(self) -> bool:
        return self.code in ("ok", STORED)


def _key(request_id: UUID) -> str:
    return f"voxgate:answer:{request_id}"


def answer_publish(*, request_id: UUID, answer: Answer) -> None:
    """Wake whoever waits. Raises `RedisError`; the answer can still be read from the record then."""
    head = json.dumps({"code": answer.code, "detail": answer.detail})
    with volatile_redis().pipeline(transaction=True) as pipeline:
        pipeline.xadd(_key(request_id), {"head": head, "audio": answer.audio})
        pipeline.expire(_key(request_id), LIFETIME_SECONDS)
        pipeline.execute()


def answer_wait(
    *, request_id: UUID, deadline: Deadline, still_wanted: Callable[[], bool] = lambda: True
) -> Answer | None:
    """Wait for the answer until `deadline`, or until `still_wanted()` is false. None when there is none by then.

    Raises `RedisError` when Redis goes away for good while waiting.
    """
    while not deadline.passed() and still_wanted():
        milliseconds = max(1, int(1000 * min(SLICE_SECONDS, deadline.remaining())))
        try:
            found = cast(Any, waiting_redis().xread({_key(request_id): "0-0"}, count=1, block=milliseconds))
        except RedisTimeout:
            continue
        if found:
            return _parse(found)
    return None


def answer_drop(*, request_id: UUID) -> None:
    """Free the memory of an answer that was read."""
    try:
        volatile_redis().unlink(_key(request_id))
    except RedisError:
        return


def _parse(found: Any) -> Answer:
    # redis-py answers XREAD with a mapping under RESP3 and with pairs under RESP2.
    entries = next(iter(found.values()))[0] if isinstance(found, dict) else found[0][1]
    _identifier, fields = entries[0]
    head = json.loads(fields[b"head"])
    return Answer(code=head["code"], audio=fields[b"audio"], detail=head["detail"])
