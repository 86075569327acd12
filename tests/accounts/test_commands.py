"""Commands an operator types."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts import keys
from accounts.models import ApiKey, Tenant
from accounts.selectors import caller_by_key
from tests.cast import Cast

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


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["not a slug"], "slug: "),
        (["alice"], "slug: "),
        (["acme", "--time-zone", "Mars/Olympus"], "time_zone: "),
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
    ],
)
def test_a_key_that_cannot_be_is_refused_without_one(cast: Cast, arguments: list[str], says: str) -> None:
    before = ApiKey.objects.count()
    with pytest.raises(CommandError) as raised:
        run("issue_key", *arguments)
    assert says in str(raised.value)
    assert str(raised.value)
    assert ApiKey.objects.count() == before
