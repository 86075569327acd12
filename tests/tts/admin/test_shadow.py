from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.limits.names import Limit
from accounts.models import Tenant
from accounts.services.shadow import shadow_count
from tests.cast import Cast
from tests.tts.admin.history import queued

LIST = "/admin/accounts/shadowrefusal/"
DAY = datetime(2026, 5, 1, 12, tzinfo=UTC)


def refused(
    tenant: Tenant, times: int = 1, *, day: datetime = DAY, limit: Limit = Limit.QUEUED_REQUESTS
) -> None:
    for _ in range(times):
        shadow_count(tenant=tenant, limits=[limit], characters=7, now=day)


def shown(client: Client, **parameters: str) -> list[tuple[str, str, int]]:
    rows = client.get(LIST, parameters).context["cl"].result_list
    return [(str(row.day), row.tenant.slug, row.requests) for row in rows]


def test_list_tells_how_many_would_have_been_refused_and_their_share(root: Client, cast: Cast) -> None:
    for at in (
        DAY,
        DAY,
        DAY.replace(hour=0),
        DAY + timedelta(hours=11, minutes=59),
        DAY + timedelta(hours=12),
    ):
        queued(cast.alice.tenant, at=at)
    queued(cast.bob.tenant, at=DAY)
    refused(cast.alice.tenant, 3)

    page = root.get(LIST).content.decode()

    assert "75.0%" in page
    assert "requests waiting" in page
    assert '<td class="field-requests">3</td>' in page
    assert '<td class="field-characters">21</td>' in page


def test_a_share_of_very_many_is_at_most_what_is_told(
    root: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tts.admin.shadow.MOST_COUNTED", 4)
    for _ in range(6):
        queued(cast.alice.tenant, at=DAY)
    refused(cast.alice.tenant)

    assert "≤ 25.0%" in root.get(LIST).content.decode()


def test_list_is_filtered_by_day_limit_and_tenant(root: Client, cast: Cast) -> None:
    refused(cast.alice.tenant, 2)
    refused(cast.bob.tenant, 1, day=DAY + timedelta(days=1), limit=Limit.CHARACTERS_PER_MINUTE)

    both = [("2026-05-02", "bob", 1), ("2026-05-01", "alice", 2)]
    assert shown(root) == both
    assert shown(root, day="2026-05-01") == both[1:]
    assert shown(root, limit__exact="characters_per_minute") == both[:1]
    assert shown(root, tenant__id__exact=str(cast.alice.tenant.pk)) == both[1:]


def test_list_takes_the_same_queries_for_any_number_of_days(
    root: Client, cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for day in range(5):
        refused(cast.alice.tenant, day=DAY + timedelta(days=day))
    # Session, user, tenants of the filter, count, rows.
    with django_assert_num_queries(5):
        root.get(LIST)


def test_nobody_changes_what_was_counted(root: Client, cast: Cast) -> None:
    refused(cast.alice.tenant)
    assert root.get(f"{LIST}add/").status_code == 403
