"""Headless Chromium for the tests of pages, and a visit that notices what must never happen on them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Request, sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium_path() -> str:
    """Where Chromium is. Without one the test is skipped, or fails where FUNDSTELLE_REQUIRE_BROWSER=1 asks for it."""
    for name in (os.environ.get("FUNDSTELLE_CHROMIUM"), *_NAMES):
        if name and (path := shutil.which(name)):
            return path
    reason = "no Chromium found: install it, or name it in FUNDSTELLE_CHROMIUM"
    if os.environ.get("FUNDSTELLE_REQUIRE_BROWSER") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser, closed again with everything that it started."""
    path = chromium_path()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


class Visit:
    """One page in a fresh browser profile, with everything it asked for and complained about."""

    def __init__(self, page: Page, site: str) -> None:
        self.page = page
        self.site = site
        self.complaints: list[str] = []
        self.failures: list[str] = []  # requests answered with an error status
        self.hosts: set[str] = set()
        page.on("console", self._heard)
        page.on("pageerror", self._broke)
        page.on("request", self._asked)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type not in ("error", "warning"):
            return
        heard = self.failures if message.text.startswith("Failed to load resource") else self.complaints
        heard.append(f"{message.text} ({message.location['url']})")

    def _broke(self, error: Error) -> None:
        self.complaints.append(str(error))

    def _asked(self, request: Request) -> None:
        self.hosts.add(urlsplit(request.url).netloc)

    def ask(self, question: str) -> None:
        """Type a question, press Enter and wait for what comes."""
        self.page.fill("#question", question)
        self.page.press("#question", "Enter")
        self.page.locator("#result:not(.stale) > *").first.wait_for()

    def marked(self) -> str:
        """The highlighted words, letter for letter."""
        self.page.locator("#reader mark").first.wait_for()
        words: str = self.page.evaluate(
            "[...document.querySelectorAll('#reader mark')].map((mark) => mark.textContent).join('')"
        )
        return words

    def overflow(self) -> int:
        """By how many pixels the page is wider than its window."""
        pixels: int = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        return pixels


@contextmanager
def visiting(browser: Browser, site: str, *, failing: bool = False, **options: Any) -> Iterator[Visit]:
    """A visit to `site`; at its end nothing was complained about and no other host was asked for anything.

    `failing` says that error statuses are what the test is about; they are complaints otherwise.
    """
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, "locale": "en-US", **options})
    context.set_default_timeout(20_000)
    try:
        visit = Visit(context.new_page(), site)
        visit.page.goto(site)
        yield visit
        assert visit.complaints == []
        assert bool(visit.failures) == failing, visit.failures
        assert visit.hosts == {urlsplit(site).netloc}
    finally:
        context.close()
