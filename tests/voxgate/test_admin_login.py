"""Logging in to the admin, and failing to once too often, against a real Redis."""

import logging
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from tests.admin_cast import english_client
from tests.outages import flush_redis, redis_away
from tts.connections import volatile_redis
from voxgate.login_throttle import (
    MAX_ATTEMPTS_OF_ADDRESS,
    MAX_FAILURES,
    WINDOW_SECONDS,
    login_attempt,
    login_succeeded,
)

LOGIN = "/admin/login/"
PASSWORD = "correct horse battery staple"
HERE, ELSEWHERE = "192.0.2.1", "192.0.2.2"


@pytest.fixture(autouse=True)
def empty_redis(settings: Settings) -> None:
    flush_redis()
    # What is counted here is attempts, not rounds of hashing.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def alice(db: None) -> User:
    return User.objects.create_superuser("alice", password=PASSWORD)


def log_in(client: Client, password: str, username: str = "alice", **request: Any) -> Any:
    body = {"username": username, "password": password}
    return client.post(LOGIN, body, **{"REMOTE_ADDR": HERE, **request})


def fail(times: int, **request: Any) -> list[int]:
    client = english_client()
    return [log_in(client, "wrong", **request).status_code for _ in range(times)]


def test_the_eleventh_failure_is_refused_with_the_time_to_wait(
    alice: User, caplog: pytest.LogCaptureFixture
) -> None:
    assert set(fail(MAX_FAILURES)) == {200}
    refused = log_in(english_client(), PASSWORD)
    assert refused.status_code == 429
    assert 0 < int(refused["Retry-After"]) <= WINDOW_SECONDS
    assert "Try again in 10 minutes." in refused.content.decode()
    assert "no-store" in refused["Cache-Control"]
    assert f"too many failed logins from {HERE}" in caplog.text
    assert "alice" not in caplog.text.replace("/admin/", "")
    assert "sessionid" not in refused.cookies


def test_the_form_itself_stays_to_be_seen(alice: User) -> None:
    fail(MAX_FAILURES + 1)
    assert english_client().get(LOGIN, REMOTE_ADDR=HERE).status_code == 200


def test_others_log_in_meanwhile(alice: User) -> None:
    User.objects.create_superuser("bob", password=PASSWORD)
    fail(MAX_FAILURES + 1)
    assert log_in(english_client(), PASSWORD, "bob").status_code == 302
    assert log_in(english_client(), PASSWORD, REMOTE_ADDR=ELSEWHERE).status_code == 302


def test_a_success_forgets_the_failures_before_it(alice: User) -> None:
    fail(MAX_FAILURES - 1)
    assert log_in(english_client(), PASSWORD).status_code == 302
    assert set(fail(MAX_FAILURES)) == {200}


def test_the_counters_run_out(alice: User) -> None:
    fail(1)
    keys = volatile_redis().keys("voxgate:login:*")
    assert len(keys) == 2
    assert all(0 < volatile_redis().ttl(key) <= WINDOW_SECONDS for key in keys)
    assert not any(b"alice" in key for key in keys)
    # As ten minutes do.
    fail(MAX_FAILURES)
    volatile_redis().delete(*keys)
    assert log_in(english_client(), PASSWORD).status_code == 302


@pytest.mark.parametrize("spelling", ["Alice", " alice", "ａｌｉｃｅ"])
def test_another_spelling_of_the_username_is_no_other_username(alice: User, spelling: str) -> None:
    fail(MAX_FAILURES)
    assert log_in(english_client(), PASSWORD, spelling).status_code == 429


def test_one_address_cannot_try_everybody(db: None) -> None:
    waits = [
        login_attempt(address=HERE, username=f"user{n}").wait_seconds
        for n in range(MAX_ATTEMPTS_OF_ADDRESS + 2)
    ]
    assert [wait > 0 for wait in waits] == [False] * MAX_ATTEMPTS_OF_ADDRESS + [True] * 2
    assert len(volatile_redis().keys("voxgate:login:*")) == MAX_ATTEMPTS_OF_ADDRESS + 1
    assert not login_attempt(address=ELSEWHERE, username="user0").refused


def test_many_at_once_do_not_slip_through_together() -> None:
    with ThreadPoolExecutor(8) as pool:
        attempts = pool.map(lambda _: login_attempt(address=HERE, username="alice"), range(40))
    assert sum(not attempt.refused for attempt in attempts) == MAX_FAILURES


def test_a_network_of_ipv6_is_one_address() -> None:
    for number in range(MAX_FAILURES):
        login_attempt(address=f"2001:db8::{number:x}", username="alice")
    assert login_attempt(address="2001:db8::ffff:1", username="alice").refused
    assert not login_attempt(address="2001:db8:0:1::1", username="alice").refused
    assert not login_attempt(address=None, username="alice").refused


def test_a_success_after_the_window_leaves_nothing_that_never_runs_out() -> None:
    attempt = login_attempt(address=HERE, username="alice")
    flush_redis()
    login_succeeded(attempt)
    assert volatile_redis().keys("*") == []


def test_without_redis_operators_still_log_in(alice: User, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)
    with redis_away():
        assert log_in(english_client(), "wrong").status_code == 200
        assert log_in(english_client(), PASSWORD).status_code == 302
    assert "logins are not counted: ConnectionError" in caplog.text


def test_the_address_is_the_one_behind_the_trusted_proxies(alice: User, settings: Settings) -> None:
    settings.VOXGATE_TRUSTED_PROXIES = 1
    client = english_client()
    for number in range(MAX_FAILURES):
        log_in(client, "wrong", headers={"X-Forwarded-For": f"203.0.113.{number}, {ELSEWHERE}"})
    assert log_in(client, PASSWORD, headers={"X-Forwarded-For": ELSEWHERE}).status_code == 429
    assert log_in(client, PASSWORD, headers={"X-Forwarded-For": "203.0.113.1"}).status_code == 302
