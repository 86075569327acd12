"""Months in force on the page about usage: of one tenant, and of all of them together."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import UsagePeriod
from tests.admin_cast import client_of, superuser
from tests.cast import Cast, member
from tests.tts.admin.usage_page import figure, shown
from tests.tts.usage.events import used

pytestmark = pytest.mark.django_db


class TestMonth:
    """How much of the month is used, and where it leads."""

    NOW = datetime(2026, 5, 11, 4, tzinfo=UTC)  # noon of the 11th in Shanghai

    @pytest.fixture
    def month(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, Any]]:
        monkeypatch.setattr("tts.admin.usage_report.timezone.now", lambda: self.NOW)
        alice = member("metered", characters_per_month=100_000)
        UsagePeriod.objects.create(
            tenant=alice.tenant,
            starts_at=datetime(2026, 4, 30, 16, tzinfo=UTC),
            ends_at=datetime(2026, 5, 31, 16, tzinfo=UTC),
            used_characters=50_000,
            reserved_characters=7,
        )

        def read(*uses: tuple[str, int]) -> dict[str, Any]:
            for at, characters in uses:
                used(alice.tenant, at, characters=characters)
            page = shown(client_of(superuser()), tenant=alice.tenant.pk)
            return {"page": page.content.decode(), "standing": page.context["standing"]}

        return read

    def test_it_leads_where_the_last_seven_full_days_point(
        self, month: Callable[..., dict[str, Any]]
    ) -> None:
        found = month(
            ("2026-05-03T23:59:59+08:00", 99_000),
            ("2026-05-04T00:00:00+08:00", 3_000),
            ("2026-05-10T23:59:59+08:00", 4_000),
            ("2026-05-11T00:00:00+08:00", 88_000),
        )
        projection = found["standing"].projection
        # A thousand a day, for twenty days and a half.
        assert (projection.pace.mean, projection.characters) == (1000.0, 70_500)
        assert "the mean from 2026-05-04 00:00 to 2026-05-11 00:00: 1,000." in found["page"]
        assert projection.exhausted_at is None
        assert figure(found["page"], "projection") == "About 70,500 characters by its end"
        assert "50,000 of 100,000" in found["page"]
        assert "7 reserved" in found["page"]

    def test_it_tells_when_the_limit_is_reached(self, month: Callable[..., dict[str, Any]]) -> None:
        found = month(("2026-05-03T12:00:00+08:00", 1), ("2026-05-05T12:00:00+08:00", 70_000))
        assert found["standing"].projection.exhausted_at == self.NOW + timedelta(days=5)
        assert "At this pace the limit is reached on 2026-05-16." in found["page"]

    def test_a_first_day_that_began_at_noon_counts_as_half_a_day(
        self, month: Callable[..., dict[str, Any]]
    ) -> None:
        found = month(("2026-05-09T12:00:00+08:00", 300), ("2026-05-11T12:00:00+08:00", 7))
        projection = found["standing"].projection
        # In a day and a half, and for twenty and a half to come.
        assert (projection.pace.mean, projection.characters) == (200.0, 50_000 + 4_100)
        assert "the mean from 2026-05-09 12:00 to 2026-05-11 00:00: 200." in found["page"]

    def test_there_is_none_before_the_first_full_day(self, month: Callable[..., dict[str, Any]]) -> None:
        found = month(("2026-05-10T00:15:00+08:00", 300))
        assert found["standing"].projection is None
        assert "No projection before the first full day of use." in found["page"]

    def test_a_month_that_has_not_begun_has_its_limit(
        self, month: Callable[..., dict[str, Any]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        later = datetime(2026, 6, 20, tzinfo=UTC)
        monkeypatch.setattr("tts.admin.usage_report.timezone.now", lambda: later)
        standing = month()["standing"]
        assert (standing.used, standing.limit) == (0, 100_000)
        assert standing.ends_at == datetime(2026, 6, 30, 16, tzinfo=UTC)


class TestMonthsOfAllTenants:
    def test_they_are_added_up_with_where_they_lead(self, root: Client, cast: Cast) -> None:
        now = timezone.now()
        for who, used_characters, reserved in (
            (cast.alice, 1_000, 3),
            (member("metered", characters_per_month=500), 400, 0),
        ):
            UsagePeriod.objects.create(
                tenant=who.tenant,
                starts_at=now - timedelta(days=10),
                ends_at=now + timedelta(days=10),
                used_characters=used_characters,
                reserved_characters=reserved,
            )
            used(who.tenant, now - timedelta(days=9))
            used(who.tenant, now - timedelta(days=3), characters=700)
        page = shown(root)
        html = page.content.decode()
        assert figure(html, "month-used") == "1,400 3 reserved"
        assert figure(html, "projection") == "About 3,400 characters by their ends"
        assert "At this pace 1 tenant reaches its limit before its month ends." in html
        assert figure(html, "limited") == "Used and allowed, of the 1 of 3 tenants with a limit"
        assert [(one.tenant.slug, one.projected) for one in page.context["top"]] == [
            ("alice", 2_000),
            ("metered", 1_400),
        ]
        assert html.count("400 of 500") == 3
