"""Pictures of the main pages for the documentation, of a fresh system with made-up tenants and real speech.

    python -m tests.browser.docs_screenshots [DIRECTORY]

writes docs/screenshots/*.png and the page that shows them. Needs a Chinese font on the machine (Debian:
fonts-noto-cjk), or the Chinese words are boxes.
"""

import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import chromium, chromium_program
from tests.system import ROOT, System, running_system, supervisor_environment

DIRECTORY = ROOT / "docs" / "screenshots"
DESKTOP = {"width": 1280, "height": 860}
PHONE = {"width": 390, "height": 844}
LOCALES = {"zh": "zh-CN", "en": "en-US"}
STARTER_VOICES = "voxgate-starter-en,voxgate-starter-zh"
PATIENCE_MILLISECONDS = 60_000
MOST_BYTES = 300_000

SENTENCES = (
    "欢迎使用语音合成平台，今天的温度是35℃。",
    "会议9:30开始，单价12,000元/平方米。",
    "Tea costs $3.50 until half past nine.",
    "The ferry leaves at seven in the morning.",
)


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture: `name` is its file's, `title` what the page says below it."""

    name: str
    title: str
    path: str
    language: str = "zh"
    scheme: str = "light"
    phone: bool = False
    prepare: Callable[[Page], None] | None = None


def _first_request(page: Page) -> None:
    page.locator("#result_list tbody th a").first.click()
    expect(page.locator("audio")).to_have_count(1)


def _figures(page: Page) -> None:
    expect(page.locator("[data-piece=workers]")).to_be_visible()
    expect(page.locator("figure.chart canvas").first).to_be_visible()


def _charts(page: Page) -> None:
    expect(page.locator("figure.chart canvas").first).to_be_visible()


def _speak(text: str) -> Callable[[Page], None]:
    def prepare(page: Page) -> None:
        expect(page.locator("#status-text")).to_have_text("Status: Ready")
        page.locator("#text").fill(text)
        page.locator("#synthesize").click()
        expect(page.locator("#steps li")).not_to_have_count(0)
        expect(page.locator("#position")).to_have_text(re.compile("0:01"))
        page.locator("#text").blur()

    return prepare


SUCCEEDED = "/admin/tts/synthesisrequest/?status__exact=succeeded"
CHINESE_TEXT = "会议9:30开始，单价12,000元/平方米，今天35℃!!!"

PICTURES = (
    Picture("home", "Home of the admin · 管理首页", "/admin/?span=30d", prepare=_figures),
    Picture("home-en-dark", "Home, English, dark", "/admin/?span=30d", "en", "dark", prepare=_figures),
    Picture("home-phone", "Home on a phone · 手机", "/admin/?span=30d", phone=True, prepare=_figures),
    Picture("history", "History · 历史", "/admin/tts/synthesisrequest/"),
    Picture("history-en-dark", "History, English, dark", "/admin/tts/synthesisrequest/", "en", "dark"),
    Picture("request", "A request · 请求页", SUCCEEDED, prepare=_first_request),
    Picture("request-en-dark", "A request, English, dark", SUCCEEDED, "en", "dark", prepare=_first_request),
    Picture("usage", "Usage · 用量", "/admin/tts/usagebucket/", prepare=_charts),
    Picture(
        "usage-en-dark", "Usage, English, dark", "/admin/tts/usagebucket/", "en", "dark", prepare=_charts
    ),
    Picture("exports", "Ask for an export · 导出", "/admin/tts/usageexport/add/"),
    Picture("logs", "Logs · 日志", "/admin/tts/logrecord/"),
    Picture("logs-en-dark", "Logs, English, dark", "/admin/tts/logrecord/", "en", "dark"),
    Picture("page", "The web page · 网页", "/", prepare=_speak(CHINESE_TEXT)),
    Picture(
        "page-en-dark", "The web page, English, dark", "/", "en", "dark", prepare=_speak("Tea costs $3.50.")
    ),
    Picture("page-phone", "The web page on a phone · 手机", "/", phone=True, prepare=_speak(CHINESE_TEXT)),
)


def main(directory: Path = DIRECTORY) -> None:
    program = chromium_program()
    if program is None:
        sys.exit("no Chromium on PATH")
    directory.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="voxgate-pictures-") as data,
        running_system(
            Path(data, "data"), VOXGATE_STARTER_VOICES=STARTER_VOICES, VOXGATE_ALLOW_FIXTURE_VOICE="0"
        ) as system,
        chromium(program) as browser,
    ):
        _fill(system)
        for picture in PICTURES:
            taken = _take(browser, system, picture, directory / f"{picture.name}.png")
            sys.stdout.write(f"{picture.name}: {taken:,} bytes{' (large)' * (taken > MOST_BYTES)}\n")
    (directory.parent / "screenshots.md").write_text(_document(directory.name), encoding="utf-8")


def _fill(system: System) -> None:
    """History of made-up tenants, then some of today by the real engines."""
    environment = supervisor_environment(system.data, 0, system.services) | {"VOXGATE_LOCAL": "1"}
    command = [sys.executable, str(ROOT / "manage.py"), "seed_demo", "--requests", "6000", "--all-ended"]
    subprocess.run(command, env=environment, check=True, cwd=ROOT)
    for number in range(24):
        spoken = system.speak(SENTENCES[number % len(SENTENCES)], speaker_id=number % 4, format="mp3")
        assert spoken.status_code == 200, spoken.text
    assert system.post(json={"text": ""}).status_code == 400


def _take(browser: Browser, system: System, picture: Picture, path: Path) -> int:
    context: dict[str, Any] = {
        "locale": LOCALES[picture.language],
        "color_scheme": picture.scheme,
        "viewport": PHONE if picture.phone else DESKTOP,
    }
    profile = browser.new_context(**context)
    profile.set_default_timeout(PATIENCE_MILLISECONDS)
    expect.set_options(timeout=PATIENCE_MILLISECONDS)
    page = profile.new_page()
    if picture.path.startswith("/admin/"):
        _log_in(page, system)
    answer = page.goto(system.base_url + picture.path)
    assert answer is not None
    assert answer.ok, f"{picture.path}: {answer.status}"
    if picture.prepare is not None:
        picture.prepare(page)
    page.screenshot(path=path)
    profile.close()
    return path.stat().st_size


def _log_in(page: Page, system: System) -> None:
    page.goto(f"{system.base_url}/admin/login/?next=/admin/password_change/")
    page.locator("#id_username").fill("admin")
    page.locator("#id_password").fill((system.data / "admin.password").read_text().strip())
    page.locator("input[type=submit]").click()
    page.wait_for_url("**/password_change/")


def _document(folder: str) -> str:
    head = (
        "# What it looks like · 界面截图\n\n"
        "`python -m tests.browser.docs_screenshots` took these of a fresh system with made-up tenants.\n"
        "以下截图由脚本在全新系统上生成，租户与数据均为虚构。\n"
    )
    return head + "".join(
        f"\n## {picture.title}\n\n![{picture.title}]({folder}/{picture.name}.png)\n" for picture in PICTURES
    )


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:2]))
