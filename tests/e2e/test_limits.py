"""Limits over HTTP, on a running system: many clients at once, and what each is told."""

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from benchmarks.proofs.in_flight import ENGINE
from tests.system import System, problem_of, running_system

pytestmark = pytest.mark.slow

CLIENTS = 40
TEXT = "今天天气很好。"
CHARACTERS = len(TEXT)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """Two workers that take 0.2 s for a request."""
    data = tmp_path_factory.mktemp("limited")
    with running_system(data, VOXGATE_WORKERS="2", VOXGATE_PRIMARY_ENGINE=ENGINE) as system:
        yield system


@pytest.fixture
def limited(shared: System) -> Iterator[System]:
    """The demo tenant on a plan without limits, with nothing used; each test sets what it is about."""
    allow(shared, **dict.fromkeys(LIMITS))
    shared.sql("UPDATE accounts_usageperiod SET used_characters = 0, requests = 0 RETURNING id")
    yield shared
    allow(shared, **dict.fromkeys(LIMITS))
    assert shared.sql("SELECT sum(reserved_characters) FROM accounts_usageperiod") == [(0,)]


LIMITS = (
    "requests_per_minute",
    "characters_per_minute",
    "concurrent_requests",
    "queued_requests",
    "characters_per_month",
)


def allow(system: System, **limits: int | None) -> None:
    """Change the plan of the demo tenant; None is unlimited."""
    changes = ", ".join(f"{name} = %s" for name in limits)
    system.sql(
        f"UPDATE accounts_plan SET {changes}"  # noqa: S608 - names of columns above
        " WHERE id = (SELECT plan_id FROM accounts_tenant WHERE slug = 'demo') RETURNING id",
        *limits.values(),
    )


def ask(system: System, **headers: str) -> requests.Response:
    return requests.post(
        f"{system.base_url}/api/tts",
        json={"text": TEXT, "engine": "primary"},
        headers={"Authorization": f"Bearer {system.key}", **headers},
        timeout=40,
    )


def ask_together(system: System, **headers: str) -> list[requests.Response]:
    """What clients are answered that ask at once, each on a connection of its own."""
    with ThreadPoolExecutor(CLIENTS) as pool:
        return list(pool.map(lambda _: ask(system, **headers), range(CLIENTS)))


def statuses(answers: list[requests.Response]) -> Counter[int]:
    return Counter(answer.status_code for answer in answers)


def used(system: System) -> tuple[Any, ...]:
    """Characters and requests of the demo tenant this month."""
    return system.sql("SELECT used_characters, requests FROM accounts_usageperiod WHERE api_key_id IS NULL")[
        0
    ]


def test_a_month_is_used_up_to_its_last_character(limited: System) -> None:
    """Room for ten requests and for six characters more."""
    allow(limited, characters_per_month=10 * CHARACTERS + 6)
    answers = ask_together(limited)
    assert statuses(answers) == {200: 10, 429: CLIENTS - 10}
    assert used(limited) == (10 * CHARACTERS, 10)
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert problem_of(refused)["code"] == "quota_exhausted"
    assert refused.headers["x-should-retry"] == "false"
    assert int(refused.headers["Retry-After"]) > 1


def test_no_more_are_in_flight_than_may_be(limited: System) -> None:
    allow(limited, concurrent_requests=1, queued_requests=2)
    answers = ask_together(limited)
    told = [int(answer.headers["Current-Concurrent-Requests"]) for answer in answers]
    assert 1 <= max(told) <= 3
    assert {answer.headers["Maximum-Concurrent-Requests"] for answer in answers} == {"3"}
    refused = [problem_of(answer)["code"] for answer in answers if answer.status_code == 429]
    assert set(refused) == {"concurrency_limited"}
    assert statuses(answers).keys() == {200, 429}
    assert used(limited)[1] == CLIENTS - len(refused) >= 3


def test_a_tenant_that_may_have_nothing_at_work_is_refused(limited: System) -> None:
    allow(limited, concurrent_requests=0)
    assert problem_of(ask(limited))["code"] == "concurrency_limited"
    assert used(limited) == (0, 0)


def test_a_rate_admits_what_a_minute_allows(limited: System) -> None:
    """A minute holds five such requests, and refills by one only every twelve seconds."""
    allow(limited, characters_per_minute=5 * CHARACTERS)
    answers = ask_together(limited)
    assert statuses(answers)[200] in (5, 6)
    refused = [answer for answer in answers if answer.status_code == 429]
    assert {problem_of(answer)["code"] for answer in refused} == {"characters_rate_limited"}
    assert all(1 <= int(answer.headers["Retry-After"]) <= 13 for answer in refused)
    assert used(limited)[1] == statuses(answers)[200]


def test_one_idempotency_key_is_one_request_and_one_answer(limited: System) -> None:
    answers = ask_together(limited, **{"Idempotency-Key": "forty at once"})
    assert statuses(answers).keys() <= {200, 409}
    assert statuses(answers)[200] >= 1
    repeated = ask(limited, **{"Idempotency-Key": "forty at once"})
    spoken = [answer for answer in [*answers, repeated] if answer.status_code == 200]
    assert len({answer.content for answer in spoken}) == 1
    assert repeated.headers["Idempotent-Replayed"] == "true"
    early = [answer for answer in answers if answer.status_code == 409]
    assert {problem_of(answer)["code"] for answer in early} <= {"idempotency_in_flight"}
    assert used(limited) == (CHARACTERS, 1)
