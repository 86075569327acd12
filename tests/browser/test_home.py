"""The admin's home page in a browser: the strip that keeps itself fresh, and the charts."""

import re

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.test_admin import logged_in
from tests.browser.visitor import Visitor
from tests.system import System

LIVE = "**/admin/desk/live/"
PHONE: ViewportSize = {"width": 375, "height": 740}
SOON = 30_000
"""Milliseconds within which the next look at the figures is over."""


@pytest.fixture
def desk(visitor: Visitor, system: System) -> Page:
    assert system.speak("Good morning.").status_code == 200
    page = logged_in(visitor, system)
    expect(page.locator("[data-piece=workers]")).to_be_visible(timeout=SOON)
    return page


def figure(page: Page, name: str) -> str:
    return page.locator(f"[data-piece={name}] .desk-value").inner_text()


def test_the_strip_tells_parts_queues_and_workers(desk: Page) -> None:
    expect(desk.locator(".desk-part")).to_have_count(9)
    expect(desk.locator(".desk-part.is-bad")).to_have_count(0)
    expect(desk.locator("[data-piece=queue-tts] .desk-value")).to_have_text(re.compile(r"^\d+ waiting$"))
    assert re.fullmatch(r"\d of 2 busy", figure(desk, "workers"))
    for name in ("background", "housekeeping"):
        note = desk.locator(f"[data-piece=queue-{name}] .desk-note")
        expect(note).to_have_text(re.compile(r" · \d of 1 busy$"))
    assert re.search(r"\d (ms|s) / \d+", figure(desk, "waits"))


def test_the_strip_follows_without_a_reload(desk: Page, system: System) -> None:
    desk.evaluate("window.here = true")
    before = desk.locator("[data-piece=pace] .desk-note").inner_text()
    assert system.speak("One more sentence, which makes some more audio.").status_code == 200
    expect(desk.locator("[data-piece=pace] .desk-note")).not_to_have_text(before, timeout=SOON)
    assert desk.evaluate("window.here") is True


def test_figures_that_are_old_say_so_and_recover(desk: Page) -> None:
    stale = desk.locator("#desk-stale")
    expect(stale).to_be_hidden()
    desk.route(LIVE, lambda route: route.abort())
    expect(stale).to_be_visible(timeout=SOON)
    desk.unroute(LIVE)
    expect(stale).to_be_hidden(timeout=SOON)


def test_a_session_that_ended_is_told(desk: Page) -> None:
    desk.context.clear_cookies()
    expect(desk.locator("#desk-logged-out")).to_be_visible(timeout=SOON)
    expect(desk.locator("#desk-logged-out a")).to_have_attribute("href", "/admin/login/?next=/admin/")


def test_a_link_keeps_the_focus_while_figures_change(desk: Page) -> None:
    link = desk.locator("[data-piece=queue-tts] a")
    link.focus()
    with desk.expect_response(LIVE):
        pass
    expect(link).to_be_focused()


def test_every_chart_is_drawn_and_has_its_numbers_as_a_table(desk: Page) -> None:
    expect(desk.locator("figure.chart")).to_have_count(8)
    expect(desk.locator("figure.chart canvas")).to_have_count(8)
    requests = desk.locator("figure.chart", has_text="Requests").first
    expect(requests.locator("[role=img]")).to_have_attribute(
        "aria-label", re.compile(r"Requests, succeeded \d")
    )
    requests.locator("summary").click()
    expect(requests.locator("tbody tr")).to_have_count(96)
    expect(requests.locator("thead th")).to_have_text(["Time", "succeeded", "failed", "expired", "canceled"])
    assert int(requests.locator("tbody tr").last.locator("td").first.inner_text()) >= 1


def test_a_pointer_reads_the_values_and_a_press_hides_a_series(desk: Page) -> None:
    chart = desk.locator("figure.chart", has_text="Requests").first
    chart.locator(".u-over").hover(position={"x": 40, "y": 40})
    expect(chart.locator(".chart-tooltip")).to_contain_text("succeeded")
    button = chart.get_by_role("button", name="succeeded")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")


def test_charts_take_the_colours_of_the_theme(desk: Page) -> None:
    swatch = desk.locator(".chart-swatch").first
    colour = "element => getComputedStyle(element).backgroundColor"
    seen = {swatch.evaluate(colour)}
    for _ in range(3):
        desk.locator("button.theme-toggle:visible").first.click()
        seen.add(swatch.evaluate(colour))
    assert len(seen) == 2


def test_thirty_days_are_one_click_away(desk: Page) -> None:
    desk.get_by_role("link", name="30 days").click()
    chart = desk.locator("figure.chart", has_text="Characters").first
    chart.locator("summary").click()
    expect(chart.locator("tbody tr")).to_have_count(30)


@pytest.mark.parametrize("path", ["/admin/", "/admin/accounts/usageperiod/", "/admin/accounts/auditevent/"])
def test_a_phone_needs_no_sideways_scrolling(desk: Page, system: System, path: str) -> None:
    desk.set_viewport_size(PHONE)
    desk.goto(system.base_url + path)
    assert desk.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


@pytest.mark.parametrize("name", ["auditevent", "plan", "shadowrefusal", "usageperiod"])
def test_a_list_shows_all_its_columns_at_1280_pixels(desk: Page, system: System, name: str) -> None:
    desk.goto(f"{system.base_url}/admin/accounts/{name}/")
    expect(desk.locator("#changelist")).to_be_visible()
    results = desk.locator("#changelist .results")
    if results.count():
        assert results.evaluate("box => box.scrollWidth - box.clientWidth") <= 0


def test_a_filter_opens_over_the_list_and_closes_the_others(desk: Page, system: System) -> None:
    desk.goto(f"{system.base_url}/admin/accounts/auditevent/")
    filters = desk.locator("details.list-filter")
    filters.nth(0).locator("summary").click()
    filters.nth(1).locator("summary").click()
    expect(desk.locator("details.list-filter[open]")).to_have_count(1)
    desk.get_by_role("link", name="key.issue").click()
    expect(desk.locator("details.list-filter summary b")).to_have_text("key.issue")
