"""Chromium as it is installed on the machine, driven by Playwright."""

import contextlib
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import playwright
from playwright.sync_api import Browser, sync_playwright

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--autoplay-policy=no-user-gesture-required",
)


def chromium_program() -> str | None:
    """Path of the first Chromium on PATH."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


def driver_problem() -> str | None:
    """Why Playwright's own Node.js does not run here, None where it does: a bare Debian lacks a library it needs."""
    node = Path(playwright.__file__).parent / "driver" / "node"
    done = subprocess.run([node, "--version"], capture_output=True, text=True, timeout=30, check=False)
    return None if done.returncode == 0 else f"Playwright's driver does not run: {done.stderr.strip()}"


@contextlib.contextmanager
def chromium(program: str) -> Iterator[Browser]:
    """A headless browser with a profile of its own, which is deleted with it."""
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()
