"""Pictures of the page for the documentation, taken from a running service over the sample articles.

    python -m eval.screenshots [--out docs/images] [--url http://127.0.0.1:8000]

Without ``--url`` a service of its own is started over ``corpus/articles`` in a temporary folder. Needs Chromium and the
`test` extra (playwright).
"""

from __future__ import annotations

import argparse
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import httpx

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ARTICLES = Path(__file__).parents[1] / "corpus" / "articles"
LARGEST_BYTES = 200_000
START_SECONDS = 180.0
WIDE = {"width": 1120, "height": 700}
NARROW = {"width": 360, "height": 780}
_FUNDSTELLE = str(Path(sys.executable).with_name("fundstelle"))


def main(arguments: list[str] | None = None) -> int:
    """Take the pictures; the exit status is 1 when one of them is larger than the documentation should carry."""
    parser = argparse.ArgumentParser(prog="python -m eval.screenshots", description="Pictures of the page.")
    parser.add_argument("--out", type=Path, default=Path("docs/images"), help="folder to write to (docs/images)")
    parser.add_argument("--url", help="a running service over corpus/articles; started and stopped when left out")
    parser.add_argument("--chromium", default="/usr/bin/chromium", help="the browser (/usr/bin/chromium)")
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    if options.url:
        pictures = take(options.url.rstrip("/"), options.out, options.chromium)
    else:
        with _service() as url:
            pictures = take(url, options.out, options.chromium)
    for picture in pictures:
        print(f"{picture}  {picture.stat().st_size:,} bytes")
    return int(any(picture.stat().st_size > LARGEST_BYTES for picture in pictures))


@contextmanager
def _service() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([_FUNDSTELLE, "ingest", str(ARTICLES), "--data", folder], check=True)  # noqa: S603
        serve = [_FUNDSTELLE, "serve", "--data", folder, "--port", str(port)]
        with subprocess.Popen(serve) as process:  # noqa: S603
            try:
                _wait(f"http://127.0.0.1:{port}", process)
                yield f"http://127.0.0.1:{port}"
            finally:
                process.terminate()


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            if httpx.get(f"{url}/readyz").is_success:
                return
        except httpx.TransportError:
            pass  # not listening yet
        time.sleep(0.2)
    raise RuntimeError(f"the service at {url} did not become ready")


def take(url: str, out: Path, chromium: str) -> list[Path]:
    """Every picture, from the service at ``url``."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        try:
            return [
                _answer(browser, url, out / "answer-dark.png", "dark"),  # warms the service up for the others
                _answer(browser, url, out / "answer.png", "light"),
                _abstained(browser, url, out / "abstained.png"),
                _narrow(browser, url, out / "narrow.png"),
            ]
        finally:
            browser.close()


def _asked(browser: Browser, url: str, question: str, **options: object) -> Page:
    page = browser.new_page(**options)  # type: ignore[arg-type]
    page.goto(f"{url}/#{urlencode({'q': question})}")
    page.locator("#result > *").first.wait_for()
    return page


def _shot(page: Page, path: Path) -> Path:
    page.mouse.move(0, 0)
    page.wait_for_timeout(300)  # until nothing fades or scrolls any more
    page.screenshot(path=path)
    page.close()
    return path


def _answer(browser: Browser, url: str, path: Path, scheme: str) -> Path:
    question = "How does Baidu cope with sanctions?"
    page = _asked(browser, url, question, viewport=WIDE, color_scheme=scheme, locale="en-US")
    page.click(".cite >> nth=0")
    page.locator("#reader mark").first.wait_for()
    return _shot(page, path)


def _abstained(browser: Browser, url: str, path: Path) -> Path:
    page = _asked(browser, url, "What is the capital of Australia?", viewport=WIDE, locale="en-US")
    page.locator(".abstained").wait_for()
    return _shot(page, path)


def _narrow(browser: Browser, url: str, path: Path) -> Path:
    page = _asked(browser, url, "Wie geht Baidu mit den Sanktionen um?", viewport=NARROW, locale="de-DE")
    return _shot(page, path)


if __name__ == "__main__":
    sys.exit(main())
