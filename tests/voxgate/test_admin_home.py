"""The home page: who sees what on it, what it costs, and that nothing it needs can keep it from opening."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Membership
from accounts.roles import GROUPS, Role
from accounts.services.memberships import membership_set
from tests.admin_cast import client_of, member_of, operator, staff, superuser
from tests.cast import Cast, Member, member
from tests.outages import flush_redis, redis_away
from tests.tts.desk.buckets import bucket
from tests.tts.rows import admitted, claimed
from tts.models import SynthesisRequest
from tts.services.leases import EngineFacts, WorkerFacts, lease_renew
from tts.usage.recording import Use, usage_record

pytestmark = pytest.mark.django_db

LIVE = "/admin/desk/live/"


@pytest.fixture(autouse=True)
def empty_redis() -> None:
    flush_redis()


def page(client: Client, path: str = "/admin/") -> str:
    response = client.get(path)
    assert response.status_code == 200
    return response.content.decode()


def charts(html: str) -> dict[str, dict[str, Any]]:
    """The data of the charts on a page, by the names that the figures give."""
    found = dict(re.findall(r'<script id="(chart-[\w-]+)" type="application/json">(.*?)</script>', html))
    assert sorted(found) == sorted(re.findall(r'data-chart="([\w-]+)"', html))
    return {key: json.loads(data) for key, data in found.items()}


def spoken(who: Member, characters: int) -> None:
    row = claimed(who)
    use = Use(SynthesisRequest.Status.SUCCEEDED, characters=characters, audio_seconds=2.0, engine="onnx")
    usage_record(row=row, use=use, now=timezone.now())


def finance() -> Client:
    return client_of(staff("finance", *GROUPS["finance"]))


def operators() -> Client:
    return client_of(staff("desk", *GROUPS["operator"]))


def test_an_operator_sees_the_platform_now_and_over_time(cast: Cast) -> None:
    spoken(cast.alice, 40)
    spoken(cast.bob, 2)
    html = page(operators())
    assert f'data-url="{LIVE}"' in html
    data = charts(html)
    assert len(data) == 8
    assert sum(data["chart-characters"]["series"][0]["values"]) == 42


def test_a_member_sees_the_use_of_their_tenants_and_nobody_elses(cast: Cast) -> None:
    spoken(cast.alice, 40)
    spoken(cast.bob, 2)
    html = page(client_of(member_of(cast.alice.tenant, Role.VIEWER)))
    assert "data-url" not in html
    assert "Alice" in html
    assert "Bob" not in html
    data = charts(html)
    assert sorted(data) == ["chart-audio", "chart-characters", "chart-requests"]
    [line] = data["chart-characters"]["series"]
    assert (line["label"], sum(line["values"])) == ("Alice", 40)


def test_a_member_of_several_sees_the_use_of_each_until_its_own_month_ends(cast: Cast) -> None:
    user = member_of(cast.alice.tenant, Role.VIEWER)
    membership_set(tenant=cast.bob.tenant, user=user, role=Role.OWNER)
    for who, zone in ((cast.alice, "Asia/Shanghai"), (cast.bob, "America/New_York")):
        who.tenant.time_zone = zone
        who.tenant.save()
    spoken(cast.alice, 40)
    spoken(cast.bob, 2)
    html = page(client_of(user))
    lines = charts(html)["chart-characters"]["series"]
    assert {line["label"]: sum(line["values"]) for line in lines} == {"Alice": 40, "Bob": 2}
    assert re.findall(r"until \d{4}-\d\d-(\S+ \S+)<", html) == ["01 00:00", "01 00:00"]
    assert "more tenant" not in html


@pytest.mark.parametrize(("more", "told"), [(5, None), (6, "1 more tenant of"), (8, "3 more tenants of")])
def test_home_says_of_how_many_tenants_it_tells_nothing(cast: Cast, more: int, told: str | None) -> None:
    user = member_of(cast.alice.tenant, Role.VIEWER)
    for number in range(more):
        membership_set(tenant=member(f"more-{number}").tenant, user=user, role=Role.VIEWER)
    html = page(client_of(user))
    assert re.findall(r"\d+ more tenants? of", html) == ([] if told is None else [told])


def test_finance_with_a_tenant_of_its_own_sees_amounts_of_all(cast: Cast) -> None:
    spoken(cast.alice, 40)
    spoken(cast.bob, 2)
    user = User.objects.create_user("both", is_staff=True)
    user.groups.set(Group.objects.filter(name__in=["finance", "tenant owners"]))
    membership_set(tenant=cast.alice.tenant, user=user, role=Role.OWNER)
    client = client_of(user)
    assert sum(charts(page(client))["chart-characters"]["series"][0]["values"]) == 42
    assert client.get(LIVE).status_code == 403


def test_finance_sees_amounts_and_not_how_the_platform_does(cast: Cast) -> None:
    spoken(cast.alice, 40)
    client = finance()
    html = page(client)
    assert sorted(charts(html)) == ["chart-audio", "chart-characters", "chart-requests"]
    assert "data-url" not in html
    assert "<h1>Overview</h1>" in html
    assert client.get(LIVE).status_code == 403


@pytest.mark.parametrize("span", ["24h", "30d"])
def test_finance_sees_what_is_charged_as_the_report_does(cast: Cast, span: str) -> None:
    spoken(cast.alice, 40)
    spoken(cast.bob, 2)
    # What the platform did besides, such as requests that operators ran again.
    bucket(timezone.now(), succeeded=3, characters=1_000, audio_seconds=60.0)
    client = finance()
    data = charts(page(client, f"/admin/?span={span}"))
    sums = {key: sum(map(sum, (one["values"] for one in chart["series"]))) for key, chart in data.items()}
    assert sums == {"chart-requests": 2, "chart-characters": 42, "chart-audio": 4.0}
    figures = page(client, "/admin/tts/usagebucket/?span=days")
    assert re.findall(r'data-figure="(?:requests|characters)">([^<]*)<', figures) == ["2", "42"]


def test_staff_without_permissions_see_no_figures(cast: Cast) -> None:
    html = page(client_of(staff("outsider")))
    assert charts(html) == {}
    assert "data-url" not in html


def test_the_strip_is_for_operators(cast: Cast) -> None:
    member_client = client_of(member_of(cast.alice.tenant, Role.OWNER))
    half = client_of(operator("half", "tts.view_synthesisrequest"))
    assert [client.get(LIVE).status_code for client in (member_client, half)] == [403, 403]
    assert Client().get(LIVE).headers["Location"].startswith("/admin/login/")


def test_the_strip_names_parts_engines_and_figures(cast: Cast) -> None:
    admitted(cast.alice)
    engines = (
        EngineFacts("primary", "onnx", ok=False, at=0.0, seconds=0.0, voices_ready=0, problem="no-voice"),
        EngineFacts("fallback", "espeak", ok=True, at=1.0, seconds=0.01, voices_ready=4),
    )
    lease_renew(facts=WorkerFacts("one.1", started_at=0.0, jobs=0, engines=engines))
    html = page(operators(), LIVE)
    assert re.search(r"is-busy.{0,80}Primary engine.{0,80}away", html, re.DOTALL)
    assert re.search(r"Fallback engine.{0,120}espeak", html, re.DOTALL)
    assert "1 waiting" in html


def test_boxes_lead_to_what_they_count_and_only_who_may_look(cast: Cast) -> None:
    client = operators()
    links = dict(
        re.findall(r'data-piece="([\w-]+)">\s*<h3>[^<]*</h3>\s*<p[^>]*><a href="([^"]*)"', page(client, LIVE))
    )
    history = "/admin/tts/synthesisrequest/?"
    assert links == {
        "queue-tts": f"{history}status__exact=queued",
        "workers": f"{history}status__exact=running",
        "fallback": f"{history}fallback=any",
        "errors": f"{history}status__exact=failed",
    }
    assert {client.get(link).status_code for link in links.values()} == {200}
    watcher = client_of(operator("watcher", "tts.view_servicebucket"))
    assert "<a " not in page(watcher, LIVE)


def test_home_and_strip_open_while_redis_is_away() -> None:
    client = operators()
    with redis_away():
        page(client)
        html = page(client, LIVE)
    assert re.search(r"is-bad.{0,80}Redis, queue.{0,80}away", html, re.DOTALL)


@pytest.mark.parametrize("span", ["24h", "30d", "forever"])
def test_home_costs_one_query_for_all_charts(
    cast: Cast, span: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = client_of(superuser())
    bucket(timezone.now() - timedelta(days=1), succeeded=1)
    page(client)
    # Session, user, charts.
    with django_assert_num_queries(3):
        page(client, f"/admin/?span={span}")


def test_the_strip_costs_the_same_however_much_waits(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = client_of(superuser())
    for _ in range(3):
        admitted(cast.alice)
    # Session, user, whether the database answers, what waits, the sums, the errors.
    with django_assert_num_queries(6):
        page(client, LIVE)


def test_tenants_of_a_member_cost_no_query_for_each(
    cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    user = member_of(cast.alice.tenant, Role.VIEWER)
    client = client_of(user)
    page(client)
    with CaptureQueriesContext(connection) as of_one:
        page(client)
    for slug in ("two", "three"):
        Membership.objects.create(tenant=member(slug).tenant, user=user, role=Role.VIEWER)
    with django_assert_num_queries(len(of_one)):
        page(client)


def test_pages_stand_in_the_sections_of_the_desk() -> None:
    html = page(client_of(superuser()))
    names = re.findall(r'<span class="section">([^<]+)</span>', html)
    assert names == ["History", "Usage", "Logs", "Voices", "Tenants and keys", "Housekeeping"]


def test_every_page_is_in_a_section() -> None:
    html = page(client_of(superuser()))
    assert "app-rest" not in html


def test_groups_have_what_the_home_page_asks_for() -> None:
    assert {"tts.view_servicebucket", "accounts.see_all_tenants"} <= GROUPS["operator"]
    assert "tts.view_servicebucket" not in GROUPS["finance"]
