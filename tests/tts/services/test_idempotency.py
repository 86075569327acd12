"""The same key and body: one request, one charge, one answer."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.services.quota import QuotaExhausted
from tests.cast import Cast, Member, member
from tests.tts.rows import OUTCOME, PARAMETERS, caller, together
from tts.models import IdempotencyKey, SynthesisRequest
from tts.services.admission import request_admit
from tts.services.idempotency import (
    AlreadyAnswered,
    IdempotencyInFlight,
    IdempotencyMismatch,
    idempotency_prune,
)
from tts.services.states import request_cancel, request_claim, request_expire, request_fail, request_succeed

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("empty_redis")]

NOW = timezone.now()


def ask(of: Member, key: str = "k", *, now: datetime = NOW, **changes: Any) -> SynthesisRequest:
    return request_admit(
        caller=caller(of),
        parameters=replace(PARAMETERS, **changes),
        request_id="test",
        address=None,
        now=now,
        idempotency_key=key,
    ).row


def end(row: SynthesisRequest, way: Callable[[SynthesisRequest], Any]) -> None:
    claimed = request_claim(request_id=row.id, worker="one.1", now=NOW)
    assert claimed is not None
    assert way(claimed)


def test_while_the_first_is_in_flight_the_second_is_told_to_wait(cast: Cast) -> None:
    ask(cast.alice)
    with pytest.raises(IdempotencyInFlight):
        ask(cast.alice)
    assert SynthesisRequest.all_tenants.count() == 1


@pytest.mark.parametrize(
    "way",
    [
        lambda row: request_succeed(row=row, outcome=OUTCOME, attempts=[], now=NOW),
        lambda row: request_fail(row=row, code="synthesis_failed", detail="", now=NOW),
        lambda row: request_expire(request_id=row.id, now=NOW),
    ],
    ids=["succeeded", "failed", "expired"],
)
def test_an_answer_is_given_again(cast: Cast, way: Callable[[SynthesisRequest], Any]) -> None:
    row = ask(cast.alice)
    end(row, way)
    with pytest.raises(AlreadyAnswered) as raised:
        ask(cast.alice)
    assert raised.value.row.id == row.id


def test_who_hung_up_may_ask_again(cast: Cast) -> None:
    row = ask(cast.alice)
    request_cancel(request_id=row.id, now=NOW)
    again = ask(cast.alice)
    assert again.id != row.id
    with pytest.raises(IdempotencyInFlight):
        ask(cast.alice)


@pytest.mark.parametrize("change", [{"text": "再见。"}, {"speed": 1.5}, {"audio_format": "mp3"}])
def test_another_body_is_a_mistake(cast: Cast, change: dict[str, Any]) -> None:
    ask(cast.alice)
    with pytest.raises(IdempotencyMismatch):
        ask(cast.alice, **change)


def test_keys_belong_to_tenants(cast: Cast) -> None:
    assert ask(cast.alice).id != ask(cast.bob, text="再见。").id


def test_a_key_is_kept_for_a_day(cast: Cast) -> None:
    ask(cast.alice)
    with pytest.raises(IdempotencyInFlight):
        ask(cast.alice, now=NOW + timedelta(hours=23, minutes=59))
    ask(cast.alice, now=NOW + timedelta(hours=24))


def test_what_was_refused_leaves_its_key_free() -> None:
    carol = member("carol", characters_per_month=5)
    with pytest.raises(QuotaExhausted):
        ask(carol)
    assert not IdempotencyKey.all_tenants.exists()
    ask(carol, characters=5)


def test_an_answer_is_given_again_when_nothing_is_left() -> None:
    carol = member("carol", characters_per_month=6)
    end(ask(carol), lambda row: request_succeed(row=row, outcome=OUTCOME, attempts=[], now=NOW))
    with pytest.raises(AlreadyAnswered):
        ask(carol)


def test_twenty_at_once_make_one_request(cast: Cast) -> None:
    def one() -> str:
        try:
            return str(ask(cast.alice).id)
        except IdempotencyInFlight:
            return "in flight"

    answers = together(*[one] * 20)
    assert answers.count("in flight") == 19
    assert SynthesisRequest.all_tenants.count() == 1


def test_a_fingerprint_cannot_be_guessed_without_the_servers_secret(cast: Cast, settings: Settings) -> None:
    ask(cast.alice)
    settings.SECRET_KEY = "another" * 8
    with pytest.raises(IdempotencyMismatch):
        ask(cast.alice)


def test_keys_are_forgotten_when_their_day_is_over(cast: Cast) -> None:
    ask(cast.alice)
    assert idempotency_prune(now=NOW + timedelta(hours=23)) == 0
    assert idempotency_prune(now=NOW + timedelta(hours=24)) == 1
    assert SynthesisRequest.all_tenants.count() == 1
