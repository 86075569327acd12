"""Asking for a past request again, below the admin."""

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import AuditEvent, Plan, UsagePeriod
from accounts.services.audit import audit_write
from accounts.services.limiting import RateLimited
from accounts.services.quota import QuotaExhausted
from tests.cast import Cast, Member, member
from tests.system import wait_for
from tests.tts.rows import OUTCOME, SPOKEN, claimed, elsewhere, fresh, queued_jobs
from tts.models import SynthesisRequest, UsageEvent
from tts.services import repeating
from tts.services.erasure import repetitions_erase, request_erase
from tts.services.repeating import NotRepeatable, comparison_newest, engines_compare, request_rerun
from tts.services.states import request_claim, request_succeed

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_redis")]

ACTOR = Actor("user", "7", "root", "192.0.2.9", "staff-trace")


def ended(who: object, **changes: object) -> SynthesisRequest:
    row = claimed(who, **changes)  # type: ignore[arg-type]  # a member, as the cast has them
    request_succeed(row=row, outcome=replace(OUTCOME, audio=""), attempts=[SPOKEN], now=timezone.now())
    return SynthesisRequest.all_tenants.select_related("tenant__plan").get(pk=row.pk)


def finish(row: SynthesisRequest) -> None:
    taken = request_claim(request_id=row.pk, worker="w.1", now=timezone.now())
    assert taken is not None
    assert request_succeed(row=taken, outcome=OUTCOME, attempts=[SPOKEN], now=timezone.now())


def made_of(row: SynthesisRequest) -> list[SynthesisRequest]:
    return list(SynthesisRequest.all_tenants.filter(repeats=row.pk))


def test_it_carries_the_trace_of_who_asked(cast: Cast) -> None:
    made = request_rerun(row=ended(cast.alice), actor=ACTOR, charged=True, now=timezone.now())

    assert (made.request_id, made.client_address) == ("staff-trace", "192.0.2.9")
    assert str(made.pk) in queued_jobs()


def test_what_is_charged_is_used_once_it_is_spoken(cast: Cast) -> None:
    row = ended(cast.alice)
    made = request_rerun(row=row, actor=ACTOR, charged=True, now=timezone.now())
    finish(made)

    whole = UsagePeriod.objects.of(cast.alice.tenant).get(api_key=None)
    assert whole.used_characters == 2 * row.characters
    assert UsageEvent.objects.of(cast.alice.tenant).get(request=made.pk).characters == row.characters


def test_what_is_free_is_used_by_nobody(cast: Cast) -> None:
    row = ended(cast.alice)
    made = request_rerun(row=row, actor=ACTOR, charged=False, now=timezone.now())
    finish(made)

    assert fresh(made).status == "succeeded"
    whole = UsagePeriod.objects.of(cast.alice.tenant).get(api_key=None)
    assert whole.used_characters == row.characters
    assert not UsageEvent.objects.of(cast.alice.tenant).filter(request=made.pk).exists()


def test_a_refusal_leaves_no_row_and_no_word_of_it(db: None) -> None:
    poor = member("poor", characters_per_month=8)
    row = ended(poor)

    with pytest.raises(QuotaExhausted):
        request_rerun(row=row, actor=ACTOR, charged=True, now=timezone.now())

    assert not SynthesisRequest.all_tenants.filter(repeats=row).exists()
    assert not AuditEvent.objects.of(poor.tenant).filter(action="request.rerun").exists()


def test_what_cannot_be_told_is_not_done(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**_arguments: object) -> None:
        raise OSError("the log is away")

    row = ended(cast.alice)
    monkeypatch.setattr("tts.services.repeating.audit_write", broken)
    for charged in (True, False):
        with pytest.raises(OSError, match="the log is away"):
            request_rerun(row=row, actor=ACTOR, charged=charged, now=timezone.now())

    assert not SynthesisRequest.all_tenants.filter(repeats=row).exists()


def test_a_comparison_lets_each_engine_have_the_server_s_time(cast: Cast) -> None:
    row = ended(cast.alice, timeout_seconds=0.5)
    made = engines_compare(row=row, actor=ACTOR, charged=False, now=timezone.now())

    for one in (made.primary, made.fallback):
        assert (one.deadline_at - one.created_at).total_seconds() == 15.0
    found = comparison_newest(row=row)
    assert found is not None
    assert (found.primary.pk, found.fallback.pk) == (made.primary.pk, made.fallback.pk)


def test_without_a_comparison_there_is_none(cast: Cast) -> None:
    row = ended(cast.alice)
    request_rerun(row=row, actor=ACTOR, charged=False, now=timezone.now())

    assert comparison_newest(row=row) is None


def test_a_text_that_is_gone_is_not_repeated(cast: Cast) -> None:
    row = ended(cast.alice)
    SynthesisRequest.all_tenants.filter(pk=row.pk).update(text="")

    # It is there still where the page was read.
    assert row.text
    for repeat in (request_rerun, engines_compare):
        with pytest.raises(NotRepeatable, match="text_gone"):
            repeat(row=row, actor=ACTOR, charged=False, now=timezone.now())
    assert not made_of(row)


def test_a_request_that_has_left_the_history_meanwhile_is_not_repeated(cast: Cast) -> None:
    row = ended(cast.alice)
    SynthesisRequest.all_tenants.filter(pk=row.pk).delete()

    with pytest.raises(NotRepeatable, match="text_gone"):
        request_rerun(row=row, actor=ACTOR, charged=True, now=timezone.now())


def test_where_one_of_two_is_refused_neither_is_asked_for(db: None) -> None:
    poor = member("poor", characters_per_month=14)
    row = ended(poor)

    with pytest.raises(QuotaExhausted):
        engines_compare(row=row, actor=ACTOR, charged=True, now=timezone.now())

    assert made_of(row) == []
    assert queued_jobs() == [str(row.pk)]
    assert UsagePeriod.objects.of(poor.tenant).get(api_key=None).reserved_characters == 0
    assert not AuditEvent.objects.of(poor.tenant).filter(action="request.compare").exists()


@pytest.mark.django_db(transaction=True)
def test_nothing_is_queued_before_it_is_on_record(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """A doorbell that rings too early wakes a worker for nothing."""
    seen: list[int] = []

    def looked(*, request_id: UUID) -> bool:
        seen.append(elsewhere(lambda: SynthesisRequest.all_tenants.filter(pk=request_id).count()))
        return True

    monkeypatch.setattr(repeating, "request_enqueue", looked)
    row = ended(cast.alice)
    request_rerun(row=row, actor=ACTOR, charged=True, now=timezone.now())
    engines_compare(row=row, actor=ACTOR, charged=False, now=timezone.now())

    assert seen == [1, 1, 1]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("audio_folder")
@pytest.mark.parametrize("charged", [True, False])
@pytest.mark.parametrize("repeat", [request_rerun, engines_compare])
def test_an_erasure_that_came_first_is_waited_for(db: None, repeat: Any, charged: bool) -> None:
    row = ended(member("one"))

    def repeated() -> str:
        with pytest.raises(NotRepeatable) as refused:
            repeat(row=row, actor=ACTOR, charged=charged, now=timezone.now())
        return refused.value.code

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            assert request_erase(row=row, now=timezone.now())
            other = pool.submit(elsewhere, repeated)
            wait_for(lambda: other.done() or somebody_waits(), what="the repetition waits")
        assert other.result(20) == "text_gone"
    assert made_of(row) == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("audio_folder")
@pytest.mark.parametrize("charged", [True, False])
def test_an_erasure_that_came_second_finds_what_was_being_made(
    db: None, monkeypatch: pytest.MonkeyPatch, charged: bool
) -> None:
    row = ended(member("one"))
    erasing: list[Future[int]] = []

    def erase() -> int:
        return request_erase(row=row, now=timezone.now()) + repetitions_erase(row=row, now=timezone.now())

    def tell_late(**arguments: Any) -> None:
        # The text is read and the new row made; nothing is committed.
        erasing.append(pool.submit(elsewhere, erase))
        wait_for(lambda: erasing[0].done() or somebody_waits(), what="the erasure waits")
        audit_write(**arguments)

    monkeypatch.setattr(repeating, "audit_write", tell_late)
    with ThreadPoolExecutor(1) as pool:
        made = request_rerun(row=row, actor=ACTOR, charged=charged, now=timezone.now())
        assert erasing[0].result(20) == 2
    assert (fresh(row).text, fresh(made).text, fresh(made).status) == ("", "", "canceled")


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
        return bool(cursor.fetchone()[0])


def hurried(who: Member, **limits: int) -> SynthesisRequest:
    plan: Plan = who.tenant.plan
    for name, value in limits.items():
        setattr(plan, name, value)
    plan.save()
    return ended(who)


def test_rates_of_the_tenant_hold_and_a_refusal_takes_nothing(cast: Cast) -> None:
    row = hurried(cast.alice, requests_per_minute=3, requests_burst=3)
    request_rerun(row=row, actor=ACTOR, charged=True, now=timezone.now())
    engines_compare(row=row, actor=ACTOR, charged=True, now=timezone.now())
    with pytest.raises(RateLimited):
        request_rerun(row=row, actor=ACTOR, charged=True, now=timezone.now())
    request_rerun(row=row, actor=ACTOR, charged=False, now=timezone.now())
    assert len(made_of(row)) == 4


def test_half_a_comparison_gives_its_rate_back(cast: Cast) -> None:
    row = hurried(cast.alice, requests_per_minute=1, requests_burst=1)
    with pytest.raises(RateLimited):
        engines_compare(row=row, actor=ACTOR, charged=True, now=timezone.now())
    request_rerun(row=row, actor=ACTOR, charged=True, now=timezone.now())


def test_a_text_above_what_a_minute_allows_is_not_repeated(cast: Cast) -> None:
    row = hurried(cast.alice, characters_per_minute=1)
    with pytest.raises(NotRepeatable, match="above_burst"):
        request_rerun(row=row, actor=ACTOR, charged=True, now=timezone.now())


def test_the_longest_time_out_of_the_plan_holds(cast: Cast) -> None:
    row = hurried(cast.alice, max_timeout_seconds=2)
    made = request_rerun(row=row, actor=ACTOR, charged=True, now=timezone.now())
    assert (made.deadline_at - made.created_at).total_seconds() == 2
