"""The page about usage: what it adds up, for whom, and at what cost."""

import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Membership
from accounts.roles import GROUPS
from accounts.services.keys import key_issue
from accounts.services.memberships import membership_set
from tests.admin_cast import client_of, member_of, operator, staff, superuser
from tests.cast import Cast, Member, member
from tests.tts.admin.usage_page import MAY, PAGE, figure, lines, shown, text
from tests.tts.usage.events import Status, used
from tests.tts.usage.reading import asked
from tts.models import MaintenanceRun, UsageBucket
from tts.usage.checking import usage_check
from tts.usage.sums import Sums

pytestmark = pytest.mark.django_db

NOON = "2026-05-02T12:00:00+08:00"
Role = Membership.Role


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


def test_all_tenants_have_the_tables_of_one_with_the_tenant_beside_what_two_may_name_alike(
    root: Client, may: Cast
) -> None:
    same = key_issue(tenant=may.bob.tenant, name=may.alice.row.name)[0]
    used(may.bob.tenant, NOON, characters=70, key=same, reference="book")
    name = "alice&#x27;s app"
    assert lines(root, "key", **MAY) == [
        (f"Bob · bob&#x27;s app {may.bob.row.label}", 1, 9000),
        (f"Alice · {name} {may.alice.row.label}", 2, 1200),
        ("Alice · without a key", 1, 300),
        (f"Bob · {name} {same.label}", 1, 70),
    ]
    assert lines(root, "reference", **MAY) == [
        ("Bob · bobs", 1, 9000),
        ("Alice · book", 1, 1200),
        ("Bob · book", 1, 70),
    ]
    assert [table.key for table in shown(root, **MAY).context["tables"]] == [
        *("key", "voice", "engine", "fallback", "outcome", "reference", "day"),
    ]


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

    def test_finance_sees_the_drift_and_leaves_its_repair_to_operators(self, may: Cast) -> None:
        now = timezone.now()
        drift = {"drift": 1, "buckets": 1, "periods": 0, "characters": 299, "checked": {"events": 5}}
        MaintenanceRun.objects.create(
            kind="usage-check", started_at=now, finished_at=now, succeeded=True, data=drift
        )
        runs = "/admin/tts/maintenancerun/"
        finance = client_of(staff("finance", *GROUPS["finance"]))
        page = text(finance, **MAY)
        assert (figure(page, "characters"), figure(page, "drift")) == ("10,500", "1")
        assert "An operator can make them agree." in page
        assert ("check_usage" in page, runs in page) == (False, False)
        assert finance.get(runs).status_code == 403
        page = text(client_of(staff("ops", *GROUPS["operator"])), **MAY)
        assert ("check_usage --repair" in page, f"{runs}?kind__exact=usage-check" in page) == (True, True)

    def test_the_drift_over_all_tenants_is_not_for_members(self, may: Cast) -> None:
        client = client_of(member_of(may.alice.tenant, Role.OWNER))
        assert "usage-drift" not in text(client, **MAY)


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
    events = "/admin/tts/usageevent/?day=2026-05-01&day=2026-05-31"
    of_tenant = f"{events}&tenant__id__exact={may.alice.tenant.pk}"
    assert of_tenant.replace("&", "&amp;") in page
    listed = root.get(of_tenant)
    assert listed.status_code == 200
    assert len(listed.context["cl"].result_list) == 3


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


@pytest.mark.django_db(transaction=True)  # an export reads in a connection of its own
def test_the_days_shown_are_a_csv_file_of_the_same_totals_at_one_click(may: Cast) -> None:
    finance = client_of(staff("finance", *GROUPS["finance"]))
    for query in ({**MAY, "tenant": may.alice.tenant.pk}, MAY):
        page = text(finance, **query)
        form = re.search(
            r'<form method="post" action="([^"]*)" id="usage-csv" hidden>(.*?)</form>', page, re.DOTALL
        )
        assert form is not None
        assert 'form="usage-csv"' in page
        answer = finance.post(form[1], dict(re.findall(r'name="(\w+)" value="([^"]*)"', form[2])))
        lines = b"".join(cast(Iterable[bytes], answer)).decode("utf-8-sig").splitlines()
        for name in ("requests", "characters"):
            assert f"# totals.all.{name},{figure(page, name).replace(',', '')}" in lines
        assert [line for line in lines if line.startswith("2026-05-02,")]


def test_who_may_not_export_has_no_button(may: Cast) -> None:
    assert "usage-csv" not in text(client_of(operator("reader", "tts.view_usagebucket")), **MAY)


def test_every_day_is_a_row_and_their_sum_is_the_last(root: Client, may: Cast) -> None:
    [table] = [one for one in shown(root, **MAY).context["tables"] if one.key == "day"]
    assert (len(table.lines), sum(line.sums.requests == 0 for line in table.lines)) == (31, 29)
    assert table.total.sums == sum((line.sums for line in table.lines), Sums())
    assert (table.total.sums.requests, table.total.sums.characters) == (4, 10_500)


def test_a_tenant_whose_requests_have_no_reference_is_told_so(root: Client, may: Cast) -> None:
    page = text(root, tenant=may.alice.tenant.pk, **{"from": "2026-05-31", "to": "2026-05-31"})
    assert "No request had a reference." in page
    assert "Nothing was used on these days." not in page


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
    # Session, user; tenants to choose from with plan, and their exceptions; report (four), references, names of keys;
    # period, pace; last check.
    with django_assert_num_queries(13):
        shown(root, tenant=may.alice.tenant.pk, **MAY)


def test_the_page_of_all_tenants_takes_the_same_queries_however_many_there_are(
    root: Client, may: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    grown(may, 3)
    # Session, user; tenants to choose from with plan, and their exceptions; report (four), references, names of keys,
    # names of tenants; plans, exceptions, tenants, months, paces; last check.
    with django_assert_num_queries(17):
        shown(root, **MAY)
