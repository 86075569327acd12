"""Limits as clients meet them: headers, refusals, and that a refused request consumes nothing."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.limits.names import Limit
from accounts.models import ShadowRefusal, UsagePeriod
from accounts.services.overrides import override_set
from tests.cast import Cast, Member, member
from tests.engines_for_tests import FailingEngine, TestEngine
from tests.outages import redis_away
from tests.tts.rows import admitted, claimed, working
from tts.engines.chain import EngineChain
from tts.engines.espeak.engine import EspeakEngine
from tts.models import SynthesisRequest, UsageEvent
from tts.services.states import request_cancel

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("empty_redis", "audio_folder")]

LIMIT_HEADERS = ("RateLimit", "RateLimit-Policy", "X-RateLimit-Limit", "X-RateLimit-Remaining")
IN_FLIGHT_HEADERS = ("Current-Concurrent-Requests", "Maximum-Concurrent-Requests")


@pytest.fixture
def workers(espeak: EspeakEngine) -> Iterator[None]:
    with working(EngineChain(TestEngine(), espeak)):
        yield


def speak(
    of: Member, text: str = "Hello there.", *, headers: dict[str, str] | None = None, **fields: Any
) -> Any:
    return Client().post(
        "/api/tts",
        {"text": text, **fields},
        content_type="application/json",
        headers={**of.headers, **(headers or {})},
    )


def get(of: Member, path: str) -> Any:
    return Client().get(path, headers=of.headers)


def remaining(of: Member, policy: str) -> int:
    """Units that `RateLimit` tells of a policy, read by a call that itself takes one request."""
    items = get(of, "/api/voices")["RateLimit"].split(", ")
    (item,) = (item for item in items if item.startswith(f'"{policy}"'))
    return int(item.split(";r=")[1].split(";")[0])


def test_every_authenticated_answer_tells_the_limits(workers: None) -> None:
    carol = member("carol", requests_per_minute=60, concurrent_requests=2, queued_requests=3)
    answers = [
        speak(carol),
        speak(carol, text=""),
        get(carol, "/api/voices"),
        get(carol, "/api/requests/019a0000-0000-7000-8000-000000000000"),
        get(carol, "/api/account"),
        Client().put("/api/tts", headers=carol.headers),
    ]
    assert [answer.status_code for answer in answers] == [200, 400, 200, 404, 200, 405]
    for answer in answers:
        assert all(name in answer for name in (*LIMIT_HEADERS, *IN_FLIGHT_HEADERS)), answer
    assert answers[0]["Maximum-Concurrent-Requests"] == "5"
    assert answers[0]["Current-Concurrent-Requests"] == "1"


def test_unlimited_has_no_headers_to_tell(cast: Cast) -> None:
    answer = get(cast.alice, "/api/voices")
    assert "RateLimit" not in answer
    assert "Maximum-Concurrent-Requests" not in answer
    assert answer["Current-Concurrent-Requests"] == "0"


def test_too_many_requests_are_told_when_to_come_back() -> None:
    carol = member("carol", requests_per_minute=6, requests_burst=2)
    assert [get(carol, "/api/voices").status_code for _ in range(3)] == [200, 200, 429]
    refused = get(carol, "/api/voices")
    problem = refused.json()
    assert (problem["code"], problem["violated-policies"]) == ("rate_limited", ["tenant-requests"])
    assert 1 <= int(refused["Retry-After"]) == problem["retry_after"] <= 10
    assert refused["X-RateLimit-Remaining"] == "0"


def test_a_key_with_a_lower_rate_is_refused_alone(cast: Cast) -> None:
    cast.alice.row.requests_per_minute = 1
    cast.alice.row.save()
    get(cast.alice, "/api/voices")
    refused = get(cast.alice, "/api/voices")
    assert (refused.status_code, refused.json()["violated-policies"]) == (429, ["key-requests"])
    assert get(cast.bob, "/api/voices").status_code == 200


def test_characters_have_a_rate_too(workers: None) -> None:
    carol = member("carol", characters_per_minute=20)
    assert speak(carol, "Hello there.").status_code == 200
    refused = speak(carol, "Hello there.")
    assert (refused.status_code, refused.json()["code"]) == (429, "characters_rate_limited")
    assert speak(carol, "Hi.").status_code == 200, "the refused one took nothing"


def test_what_no_waiting_would_allow_is_a_bad_request() -> None:
    carol = member("carol", characters_per_minute=5)
    refused = speak(carol, "Hello there.")
    assert refused.status_code == 400
    assert [error["field"] for error in refused.json()["errors"]] == ["text"]
    assert "5" in refused.json()["errors"][0]["message"]


def test_a_plan_that_allows_none_says_so() -> None:
    refused = get(member("carol", requests_per_minute=0), "/api/voices")
    assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
    assert refused["x-should-retry"] == "false"


def test_too_many_in_flight_consumes_nothing() -> None:
    carol = member(
        "carol", concurrent_requests=1, queued_requests=0, requests_per_minute=600, characters_per_minute=1000
    )
    admitted(carol)
    refused = speak(carol)
    problem = refused.json()
    assert (refused.status_code, problem["code"]) == (429, "concurrency_limited")
    assert problem["violated-policies"] == ["concurrent-requests"]
    assert refused["Retry-After"] == "1"
    assert remaining(carol, "tenant-characters") == 1000


def test_an_exhausted_quota_says_when_it_is_renewed_and_consumes_nothing() -> None:
    carol = member("carol", characters_per_month=5, characters_per_minute=1000)
    refused = speak(carol)
    problem = refused.json()
    assert (refused.status_code, problem["code"]) == (429, "quota_exhausted")
    assert refused["x-should-retry"] == "false"
    assert problem["violated-policies"] == ["tenant-characters-per-month"]
    ends_at = UsagePeriod.objects.of(carol.tenant).filter(api_key=None).first()
    assert ends_at is None, "nothing was recorded, not even the period"
    assert 0 < int(refused["Retry-After"]) <= 31 * 86400
    assert remaining(carol, "tenant-characters") == 1000
    assert not SynthesisRequest.all_tenants.exists()


def test_without_redis_nothing_is_accepted_and_reading_goes_on() -> None:
    carol = member("carol", requests_per_minute=60)
    with redis_away():
        refused = speak(carol)
        read = get(carol, "/api/voices")
    assert (refused.status_code, refused.json()["code"]) == (503, "dependency_unavailable")
    assert refused["Retry-After"] == "5"
    assert read.status_code == 200
    assert not SynthesisRequest.all_tenants.exists()


def test_observed_rates_refuse_nothing_and_are_counted(workers: None) -> None:
    carol = member("carol", observe_only=True, requests_per_minute=1, requests_burst=1)
    assert [speak(carol).status_code for _ in range(3)] == [200, 200, 200]
    counted = ShadowRefusal.objects.of(carol.tenant).get()
    assert (counted.limit, counted.requests) == ("requests_per_minute", 2)
    assert "RateLimit" not in speak(carol)


def test_an_exception_below_the_plans_burst_holds_at_once() -> None:
    carol = member("carol", requests_per_minute=600, requests_burst=60)
    override_set(tenant=carol.tenant, limit=Limit.REQUESTS_PER_MINUTE, value=2)
    assert [get(carol, "/api/voices").status_code for _ in range(3)] == [200, 200, 429]


def test_who_may_have_nothing_at_work_is_told_not_to_wait() -> None:
    refused = speak(member("carol", concurrent_requests=0))
    assert (refused.status_code, refused["x-should-retry"]) == (429, "false")


def test_a_plan_without_time_is_told_before_anything_is_recorded() -> None:
    refused = speak(member("carol", max_timeout_seconds=0))
    assert [error["field"] for error in refused.json()["errors"]] == ["timeout"]
    assert not SynthesisRequest.all_tenants.exists()


def test_an_observed_timeout_is_counted(workers: None) -> None:
    carol = member("carol", observe_only=True, max_timeout_seconds=2)
    speak(carol, timeout=1)
    speak(carol, timeout=5)
    assert ShadowRefusal.objects.of(carol.tenant).get(limit="max_timeout_seconds").requests == 1


def test_a_body_that_is_announced_too_large_is_refused_unread(cast: Cast) -> None:
    refused = Client().generic(
        "POST",
        "/api/tts",
        b'{"text": "a"}',
        "application/json",
        headers=cast.alice.headers,
        CONTENT_LENGTH=str(10**9),
    )
    assert (refused.status_code, refused.json()["code"]) == (413, "body_too_large")


@pytest.mark.parametrize(("text_days", "audio_days"), [(0, 30), (30, 0), (30, 30)])
def test_days_of_zero_keep_nothing(cast: Cast, workers: None, text_days: int, audio_days: int) -> None:
    cast.alice.tenant.text_retention_days = text_days
    cast.alice.tenant.audio_retention_days = audio_days
    cast.alice.tenant.save()
    assert speak(cast.alice).status_code == 200
    row = SynthesisRequest.all_tenants.get()
    assert bool(row.text) is bool(text_days)
    assert bool(row.audio) is bool(audio_days)


def test_the_plan_says_how_long_a_text_and_a_timeout_may_be() -> None:
    carol = member("carol", max_characters_sync=10, max_timeout_seconds=3)
    refused = speak(carol, "Hello there.", timeout=4)
    errors = {error["field"]: error["message"] for error in refused.json()["errors"]}
    assert "at most 10" in errors["text"]
    assert "0.5 and 3 seconds" in errors["timeout"]


def test_a_tenants_own_timeout_holds_within_the_plans(workers: None) -> None:
    carol = member("carol", max_timeout_seconds=3)
    speak(carol)
    carol.tenant.default_timeout_seconds = 2.0
    carol.tenant.save()
    speak(carol)
    rows = SynthesisRequest.all_tenants.order_by("created_at")
    assert [(row.deadline_at - row.created_at).total_seconds() for row in rows] == [3.0, 2.0]


def test_only_allowed_voices_can_be_named_or_seen(cast: Cast, workers: None) -> None:
    cast.alice.tenant.allowed_voices = ["espeak-female-clear"]
    cast.alice.tenant.save()
    refused = speak(cast.alice, voice="espeak-male-calm")
    assert [error["code"] for error in refused.json()["errors"]] == ["voice_not_allowed"]
    listed = {voice["id"] for voice in get(cast.alice, "/api/voices").json()["voices"]}
    assert listed <= {"espeak-female-clear"}


class TestIdempotency:
    KEY = {"Idempotency-Key": "order-7"}

    def test_the_same_answer_is_given_again_and_charged_once(self, cast: Cast, workers: None) -> None:
        first = speak(cast.alice, headers=self.KEY)
        again = speak(cast.alice, headers=self.KEY)
        assert (first.status_code, again.status_code) == (200, 200)
        assert again.content == first.content
        assert again["Idempotent-Replayed"] == "true"
        assert "Idempotent-Replayed" not in first
        assert again["Content-Location"] == first["Content-Location"]
        assert UsageEvent.all_tenants.filter(outcome="succeeded").count() == 1

    def test_repeating_is_a_request_without_characters(self, workers: None) -> None:
        carol = member("carol", characters_per_minute=30)
        assert [speak(carol, headers=self.KEY).status_code for _ in range(2)] == [200, 200]
        # Twelve characters each: a third time would be too much, had the second taken any.
        assert speak(carol).status_code == 200

    def test_answers_cannot_be_had_without_end(self, workers: None) -> None:
        carol = member("carol", requests_per_minute=6, requests_burst=3)
        assert [speak(carol, headers=self.KEY).status_code for _ in range(5)] == [200, 200, 200, 429, 429]

    def test_a_key_with_other_voices_does_not_get_the_answer(self, cast: Cast, workers: None) -> None:
        speak(cast.alice, headers=self.KEY)
        cast.alice.row.allowed_voices = ["espeak-male-calm"]
        cast.alice.row.save()
        assert speak(cast.alice, headers=self.KEY).status_code == 422

    def test_a_failure_is_repeated_too(self, cast: Cast) -> None:
        with working(EngineChain(FailingEngine(), FailingEngine())):
            first = speak(cast.alice, headers=self.KEY)
            again = speak(cast.alice, headers=self.KEY)
        assert (first.status_code, again.status_code) == (500, 500)
        assert again["Idempotent-Replayed"] == "true"
        assert again.json()["code"] == first.json()["code"] == "synthesis_failed"
        assert SynthesisRequest.all_tenants.count() == 1

    def test_another_body_is_refused(self, cast: Cast, workers: None) -> None:
        speak(cast.alice, headers=self.KEY)
        refused = speak(cast.alice, "Something else.", headers=self.KEY)
        assert (refused.status_code, refused.json()["code"]) == (422, "idempotency_mismatch")

    def test_one_in_flight_is_waited_for(self, cast: Cast, workers: None) -> None:
        speak(cast.alice, headers=self.KEY)
        SynthesisRequest.all_tenants.update(status="running", finished_at=None)
        refused = speak(cast.alice, headers=self.KEY)
        assert (refused.status_code, refused.json()["code"]) == (409, "idempotency_in_flight")
        assert refused["Retry-After"] == "1"

    @pytest.mark.parametrize("key", ["", "x" * 129, "snowman ☃", "tab\there"])
    def test_a_key_is_printable_ascii_of_a_sensible_length(self, cast: Cast, key: str) -> None:
        refused = speak(cast.alice, headers={"Idempotency-Key": key})
        assert refused.status_code == 400
        assert [error["field"] for error in refused.json()["errors"]] == ["Idempotency-Key"]

    def test_audio_that_is_gone_cannot_be_given_again(self, cast: Cast, workers: None) -> None:
        cast.alice.tenant.zero_retention = True
        cast.alice.tenant.save()
        speak(cast.alice, headers=self.KEY)
        refused = speak(cast.alice, headers=self.KEY)
        assert (refused.status_code, refused.json()["code"]) == (410, "audio_expired")


class TestAccount:
    def test_who_was_refused_can_ask_why(self) -> None:
        carol = member("carol", requests_per_minute=0)
        assert get(carol, "/api/voices").status_code == 429
        assert get(carol, "/api/account").status_code == 200

    def test_it_tells_every_limit_and_what_is_left(self) -> None:
        carol = member(
            "carol",
            requests_per_minute=60,
            requests_burst=10,
            characters_per_month=100,
            concurrent_requests=2,
            queued_requests=5,
        )
        claimed(carol, characters=30)
        admitted(carol, characters=10)
        request_cancel(request_id=admitted(carol, characters=5).id, now=timezone.now())
        answer = get(carol, "/api/account").json()
        limits = {limit["limit"]: limit for limit in answer["limits"] if limit["of"] == "tenant"}
        assert answer["tenant"]["slug"] == "carol"
        assert answer["key"]["id"] == carol.row.label
        month = limits["characters_per_month"]
        assert (month["value"], month["used"], month["reserved"], month["remaining"]) == (100, 0, 40, 60)
        assert month["resets_at"]
        rate = limits["requests_per_minute"]
        assert (rate["value"], rate["remaining"], rate["used"]) == (60, 10, 0)
        assert limits["concurrent_requests"]["used"] == 1
        assert limits["queued_requests"]["used"] == 1
        assert limits["characters_per_minute"]["value"] is None
        assert limits["max_characters_sync"]["value"] == 800

    def test_a_key_sees_its_own_limits_beside(self, cast: Cast) -> None:
        cast.alice.row.characters_per_month = 50
        cast.alice.row.save()
        claimed(cast.alice, characters=30)
        answer = get(cast.alice, "/api/account").json()
        (own,) = (limit for limit in answer["limits"] if limit["of"] == "key")
        assert (own["limit"], own["remaining"]) == ("characters_per_month", 20)
