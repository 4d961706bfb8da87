"""A link from a chat opens the reading page in a real browser, with exactly the quoted words highlighted."""

from __future__ import annotations

import re

import httpx
import pytest
from playwright.sync_api import expect

from service.dialects.models import MODELS
from tests.service.articles import service, settings_for
from tests.service.chromium import chromium, visiting
from tests.service.web_fakes import HOSTILE_TEXT, HOSTILE_TITLE

pytestmark = pytest.mark.browser
ARTICLES = [{"doc_id": "hostile:1", "title": HOSTILE_TITLE, "text": HOSTILE_TEXT, "media_type": "text/plain"}]
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+/read/[^\s)\"]+")


@pytest.fixture(scope="module")
def browser():
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with service(settings_for(tmp_path_factory.mktemp("data")), ARTICLES) as address:
        yield address


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("question", ["Wann beginnt der Rückbau?", "Was fügt Zoë Müller hinzu?"])
def test_a_link_from_a_chat_highlights_the_quote(browser, site, model, question):
    body = {"model": model, "messages": [{"role": "user", "content": question}]}
    reply = httpx.post(f"{site}/v1/chat/completions", json=body, timeout=30)
    addresses = list(dict.fromkeys(ADDRESS.findall(reply.text)))
    proofs = reply.json()["fundstelle"]["citations"]
    assert len(addresses) == len(proofs) > 0
    for address, proof in zip(addresses, proofs, strict=True):
        with visiting(browser, site) as visit:
            visit.page.goto(address)
            assert visit.marked() == proof["quote"]
            expect(visit.page.locator("#reader .proof")).not_to_have_class(re.compile("missing"))
            expect(visit.page.locator("#reader mark").first).to_be_in_viewport()
