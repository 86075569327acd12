"""How many exports there may be, on committed rows."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from accounts.actors import SYSTEM
from accounts.models import ApiKey, Tenant
from accounts.services.keys import key_issue
from tests.cast import Cast
from tests.tts.exports.stored import spec_of
from tts.connections import background_queue
from tts.models import UsageExport
from tts.services.export_bounds import (
    Asker,
    ExportRefused,
    TooManyAtOnce,
    TooManyToday,
    TooMuchKept,
)
from tts.services.exports import SETTLING, export_request, export_retry

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("empty_redis")]

Status = UsageExport.Status
NOW = timezone.now()


def person(name: str) -> Asker:
    return Asker(user=User.objects.get_or_create(username=name)[0])


def asked(tenant: Tenant | None, by: Asker, *, later: timedelta = timedelta()) -> UsageExport:
    return export_request(spec=spec_of(tenant), asker=by, actor=SYSTEM, now=NOW + later)


def granted(tenant: Tenant | None, askers: list[Asker]) -> int:
    """How many of them got one, when eight ask at a time."""

    def ask(who: Asker) -> bool:
        try:
            asked(tenant, who)
        except TooManyAtOnce:  # what this counts
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(8) as pool:
        return sum(pool.map(ask, askers))


def ended(export: UsageExport, status: str = Status.FAILED, **values: Any) -> UsageExport:
    UsageExport.all_tenants.filter(pk=export.pk).update(status=status, **values)
    export.refresh_from_db()
    return export


def test_one_person_has_so_many_at_once_in_all_tenants_together(cast: Cast, settings: Settings) -> None:
    settings.EXPORTS_AT_ONCE_OF_ASKER = 2
    first = asked(cast.alice.tenant, person("one"))
    asked(None, person("one"))
    with pytest.raises(TooManyAtOnce) as refused:
        asked(cast.bob.tenant, person("one"))
    assert (refused.value.of_asker, refused.value.allowed) == (True, 2)
    assert refused.value.again_at > NOW
    asked(cast.bob.tenant, person("another"))
    ended(first)
    asked(cast.bob.tenant, person("one"))


def test_a_key_counts_as_itself(cast: Cast, settings: Settings) -> None:
    settings.EXPORTS_AT_ONCE_OF_ASKER = 1
    second: ApiKey = key_issue(tenant=cast.alice.tenant, name="second")[0]
    assert asked(cast.alice.tenant, Asker(key=cast.alice.row)).api_key == cast.alice.row
    with pytest.raises(TooManyAtOnce):
        asked(cast.alice.tenant, Asker(key=cast.alice.row))
    asked(cast.alice.tenant, Asker(key=second))


def test_a_tenant_has_so_many_at_once_whoever_asks(cast: Cast, settings: Settings) -> None:
    settings.EXPORTS_AT_ONCE = 2
    asked(cast.alice.tenant, person("one"))
    asked(cast.alice.tenant, person("two"))
    with pytest.raises(TooManyAtOnce) as refused:
        asked(cast.alice.tenant, person("three"))
    assert not refused.value.of_asker
    asked(cast.bob.tenant, person("three"))
    assert UsageExport.all_tenants.count() == 3


def test_those_whose_job_is_gone_stand_in_nobodys_way(cast: Cast, settings: Settings) -> None:
    settings.EXPORTS_AT_ONCE = 1
    gone = ended(asked(cast.alice.tenant, person("one")), Status.RUNNING)
    background_queue().empty()  # type: ignore[no-untyped-call] # RQ has no annotations here
    asked(cast.alice.tenant, person("one"), later=SETTLING + timedelta(seconds=1))
    gone.refresh_from_db()
    assert (gone.status, gone.error_code) == (Status.FAILED, "interrupted")


def test_a_day_has_so_many_and_tells_when_there_is_room_again(cast: Cast, settings: Settings) -> None:
    settings.EXPORTS_PER_DAY = 2
    for minutes in (0, 10):
        ended(asked(cast.alice.tenant, person("one"), later=timedelta(minutes=minutes)))
    with pytest.raises(TooManyToday) as refused:
        asked(cast.alice.tenant, person("one"), later=timedelta(minutes=20))
    again = timedelta(days=1)
    assert refused.value.again_at == NOW + again
    with pytest.raises(TooManyToday):
        asked(cast.alice.tenant, person("one"), later=again - timedelta(seconds=1))
    asked(cast.alice.tenant, person("one"), later=again)
    asked(cast.alice.tenant, person("two"))


def test_files_that_are_kept_leave_room_when_the_first_goes(cast: Cast, settings: Settings) -> None:
    settings.EXPORT_KEPT_MB = 3
    first = ended(
        asked(cast.alice.tenant, person("one")),
        Status.SUCCEEDED,
        file_bytes=2_000_000,
        expires_at=NOW + timedelta(days=2),
    )
    second = asked(cast.alice.tenant, person("one"))
    ended(second, Status.SUCCEEDED, file_bytes=1_000_000, expires_at=NOW + timedelta(days=3))
    with pytest.raises(TooMuchKept) as refused:
        asked(cast.alice.tenant, person("one"))
    assert refused.value.again_at == NOW + timedelta(days=2)
    asked(cast.bob.tenant, person("two"))
    ended(first, Status.EXPIRED)
    asked(cast.alice.tenant, person("one"))


def test_trying_again_is_bounded_as_well(cast: Cast, settings: Settings) -> None:
    settings.EXPORTS_AT_ONCE = 1
    failed = ended(asked(cast.alice.tenant, person("one")))
    asked(cast.alice.tenant, person("one"))
    with pytest.raises(TooManyAtOnce):
        export_retry(export=failed, asker=person("one"), actor=SYSTEM, now=NOW)
    failed.refresh_from_db()
    assert failed.status == Status.FAILED


def test_a_refused_one_leaves_nothing(cast: Cast, settings: Settings) -> None:
    settings.EXPORTS_AT_ONCE = 1
    export = asked(cast.alice.tenant, person("one"))
    with pytest.raises(ExportRefused):
        asked(cast.alice.tenant, person("one"))
    assert UsageExport.all_tenants.get() == export
    assert background_queue().get_job_ids() == [f"export-{export.pk}"]


def test_the_bound_is_exact_when_many_ask_at_the_same_moment(cast: Cast, settings: Settings) -> None:
    settings.EXPORTS_AT_ONCE, settings.EXPORTS_AT_ONCE_OF_ASKER = 3, 10
    assert granted(cast.alice.tenant, [Asker(key=cast.alice.row)] * 16) == 3
    assert UsageExport.all_tenants.count() == 3


def test_a_retry_counts_for_whoever_wants_it(cast: Cast, settings: Settings) -> None:
    settings.EXPORTS_AT_ONCE_OF_ASKER = 1
    failed = [ended(asked(None, person(name))) for name in ("one", "two")]
    assert export_retry(export=failed[0], asker=person("three"), actor=SYSTEM, now=NOW)
    with pytest.raises(TooManyAtOnce):
        export_retry(export=failed[1], asker=person("three"), actor=SYSTEM, now=NOW)


def test_a_key_takes_no_day_and_no_room_of_people(cast: Cast, settings: Settings) -> None:
    settings.EXPORTS_PER_DAY = 1
    ended(asked(cast.alice.tenant, Asker(key=cast.alice.row)))
    with pytest.raises(TooManyToday):
        asked(cast.alice.tenant, Asker(key=key_issue(tenant=cast.alice.tenant, name="second")[0]))
    asked(cast.alice.tenant, person("finance"))


def test_two_who_ask_for_all_tenants_at_the_same_time_stay_within_the_bound(
    cast: Cast, settings: Settings
) -> None:
    settings.EXPORTS_AT_ONCE = 1
    assert granted(None, [person(f"p{number}") for number in range(8)]) == 1
