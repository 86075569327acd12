"""Asking for a past request again, below the admin."""

from dataclasses import replace

import pytest
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import AuditEvent, UsagePeriod
from accounts.services.quota import QuotaExhausted
from tests.cast import Cast, member
from tests.tts.rows import OUTCOME, SPOKEN, claimed, fresh, queued_jobs
from tts.models import SynthesisRequest, UsageEvent
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
    row.text = ""

    with pytest.raises(NotRepeatable, match="text_gone"):
        engines_compare(row=row, actor=ACTOR, charged=False, now=timezone.now())
