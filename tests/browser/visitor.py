"""Somebody who visits the page with a browser."""

import re
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

WAIT_MILLISECONDS = 20_000
REFUSED = re.compile(r"Failed to load resource: (the server responded with a status of [45]\d\d|net::ERR_)")
"""What Chromium itself writes about every refused request; the page shows those to the user."""


class Visitor:
    """Opens the page at `base_url`, and notes what a good page never does: complain, or ask another server."""

    def __init__(self, browser: Browser, base_url: str) -> None:
        self._browser = browser
        self._base_url = base_url
        self._contexts: list[BrowserContext] = []
        self._complaints: list[str] = []

    def opens(self, *, locale: str = "en-US", path: str = "/", **context: Any) -> Page:
        """A page in a fresh profile; keyword arguments are those of `Browser.new_context`."""
        profile = self._browser.new_context(locale=locale, **context)
        profile.set_default_timeout(WAIT_MILLISECONDS)
        self._contexts.append(profile)
        page = profile.new_page()
        page.on("pageerror", lambda error: self._complaints.append(f"error: {error}"))
        page.on("console", self._note_console)
        page.on("request", self._note_request)
        page.goto(self._base_url + path)
        return page

    def leave(self) -> None:
        for context in self._contexts:
            context.close()
        assert self._complaints == [], self._complaints

    def _note_console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not REFUSED.match(message.text):
            self._complaints.append(f"{message.type}: {message.text}")

    def _note_request(self, request: Request) -> None:
        if not request.url.startswith((f"{self._base_url}/", f"blob:{self._base_url}/")):
            self._complaints.append(f"request to {request.url}")
