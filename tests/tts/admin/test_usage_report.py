"""The page about usage: what it adds up, for whom, and at what cost."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Membership, UsagePeriod
from accounts.services.keys import key_issue
from accounts.services.memberships import membership_set
from tests.admin_cast import client_of, member_of, operator, staff, superuser
from tests.cast import Cast, Member, member
from tests.tts.usage.events import Status, used
from tests.tts.usage.reading import asked
from tts.models import MaintenanceRun, UsageBucket
from tts.usage.checking import usage_check

pytestmark = pytest.mark.django_db

PAGE = "/admin/tts/usagebucket/"
MAY = {"from": "2026-05-01", "to": "2026-05-31"}
NOON = "2026-05-02T12:00:00+08:00"
Role = Membership.Role


def shown(client: Client, **query: Any) -> Any:
    answer = client.get(PAGE, query)
    assert answer.status_code == 200, answer.content
    return answer


def text(client: Client, **query: Any) -> str:
    return str(shown(client, **query).content.decode())


def figure(page: str, name: str) -> str:
    found = re.search(rf'data-figure="{name}">(.*?)</p>', page, re.DOTALL)
    assert found is not None, name
    return re.sub("<[^>]*>", "", found[1]).strip()


def lines(client: Client, table: str, **query: Any) -> list[tuple[str, int, int]]:
    """Label, requests and characters of each line of a table."""
    tables = {one.key: one for one in shown(client, **query).context["tables"]}
    return [
        (re.sub("<[^>]*>", "", str(line.label)), line.sums.requests, line.sums.characters)
        for line in tables[table].lines
    ]


@pytest.fixture
def may(cast: Cast) -> Cast:
    alice, key = cast.alice.tenant, cast.alice.row
    spoken: dict[str, Any] = {"key": key, "engine": "piper", "voice": "zh-a", "fallback": "none"}
    used(alice, NOON, characters=1200, audio_seconds=3661.5, reference="book", **spoken)
    used(alice, NOON, characters=300, engine="espeak", voice="cmn", fallback="timeout")
    used(alice, "2026-05-31T23:59:59+08:00", outcome=Status.FAILED, key=key)
    used(alice, "2026-06-01T00:00:00+08:00", characters=5)
    used(cast.bob.tenant, NOON, characters=9000, key=cast.bob.row, reference="bobs")
    return cast


def test_all_tenants_are_added_up_and_the_most_using_come_first(root: Client, may: Cast) -> None:
    page = shown(root, **MAY)
    assert figure(page.content.decode(), "characters") == "10,500"
    assert figure(page.content.decode(), "requests") == "4"
    top = page.context["top"]
    assert [(one.tenant.slug, one.line.sums.characters, one.line.share) for one in top] == [
        ("bob", 9000, 85.7),
        ("alice", 1500, 14.3),
    ]
    assert f"?tenant={may.alice.tenant.pk}&amp;from=2026-05-01" in page.content.decode()


def test_a_tenant_has_a_table_of_everything_its_use_is_told_apart_by(root: Client, may: Cast) -> None:
    query = {"tenant": may.alice.tenant.pk, **MAY}
    page = text(root, **query)
    assert (figure(page, "requests"), figure(page, "characters")) == ("3", "1,500")
    assert figure(page, "audio") == "1:01:02"
    key = f"alice&#x27;s app {may.alice.row.label}"
    assert lines(root, "key", **query) == [(key, 2, 1200), ("without a key", 1, 300)]
    assert lines(root, "voice", **query) == [("zh-a", 1, 1200), ("cmn", 1, 300), ("nothing was spoken", 1, 0)]
    assert [line[0] for line in lines(root, "engine", **query)] == ["piper", "espeak", "nothing was spoken"]
    assert [line[0] for line in lines(root, "fallback", **query)] == ["none", "timeout", "nothing was spoken"]
    assert lines(root, "outcome", **query) == [("succeeded", 2, 1500), ("failed", 1, 0)]
    assert lines(root, "reference", **query) == [("book", 1, 1200)]
    days = lines(root, "day", **query)
    assert (len(days), days[0], days[-2]) == (31, ("2026-05-31", 1, 0), ("2026-05-02", 2, 1500))
    assert "bob" not in page.replace("<option", "").split("</select>")[1].lower()


def test_charts_hold_what_the_api_answers(root: Client, may: Cast) -> None:
    page = text(root, tenant=may.alice.tenant.pk, **MAY)

    def chart(name: str) -> Any:
        found = re.search(rf'<script id="chart-{name}" type="application/json">(.*?)</script>', page)
        assert found is not None
        return json.loads(found[1])

    answer = asked(may.alice, **MAY)
    assert chart("characters")["series"][0]["values"] == [row["characters"] for row in answer["rows"]]
    layers = [one["values"] for one in chart("requests")["series"]]
    assert [sum(day) for day in zip(*layers, strict=True)] == [row["requests"] for row in answer["rows"]]
    first = datetime.fromisoformat("2026-05-01T00:00+08:00").timestamp()
    assert (chart("audio")["x"][0], chart("audio")["time_zone"]) == (first, "Asia/Shanghai")
    assert chart("audio")["series"][0]["values"][1] == 3661.5


def test_page_and_api_add_up_to_the_same(root: Client, may: Cast) -> None:
    for name in ("America/New_York", "Asia/Kathmandu"):
        may.alice.tenant.time_zone = name
        may.alice.tenant.save()
        totals = asked(may.alice, **MAY)["totals"]
        page = text(root, tenant=may.alice.tenant.pk, **MAY)
        assert figure(page, "characters") == f"{totals['characters']:,}" != "0"
        assert name in page


def test_days_of_all_tenants_are_those_of_the_server(root: Client, may: Cast) -> None:
    assert "Days are those of Asia/Shanghai." in text(root, **MAY)


@pytest.mark.parametrize(
    ("query", "days"),
    [
        ({}, ("2026-05-01", "2026-05-10")),
        ({"span": "month"}, ("2026-05-01", "2026-05-10")),
        ({"span": "last-month"}, ("2026-04-01", "2026-04-30")),
        ({"span": "week"}, ("2026-05-04", "2026-05-10")),
        ({"span": "days"}, ("2026-04-11", "2026-05-10")),
        ({"span": "nonsense"}, ("2026-05-01", "2026-05-10")),
        ({"from": "2026-02-28", "to": "2026-03-01", "span": "week"}, ("2026-02-28", "2026-03-01")),
    ],
)
def test_the_days_shown_are_those_asked_for(
    root: Client,
    cast: Cast,
    monkeypatch: pytest.MonkeyPatch,
    query: dict[str, str],
    days: tuple[str, str],
) -> None:
    # The tenth has begun in Shanghai.
    now = datetime(2026, 5, 9, 17, tzinfo=UTC)
    monkeypatch.setattr("tts.admin.usage_report.timezone.now", lambda: now)
    span = shown(root, **query).context["days"].range
    assert (span.first.isoformat(), span.last.isoformat()) == days


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ({"from": "2026-05-02", "to": "2026-05-01"}, "The last day comes before the first."),
        ({"from": "2025-01-01", "to": "2026-05-01"}, "At most 400 days can be shown at once."),
        ({"from": "2026-05-32", "to": "2026-05-01"}, "From: Enter a valid date."),
        ({"from": "2026-05-01"}, "To: This field is required."),
        ({"from": "0001-01-01", "to": "0001-01-02"}, "From: Must lie between"),
        ({"from": "9999-12-31", "to": "9999-12-31"}, "To: Must lie between"),
    ],
)
def test_days_that_are_not_right_are_told(root: Client, query: dict[str, str], problem: str) -> None:
    assert problem in text(root, **query)


def test_other_parameters_and_methods_are_refused(root: Client, cast: Cast) -> None:
    for name in ("q", "o", "all", "tenant__id__exact", "api_key__digest__startswith", "\0"):
        assert root.get(PAGE, {name: "1"}).status_code == 400, name
    assert root.get(PAGE, {"tenant": "\0"}).status_code == 400
    assert root.post(PAGE, {"action": "delete_selected"}).status_code == 405


class TestWhoSeesWhat:
    def test_a_member_lands_on_their_tenant(self, may: Cast) -> None:
        client = client_of(member_of(may.alice.tenant, Role.VIEWER))
        page = text(client, **MAY)
        assert figure(page, "characters") == "1,500"
        assert "bob" not in page.lower()
        assert "<select" not in page

    def test_a_member_of_several_chooses_among_them(self, may: Cast) -> None:
        user = member_of(may.alice.tenant, Role.VIEWER)
        membership_set(tenant=may.bob.tenant, user=user, role=Role.VIEWER)
        member("carol")
        client = client_of(user)
        page = shown(client, **MAY)
        assert page.context["tenant"] == may.alice.tenant
        assert [tenant.slug for tenant in page.context["tenants"]] == ["alice", "bob"]
        assert figure(text(client, tenant=may.bob.tenant.pk, **MAY), "characters") == "9,000"

    def test_another_tenant_is_like_one_that_never_was(self, may: Cast) -> None:
        client = client_of(member_of(may.alice.tenant, Role.OWNER))
        for asked_for in (str(may.bob.tenant.pk), "019a0000-0000-7000-8000-000000000000", "nonsense"):
            assert client.get(PAGE, {"tenant": asked_for}).status_code == 404

    def test_who_belongs_to_no_tenant_sees_none(self, may: Cast) -> None:
        page = text(client_of(staff("new", "tts.view_usagebucket")), **MAY)
        assert "You belong to no tenant" in page
        assert "alice" not in page.lower()

    def test_the_permission_is_needed(self, may: Cast, outsider: Client, viewer: Client) -> None:
        assert {client.get(PAGE).status_code for client in (outsider, viewer)} == {403}

    def test_finance_sees_all_tenants_but_no_housekeeping(self, may: Cast) -> None:
        usage_permissions = ("tts.view_usagebucket", "tts.view_usageevent")
        client = client_of(operator("finance", *usage_permissions))
        page = text(client, **MAY)
        assert figure(page, "characters") == "10,500"
        assert "Drift" not in page
        assert "Drift" in text(
            client_of(operator("ops", *usage_permissions, "tts.view_maintenancerun")), **MAY
        )


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
        assert (projection.mean, projection.days, projection.characters) == (1000.0, 7, 70_500)
        assert projection.exhausted_at is None
        assert figure(found["page"], "projection") == "About 70,500 characters by its end"
        assert "50,000 of 100,000" in found["page"]
        assert "7 reserved" in found["page"]

    def test_it_tells_when_the_limit_is_reached(self, month: Callable[..., dict[str, Any]]) -> None:
        found = month(("2026-05-03T12:00:00+08:00", 1), ("2026-05-05T12:00:00+08:00", 70_000))
        assert found["standing"].projection.exhausted_at == self.NOW + timedelta(days=5)
        assert "At this pace the limit is reached on 2026-05-16." in found["page"]

    def test_a_tenant_of_two_days_is_judged_by_them(self, month: Callable[..., dict[str, Any]]) -> None:
        found = month(("2026-05-09T12:00:00+08:00", 300), ("2026-05-11T12:00:00+08:00", 7))
        assert (found["standing"].projection.days, found["standing"].projection.mean) == (2, 150.0)

    def test_there_is_none_before_the_first_full_day(self, month: Callable[..., dict[str, Any]]) -> None:
        found = month(("2026-05-11T00:00:00+08:00", 300))
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


class TestDrift:
    def test_it_is_unknown_before_the_first_recomputation(self, root: Client) -> None:
        assert "have not been compared" in text(root)

    @pytest.mark.django_db(transaction=True)
    def test_the_last_recomputation_is_told(self, may: Cast) -> None:
        root = client_of(superuser())
        usage_check(now=timezone.now())
        assert figure(text(root), "drift") == "0"
        UsageBucket.objects.of(may.alice.tenant).filter(voice="cmn").update(characters=1)
        usage_check(now=timezone.now() + timedelta(seconds=1))
        page = text(root)
        assert figure(page, "drift") == "1"
        assert "characters: 299" in page

    def test_one_that_broke_off_is_told(self, root: Client) -> None:
        now = timezone.now()
        MaintenanceRun.objects.create(
            kind="usage-check", started_at=now, finished_at=now, succeeded=False, problem="OperationalError"
        )
        page = text(root)
        assert "not checked" in page
        assert "OperationalError" in page


def test_links_lead_to_what_they_name(root: Client, may: Cast) -> None:
    page = text(root, tenant=may.alice.tenant.pk, **MAY)
    links = [link.replace("&amp;", "&") for link in re.findall(r'href="(\?[^"]*)"', page)]
    assert len(links) == 4
    assert {root.get(PAGE + link).status_code for link in links} == {200}
    events = f"/admin/tts/usageevent/?tenant__id__exact={may.alice.tenant.pk}"
    assert events in page
    assert root.get(events).status_code == 200


def test_an_export_is_asked_for_with_what_is_shown(root: Client, may: Cast) -> None:
    may.alice.tenant.time_zone = "America/New_York"
    may.alice.tenant.save()
    page = text(root, tenant=may.alice.tenant.pk, **MAY)
    link = re.search(r'href="(/admin/tts/usageexport/add/\?[^"]*)"', page)
    assert link is not None
    form = root.get(link[1].replace("&amp;", "&")).content.decode()
    for value in (may.alice.tenant.pk, "2026-05-01", "2026-05-31", "America/New_York"):
        assert f'value="{value}"' in form
    finance = client_of(operator("reader", "tts.view_usagebucket"))
    assert "usageexport" not in text(finance, **MAY)


def test_a_row_of_the_rollup_has_a_page_to_read(root: Client, may: Cast) -> None:
    bucket = UsageBucket.objects.of(may.bob.tenant).get()
    assert root.get(f"{PAGE}{bucket.pk}/change/").status_code == 200
    assert root.post(f"{PAGE}{bucket.pk}/change/", {"characters": "0"}).status_code == 403


def grown(cast: Cast, count: int) -> None:
    for number in range(count):
        extra: Member = member(f"extra-{number}")
        used(extra.tenant, NOON, characters=1, voice=f"v{number}")
        key = key_issue(tenant=cast.alice.tenant, name=f"key {number}")[0]
        used(cast.alice.tenant, NOON, key=key, voice=f"v{number}", reference=f"r{number}")


def test_the_page_of_a_tenant_takes_the_same_queries_however_much_there_is(
    root: Client, may: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    grown(may, 3)
    # Session, user; tenants to choose from with plan, and their exceptions; report (four), names of keys, references;
    # period, first use, last days; last check.
    with django_assert_num_queries(14):
        shown(root, tenant=may.alice.tenant.pk, **MAY)


def test_the_page_of_all_tenants_takes_the_same_queries_however_many_there_are(
    root: Client, may: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    grown(may, 3)
    # Session, user; tenants to choose from with plan, and their exceptions; report (four); top tenants with plan, and
    # their exceptions, months; last check.
    with django_assert_num_queries(12):
        shown(root, **MAY)
