"""What a key may use: set when it is issued, changed later, and in force on the next request."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.actors import Actor
from accounts.limits.names import Limit
from accounts.models import ApiKey, AuditEvent
from accounts.selectors import Caller, caller_by_key, key_by_public_id
from accounts.services.keys import (
    LAST_USED_RESOLUTION,
    KeyEnded,
    UnknownScope,
    key_issue,
    key_mark_used,
    key_revoke,
    key_update,
)
from tests.cast import Cast, Member, member

pytestmark = pytest.mark.django_db

OPERATOR = Actor.of_command("test")


def caller_of(key: Member) -> Caller:
    caller = caller_by_key(text=key.key, now=timezone.now())
    assert caller is not None
    return caller


def events(key: ApiKey) -> list[AuditEvent]:
    return list(AuditEvent.all_tenants.filter(target_id=str(key.pk)).order_by("at", "id"))


def test_a_key_is_issued_with_everything_that_narrows_it(cast: Cast) -> None:
    row, text = key_issue(
        tenant=cast.alice.tenant,
        name="narrow",
        allowed_addresses=["192.0.2.9/24"],
        allowed_voices=["b", " a", "b"],
        requests_per_minute=5,
        concurrent_requests=0,
        characters_per_month=100,
    )
    caller = caller_of(Member(cast.alice.tenant, row, text))
    assert caller.key is not None
    assert caller.key.allowed_addresses == ["192.0.2.0/24"]
    assert caller.allowed_voices == frozenset({"a", "b"})
    assert [caller.limit(limit) for limit in (Limit.REQUESTS_PER_MINUTE, Limit.CONCURRENT_REQUESTS)] == [5, 0]
    assert caller.key_limit(Limit.CHARACTERS_PER_MONTH) == 100


def test_a_change_holds_from_the_next_request_on_and_is_audited(cast: Cast) -> None:
    changed = key_update(
        key=cast.alice.row,
        actor=OPERATOR,
        name="website",
        scopes=["voices:read"],
        allowed_addresses=["2001:db8::1/64", "192.0.2.1"],
        requests_per_minute=7,
    )

    assert (changed.name, changed.scopes, changed.requests_per_minute) == ("website", ["voices:read"], 7)
    caller = caller_of(cast.alice)
    assert caller.scopes == {"voices:read"}
    assert caller.key_limit(Limit.REQUESTS_PER_MINUTE) == 7
    assert caller.may_come_from("2001:db8::2")
    assert not caller.may_come_from("2001:db8:0:1::1")
    event = events(cast.alice.row)[-1]
    assert (event.action, event.actor_name, event.tenant_slug) == ("key.update", "test", "alice")
    assert event.before["name"] == "alice's app"
    assert event.after == {
        "name": "website",
        "scopes": ["voices:read"],
        "allowed_addresses": ["2001:db8::/64", "192.0.2.1"],
        "requests_per_minute": 7,
    }


def test_a_change_that_changes_nothing_is_no_event(cast: Cast) -> None:
    before = len(events(cast.alice.row))
    key_update(key=cast.alice.row, name=cast.alice.row.name, allowed_voices=None)
    assert len(events(cast.alice.row)) == before


def test_limits_are_taken_away_again(cast: Cast) -> None:
    key_update(key=cast.alice.row, requests_per_minute=1, allowed_addresses=["192.0.2.1"])
    key_update(key=cast.alice.row, requests_per_minute=None, allowed_addresses=None)
    caller = caller_of(cast.alice)
    assert caller.key_limit(Limit.REQUESTS_PER_MINUTE) is None
    assert caller.may_come_from("198.51.100.1")
    assert caller.may_come_from(None)


def test_a_key_with_more_than_its_tenant_has_no_more() -> None:
    one = member("small", requests_per_minute=10)
    key_update(key=one.row, requests_per_minute=1000)
    assert caller_of(one).limit(Limit.REQUESTS_PER_MINUTE) == 10


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"scopes": []}, "scopes"),
        ({"allowed_addresses": ["here"]}, "allowed_addresses"),
        ({"allowed_addresses": [f"192.0.2.{number}" for number in range(51)]}, "allowed_addresses"),
        ({"allowed_voices": ["x" * 201]}, "allowed_voices"),
        ({"allowed_voices": [" "]}, "allowed_voices"),
        ({"requests_per_minute": -1}, "requests_per_minute"),
        ({"requests_per_minute": 2**31}, "requests_per_minute"),
        ({"concurrent_requests": "many"}, "concurrent_requests"),
        ({"characters_per_month": -1}, "characters_per_month"),
    ],
)
def test_what_makes_no_sense_is_refused_by_field_and_changes_nothing(
    cast: Cast, values: dict[str, Any], field: str
) -> None:
    with pytest.raises(ValidationError) as raised:
        key_update(key=cast.alice.row, **values)
    assert list(raised.value.message_dict) == [field]
    with pytest.raises(ValidationError) as raised:
        key_issue(**{"tenant": cast.alice.tenant, "name": "another", **values})
    assert list(raised.value.message_dict) == [field]

    assert [event.action for event in events(cast.alice.row)] == ["key.issue"]
    assert ApiKey.all_tenants.get(pk=cast.alice.row.pk).name == "alice's app"
    assert ApiKey.objects.of(cast.alice.tenant).count() == 1


def test_unknown_scopes_and_fields_that_are_for_good_are_refused(cast: Cast) -> None:
    with pytest.raises(UnknownScope, match="root"):
        key_update(key=cast.alice.row, scopes=["root"])
    for values in ({"digest": "0" * 64}, {"tenant": cast.bob.tenant}, {"environment": "test"}):
        with pytest.raises(TypeError, match=next(iter(values))):
            key_update(key=cast.alice.row, **values)
    with pytest.raises(TypeError, match="revoked_at"):
        key_issue(tenant=cast.alice.tenant, name="app", revoked_at=None)


def test_a_revoked_key_stays_as_it_is(cast: Cast) -> None:
    key_revoke(key=cast.alice.row)
    with pytest.raises(KeyEnded):
        key_update(key=cast.alice.row, name="again")


def test_an_expired_key_lives_again_with_a_later_time(cast: Cast) -> None:
    now = timezone.now()
    key_update(key=cast.alice.row, expires_at=now - timedelta(seconds=1))
    assert caller_by_key(text=cast.alice.key, now=now) is None
    key_update(key=cast.alice.row, expires_at=now + timedelta(days=1))
    assert caller_by_key(text=cast.alice.key, now=now) is not None


def test_last_use_is_noted_once_a_minute(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    def row() -> ApiKey:
        return ApiKey.all_tenants.get(pk=cast.alice.row.pk)

    now = timezone.now()
    assert key_mark_used(key=row(), now=now)
    lately = row()
    with django_assert_num_queries(0):
        assert not key_mark_used(key=lately, now=now + LAST_USED_RESOLUTION)
    # Another process noted it after this row was read.
    assert not key_mark_used(key=cast.alice.row, now=now + LAST_USED_RESOLUTION)
    assert row().last_used_at == now

    later = now + LAST_USED_RESOLUTION + timedelta(microseconds=1)
    assert key_mark_used(key=lately, now=later)
    assert row().last_used_at == later


def test_a_key_is_found_by_what_people_have_of_it(cast: Cast) -> None:
    row = cast.bob.row
    for text in (row.public_id, row.label, cast.bob.key, f" {row.label}_ "):
        assert key_by_public_id(text=text) == row, text
    for text in ("", "vg_live_", "nobody", cast.charlie_key):
        assert key_by_public_id(text=text) is None, text
