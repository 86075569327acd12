"""The page before anything is spoken: languages, counting, examples, preview, status, small and dark screens."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.visitor import Visitor

READY = re.compile(r"^Status: Ready$")


def test_a_chinese_browser_gets_a_chinese_page(visitor: Visitor) -> None:
    page = visitor.opens(locale="zh-CN")
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    expect(page.get_by_role("button", name="合成语音")).to_be_enabled()
    expect(page.get_by_role("radio")).to_have_count(8)
    for speaker in ("女声 · 清晰播报", "女声 · 温柔", "男声 · 沉稳", "男声 · 活泼"):
        expect(page.get_by_role("radio", name=speaker)).to_be_visible()


@pytest.mark.parametrize("locale", ["en-GB", "fr-FR"])
def test_any_other_browser_gets_an_english_page(visitor: Visitor, locale: str) -> None:
    page = visitor.opens(locale=locale)
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_role("button", name="Synthesize")).to_be_enabled()
    expect(page.get_by_label("Text", exact=True)).to_have_attribute("placeholder", re.compile("read aloud"))


def test_a_chosen_language_is_remembered(visitor: Visitor) -> None:
    page = visitor.opens(locale="zh-CN")
    page.get_by_role("button", name="EN", exact=True).click()
    expect(page.get_by_role("button", name="Synthesize")).to_be_visible()
    page.reload()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_role("button", name="EN", exact=True)).to_have_attribute("aria-pressed", "true")


def test_no_word_of_the_english_page_is_chinese_but_examples_and_the_toggle(visitor: Visitor) -> None:
    page = visitor.opens(locale="en-US")
    expect(page.locator("#status-text")).to_have_text(READY)
    page.evaluate(
        "document.querySelectorAll('.examples, .languages, noscript').forEach((part) => part.remove())"
    )
    words = page.locator("body").inner_text() + str(
        page.evaluate("[...document.querySelectorAll('[aria-label]')].map((part) => part.ariaLabel)")
    )
    assert "Speaker" in words
    assert not re.search(r"[\u4e00-\u9fff]", words)


@pytest.mark.parametrize(
    ("text", "count"),
    [("", "0"), ("  今天的温度是35℃!!!\n", "12"), ("👩‍👩‍👧", "5"), ("e\u0301", "1"), ("\u3000字\u2028", "1")],
)
def test_characters_are_counted_as_they_are_billed(visitor: Visitor, text: str, count: str) -> None:
    page = visitor.opens()
    page.get_by_label("Text", exact=True).fill(text)
    expect(page.locator("#count-value")).to_have_text(count)


def test_a_text_over_the_limit_is_marked_at_once_and_refused_without_asking(visitor: Visitor) -> None:
    page = visitor.opens()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    limit = int(page.locator("#count-limit").inner_text())
    page.get_by_label("Text", exact=True).fill("字" * (limit + 1))
    expect(page.locator("#count")).to_have_class(re.compile("over"))
    page.get_by_role("button", name="Synthesize").click()
    expect(page.locator("#text-error")).to_have_text(f"Too long: {limit + 1} characters, at most {limit}.")
    assert not [url for url in asked if "/api/" in url]


def test_an_example_fills_the_text_and_shows_how_it_is_read(visitor: Visitor) -> None:
    page = visitor.opens(locale="zh-CN")
    page.get_by_role("button", name="今天的温度是35℃!!!").click()
    expect(page.get_by_label("文字", exact=True)).to_have_value("今天的温度是35℃!!!")
    expect(page.locator("#normalized")).to_have_text("今天的温度是三十五摄氏度！")
    step = page.locator("#steps li", has_text="zh-temperature")
    expect(step.locator("del")).to_have_text("35℃")
    expect(step.locator("ins")).to_have_text("三十五摄氏度")


def test_the_preview_marks_the_language_of_each_run(visitor: Visitor) -> None:
    page = visitor.opens()
    page.get_by_label("Text", exact=True).fill("会议开始。Please be on time, everybody.")
    expect(page.locator("#normalized [lang=zh-CN]")).to_contain_text("会议开始")
    expect(page.locator("#normalized [lang=en-US]")).to_contain_text("Please be on time")


def test_the_preview_of_a_cleared_text_is_gone(visitor: Visitor) -> None:
    page = visitor.opens()
    page.get_by_label("Text", exact=True).fill("Tea costs $3.50.")
    expect(page.locator("#steps li")).not_to_have_count(0)
    page.get_by_label("Text", exact=True).fill("")
    expect(page.locator("#steps li")).to_have_count(0)
    expect(page.locator("#preview-hint")).to_have_text(re.compile("as you type"))


def test_status_ready_stands_at_the_lower_right(visitor: Visitor) -> None:
    page = visitor.opens(locale="zh-CN", viewport={"width": 1280, "height": 800})
    expect(page.locator("#status-text")).to_have_text(READY)
    expect(page.get_by_text("状态：就绪")).to_be_visible()
    box = page.locator("#status").bounding_box()
    assert box is not None
    assert box["x"] > 640
    assert 700 < box["y"] + box["height"] <= 800


def test_status_follows_the_network_both_ways(visitor: Visitor) -> None:
    page = visitor.opens()
    expect(page.locator("#status-text")).to_have_text(READY)
    page.context.set_offline(True)
    expect(page.locator("#status-text")).to_have_text("Status: Offline")
    page.context.set_offline(False)
    expect(page.locator("#status-text")).to_have_text(READY)


def test_status_opens_to_show_every_part(visitor: Visitor) -> None:
    page = visitor.opens()
    page.locator("#status summary").click()
    expect(page.locator("#status-parts").get_by_text("workers", exact=True)).to_be_visible()
    expect(page.locator("#status-parts dt", has_text="database")).to_be_visible()


@pytest.mark.parametrize("locale", ["zh-CN", "en-US"])
@pytest.mark.parametrize("width", [320, 375, 768, 1280])
def test_nothing_scrolls_sideways(visitor: Visitor, locale: str, width: int) -> None:
    page = visitor.opens(locale=locale, viewport={"width": width, "height": 800})
    page.get_by_role("textbox").fill("https://voxgate.example/" + "长" * 60 + "w" * 200)
    expect(page.locator("#normalized")).not_to_be_empty()
    # Voices are called as their makers like.
    page.evaluate(
        "document.querySelector('#voice').add(new Option('A voice of some maker (zh-CN, en-US) '.repeat(4)))"
    )
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_a_dark_screen_gets_light_ink_on_dark_paper(visitor: Visitor) -> None:
    dark = _paper_and_ink(visitor.opens(color_scheme="dark"))
    light = _paper_and_ink(visitor.opens(color_scheme="light"))
    assert dark[0] < 60 < 200 < dark[1]
    assert light[1] < 60 < 200 < light[0]


def test_everything_can_be_reached_by_keyboard_in_reading_order(visitor: Visitor) -> None:
    page = visitor.opens()
    expect(page.get_by_label("Text", exact=True)).to_be_focused()
    reached = []
    for _ in range(9):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id || document.activeElement.name || 'example'"))
    assert reached == [*["example"] * 4, "speaker", "voice", "speed", "format", "synthesize"]


def test_hardened_against_foreign_code(visitor: Visitor) -> None:
    page = visitor.opens()
    policy = page.request.get(page.url).headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    page.get_by_label("Text", exact=True).fill("<img src=x onerror=alert(1)> says 5%")
    expect(page.locator("#steps li")).not_to_have_count(0)
    assert page.locator("#normalized img, #steps img").count() == 0


def _paper_and_ink(page: Page) -> tuple[int, int]:
    """Green of the background and of the text, 0 … 255."""
    colors = page.evaluate(
        "[getComputedStyle(document.documentElement).backgroundColor, getComputedStyle(document.body).color]"
    )
    paper, ink = (int(re.findall(r"\d+", color)[1]) for color in colors)
    return paper, ink
