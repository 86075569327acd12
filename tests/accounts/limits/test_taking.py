import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings as django_settings
from redis import Redis

from accounts.connections import limits_client
from accounts.limits.buckets import Bucket
from accounts.limits.taking import CostAboveBurst, LimiterUnavailable, peek, take
from tests.outages import closed_port


@pytest.fixture
def bucket(owner: str) -> Any:
    """Makes buckets that refill a unit a minute, so that no test waits for one or meets one."""

    def make(name: str = "tenant-requests", **changes: Any) -> Bucket:
        values: dict[str, Any] = {"units_per_minute": 1, "burst": 10, "cost": 1, **changes}
        return Bucket(name=name, owner=owner, **values)

    return make


def stored(redis: Redis, *buckets: Bucket) -> list[tuple[bytes | None, int]]:
    """All that Redis knows of some buckets: the dump of each key, and when it expires in milliseconds."""
    keys = [bucket.redis_key for bucket in buckets]
    return [(redis.dump(key), redis.pexpiretime(key)) for key in keys]


@contextmanager
def commands() -> Iterator[list[str]]:
    """What clients of the server sent meanwhile; what scripts did there is left out."""
    seen: list[str] = []
    # redis-py has no types for MONITOR.
    watching: Any = limits_client(django_settings.REDIS_VOLATILE_URL)
    asking = limits_client(django_settings.REDIS_VOLATILE_URL)
    asking.ping()
    with watching.monitor() as monitor:
        yield seen
        asking.echo("the end")
        for entry in monitor.listen():
            if entry["command"] == "ECHO the end":
                break
            if entry["client_type"] != "lua":
                seen.append(entry["command"])
    watching.close()
    asking.close()


def test_a_bucket_gives_its_burst_and_then_refuses(redis: Redis, bucket: Any) -> None:
    results = [take([bucket()], redis=redis) for _ in range(12)]
    assert [result.admitted for result in results] == [True] * 10 + [False] * 2
    assert [result.states[0].remaining for result in results] == [*range(9, -1, -1), 0, 0]
    assert 540 < results[9].states[0].reset_seconds <= 600
    wait = results[-1].retry_after_seconds
    assert wait is not None
    assert 0 < wait <= 60


def test_costs_add_up(redis: Redis, bucket: Any) -> None:
    assert take([bucket(cost=7)], redis=redis).states[0].remaining == 3
    assert not take([bucket(cost=4)], redis=redis).admitted
    assert take([bucket(cost=3)], redis=redis).states[0].remaining == 0


def test_a_refusal_by_one_bucket_leaves_every_bucket_untouched(redis: Redis, bucket: Any) -> None:
    roomy, tight = bucket("key-requests"), bucket(burst=1)
    observed = bucket("tenant-requests", enforced=False)
    untouched = bucket("tenant-characters", cost=5)
    assert take([roomy, tight, observed], redis=redis).admitted
    before = stored(redis, roomy, tight, observed, untouched)
    refused = take([roomy, observed, tight, untouched], redis=redis)
    assert not refused.admitted
    assert [state.bucket for state in refused.refusing] == [tight]
    assert [state.allowed for state in refused.states] == [True, True, False, True]
    assert stored(redis, roomy, tight, observed, untouched) == before
    assert before[3] == (None, -2)


def test_an_observed_bucket_tells_what_it_would_have_refused_and_refuses_nothing(
    redis: Redis, bucket: Any
) -> None:
    enforced = bucket(burst=100)
    strict, roomy = bucket(enforced=False, burst=1), bucket("tenant-characters", enforced=False)
    assert take([enforced, strict, roomy], redis=redis).would_refuse == ()
    before = stored(redis, strict, roomy)
    result = take([enforced, strict, roomy], redis=redis)
    assert result.admitted
    assert result.refusing == ()
    assert [state.bucket for state in result.would_refuse] == [strict]
    assert result.states[0].remaining == 98
    assert stored(redis, strict, roomy) == before


def test_only_observed_buckets_admit_everything(redis: Redis, bucket: Any) -> None:
    result = take([bucket(enforced=False, cost=11)], redis=redis)
    assert result.admitted
    assert [state.allowed for state in result.would_refuse] == [False]
    assert result.would_refuse[0].retry_after_seconds is None


def test_a_limit_may_be_tried_beside_the_one_in_force(redis: Redis, bucket: Any) -> None:
    result = take([bucket(burst=5), bucket(burst=3, enforced=False)], redis=redis)
    assert [state.remaining for state in result.states] == [4, 2]


@pytest.mark.parametrize("cost", [0, 1])
def test_no_units_a_minute_is_none_at_all(redis: Redis, bucket: Any, cost: int) -> None:
    result = take([bucket(units_per_minute=0, cost=cost)], redis=redis)
    assert not result.admitted
    assert result.retry_after_seconds is None


def test_a_cost_of_nothing_takes_nothing_and_is_never_refused(redis: Redis, bucket: Any) -> None:
    free = bucket(cost=0)
    assert take([free], redis=redis).states[0].remaining == 10
    assert stored(redis, free) == [(None, -2)]
    take([bucket(cost=10)], redis=redis)
    before = stored(redis, free)
    result = take([free], redis=redis)
    assert (result.admitted, result.states[0].remaining) == (True, 0)
    assert stored(redis, free) == before


def test_peeking_tells_what_taking_would_and_takes_nothing(redis: Redis, bucket: Any) -> None:
    one = bucket(burst=1)
    assert peek([one], redis=redis).admitted
    assert stored(redis, one) == [(None, -2)]
    take([one], redis=redis)
    before = stored(redis, one)
    assert not peek([one], redis=redis).admitted
    assert stored(redis, one) == before


def test_a_raised_limit_does_not_keep_the_debt_of_the_old_one(redis: Redis, bucket: Any) -> None:
    take([bucket(cost=10)], redis=redis)
    result = take([bucket(units_per_minute=600)], redis=redis)
    assert not result.admitted
    assert result.retry_after_seconds == 0.1


def test_a_cost_above_the_burst_is_an_error_before_redis_is_asked(bucket: Any) -> None:
    with closed_port() as port, pytest.raises(CostAboveBurst) as caught:
        take([bucket(), bucket("tenant-characters", cost=11)], redis=Redis(port=port))
    assert caught.value.bucket.name == "tenant-characters"


def test_the_same_bucket_twice_is_an_error(redis: Redis, bucket: Any) -> None:
    with pytest.raises(ValueError, match="twice"):
        take([bucket(), bucket(cost=2)], redis=redis)


def test_nothing_is_asked_for_no_buckets() -> None:
    with closed_port() as port:
        assert take([], redis=Redis(port=port)).admitted


def test_every_key_lives_until_its_bucket_is_full_and_about_a_second_more(redis: Redis, bucket: Any) -> None:
    wanted = [bucket(), bucket("tenant-characters", cost=7), bucket("key-requests", enforced=False)]
    for state in take(wanted, redis=redis).states:
        left = redis.pttl(state.bucket.redis_key)
        assert state.debt / 1000 - 1000 < left <= state.debt / 1000 + 1001


def test_the_limiter_finds_its_redis_by_itself(redis: Redis, bucket: Any) -> None:
    assert take([bucket()]).admitted
    assert peek([bucket()], redis=redis).states[0].remaining == 9


def test_several_buckets_cost_one_command(redis: Redis, bucket: Any) -> None:
    wanted = [bucket(), bucket("tenant-characters"), bucket("key-requests", enforced=False)]
    take(wanted, redis=redis)
    with commands() as sent:
        take(wanted, redis=redis)
    assert [command.split()[0] for command in sent] == ["EVALSHA"]


def test_a_server_that_lost_the_script_gets_it_once(redis: Redis, bucket: Any) -> None:
    redis.script_flush()
    with commands() as sent:
        assert take([bucket()], redis=redis).states[0].remaining == 9
        assert take([bucket()], redis=redis).states[0].remaining == 8
    assert [command.split()[0] for command in sent] == ["EVALSHA", "EVAL", "EVALSHA"]


def test_no_time_of_this_machine_is_sent(redis: Redis, bucket: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    true_time, true_time_ns = time.time, time.time_ns
    take([bucket()], redis=redis)
    with commands() as sent:
        for offset in (-120, 0, 120):
            monkeypatch.setattr(time, "time", lambda offset=offset: true_time() + offset)
            monkeypatch.setattr(time, "time_ns", lambda offset=offset: true_time_ns() + offset * 10**9)
            take([bucket()], redis=redis)
            monkeypatch.undo()
    assert len(sent) == 3
    assert len(set(sent)) == 1
    seconds, _ = redis.time()
    full_again = redis.get(bucket().redis_key)
    assert full_again is not None
    assert 230 < int(full_again) / 1e6 - seconds < 241


def test_nothing_is_admitted_while_redis_is_away(bucket: Any) -> None:
    with closed_port() as port, pytest.raises(LimiterUnavailable) as caught:
        take([bucket()], redis=limits_client(f"redis://127.0.0.1:{port}/0"))
    assert bucket().owner not in str(caught.value)


def test_a_connection_that_the_server_closed_is_replaced_unnoticed(redis: Redis, bucket: Any) -> None:
    take([bucket()], redis=redis)
    closed = redis.client_id()
    other = limits_client(django_settings.REDIS_VOLATILE_URL)
    assert other.client_kill_filter(_id=str(closed), skipme=True) == 1
    other.close()
    assert take([bucket()], redis=redis).states[0].remaining == 8
    assert redis.client_id() != closed


def test_a_take_whose_answer_is_lost_is_not_repeated(redis: Redis, bucket: Any) -> None:
    take([bucket()], redis=redis)
    with server_that_hangs_up_on(b"EVALSHA") as (port, forwarded):
        password = urlsplit(django_settings.REDIS_VOLATILE_URL).password
        lossy = limits_client(f"redis://:{password}@127.0.0.1:{port}/0")
        with pytest.raises(LimiterUnavailable):
            take([bucket()], redis=lossy)
        lossy.close()
    assert forwarded.wait(10)
    assert peek([bucket()], redis=redis).states[0].remaining == 8


@contextmanager
def server_that_hangs_up_on(word: bytes) -> Iterator[tuple[int, threading.Event]]:
    """Passes one connection on to the volatile Redis, and hangs up when the answer to the command `word` arrives;
    the event tells that it did."""
    url = urlsplit(django_settings.REDIS_VOLATILE_URL)
    done = threading.Event()

    def serve() -> None:
        client, _ = listener.accept()
        with client, socket.create_connection((str(url.hostname), url.port or 6379), timeout=10) as server:
            while asked := client.recv(65536):
                server.sendall(asked)
                answer = server.recv(65536)
                if word in asked:
                    done.set()
                    return
                client.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)
        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1], done
        thread.join(10)
