"""`manage.py seed_demo`, against what a system with a real history would have on record."""

import io
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Count, Sum
from django.utils import timezone
from pytest_django import Settings

from accounts.models import (
    ApiKey,
    AuditEvent,
    Membership,
    Plan,
    QuotaThreshold,
    ShadowRefusal,
    Tenant,
    UsagePeriod,
)
from accounts.selectors import caller_by_key
from tests.admin_cast import client_of
from tts.models import EngineAttempt, RequestEvent, SynthesisRequest, UsageEvent
from tts.seeding.people import PEOPLE
from tts.services.states import request_claim, request_expire

pytestmark = pytest.mark.django_db

Status = SynthesisRequest.Status
UNTIL = "2026-05-01"


def seed(*arguments: str, requests: int = 400, until: str = UNTIL) -> str:
    out = io.StringIO()
    call_command("seed_demo", f"--requests={requests}", f"--until={until}", *arguments, stdout=out)
    return out.getvalue()


def sums(rows: Any, column: str) -> dict[UUID | None, int]:
    grouped: dict[UUID | None, int] = defaultdict(int)
    for owner, characters in rows.values_list(column).annotate(total=Sum("characters")):
        grouped[owner] += characters
    return dict(grouped)


def test_there_are_tenants_of_several_kinds_and_every_state_of_a_request() -> None:
    told = seed()
    assert told.startswith(f"{len(PEOPLE)} tenants; requests: ")
    assert SynthesisRequest.all_tenants.count() == 400
    assert set(SynthesisRequest.all_tenants.values_list("status", flat=True)) == set(Status.values)
    assert Tenant.objects.filter(status="suspended").count() == 1
    assert Tenant.objects.filter(plan__observe_only=True).count() == 1
    assert Plan.objects.filter(tenants__isnull=False).distinct().count() == 3
    assert set(Membership.all_tenants.values_list("role", flat=True)) == {"owner", "developer", "viewer"}
    assert ShadowRefusal.all_tenants.exists()
    assert ApiKey.all_tenants.filter(revoked_at__isnull=False).exists()


def test_the_smallest_history_has_every_state_too() -> None:
    seed(requests=8)
    assert set(SynthesisRequest.all_tenants.values_list("status", flat=True)) == set(Status.values)


def test_periods_hold_exactly_what_the_requests_used_and_reserve() -> None:
    seed()
    unfinished = SynthesisRequest.all_tenants.filter(status__in=SynthesisRequest.UNFINISHED)
    for column, rows in (
        ("period_id", UsagePeriod.all_tenants.filter(api_key=None)),
        ("key_period_id", UsagePeriod.all_tenants.exclude(api_key=None)),
    ):
        used = sums(SynthesisRequest.all_tenants.filter(status=Status.SUCCEEDED), column)
        reserved = sums(unfinished, column)
        for period in rows:
            assert period.used_characters == used.get(period.pk, 0)
            assert period.reserved_characters == reserved.get(period.pk, 0)
            inside = SynthesisRequest.all_tenants.filter(
                **{column: period.pk}, created_at__gte=period.starts_at, created_at__lt=period.ends_at
            )
            assert inside.count() == SynthesisRequest.all_tenants.filter(**{column: period.pk}).count()
            assert period.requests == inside.filter(status=Status.SUCCEEDED).count()


def test_each_succeeded_request_is_charged_once_and_no_other() -> None:
    seed()
    succeeded = SynthesisRequest.all_tenants.filter(status=Status.SUCCEEDED)
    assert set(UsageEvent.all_tenants.values_list("request_id", flat=True)) == set(
        succeeded.values_list("pk", flat=True)
    )
    assert sums(UsageEvent.all_tenants, "tenant_id") == sums(succeeded, "tenant_id")


def test_attempts_and_events_fit_the_states() -> None:
    seed()
    for row in SynthesisRequest.all_tenants.annotate(tries=Count("attempts")):
        names = list(
            RequestEvent.objects.filter(request=row).order_by("at", "id").values_list("name", flat=True)
        )
        outcomes = list(EngineAttempt.objects.filter(request=row).values_list("outcome", flat=True))
        assert ("succeeded" in outcomes) is (row.status == Status.SUCCEEDED)
        assert names[-1:] == ([] if row.status in SynthesisRequest.UNFINISHED else [row.status])
        assert names.count("attempt") == row.tries
        if row.status == Status.SUCCEEDED:
            assert (row.fallback == "none") is (row.tries == 1)


def test_texts_are_kept_as_each_tenant_keeps_them() -> None:
    seed("--weeks=8")
    ended = SynthesisRequest.all_tenants.filter(finished_at__isnull=False)
    assert not ended.filter(tenant__zero_retention=True).exclude(text="").exists()
    month_ago = datetime(2026, 4, 1, tzinfo=UTC)
    assert not ended.filter(finished_at__lte=month_ago).exclude(text="").exists()
    assert ended.filter(finished_at__gt=month_ago).exclude(text="").exists()


def test_thresholds_are_passed_in_order_when_the_use_says() -> None:
    seed(requests=2_000)
    found = list(QuotaThreshold.all_tenants.order_by("period__starts_at", "percent"))
    assert {row.percent for row in found} >= {50, 80}
    for row in found:
        by_then = UsageEvent.objects.of(row.tenant).filter(request__period=row.period, at__lte=row.at)
        assert row.used_characters * 100 >= row.percent * row.characters_limit
        assert abs(sum(by_then.values_list("characters", flat=True)) - row.used_characters) < 500


def test_the_same_seed_gives_the_same_history() -> None:
    def history() -> list[tuple[Any, ...]]:
        names = ("id", "tenant__slug", "api_key_name", "characters", "status", "created_at", "fallback")
        return list(SynthesisRequest.all_tenants.order_by("id").values_list(*names))

    seed()
    first = history()
    _empty()
    seed()
    assert history() == first
    _empty()
    seed("--seed=2")
    assert history() != first


def test_keys_are_told_once_to_a_file_for_the_owner(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    told = seed(f"--keys-to={file}")
    assert file.stat().st_mode & 0o777 == 0o600
    lines = [line.split("\t") for line in file.read_text().splitlines()]
    assert len(lines) == sum(len(person.keys) for person in PEOPLE)
    for slug, name, text in lines:
        caller = caller_by_key(text=text, now=timezone.now())
        assert caller is not None
        assert caller.key is not None
        assert (caller.tenant.slug, caller.key.name) == (slug, name)
        assert text not in told


def test_without_a_file_no_key_is_told() -> None:
    assert "vg_" not in seed()


def test_a_file_that_is_there_is_not_overwritten_and_nothing_is_made(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    file.write_text("precious")
    with pytest.raises(CommandError, match="cannot be made"):
        seed(f"--keys-to={file}")
    assert file.read_text() == "precious"
    assert not Tenant.objects.exists()


def test_a_second_run_is_refused_and_leaves_no_file(tmp_path: Path) -> None:
    seed()
    file = tmp_path / "keys"
    with pytest.raises(CommandError, match="there already: harbour-books, juniper-clinic"):
        seed(f"--keys-to={file}")
    assert not file.exists()
    assert SynthesisRequest.all_tenants.count() == 400


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--requests=7"], "at least 8"),
        (["--weeks=0"], "1 to 520 weeks"),
        (["--until=tomorrow"], "takes a day"),
        (["--until=2026-02-31"], "takes a day"),
    ],
)
def test_nonsense_is_refused(arguments: list[str], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        call_command("seed_demo", *arguments)
    assert not Tenant.objects.exists()


def test_production_is_left_alone_unless_it_is_meant(settings: Settings) -> None:
    settings.VOXGATE_LOCAL = False
    with pytest.raises(CommandError, match="--force"):
        seed()
    assert not Tenant.objects.exists()
    seed("--force", requests=8)
    assert Tenant.objects.exists()


def test_what_is_unfinished_can_be_worked_on_like_any_other() -> None:
    seed()
    queued = SynthesisRequest.all_tenants.filter(status=Status.QUEUED)[0]
    running = SynthesisRequest.all_tenants.filter(status=Status.RUNNING)[0]
    assert request_claim(request_id=queued.pk, worker="one", now=timezone.now()) is not None
    assert request_expire(request_id=running.pk, now=timezone.now())
    assert running.period_id is not None
    period = UsagePeriod.all_tenants.get(pk=running.period_id)
    others = SynthesisRequest.all_tenants.filter(
        period=period, status__in=SynthesisRequest.UNFINISHED
    ).aggregate(total=Sum("characters"))["total"]
    assert period.reserved_characters == (others or 0)


def test_members_see_their_tenant_with_the_permissions_of_their_group() -> None:
    seed()
    for role in Membership.Role:
        client = client_of(Membership.all_tenants.get(role=role).user)
        shown = client.get("/admin/tts/synthesisrequest/").context["cl"].result_list
        assert {row.tenant.slug for row in shown} == {"harbour-books"}
        assert client.get("/admin/accounts/apikey/add/").status_code == (403 if role == "viewer" else 200)


def test_what_was_made_is_told_in_the_audit_log() -> None:
    seed()
    assert set(AuditEvent.all_tenants.values_list("actor_name", flat=True)) == {"seed_demo"}


def _empty() -> None:
    for model in (UsageEvent, RequestEvent, EngineAttempt, SynthesisRequest, QuotaThreshold, UsagePeriod):
        model._default_manager.all().delete()
    Tenant.objects.all().delete()
