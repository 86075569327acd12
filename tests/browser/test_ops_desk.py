"""The ops desk in a browser, on the real system: what an operator, and a member of a tenant, does in a day."""

import contextlib
import csv
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.test_speaking import HEARD
from tests.browser.visitor import Visitor
from tests.system import ROOT, System, supervisor_environment

SOON = 20_000
"""Milliseconds until which something must have happened on a page by itself."""

SENTENCE = "The ferry leaves at seven in the morning."

MEMBER = """
import sys
from django.contrib.auth.models import Group, User
from accounts.models import Membership, Tenant
from accounts.services.memberships import membership_set
from accounts.services.tenants import tenant_create
from tests.tts.admin.history import succeeded

name, password = sys.stdin.read().split()
tenant = Tenant.objects.filter(slug=name).first() or tenant_create(
    slug=name, name=name.title(), plan=Tenant.objects.get(slug="demo").plan)
user = User.objects.create_user(name, password=password, is_staff=True)
user.groups.add(Group.objects.get(name="tenant owners"))
membership_set(tenant=tenant, user=user, role=Membership.Role.OWNER)
print(succeeded(tenant, text="of " + name, reference=name + "-reference").pk)
"""
"""Makes a tenant with a member and a request, in the system's own database and storage."""


def logged_in(visitor: Visitor, system: System, name: str = "admin", password: str = "") -> Page:
    page = visitor.opens(path="/admin/login/?next=/admin/")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(password or (system.data / "admin.password").read_text().strip())
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/admin/")
    return page


@pytest.fixture
def operator(visitor: Visitor, system: System) -> Page:
    return logged_in(visitor, system)


@pytest.fixture
def spoken(system: System) -> str:
    """The id of a request that was spoken just now."""
    answer = system.speak(SENTENCE, reference="ops-desk")
    assert answer.status_code == 200
    found = re.search(r"[0-9a-f]{8}-[0-9a-f-]{27}", answer.headers["Content-Disposition"])
    assert found is not None
    return found[0]


@contextlib.contextmanager
def workers_held(system: System) -> Iterator[None]:
    """While it lasts nobody speaks: worker processes are stopped, not ended."""
    workers = system.workers().values()
    for pid in workers:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in workers:
            os.kill(pid, signal.SIGCONT)


def stays(page: Page) -> None:
    """Leave a mark that a reload takes away."""
    page.evaluate("window.stayed = true")


def stayed(page: Page) -> bool:
    return bool(page.evaluate("window.stayed === true"))


def opens_request(page: Page, system: System, request_id: str) -> None:
    """By the search box of the history."""
    page.goto(f"{system.base_url}/admin/tts/synthesisrequest/")
    search = page.get_by_role("searchbox", name="Search", exact=True)
    search.fill(request_id)
    search.press("Enter")
    rows = page.locator("#result_list tbody tr")
    expect(rows).to_have_count(1)
    rows.locator("th a").click()
    expect(page.locator(".request-id")).to_have_text(request_id)


def test_a_request_is_found_by_its_id_and_plays(operator: Page, system: System, spoken: str) -> None:
    opens_request(operator, system, spoken)
    expect(operator.locator("#text-original")).to_have_text(SENTENCE)
    operator.get_by_role("button", name="Play").click()
    position, duration = operator.locator("#request-audio audio").evaluate(HEARD)
    assert 0.2 < position <= duration
    expect(operator.get_by_role("button", name="Pause")).to_be_visible()
    assert duration == pytest.approx(
        system.sql("SELECT audio_seconds FROM tts_synthesisrequest WHERE id = %s", spoken)[0][0], abs=0.2
    )


def test_a_request_is_run_again_and_its_page_follows_it_to_the_end(
    operator: Page, system: System, spoken: str
) -> None:
    opens_request(operator, system, spoken)
    with workers_held(system):
        operator.get_by_role("button", name="Run again").click()
        expect(operator.locator(".request-id")).not_to_have_text(spoken)
        expect(operator.locator("#request")).to_have_attribute("data-final", "false")
        expect(operator.locator("#request-headline")).to_contain_text(re.compile("queued|running"))
        stays(operator)
    expect(operator.locator("#request")).to_have_attribute("data-final", "true", timeout=SOON)
    expect(operator.locator("#request-headline")).to_contain_text("succeeded")
    assert stayed(operator)
    operator.get_by_role("button", name="Play").click()
    assert operator.locator("#request-audio audio").evaluate(HEARD)[1] > 1
    again = operator.locator(".request-id").inner_text()
    repeated = system.sql("SELECT repeats_id::text, origin FROM tts_synthesisrequest WHERE id = %s", again)
    assert repeated == [(spoken, "rerun")]


def test_an_export_is_a_csv_that_holds_the_request(
    operator: Page, system: System, spoken: str, tmp_path: Path
) -> None:
    operator.goto(f"{system.base_url}/admin/tts/usageexport/add/")
    operator.get_by_label("line items").check()
    operator.get_by_label("CSV", exact=True).check()
    with operator.expect_download() as download:
        operator.get_by_role("button", name="Export").click()
    assert download.value.suggested_filename.endswith(".csv")
    saved = tmp_path / "usage.csv"
    download.value.save_as(saved)
    lines = list(csv.reader(saved.read_text(encoding="utf-8").splitlines()))
    header = next(number for number, line in enumerate(lines) if line[:2] == ["at", "day"])
    names = lines[header]
    rows = [dict(zip(names, line, strict=True)) for line in lines[header + 1 :] if len(line) == len(names)]
    (row,) = [row for row in rows if row["request_id"] == spoken]
    assert (row["reference"], row["outcome"]) == ("ops-desk", "succeeded")
    assert int(row["characters"]) == len(SENTENCE)
    charged = system.sql("SELECT sum(characters) FROM tts_usageevent")[0][0]
    assert sum(int(each["characters"]) for each in rows) == charged


def test_the_log_page_shows_new_lines_by_itself(operator: Page, system: System) -> None:
    operator.goto(f"{system.base_url}/admin/tts/logrecord/")
    operator.get_by_role("button", name="Follow live").click()
    stays(operator)
    answer = system.speak(SENTENCE)
    line = operator.locator(f'#log-lines tr:has(a[title="{answer.headers["X-Request-ID"]}"])')
    by_row = operator.locator("#log-lines tr.is-new")
    expect(line.or_(by_row).first).to_be_visible(timeout=SOON)
    assert stayed(operator)


def test_the_strip_of_the_home_page_follows_the_platform(operator: Page, system: System) -> None:
    updated = operator.locator("#desk-pieces [data-piece=updated] time")
    expect(updated).to_be_visible(timeout=SOON)
    stays(operator)
    with workers_held(system):
        before = updated.get_attribute("datetime")
        assert before is not None
        expect(updated).not_to_have_attribute("datetime", before, timeout=SOON)
    expect(operator.locator("#desk-stale")).to_be_hidden()
    expect(operator.locator("#desk-charts figure.chart canvas").first).to_be_visible()
    assert stayed(operator)


def test_a_member_sees_the_desk_of_its_own_tenant(visitor: Visitor, system: System, spoken: str) -> None:
    name, password = "quokka", "a-long-enough-password"
    own = made_member(system, name, password)
    page = logged_in(visitor, system, name, password)
    expect(page.locator("#content")).to_contain_text("Quokka")
    expect(page.locator("#desk-live")).to_have_count(0)
    assert page.locator("a[href*='logrecord'], a[href*='django_rq'], a[href*='/auth/']").count() == 0
    opens_request(page, system, own)
    page.goto(f"{system.base_url}/admin/tts/synthesisrequest/")
    expect(page.locator("#result_list tbody tr")).to_have_count(1)
    foreign = page.request.get(f"{system.base_url}/admin/tts/synthesisrequest/{spoken}/change/")
    assert spoken not in foreign.url
    assert page.request.get(f"{system.base_url}/admin/tts/logrecord/").status == 403


def made_member(system: System, name: str, password: str) -> str:
    """The id of the request of a tenant made for it."""
    environment = supervisor_environment(system.data, 0, system.services) | {"VOXGATE_LOCAL": "1"}
    done = subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "shell", "--verbosity", "0", "-c", MEMBER],
        env=environment,
        cwd=ROOT,
        input=f"{name} {password}",
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()[-1]
