"""The page of a server that serves nobody without a key."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.visitor import Visitor
from tests.browser.web_server import web_server
from tests.system import System

STORED = "JSON.stringify([{...localStorage}, {...sessionStorage}])"


@pytest.fixture(scope="module")
def closed_server(system: System) -> Iterator[str]:
    with web_server(system, VOXGATE_ANONYMOUS_TENANT="") as address:
        yield address


@pytest.fixture
def page(browser: Browser, closed_server: str) -> Iterator[Page]:
    visitor = Visitor(browser, closed_server)
    yield visitor.opens()
    visitor.leave()


def speak(page: Page) -> None:
    page.get_by_label("Text", exact=True).fill("hello at 9:30")
    page.locator("#synthesize").click()


def test_without_a_key_the_key_is_asked_for(page: Page) -> None:
    speak(page)
    expect(page.locator("#key-error")).to_have_text("Enter an API key.")
    expect(page.get_by_label("API key")).to_be_focused()
    expect(page.locator("#preview-hint")).to_have_text("Shown once a key is entered.")


@pytest.mark.parametrize("key", ["vg_live_wrong_key", "vg_live_000000000000_0000000000"])
def test_a_wrong_key_is_refused_at_its_field(page: Page, key: str) -> None:
    page.get_by_label("API key").fill(key)
    speak(page)
    expect(page.locator("#key-error")).to_have_text("This key is invalid, expired or revoked.")
    expect(page.get_by_label("API key")).to_be_focused()


def test_a_key_no_header_can_carry_is_refused_before_it_is_sent(page: Page) -> None:
    page.get_by_label("API key").fill("密钥")
    speak(page)
    expect(page.locator("#key-error")).to_contain_text("only letters, digits")


def test_a_good_key_speaks_and_previews_and_is_not_kept(page: Page, system: System) -> None:
    page.get_by_label("API key").fill(system.key)
    speak(page)
    expect(page.locator("#result")).to_be_visible()
    expect(page.locator("#normalized")).to_have_text("hello at nine thirty")
    assert page.evaluate(STORED) == "[{},{}]"
    page.reload()
    expect(page.get_by_label("API key")).to_have_value("")


def test_a_key_is_kept_in_this_tab_on_request_and_forgotten_on_request(page: Page, system: System) -> None:
    page.get_by_label("API key").fill(system.key)
    keep = page.get_by_role("checkbox", name="Remember in this tab")
    keep.check()
    page.reload()
    expect(page.get_by_label("API key")).to_have_value(system.key)
    assert system.key not in page.evaluate("JSON.stringify({...localStorage})")
    keep.uncheck()
    page.reload()
    expect(page.get_by_label("API key")).to_have_value("")


def test_a_failing_part_is_named(browser: Browser, system: System) -> None:
    with web_server(system, REDIS_URL="redis://127.0.0.1:1/0") as address:
        visitor = Visitor(browser, address)
        page = visitor.opens(locale="zh-CN")
        expect(page.locator("#status-text")).to_have_text("Status: Not ready (queue)")
        expect(page.locator("#status-native")).to_have_text("状态：异常 queue")
        page.locator("#status summary").click()
        expect(page.locator("#status-parts dd.bad")).to_have_text(re.compile("Error"))
        visitor.leave()
