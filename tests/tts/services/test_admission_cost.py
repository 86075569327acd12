"""How much a request costs before anybody speaks: pinned, because it is paid on every one."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from redis import Redis

from benchmarks.proofs.cost import let_in, statements
from tests.cast import Member, member
from tests.engines_for_tests import TestEngine
from tests.tts.rows import PARAMETERS, working
from tts.connections import volatile_redis
from tts.engines.chain import EngineChain
from tts.engines.espeak.engine import EspeakEngine

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("empty_redis")]

STATEMENTS = [
    "FROM accounts_apikey",
    "UPDATE accounts_usageperiod",
    "SELECT count(*), count(*) FILTER",
    'INSERT INTO "tts_synthesisrequest"',
]
"""A word of each: who has this key; reserve; how many are in flight; record."""

EVERY_LIMIT = {
    "requests_per_minute": 6_000,
    "characters_per_minute": 100_000,
    "concurrent_requests": 50,
    "queued_requests": 50,
    "characters_per_month": 1_000_000,
}


@pytest.fixture
def carol() -> Member:
    """Limited in every way, and with a key that is, on a process that has served it before."""
    carol = member("carol", **EVERY_LIMIT)
    carol.row.requests_per_minute, carol.row.concurrent_requests, carol.row.characters_per_month = (
        600,
        9,
        99_999,
    )
    carol.row.save()
    let_in(carol)
    return carol


@contextmanager
def commands() -> Iterator[list[str]]:
    """What the volatile Redis is asked by anybody, as it says itself."""
    found: list[str] = []
    with Redis.from_url(settings.REDIS_VOLATILE_URL) as observer, observer.monitor() as monitor:
        yield found
        volatile_redis().echo("over")
        for line in monitor.listen():
            command = line["command"]
            if command.startswith("ECHO"):
                return
            # What a script does on the server is no round trip.
            if line["client_type"] != "lua":
                found.append(command.split()[0])


def tables(sent: list[str]) -> list[str]:
    """Which of the known statements each is."""
    return [next((name for name in STATEMENTS if name in sql), sql) for sql in sent]


def test_a_request_costs_four_statements_and_one_round_trip_to_redis(carol: Member) -> None:
    with commands() as asked, statements() as found:
        let_in(carol)
    assert tables(found.sent) == STATEMENTS
    assert asked == ["EVALSHA"]


def test_an_idempotency_key_costs_one_statement_more(carol: Member) -> None:
    with commands() as asked, statements() as found:
        let_in(carol, idempotency_key="once")
    assert tables(found.sent[:1] + found.sent[2:]) == STATEMENTS
    assert found.sent[1].lstrip().startswith("INSERT INTO tts_idempotencykey")
    assert asked == ["EVALSHA"]


def test_limits_cost_no_statement(carol: Member) -> None:
    free = member("dave")
    let_in(free)
    with commands() as asked, statements() as found:
        let_in(free)
    assert tables(found.sent) == STATEMENTS
    assert asked == []


def test_the_api_adds_nothing_to_it(carol: Member, client: Client, espeak: EspeakEngine) -> None:
    """Up to the record: what follows is waiting, and telling how it went."""
    with working(EngineChain(TestEngine(), espeak)):
        body = {"text": PARAMETERS.text, "speaker_id": 0}
        assert _post(client, carol, body).status_code == 200
        with commands() as asked, statements() as found:
            assert _post(client, carol, body).status_code == 200
    (recorded,) = (number for number, sql in enumerate(found.sent) if sql.startswith(STATEMENTS[-1]))
    assert tables(found.sent[: recorded + 1]) == STATEMENTS
    assert asked.count("EVALSHA") == 1
    assert "EVAL" not in asked


def _post(client: Client, member: Member, body: dict[str, Any]) -> Any:
    return client.post("/api/tts", body, content_type="application/json", headers=member.headers)
