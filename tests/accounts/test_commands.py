"""Commands an operator types."""

import io
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts import keys
from accounts.models import ApiKey, AuditEvent, Tenant
from accounts.selectors import caller_by_key
from accounts.services.keys import key_issue, key_revoke
from tests.cast import Cast, plan

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> tuple[str, str]:
    """What a command wrote to standard output and standard error."""
    out, err = io.StringIO(), io.StringIO()
    call_command(*arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_a_tenant_is_created_and_the_next_step_shown() -> None:
    out, _ = run("create_tenant", "acme", "--name", "Acme Ltd", "--time-zone", "Europe/Berlin")
    tenant = Tenant.objects.get(slug="acme")
    assert (tenant.name, tenant.time_zone, tenant.is_active) == ("Acme Ltd", "Europe/Berlin", True)
    assert "manage.py issue_key acme NAME" in out


def test_a_tenant_gets_the_plan_it_is_given() -> None:
    gold = plan("gold")
    run("create_tenant", "acme", "--plan", "gold")
    assert Tenant.objects.get(slug="acme").plan == gold
    run("create_tenant", "other")
    assert Tenant.objects.get(slug="other").plan.is_default
    assert set(AuditEvent.all_tenants.values_list("action", "actor_name")) == {
        ("tenant.create", "create_tenant")
    }


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["not a slug"], "slug: "),
        (["alice"], "slug: "),
        (["acme", "--time-zone", "Mars/Olympus"], "time_zone: "),
        (["acme", "--plan", "gold"], "there is no plan gold; there are: "),
    ],
)
def test_a_tenant_that_makes_no_sense_is_refused_in_one_line(
    cast: Cast, arguments: list[str], named: str
) -> None:
    with pytest.raises(CommandError) as raised:
        run("create_tenant", *arguments)
    assert str(raised.value).startswith(named)
    assert "\n" not in str(raised.value)


def test_a_key_is_all_that_is_printed_and_it_works(cast: Cast) -> None:
    out, err = run("issue_key", "alice", "billing", "--scope", "voices:read", "--environment", "test")
    assert out == out.strip() + "\n"
    parsed = keys.parse(out.strip())
    assert parsed is not None
    assert parsed.environment == "test"
    caller = caller_by_key(text=out.strip(), now=timezone.now())
    assert caller is not None
    assert (caller.tenant, caller.scopes) == (cast.alice.tenant, frozenset({"voices:read"}))
    assert "not shown again" in err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nobody", "app"], "create_tenant"),
        (["alice", "app", "--scope", "root:all"], "unknown scopes: root:all"),
        (["alice", ""], ""),
        (["alice", "x" * 101], ""),
        (["alice", "app", "--address", "here"], "allowed_addresses: here"),
        (["alice", "app", "--requests-per-minute", "-1"], "requests_per_minute: "),
        (["alice", "app", "--requests-per-minute", "many"], "invalid int value"),
        (["alice", "app", "--expires", "tomorrow"], "--expires is no time"),
        (["alice", "app", "--expires", "2020-01-01"], "--expires is in the past"),
        (["alice", "app", "--expires", "9999-12-31T23:59:59-23:59"], "--expires is no time"),
        (["alice", "app", "--environment", "prod"], "invalid choice"),
    ],
)
def test_a_key_that_cannot_be_is_refused_without_one(cast: Cast, arguments: list[str], says: str) -> None:
    before = ApiKey.all_tenants.count()
    with pytest.raises(CommandError) as raised:
        run("issue_key", *arguments)
    assert says in str(raised.value)
    assert str(raised.value)
    assert ApiKey.all_tenants.count() == before


def test_a_key_is_issued_with_all_its_limits(cast: Cast) -> None:
    out, _ = run(
        *("issue_key", "alice", "narrow", "--expires", "2100-01-31T18:00+08:00"),
        *("--address", "192.0.2.7/24", "--address", "2001:db8::1", "--voice", "zh-a", "--voice", "zh-b"),
        *("--requests-per-minute", "5", "--concurrent-requests", "0", "--characters-per-month", "1000"),
    )
    row = ApiKey.all_tenants.get(name="narrow")
    assert out.startswith(row.label)
    assert row.expires_at == datetime(2100, 1, 31, 10, tzinfo=UTC)
    assert row.allowed_addresses == ["192.0.2.0/24", "2001:db8::1"]
    assert row.allowed_voices == ["zh-a", "zh-b"]
    assert (row.requests_per_minute, row.concurrent_requests, row.characters_per_month) == (5, 0, 1000)
    event = AuditEvent.all_tenants.get(target_id=str(row.pk))
    assert (event.actor_kind, event.actor_name, event.action) == ("command", "issue_key", "key.issue")


def test_a_time_without_a_zone_is_one_of_the_servers(cast: Cast) -> None:
    run("issue_key", "alice", "app", "--expires", "2100-01-31")
    row = ApiKey.all_tenants.get(name="app")
    assert row.expires_at == timezone.make_aware(datetime(2100, 1, 31))
    assert row.allowed_addresses is None
    assert row.allowed_voices is None


def test_rotating_prints_the_new_secret_alone_and_keeps_the_old_one_a_day(cast: Cast) -> None:
    before = timezone.now()
    out, err = run("rotate_key", cast.alice.row.label)
    row = ApiKey.all_tenants.get(pk=cast.alice.row.pk)
    assert out == out.strip() + "\n"
    assert row.previous_until is not None
    assert before <= row.previous_until - timedelta(hours=24) <= timezone.now()
    assert "not shown again. The old secret works until 2" in err
    for text in (out.strip(), cast.alice.key):
        assert caller_by_key(text=text, now=timezone.now()) is not None
    assert AuditEvent.all_tenants.get(action="key.rotate").actor_name == "rotate_key"


def test_rotating_without_an_overlap_ends_the_old_secret(cast: Cast) -> None:
    out, err = run("rotate_key", cast.alice.row.public_id, "--overlap-hours", "0")
    assert "works no longer" in err
    assert caller_by_key(text=cast.alice.key, now=timezone.now()) is None
    assert caller_by_key(text=out.strip(), now=timezone.now()) is not None


def test_revoking_ends_a_key_and_says_so(cast: Cast) -> None:
    out, err = run("revoke_key", cast.alice.row.label)
    assert (out, err) == (f"{cast.alice.row.label} is revoked\n", "")
    assert caller_by_key(text=cast.alice.key, now=timezone.now()) is None
    out, _ = run("revoke_key", cast.alice.row.public_id)
    assert out == f"{cast.alice.row.label} was revoked before\n"
    assert AuditEvent.all_tenants.get(action="key.revoke").actor_name == "revoke_key"


@pytest.mark.parametrize("command", ["rotate_key", "revoke_key"])
def test_a_pasted_key_is_found_and_never_quoted(cast: Cast, command: str) -> None:
    out, err = run(command, cast.alice.key)
    assert cast.alice.key not in out + err
    assert cast.alice.row.label in out
    with pytest.raises(CommandError) as raised:
        run(command, cast.charlie_key)
    assert str(raised.value) == "there is no key with this id; the admin lists them"


@pytest.mark.parametrize("hours", ["-1", "3000", "nan", "inf", "1e300"])
def test_an_overlap_that_makes_no_sense_is_refused(cast: Cast, hours: str) -> None:
    with pytest.raises(CommandError, match="overlap"):
        run("rotate_key", cast.alice.row.label, f"--overlap-hours={hours}")
    assert ApiKey.all_tenants.get(pk=cast.alice.row.pk).rotated_at is None


def test_keys_that_have_ended_are_not_rotated(cast: Cast) -> None:
    key_revoke(key=cast.alice.row)
    past = timezone.now() - timedelta(seconds=1)
    expired, _ = key_issue(tenant=cast.bob.tenant, name="old", expires_at=past)
    for row in (cast.alice.row, expired):
        with pytest.raises(CommandError, match=f"{row.label} cannot be rotated"):
            run("rotate_key", row.label)
