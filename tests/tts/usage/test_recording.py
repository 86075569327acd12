"""What a request used is entered once, whatever becomes of it, and the sums are those of the events."""

from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial

import pytest
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from tests.cast import Cast, Member
from tests.tts.rows import OUTCOME, SPOKEN, admitted, claimed, together
from tts.models import ServiceBucket, SynthesisRequest, UsageBucket, UsageEvent
from tts.services.states import (
    request_cancel,
    request_claim,
    request_expire,
    request_fail,
    request_give_up,
    request_succeed,
)
from tts.usage.histogram import BINS, bin_of
from tts.usage.recording import Use, usage_record

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_redis")]

Status = SynthesisRequest.Status


def succeed(row: SynthesisRequest, now: datetime | None = None) -> bool:
    return request_succeed(row=row, outcome=OUTCOME, attempts=[SPOKEN], now=now or timezone.now())


def used(member: Member) -> dict[str, tuple[int, int, Decimal]]:
    """Requests, characters and audio by outcome, as the buckets have them."""
    rows = UsageBucket.objects.of(member.tenant).values_list("outcome").order_by("outcome")
    sums = rows.annotate(Sum("requests"), Sum("characters"), Sum("audio_seconds"))
    return {outcome: tuple(values) for outcome, *values in sums}


def test_each_end_is_entered_once_and_only_success_is_charged(cast: Cast) -> None:
    alice, now = cast.alice, timezone.now()
    succeed(claimed(alice))
    request_fail(row=claimed(alice), code="synthesis_failed", detail="", now=now)
    row = claimed(alice)
    request_give_up(request_id=row.id, claim=row.claim, code="worker_lost", detail="", now=now)
    request_cancel(request_id=admitted(alice).id, now=now)
    request_expire(request_id=admitted(alice).id, now=now)
    assert used(alice) == {
        "succeeded": (1, 6, Decimal("1.500")),
        "failed": (2, 0, Decimal(0)),
        "canceled": (1, 0, Decimal(0)),
        "expired": (1, 0, Decimal(0)),
    }
    events = UsageEvent.objects.of(alice.tenant)
    assert sorted(events.values_list("outcome", "error_code", "characters")) == [
        ("canceled", "canceled", 0),
        ("expired", "deadline_exceeded", 0),
        ("failed", "synthesis_failed", 0),
        ("failed", "worker_lost", 0),
        ("succeeded", "", 6),
    ]


def test_an_end_that_was_too_late_enters_nothing(cast: Cast) -> None:
    row = claimed(cast.alice)
    request_cancel(request_id=row.id, now=timezone.now())
    assert not succeed(row)
    assert [*used(cast.alice)] == ["canceled"]


def test_a_request_counts_in_the_quarter_hour_it_was_accepted_in(cast: Cast) -> None:
    accepted = datetime.fromisoformat("2026-03-29T23:59:59.9+05:45")
    row = admitted(cast.alice, now=accepted)
    taken = request_claim(request_id=row.id, worker="one.1", now=accepted + timedelta(seconds=1))
    assert taken is not None
    succeed(taken, now=accepted + timedelta(seconds=9))
    bucket = UsageBucket.objects.of(cast.alice.tenant).get()
    assert bucket.starts_at == datetime.fromisoformat("2026-03-29T18:00:00+00:00")
    assert UsageEvent.objects.of(cast.alice.tenant).get().at == accepted


def test_the_key_keeps_the_name_it_had(cast: Cast) -> None:
    row = claimed(cast.alice)
    cast.alice.row.name = "renamed since"
    cast.alice.row.save()
    succeed(row)
    event = UsageEvent.objects.of(cast.alice.tenant).get()
    assert event.api_key_name == row.api_key_name != "renamed since"


def test_what_an_operator_repeats_is_charged_to_nobody_but_counts_as_work(cast: Cast) -> None:
    row = claimed(cast.alice)
    row.origin, row.period_id = SynthesisRequest.Origin.COMPARISON, None
    usage_record(row=row, use=Use(Status.SUCCEEDED, characters=6, audio_seconds=1.5), now=timezone.now())
    assert used(cast.alice) == {}
    assert ServiceBucket.objects.get().succeeded == 1


def test_what_a_member_repeats_is_charged_like_any_other(cast: Cast) -> None:
    row = claimed(cast.alice)
    row.origin = SynthesisRequest.Origin.RERUN
    usage_record(row=row, use=Use(Status.SUCCEEDED, characters=6), now=timezone.now())
    assert used(cast.alice)["succeeded"][:2] == (1, 6)


def test_the_platform_counts_durations_codes_and_fallbacks(cast: Cast) -> None:
    start = datetime.fromisoformat("2026-11-02T10:04:00+00:00")
    row = admitted(cast.alice, now=start)
    taken = request_claim(request_id=row.id, worker="one.1", now=start + timedelta(seconds=2))
    assert taken is not None
    succeed(taken, now=start + timedelta(seconds=3))
    request_expire(request_id=admitted(cast.alice, now=start).id, now=start + timedelta(seconds=15))
    bucket = ServiceBucket.objects.get()
    assert bucket.starts_at == datetime.fromisoformat("2026-11-02T10:00:00+00:00")
    assert (bucket.succeeded, bucket.expired, bucket.failed, bucket.fallbacks) == (1, 1, 0, 1)
    assert bucket.errors == {"deadline_exceeded": 1}
    assert (bucket.characters, bucket.audio_seconds, bucket.synthesis_seconds) == (6, 1.5, 0.03)
    assert [place for place, count in enumerate(bucket.wait_histogram) if count] == [bin_of(2.0)]
    assert [place for place, count in enumerate(bucket.synthesis_histogram) if count] == [bin_of(0.03)]
    assert [place for place, count in enumerate(bucket.total_histogram) if count] == [bin_of(3.0)]
    assert len(bucket.wait_histogram) == BINS


def test_a_second_request_adds_to_the_same_rows(cast: Cast) -> None:
    start = timezone.now()
    for _ in range(3):
        row = claimed(cast.alice)
        request_fail(row=row, code="synthesis_failed", detail="", now=start)
    bucket = ServiceBucket.objects.get()
    assert (bucket.failed, bucket.errors) == (3, {"synthesis_failed": 3})
    assert sum(bucket.wait_histogram) == 3
    assert sum(bucket.total_histogram) == 0


@pytest.mark.django_db(transaction=True)
def test_sixteen_at_once_lose_nothing(cast: Cast) -> None:
    rows = [claimed(member) for member in (cast.alice, cast.bob) for _ in range(8)]
    assert all(together(*(partial(succeed, row) for row in rows)))
    events = UsageEvent.all_tenants.aggregate(count=Sum("characters"), audio=Sum("audio_seconds"))
    buckets = UsageBucket.all_tenants.aggregate(
        requests=Sum("requests"), count=Sum("characters"), audio=Sum("audio_seconds")
    )
    assert buckets == {"requests": 16, **events}
    assert ServiceBucket.objects.aggregate(Sum("succeeded"))["succeeded__sum"] == 16


def test_what_is_rolled_back_was_never_counted(cast: Cast) -> None:
    row = claimed(cast.alice)
    with transaction.atomic():
        succeed(row)
        transaction.set_rollback(True)
    assert used(cast.alice) == {}
    assert not ServiceBucket.objects.exists()
