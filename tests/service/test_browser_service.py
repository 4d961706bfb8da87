"""The page over the real service: what a reader sees highlighted is what the stored article says at that place."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

import corpus
from service.app import create_app
from service.settings import Settings
from tests.service.articles import service, settings_for, wait_until_ready
from tests.service.chromium import chromium, visiting
from tests.service.web_fakes import HOSTILE_TEXT, HOSTILE_TITLE, KEY, PLAIN_TEXT, served

pytestmark = pytest.mark.browser
MARKDOWN = re.sub(r"(?m)^([<-])", r"\\\1", HOSTILE_TEXT)  # so that its tags and dashes are text in Markdown, too
ARTICLES = [
    {"doc_id": "hostile:1", "title": HOSTILE_TITLE, "text": HOSTILE_TEXT, "media_type": "text/plain"},
    {
        "doc_id": "marked-up",
        "title": "Die Öfen 🏭",
        "text": f"# Die Öfen 🏭\n\n{MARKDOWN}",
        "media_type": "text/markdown",
    },
    {"doc_id": "plain-2", "title": "The furnaces wait", "text": PLAIN_TEXT, "source": "Example Desk"},
]


@pytest.fixture(scope="module")
def browser():
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A service over hostile articles, with words for an encoder, that answers whatever it finds."""
    with service(settings_for(tmp_path_factory.mktemp("data")), ARTICLES) as address:
        yield address


def check_every_citation(visit, reply):
    """Click one citation after the other; the page, the reply and the stored text must agree letter for letter."""
    assert reply["outcome"] == "answered", reply["reason"]
    assert reply["citations"]
    for citation in reply["citations"]:
        visit.page.click(f".cite[data-number='{citation['number']}'] >> nth=0")
        expect(visit.page.locator("#reader .proof")).to_contain_text(f"{citation['start']}")
        stored = httpx.get(f"{visit.site}/v1/documents/{citation['doc_id']}").json()["text"]
        assert visit.marked() == citation["quote"] == stored[citation["start"] : citation["end"]]
        assert visit.page.locator("#reader .article-body").evaluate("(body) => body.textContent") == stored
        expect(visit.page.locator("#reader mark").first).to_be_in_viewport()


def ask(visit, question):
    """Ask on the page, and give back what the service replied to the page."""
    with visit.page.expect_response("**/v1/ask") as waiting:
        visit.ask(question)
    return waiting.value.json()


@pytest.mark.parametrize(
    "question", ["Wann beginnt der Rückbau?", "Was fügt Zoë Müller hinzu?", "Who asked for a delay in March?"]
)
def test_the_highlight_is_the_quote_and_the_stored_text(browser, site, question):
    with visiting(browser, site) as visit:
        check_every_citation(visit, ask(visit, question))


def test_a_real_problem_document_is_shown(browser, site):
    with visiting(browser, site, failing=True) as visit:
        visit.ask("W" * 1001)
        expect(visit.page.get_by_role("alert")).to_contain_text("Invalid question")
        expect(visit.page.get_by_role("alert")).to_contain_text("invalid_question (422)")
        expect(visit.page.get_by_role("alert")).to_contain_text("1000")


def test_filters_reach_the_real_service(browser, site):
    with visiting(browser, site) as visit:
        visit.page.click("#filters summary")
        visit.page.locator("#filter-source option").nth(1).wait_for(state="attached")
        visit.page.select_option("#filter-source", "Example Desk")
        reply = ask(visit, "Wann beginnt der Rückbau?")
        assert {passage["doc_id"] for passage in reply["passages"]} == {"plain-2"}
        expect(visit.page.locator("#result > *")).to_have_count(1)


def test_the_pages_open_without_the_key_and_the_data_only_with_it(browser, tmp_path):
    with (
        service(settings_for(tmp_path, api_key=KEY)) as site,
        visiting(browser, site, failing=True) as visit,
    ):
        visit.ask("Wann?")
        visit.page.fill("#key", KEY)
        visit.page.press("#key", "Enter")
        expect(visit.page.locator(".no-answer")).to_contain_text("There are no articles yet")
        expect(visit.page.locator("#stock")).to_contain_text("No articles yet")


@pytest.mark.model
def test_the_examples_of_the_page_are_answered_from_the_sample_articles(browser, tmp_path):
    folder = Path(corpus.__file__).parent / "articles"
    with served(create_app(Settings(data=tmp_path))) as site:
        wait_until_ready(site)
        files = [("files", (path.name, path.read_bytes(), "text/markdown")) for path in sorted(folder.glob("*.md"))]
        sent = httpx.post(f"{site}/v1/documents", files=files, timeout=120)
        assert sent.json()["counts"]["added"] == len(files), sent.text
        with visiting(browser, site) as visit:
            examples = visit.page.locator("#examples button").all_text_contents()
            for question in examples:
                reply = ask(visit, question)
                check_every_citation(visit, reply)
                baidu = any("baidu" in citation["doc_id"] for citation in reply["citations"])
                assert baidu == ("Baidu" in question)
            assert ask(visit, "What is the capital of Australia?")["outcome"] == "abstained"
            expect(visit.page.locator(".no-answer")).to_be_visible()
