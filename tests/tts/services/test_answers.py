import threading
from concurrent.futures import Future, ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest
from redis.exceptions import RedisError

from tests.outages import flush_redis, redis_away
from tests.system import wait_for
from tts.connections import volatile_redis
from tts.engines.base import Deadline
from tts.services.answers import Answer, answer_drop, answer_publish, answer_wait

pytestmark = pytest.mark.usefixtures("empty_redis")

AUDIO = bytes(range(256)) * 400


@pytest.fixture
def request_id() -> UUID:
    return uuid4()


class SteppingClock:
    """A second passes whenever somebody looks."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 1.0
        return self.now


def waiting(pool: ThreadPoolExecutor, request_id: UUID, readers: int = 1) -> list[Future[Answer | None]]:
    """Readers that block in Redis by the time this returns."""
    futures = [
        pool.submit(answer_wait, request_id=request_id, deadline=Deadline.after(20)) for _ in range(readers)
    ]
    wait_for(lambda: volatile_redis().info("clients")["blocked_clients"] >= readers, what="blocked readers")
    return futures


def test_who_comes_late_and_who_comes_again_gets_all_of_it(request_id: UUID) -> None:
    answer_publish(request_id=request_id, answer=Answer("ok", audio=AUDIO))
    for _ in range(2):
        found = answer_wait(request_id=request_id, deadline=Deadline.after(5))
        assert found is not None
        assert found.is_speech
        assert (found.code, found.audio, found.detail) == ("ok", AUDIO, "")


def test_all_who_wait_are_woken(request_id: UUID) -> None:
    with ThreadPoolExecutor(3) as pool:
        readers = waiting(pool, request_id, 3)
        answer_publish(request_id=request_id, answer=Answer("synthesis_failed", detail="onnx: error"))
        found = [reader.result(10) for reader in readers]
    assert [(a.code, a.detail, a.is_speech) for a in found if a] == [
        ("synthesis_failed", "onnx: error", False)
    ] * 3


def test_an_answer_is_for_its_own_request(request_id: UUID) -> None:
    answer_publish(request_id=uuid4(), answer=Answer("ok", audio=AUDIO))
    assert answer_wait(request_id=request_id, deadline=Deadline.after(0.01)) is None


def test_at_the_deadline_the_wait_is_over(request_id: UUID) -> None:
    clock = SteppingClock()
    assert answer_wait(request_id=request_id, deadline=Deadline(2.5, clock)) is None
    assert 2.5 < clock.now < 6


def test_nobody_waits_for_a_client_that_left(request_id: UUID) -> None:
    looks = iter([True, False])
    found = answer_wait(request_id=request_id, deadline=Deadline.after(60), still_wanted=lambda: next(looks))
    assert found is None
    assert next(looks, None) is None


def test_a_redis_that_forgets_everything_does_not_end_the_wait(request_id: UUID) -> None:
    with ThreadPoolExecutor(1) as pool:
        (reader,) = waiting(pool, request_id)
        flush_redis()
        answer_publish(request_id=request_id, answer=Answer("ok", audio=AUDIO))
        found = reader.result(10)
    assert found is not None
    assert found.audio == AUDIO


def test_a_read_answer_is_freed(request_id: UUID) -> None:
    answer_publish(request_id=request_id, answer=Answer("ok", audio=AUDIO))
    answer_drop(request_id=request_id)
    assert volatile_redis().keys("*") == []
    answer_drop(request_id=request_id)


def test_a_redis_that_is_away_is_told_to_the_caller(request_id: UUID) -> None:
    with redis_away():
        with pytest.raises(RedisError):
            answer_publish(request_id=request_id, answer=Answer("ok"))
        with pytest.raises(RedisError):
            answer_wait(request_id=request_id, deadline=Deadline.after(5))
        answer_drop(request_id=request_id)


def test_a_connection_cut_while_waiting_is_told_to_the_caller(request_id: UUID) -> None:
    with ThreadPoolExecutor(1) as pool:
        (reader,) = waiting(pool, request_id)
        cut = threading.Event()
        for client in volatile_redis().client_list():
            if client["cmd"] == "xread":
                volatile_redis().client_kill_filter(_id=client["id"])
                cut.set()
        assert cut.is_set()
        with pytest.raises(RedisError):
            reader.result(10)
