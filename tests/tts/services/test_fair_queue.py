"""The order of service, in exact arithmetic and without a database."""

import random
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from tts.services.fair_queue import Backlog, Contender, backlog_behind, next_in_turn

START = datetime(2026, 1, 1, tzinfo=UTC)


def contender(number: int, **changes: object) -> Contender:
    values = Contender(UUID(int=number), 1, 0, UUID(int=1000 + number), 10, START, 0.0)
    return replace(values, **changes)  # type: ignore[arg-type]  # passed on


@dataclass
class Server:
    """Serves tenants one after the other as workers do, and keeps their tags."""

    tenants: dict[int, Contender]
    virtual_time: float = 0.0

    def serve(self) -> int | None:
        chosen = next_in_turn(self.tenants.values(), self.virtual_time)
        if chosen is None:
            return None
        number = chosen.tenant_id.int
        self.tenants[number] = replace(
            chosen,
            queued=chosen.queued - 1,
            head_since=chosen.head_since + timedelta(seconds=1),
            finish_tag=chosen.finish_tag_after_head(self.virtual_time),
        )
        self.virtual_time = max(self.virtual_time, chosen.start_tag(self.virtual_time))
        return number


def test_alone_a_tenant_is_served_all_it_has() -> None:
    server = Server({1: contender(1, queued=3)})
    assert [server.serve() for _ in range(4)] == [1, 1, 1, None]


def test_who_comes_new_is_next_whatever_the_others_have_waiting() -> None:
    server = Server({1: contender(1, queued=500)})
    for _ in range(100):
        server.serve()
    server.tenants[2] = contender(2, head_since=START + timedelta(days=1))
    assert server.serve() == 2


def test_nobody_saves_up_turns_by_staying_away() -> None:
    server = Server({1: contender(1, queued=500)})
    for _ in range(100):
        server.serve()
    server.tenants[2] = contender(2, queued=500)
    served = [server.serve() for _ in range(20)]
    assert served.count(2) - served.count(1) <= 2


def test_a_long_text_costs_as_many_turns_as_short_ones_of_its_length() -> None:
    server = Server(
        {1: contender(1, queued=500, head_characters=10), 2: contender(2, queued=500, head_characters=50)}
    )
    served = Counter(server.serve() for _ in range(120))
    assert served == {1: 100, 2: 20}


@pytest.mark.parametrize("seed", range(5))
def test_service_follows_weights_whatever_the_lengths(seed: int) -> None:
    chance = random.Random(seed)
    weights = {1: 1, 2: 3, 3: 7}
    server = Server(
        {number: contender(number, queued=5000, weight=weight) for number, weight in weights.items()}
    )
    served = Counter[int]()
    for _ in range(3000):
        number = server.serve()
        assert number is not None
        served[number] += server.tenants[number].head_characters
        server.tenants[number] = replace(server.tenants[number], head_characters=chance.randint(1, 800))
    share = {number: served[number] / weight for number, weight in weights.items()}
    assert max(share.values()) - min(share.values()) <= 2 * 800, "never further apart than two long texts"


def test_a_tenant_at_its_limit_is_passed_over_and_one_without_may_do_all() -> None:
    full = contender(1, queued=9, running=2, concurrent=2)
    over = contender(2, queued=9, running=3, concurrent=2)
    none = contender(3, queued=9, concurrent=0)
    assert [tenant.servable for tenant in (full, over, none)] == [0, 0, 0]
    assert next_in_turn([full, over, none], 0.0) is None
    some = contender(4, queued=9, running=1, concurrent=3, finish_tag=99.0)
    free = contender(5, queued=9, running=50, finish_tag=100.0)
    assert (some.servable, free.servable) == (2, 9)
    assert next_in_turn([full, over, none, free, some], 0.0) == some


def test_of_equals_the_oldest_request_goes_first() -> None:
    late, early = contender(1, head_since=START + timedelta(seconds=1)), contender(2)
    assert next_in_turn([late, early], 5.0) == early


def test_a_backlog_counts_what_comes_before_the_last_of_the_own() -> None:
    hog, single, heavy = contender(1, queued=500), contender(2), contender(3, queued=9, weight=4)
    tenants = [hog, single, heavy]
    assert backlog_behind(single, tenants).whole == 1 + 4, "not five hundred and nine"
    assert backlog_behind(hog, tenants).whole == 499 + 1 + 9
    assert backlog_behind(heavy, tenants).whole == 8 + 1 + 9 / 4


def test_many_who_each_want_little_are_a_backlog_too() -> None:
    tenants = [contender(number) for number in range(100)]
    assert backlog_behind(tenants[0], tenants) == Backlog(99.0, 0, None)


def test_who_may_not_use_every_worker_waits_for_longer() -> None:
    assert Backlog(12.0, 10, None).per_worker(4) == 3.0
    assert Backlog(12.0, 10, 2).per_worker(4) == 5.0
    assert Backlog(12.0, 10, 8).per_worker(4) == 3.0
    assert Backlog().per_worker(1) == 0.0
