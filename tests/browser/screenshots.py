"""Pictures of the page in all its states, taken from a running server, to look at.

    python -m tests.browser.screenshots http://127.0.0.1:7860 DIRECTORY

Needs a Chinese font on the machine (Debian: fonts-noto-cjk), or the Chinese words are boxes.
"""

import re
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import chromium, chromium_program

DESKTOP = {"width": 1280, "height": 860}
PHONE = {"width": 390, "height": 844}


def main(base_url: str, directory: Path) -> None:
    program = chromium_program()
    if program is None:
        sys.exit("no Chromium on PATH")
    directory.mkdir(parents=True, exist_ok=True)
    with chromium(program) as browser:
        _result(browser, base_url, locale="zh-CN", viewport=DESKTOP).screenshot(
            path=directory / "page-zh.png"
        )
        english = _result(
            browser,
            base_url,
            locale="en-US",
            viewport=DESKTOP,
            color_scheme="dark",
            text="Tea costs $3.50 until 9:30 on 3 May 2026.",
        )
        english.locator("#status summary").click()
        english.screenshot(path=directory / "page-en-dark.png")
        phone = _result(browser, base_url, locale="zh-CN", viewport=PHONE, device_scale_factor=2)
        phone.screenshot(path=directory / "page-phone.png")
        error = _page(browser, base_url, locale="en-US", viewport=DESKTOP)
        error.locator("#text").fill("!!!")
        error.keyboard.press("Control+Enter")
        expect(error.locator("#text-error")).to_be_visible()
        error.screenshot(path=directory / "page-error.png")


def _page(browser: Browser, base_url: str, **context: Any) -> Page:
    page = browser.new_context(**context).new_page()
    page.goto(base_url)
    expect(page.locator("#status-text")).to_have_text("Status: Ready")
    return page


def _result(
    browser: Browser,
    base_url: str,
    text: str = "会议9:30开始，单价12,000元/平方米，今天35℃!!!",
    **context: Any,
) -> Page:
    """A page with a result, a second into its playback."""
    page = _page(browser, base_url, **context)
    page.locator("#text").fill(text)
    page.locator("#synthesize").click()
    expect(page.locator("#steps li")).not_to_have_count(0)
    expect(page.locator("#position")).to_have_text(re.compile("0:01"))
    page.locator("#text").blur()
    return page


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
