"""Pictures of the admin, of a fresh system with made-up tenants: to look at what a change of its pages does.

python -m tests.browser.admin_screenshots DIRECTORY
"""

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

from tests.browser.chromium import chromium, chromium_program
from tests.browser.screenshots import DESKTOP, PHONE
from tests.system import ROOT, System, running_system, supervisor_environment

LISTS = {
    "tenants": "accounts/tenant",
    "plans": "accounts/plan",
    "members": "accounts/membership",
    "shadow": "accounts/shadowrefusal",
    "thresholds": "accounts/quotathreshold",
    "periods": "accounts/usageperiod",
    "audit": "accounts/auditevent",
    "requests": "tts/synthesisrequest",
}
CONTEXTS: dict[str, dict[str, Any]] = {
    "en-light": {"locale": "en-US", "viewport": DESKTOP, "color_scheme": "light"},
    "zh-dark": {"locale": "zh-CN", "viewport": DESKTOP, "color_scheme": "dark"},
    "zh-phone": {"locale": "zh-CN", "viewport": PHONE, "color_scheme": "light"},
}


def main(directory: Path) -> None:
    program = chromium_program()
    if program is None:
        sys.exit("no Chromium on PATH")
    directory.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory(prefix="voxgate-pictures-") as data,
        running_system(Path(data, "data")) as system,
        chromium(program) as browser,
    ):
        _seed(system)
        for name, context in CONTEXTS.items():
            _take(browser, system, directory, name, context)


def _seed(system: System) -> None:
    environment = supervisor_environment(system.data, 0, system.services) | {"VOXGATE_LOCAL": "1"}
    command = [sys.executable, str(ROOT / "manage.py"), "seed_demo", "--requests", "2000"]
    subprocess.run(command, env=environment, check=True, cwd=ROOT)


def _take(browser: Browser, system: System, directory: Path, name: str, context: dict[str, Any]) -> None:
    page = browser.new_context(**context).new_page()
    page.goto(f"{system.base_url}/admin/login/?next=/admin/")
    page.locator("#id_username").fill("admin")
    page.locator("#id_password").fill((system.data / "admin.password").read_text().strip())
    page.locator("input[type=submit]").click()
    page.wait_for_url("**/admin/")
    for list_name, path in LISTS.items():
        page.goto(f"{system.base_url}/admin/{path}/")
        _picture(page, directory / f"{name}-{list_name}.png")
        first = page.locator("#result_list tbody tr th a").first
        if first.count() and list_name in ("tenants", "plans", "members", "audit", "requests"):
            first.click()
            _picture(page, directory / f"{name}-{list_name}-page.png")
    page.goto(f"{system.base_url}/admin/accounts/tenant/?q=harbour")
    page.locator("#result_list tbody tr th a").first.click()
    _picture(page, directory / f"{name}-tenant-metered.png")
    page.context.close()


def _picture(page: Page, path: Path) -> None:
    page.screenshot(path=path, full_page=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
