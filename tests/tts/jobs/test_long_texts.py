"""Texts that are short as written and long as spoken: refused in a moment, by a worker that is free again at once."""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from tests.cast import Cast, Member
from tests.engines_for_tests import TestEngine
from tests.tts.rows import fresh, working
from tts.engines.base import CancelToken, Deadline, Speech, SpeechTask
from tts.engines.chain import EngineChain
from tts.engines.espeak.engine import EspeakEngine
from tts.engines.pace import Pace
from tts.models import SynthesisRequest, UsageEvent
from tts.services import speaking

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("empty_redis", "audio_folder"),
]


class SlowEngine(TestEngine):
    """Counts what it is asked for; `chain` knows it as a voice that takes 0.1 s for a character."""

    name = "slow"

    def __init__(self) -> None:
        self.asked = 0

    def speak(self, task: SpeechTask, *, deadline: Deadline, cancel: CancelToken) -> Iterator[Speech]:
        self.asked += 1
        return super().speak(task, deadline=deadline, cancel=cancel)


@pytest.fixture
def slow() -> SlowEngine:
    return SlowEngine()


@pytest.fixture
def chain(slow: SlowEngine, espeak: EspeakEngine) -> EngineChain:
    """Has spoken a greeting and a paragraph."""
    chain = EngineChain(slow, espeak)
    for characters in (10, 100):
        chain._pace.learn(characters=characters, speed=1.0, seconds=0.1 * characters)
    return chain


def ask(member: Member, **body: object) -> tuple[Any, float]:
    """The answer, and the seconds it took."""
    started = time.monotonic()
    response = Client().post(
        "/api/tts", data=json.dumps(body).encode(), content_type="application/json", headers=member.headers
    )
    return response, time.monotonic() - started


def assert_free(member: Member) -> None:
    """The worker speaks the next request at once, and only that was charged."""
    response, seconds = ask(member, text="Good morning.", engine="fallback")
    assert response.status_code == 200
    assert seconds < 5.0
    assert UsageEvent.all_tenants.get(outcome="succeeded").characters == len("Good morning.")


@pytest.mark.parametrize("engine", ["auto", "primary", "fallback"])
def test_what_would_be_spoken_for_more_than_ten_minutes_is_refused(
    cast: Cast, chain: EngineChain, slow: SlowEngine, settings: Settings, engine: str
) -> None:
    settings.TTS_MAX_CHARACTERS = 10_000
    with working(chain):
        response, seconds = ask(cast.alice, text="今天天气很好。" * 600, speed=0.5, engine=engine)
        assert_free(cast.alice)
    assert seconds < 3.0
    body = response.json()
    assert (response.status_code, body["code"]) == (400, "invalid_request")
    (error,) = body["errors"]
    assert (error["field"], error["code"]) == ("text", "too_long")
    assert error["message"].endswith("send it in parts")
    assert slow.asked == 0


def test_what_the_engine_asked_for_cannot_do_in_time_is_refused(
    cast: Cast, chain: EngineChain, slow: SlowEngine
) -> None:
    with working(chain):
        response, seconds = ask(
            cast.alice,
            ssml='<speak><prosody rate="50%">' + "今天天气很好。" * 100 + "</prosody></speak>",
            engine="primary",
        )
        assert_free(cast.alice)
    assert seconds < 3.0
    body = response.json()
    assert (response.status_code, body["code"]) == (504, "deadline_exceeded")
    assert response["x-should-retry"] == "false"
    (error,) = body["errors"]
    assert (error["field"], error["code"]) == ("ssml", "too_long")
    row = SynthesisRequest.all_tenants.get(error_code="too_long_for_deadline")
    assert body["links"]["request"] == f"/api/requests/{row.id}"
    assert [(a.engine, a.outcome) for a in row.attempts.all()] == [("slow", "overload")]
    assert slow.asked == 0


def test_audio_that_cannot_be_encoded_in_time_is_not_begun(
    cast: Cast, chain: EngineChain, monkeypatch: pytest.MonkeyPatch
) -> None:
    paces: dict[str, Pace] = {}
    monkeypatch.setattr(speaking, "_encoding_paces", paces)
    text = "今天天气很好。" * 20
    with working(chain):
        first, _ = ask(cast.alice, text=text, format="ogg", engine="fallback")
        assert first.status_code == 200
        # As on a machine that takes a second for each of audio.
        for length in (10, 100) * 10:
            paces["ogg"].learn(characters=length, speed=1.0, seconds=length)
        refused, seconds = ask(cast.alice, text=text, format="ogg", engine="fallback")
        spoken, _ = ask(cast.alice, text=text, format="wav", engine="fallback")
    assert seconds < 5.0
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (504, "too_long")
    assert spoken.status_code == 200
    row = SynthesisRequest.all_tenants.get(error_code="too_long_for_deadline")
    assert row.error_detail.endswith("s of audio could not be encoded in time")
    assert fresh(row).status == SynthesisRequest.Status.FAILED


def test_an_ordinary_page_is_spoken(cast: Cast, chain: EngineChain) -> None:
    with working(chain):
        response, _ = ask(cast.alice, text="今天天气很好。" * 100)
    assert response.status_code == 200
    assert response["X-Voxgate-Fallback"] == "overload"
