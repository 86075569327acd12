"""The admin in a browser, under its Content-Security-Policy: styled, scripted, and without a complaint."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.visitor import Visitor
from tests.system import System


def logged_in(visitor: Visitor, system: System) -> Page:
    """The start of the admin, as the first superuser sees it."""
    page = visitor.opens(path="/admin/login/?next=/admin/")
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password").fill((system.data / "admin.password").read_text().strip())
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Operations")).to_be_visible()
    return page


@pytest.fixture
def operator(visitor: Visitor, system: System) -> Page:
    assert system.speak("Good morning.").status_code == 200
    return logged_in(visitor, system)


def test_django_s_styles_and_scripts_work(operator: Page) -> None:
    header = operator.locator("#header")
    assert header.evaluate("element => getComputedStyle(element).backgroundColor") != "rgba(0, 0, 0, 0)"
    theme = operator.locator("html")
    before = theme.get_attribute("data-theme")
    operator.locator("button.theme-toggle:visible").first.click()
    expect(theme).not_to_have_attribute("data-theme", before or "")


def test_the_audio_of_a_request_plays(operator: Page, system: System) -> None:
    operator.goto(f"{system.base_url}/admin/tts/synthesisrequest/")
    operator.locator("#result_list tbody tr").first.locator("th a").click()
    player = operator.locator("audio")
    duration = player.evaluate(
        "audio => new Promise((done, fail) => { audio.onerror = () => fail('refused');"
        " audio.onloadedmetadata = () => done(audio.duration);"
        " if (audio.duration) done(audio.duration); audio.preload = 'metadata'; audio.load(); })"
    )
    assert duration > 0.2


def test_an_action_works_on_the_rows_that_are_ticked(operator: Page, system: System) -> None:
    operator.goto(f"{system.base_url}/admin/tts/voice/")
    operator.locator("#action-toggle").check()
    expect(operator.locator(".action-counter")).not_to_contain_text("0 of")
    expect(operator.locator("#result_list tbody tr.selected")).not_to_have_count(0)


def test_a_dictionary_entry_is_added(operator: Page, system: System) -> None:
    operator.goto(f"{system.base_url}/admin/tts/pronunciationentry/add/")
    operator.locator("select[name=tenant]").select_option(index=1)
    operator.locator("[name=written]").fill("Voxgate CSP")
    operator.locator("[name=spoken]").fill("vox gate")
    operator.locator("input[name=_save]").click()
    expect(operator.locator(".messagelist .success")).to_be_visible()


def test_foreign_code_does_not_run(browser: Browser, system: System) -> None:
    visitor = Visitor(browser, system.base_url)
    page = logged_in(visitor, system)
    blocked = page.evaluate(
        "() => new Promise(done => {"
        " document.addEventListener('securitypolicyviolation', event => done(event.effectiveDirective));"
        " const script = document.createElement('script');"
        " script.textContent = 'window.harmed = true'; document.body.append(script); })"
    )
    assert blocked.startswith("script-src")
    assert page.evaluate("window.harmed") is None
    with pytest.raises(AssertionError, match="inline script violates"):
        visitor.leave()


def test_the_dashboard_of_the_queue_works_without_what_it_has_inline(
    browser: Browser, system: System
) -> None:
    visitor = Visitor(browser, system.base_url)
    page = logged_in(visitor, system)
    page.goto(f"{system.base_url}/admin/django_rq/dashboard/")
    page.get_by_role("link", name="tts").first.click()
    expect(page.get_by_role("heading", name="tts").first).to_be_visible()
    with pytest.raises(AssertionError, match="inline style violates"):
        visitor.leave()
