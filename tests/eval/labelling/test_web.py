"""The page of labels in headless Chromium, and its server against requests that are not the page's."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, expect

from eval.labelling.labels import Labels
from eval.labelling.pool import Item
from eval.labelling.session import Session
from eval.labelling.web import Server, judge
from eval.records import GoldQuote, Query
from tests.service.chromium import chromium, visiting
from tests.service.test_browser import CONTRAST

HEADER = "query-id\tcorpus-id\tscore\n"
HOSTILE = "<img src=x onerror=broken()><script>broken()</script>"
GOLD = (GoldQuote("x", "So ist es."),)
ITEMS = [
    Item(
        Query("q1", f"Was ist eins? {HOSTILE}", "de", gold=GOLD), "a", "Erster Titel", "Blatt · de", (HOSTILE, "Zwei.")
    ),
    Item(Query("q1", "Was ist eins?", "de", gold=GOLD), "b", "Zweiter Titel", "", ("Absatz.\n\nNoch einer.",)),
    Item(Query("q2", "What is missing?", "en", answerable=False), "c", "Third title", "Paper", ("Words.",)),
]


@dataclass
class Sitting:
    server: Server
    session: Session
    path: Path

    @property
    def written(self) -> str:
        return self.path.read_text(encoding="utf-8").removeprefix(HEADER)


@pytest.fixture
def sitting(tmp_path: Path) -> Iterator[Sitting]:
    path = tmp_path / "labels.tsv"
    with Labels(path) as labels:
        session = Session(ITEMS, labels)
        with Server(session, "sample") as server:
            thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
            thread.start()
            try:
                yield Sitting(server, session, path)
            finally:
                server.shutdown()
                thread.join()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.mark.browser
def test_keys_and_buttons_judge_and_what_articles_say_stays_text(browser, sitting):
    with visiting(browser, sitting.server.url) as visit:
        page = visit.page
        expect(page.locator("#where")).to_have_text("1 of 3 · question 1 of 2")
        expect(page.locator("#question")).to_have_text(f"Was ist eins? {HOSTILE}")
        expect(page.locator("#passages .passage")).to_have_text([HOSTILE, "Zwei."])
        expect(page.locator("#quotes li")).to_have_text(["So ist es. (x)"])
        assert page.locator("img").count() == 0
        page.keyboard.press("y")
        expect(page.locator("#title")).to_have_text("Zweiter Titel")
        assert sitting.written == "q1\ta\t2\n"
        page.keyboard.press("b")
        expect(page.get_by_role("button", name="Answers it")).to_have_attribute("aria-pressed", "true")
        page.get_by_role("button", name="Does not").click()
        expect(page.locator("#title")).to_have_text("Zweiter Titel")
        page.keyboard.press("s")
        expect(page.locator("#unanswerable")).to_be_visible()
        expect(page.locator("#known")).to_be_hidden()
        page.keyboard.press("m")
        expect(page.locator("#summary li")).to_have_text(
            [
                f"2 of 3 judged: 0 yes, 1 in part, 1 no. Written to {sitting.path}",
                "q2 is marked unanswerable, but has an answer: correct its line.",
            ]
        )
        assert sitting.written == "q1\ta\t2\nq1\ta\t0\nq2\tc\t1\n"
        page.get_by_role("button", name="Finish").click()
        expect(page.locator("#trouble")).to_contain_text("Everything is written down")


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_can_be_read_on_a_phone(browser, sitting, scheme):
    with visiting(browser, sitting.server.url, color_scheme=scheme, viewport={"width": 360, "height": 740}) as visit:
        expect(visit.page.locator("#title")).to_have_text("Erster Titel")
        visit.page.evaluate("document.querySelector('details').open = true")
        assert visit.overflow() <= 0
        assert visit.page.evaluate(CONTRAST) == []


@pytest.mark.browser
def test_a_second_tab_is_brought_up_to_date_instead_of_judging_something_else(browser, sitting):
    with visiting(browser, sitting.server.url, failing=True) as visit:
        expect(visit.page.locator("#title")).to_have_text("Erster Titel")
        sitting.session.judge(2)  # in another tab
        visit.page.keyboard.press("n")
        expect(visit.page.locator("#title")).to_have_text("Zweiter Titel")
        assert sitting.written == "q1\ta\t2\n"


def ask(sitting: Sitting, method: str, path: str, *, token: bool = True, **options: object) -> httpx.Response:
    headers = {"X-Token": sitting.server.token} if token else {}
    headers |= options.pop("headers", {})  # type: ignore[arg-type]
    url = f"http://{sitting.server.address}{path}"
    return httpx.request(method, url, headers=headers, **options)  # type: ignore[arg-type]


def test_only_who_was_given_the_address_may_look_and_judge(sitting):
    assert ask(sitting, "GET", "/", token=False).status_code == 404
    assert ask(sitting, "GET", "/?token=x", token=False).status_code == 404
    assert ask(sitting, "GET", "/state", token=False).status_code == 404
    assert ask(sitting, "POST", "/act", token=False, json={"action": "judge", "at": 0, "grade": 2}).status_code == 404
    for header in ({"Host": "rebound.example"}, {"Origin": "http://rebound.example"}):
        for path in ("/state", f"/?token={sitting.server.token}"):
            assert ask(sitting, "GET", path, headers=header).status_code == 421
        judged = ask(sitting, "POST", "/act", headers=header, json={"action": "judge", "at": 0, "grade": 2})
        assert judged.status_code == 421
    assert sitting.written == ""
    assert ask(sitting, "GET", "/state").json()["item"]["title"] == "Erster Titel"


@pytest.mark.parametrize(
    "sent",
    [
        b"no JSON",
        b"[]",
        b'{"action": "judge", "at": 0, "grade": 7}',
        b'{"action": "judge", "at": 0}',
        b'{"action": "judge", "at": 5, "grade": 2}',
        b'{"action": "forget", "at": 0}',
    ],
)
def test_what_is_no_judgement_changes_nothing(sitting, sent):
    reply = ask(sitting, "POST", "/act", content=sent)
    assert (reply.status_code, reply.json()["at"]) == (409, 0)
    assert sitting.written == ""


def test_a_body_has_a_limit(sitting):
    assert ask(sitting, "POST", "/act", content=b" " * 20_000).status_code == 400
    assert ask(sitting, "GET", "/state").status_code == 200


def test_nothing_from_elsewhere_is_allowed_on_the_page(sitting):
    reply = ask(sitting, "GET", f"/?token={sitting.server.token}")
    policy = reply.headers["Content-Security-Policy"]
    assert policy.startswith(f"default-src 'none'; script-src 'nonce-{sitting.server.nonce}'; ")
    assert "unsafe" not in policy
    assert "http" not in reply.text
    assert reply.headers["Referrer-Policy"] == "no-referrer"


def test_the_command_ends_when_the_judge_does(tmp_path):
    told: list[str] = []
    with Labels(tmp_path / "labels.tsv") as labels:
        session = Session(ITEMS, labels)
        thread = threading.Thread(target=judge, args=(session, "sample", told.append))
        thread.start()
        while not told:
            thread.join(0.01)
        base, _, token = told[0].partition("?token=")
        reply = httpx.post(f"{base}act", headers={"X-Token": token}, json={"action": "quit", "at": 0})
        thread.join(20)
    assert reply.status_code == 200
    assert not thread.is_alive()
