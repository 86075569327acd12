"""`manage.py seed_demo`, against what a system with a real history would have on record."""

import io
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection
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
from accounts.roles import GROUPS
from accounts.selectors import caller_by_key
from tests.admin_cast import client_of
from tts.models import (
    EngineAttempt,
    LogRecord,
    MaintenanceRun,
    RequestEvent,
    ServiceBucket,
    SynthesisRequest,
    UsageBucket,
    UsageEvent,
)
from tts.seeding.people import PEOPLE
from tts.seeding.seed import FILLED
from tts.services.recovery import MAX_CLAIMS
from tts.services.states import request_claim, request_expire
from tts.usage.histogram import BINS, bin_of
from tts.usage.recording import SHARDS

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


def test_each_ended_request_has_its_usage_and_only_success_is_charged() -> None:
    seed()
    ended = SynthesisRequest.all_tenants.filter(finished_at__isnull=False)
    used = UsageEvent.all_tenants.in_bulk(field_name="request_id")
    assert set(used) == set(ended.values_list("pk", flat=True))
    for row in ended.select_related("tenant"):
        event = used[row.pk]
        assert (event.tenant_id, event.api_key_id, event.at) == (
            row.tenant_id,
            row.api_key_id,
            row.created_at,
        )
        assert (event.api_key_name, event.reference) == (row.api_key_name, row.reference)
        assert (event.outcome, event.error_code) == (row.status, row.error_code)
        assert (event.engine, event.voice) == (row.engine_used, row.voice_used)
        assert event.fallback == row.fallback
        assert event.characters == (row.characters if row.status == Status.SUCCEEDED else 0)
        assert float(event.audio_seconds) == (row.audio_seconds or 0)


def test_quarter_hours_are_what_the_services_would_have_summed() -> None:
    seed()
    quarters: dict[tuple[Any, ...], list[Any]] = defaultdict(lambda: [0, 0, Decimal(0)])
    for event in UsageEvent.all_tenants.all():
        begins = event.at.replace(minute=event.at.minute // 15 * 15, second=0, microsecond=0)
        place = (event.tenant_id, event.api_key_id, begins, event.outcome, event.engine, event.voice)
        sums = quarters[*place, event.fallback]
        sums[0] += 1
        sums[1] += event.characters
        sums[2] += event.audio_seconds
    names = ("tenant_id", "api_key_id", "starts_at", "outcome", "engine", "voice", "fallback")
    written = {
        tuple(getattr(row, name) for name in names): [row.requests, row.characters, row.audio_seconds]
        for row in UsageBucket.all_tenants.all()
    }
    assert written == dict(quarters)


def test_the_platform_s_figures_are_those_of_the_requests() -> None:
    seed(requests=2_000)
    buckets = list(ServiceBucket.objects.all())
    ended = list(SynthesisRequest.all_tenants.filter(finished_at__isnull=False))
    spoken = [row for row in ended if row.status == Status.SUCCEEDED]
    for status in (Status.SUCCEEDED, Status.FAILED, Status.CANCELED, Status.EXPIRED):
        assert sum(getattr(bucket, status.value) for bucket in buckets) == sum(
            row.status == status for row in ended
        )
    errors = sum((Counter(bucket.errors) for bucket in buckets), Counter[str]())
    assert errors == Counter(row.error_code for row in ended if row.error_code)
    durations: dict[str, list[float | None]] = {
        "wait_histogram": [row.queue_seconds for row in ended if row.queue_seconds is not None],
        "synthesis_histogram": [row.synthesis_seconds for row in spoken],
        "total_histogram": [row.total_seconds for row in spoken],
    }
    histograms: dict[str, list[list[int]]] = {
        name: [getattr(bucket, name) for bucket in buckets] for name in durations
    }
    for name, seconds in durations.items():
        bins = Counter(bin_of(value) for value in seconds if value is not None)
        summed = [sum(counts) for counts in zip(*histograms[name], strict=True)]
        assert summed == [bins[place] for place in range(BINS)]
    assert sum(bucket.fallbacks for bucket in buckets) == sum(row.fallback != "none" for row in spoken)
    assert sum(bucket.characters for bucket in buckets) == sum(row.characters for row in spoken)


def test_five_minutes_stay_apart_for_two_days_and_are_hours_before() -> None:
    seed(requests=3_000)
    ends = datetime(2026, 4, 29, tzinfo=UTC)
    long, short = (ServiceBucket.objects.filter(seconds=seconds) for seconds in (3600, 300))
    assert max(long.values_list("starts_at", flat=True)) < ends
    assert min(short.values_list("starts_at", flat=True)) >= ends
    assert {at.minute for at in long.values_list("starts_at", flat=True)} == {0}
    assert len({at.minute for at in short.values_list("starts_at", flat=True)}) == 12


def test_figures_meet_no_shard_of_a_process_that_runs() -> None:
    ServiceBucket.objects.create(
        starts_at=datetime(2026, 4, 30, 12, tzinfo=UTC),
        shard=SHARDS,
        wait_histogram=[0] * BINS,
        synthesis_histogram=[0] * BINS,
        total_histogram=[0] * BINS,
    )
    seed()
    assert set(ServiceBucket.objects.values_list("shard", flat=True)) == {SHARDS, SHARDS + 1}


def test_attempts_and_events_fit_the_states() -> None:
    seed()
    for row in SynthesisRequest.all_tenants.annotate(tries=Count("attempts")):
        names = [line.name for line in _lines_of(row)]
        outcomes = list(EngineAttempt.objects.filter(request=row).values_list("outcome", flat=True))
        assert ("succeeded" in outcomes) is (row.status == Status.SUCCEEDED)
        ends_with = "delivered" if row.status == Status.SUCCEEDED else row.status
        assert names[-1:] == ([] if row.status in SynthesisRequest.UNFINISHED else [ends_with])
        assert names.count("attempt") == row.tries
        if row.status == Status.SUCCEEDED:
            assert (row.fallback == "none") is (row.tries == 1)


def test_a_timeline_tells_when_everything_happened() -> None:
    seed()
    row = SynthesisRequest.all_tenants.filter(status=Status.SUCCEEDED, fallback="none")[0]
    lines = {line.name: line for line in _lines_of(row)}
    kept = "not-stored" if row.tenant.zero_retention else "stored"
    assert list(lines) == ["received", "claimed", "attempt", "encoded", kept, "succeeded", "delivered"]
    assert {line.tenant_id for line in lines.values()} == {row.tenant_id}
    assert lines["received"].at == row.created_at
    assert lines["received"].data["limits_seconds"] == row.limits_seconds
    assert lines["claimed"].at == row.started_at
    assert lines["succeeded"].at == lines[kept].at == row.finished_at
    spoken_at = lines["claimed"].at + timedelta(seconds=row.synthesis_seconds or 0)
    assert abs((lines["attempt"].at - spoken_at).total_seconds()) < 0.001
    encoded_at = spoken_at + timedelta(seconds=lines["encoded"].data["seconds"])
    assert abs((lines["encoded"].at - encoded_at).total_seconds()) < 0.001


@pytest.mark.parametrize("attempts", [800, 1200])
@pytest.mark.parametrize("other", [1, 2, 3])
def test_attempts_asked_for_come_of_workers_that_were_lost(attempts: int, other: int) -> None:
    told = seed(f"--attempts={attempts}", f"--seed={other}")
    assert told.rstrip().endswith(f"; {attempts} attempts")
    assert EngineAttempt.objects.count() == attempts
    lost = SynthesisRequest.all_tenants.filter(claim__gt=1)
    assert 50 < lost.count() < 400
    assert max(lost.values_list("claim", flat=True)) <= MAX_CLAIMS
    for row in lost:
        lines = _lines_of(row)
        assert [line.name for line in lines].count("worker-lost") == row.claim - 1
        assert row.started_at is not None
        assert all(line.at <= row.started_at for line in lines if line.name == "worker-lost")
        claims = EngineAttempt.objects.filter(request=row).values_list("claim", flat=True)
        assert set(claims) == set(range(1, row.claim + 1))
        last = EngineAttempt.objects.filter(request=row, claim=row.claim)
        assert (last.order_by("position").reverse()[0].outcome == "succeeded") is (
            row.status == Status.SUCCEEDED
        )


def test_logs_hold_what_went_wrong_while_they_are_kept(settings: Settings) -> None:
    seed("--attempts=1200")
    since = datetime(2026, 5, 1, tzinfo=UTC) - timedelta(days=settings.LOG_DAYS)
    failed = SynthesisRequest.all_tenants.filter(status=Status.FAILED, finished_at__gte=since)
    errors = LogRecord.objects.filter(level="error")
    assert {row.request_id for row in errors} == {row.request_id for row in failed}
    assert LogRecord.objects.filter(level="warning", message__endswith="is gone").exists()
    for record in errors:
        row = failed.get(request_id=record.request_id)
        assert (record.at, record.tenant_slug) == (row.finished_at, row.tenant.slug)
        assert bool(record.stack) is (row.error_code == "internal")


def test_the_nights_before_had_their_housekeeping() -> None:
    seed()
    runs = MaintenanceRun.objects.filter(kind=MaintenanceRun.Kind.RETENTION)
    assert runs.count() >= 29
    assert all(run.succeeded and run.finished_at is not None and run.data["complete"] for run in runs)
    assert max(run.started_at for run in runs) < datetime(2026, 5, 1, tzinfo=UTC)


def test_there_are_people_of_every_role() -> None:
    seed()
    groups = set(User.objects.values_list("groups__name", flat=True))
    assert groups == set(GROUPS)
    assert not any(user.has_usable_password() for user in User.objects.all())


@pytest.mark.django_db(transaction=True)
def test_outside_of_a_transaction_the_tables_are_vacuumed() -> None:
    """Only then are pages known to be visible to all, which lets indexes answer alone."""
    # Counts of VACUUM by hand. What it marks as visible depends on what else looks at the database just then.
    before = vacuumed()
    seed()
    after = vacuumed()
    assert {name for name in after if after[name] > before[name]} == {
        model._meta.db_table for model in FILLED
    }


def vacuumed() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname, vacuum_count FROM pg_stat_user_tables")
        return dict(cursor.fetchall())


def test_everything_may_have_ended() -> None:
    seed("--all-ended")
    assert SynthesisRequest.all_tenants.count() == 400
    assert not SynthesisRequest.all_tenants.filter(status__in=SynthesisRequest.UNFINISHED).exists()


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
        (["--requests=100", "--attempts=100"], "2 to 3 attempts"),
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


def _lines_of(row: SynthesisRequest) -> list[RequestEvent]:
    return list(RequestEvent.objects.of(row.tenant_id).filter(request=row).order_by("at", "id"))


def _empty() -> None:
    for model in (
        *(UsageEvent, UsageBucket, ServiceBucket, RequestEvent, EngineAttempt, SynthesisRequest),
        *(QuotaThreshold, UsagePeriod),
    ):
        model._default_manager.all().delete()
    Tenant.objects.all().delete()
