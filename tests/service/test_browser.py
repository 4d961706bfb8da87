"""The page in headless Chromium over a small service with hostile articles."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import expect

from tests.service.chromium import chromium, visiting
from tests.service.web_fakes import CITATIONS, DOCUMENTS, HOSTILE_TEXT, HOSTILE_TITLE, KEY, fake_service, served

pytestmark = pytest.mark.browser
NARROW = {"width": 360, "height": 740}
CONTRAST = """
() => {
  const channel = (value) => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  const rgb = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const ground = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const colour = rgb(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const poor = [];
  for (const node of document.querySelectorAll("body *")) {
    const own = [...node.childNodes].some((child) => child.nodeType === Node.TEXT_NODE && child.data.trim());
    if (!own || !node.checkVisibility()) continue;
    const [dark, bright] = [light(rgb(getComputedStyle(node).color)), light(ground(node))].sort((a, b) => a - b);
    const ratio = (bright + 0.05) / (dark + 0.05);
    if (ratio < 4.5) poor.push(`${node.className || node.tagName}: ${ratio.toFixed(2)}`);
  }
  return poor;
}
"""


@pytest.fixture(scope="module")
def browser():
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def service():
    return fake_service()


@pytest.fixture(scope="module")
def site(service):
    with served(service) as address:
        yield address


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_click_on_a_citation_highlights_exactly_its_quote(browser, site, number):
    citation = CITATIONS[number - 1]
    text = DOCUMENTS[citation["doc_id"]]["text"]
    with visiting(browser, site) as visit:
        visit.ask("Wann beginnt der Rückbau?")
        visit.page.click(f".cite[data-number='{number}']")
        assert visit.marked() == citation["quote"] == text[citation["start"] : citation["end"]]
        assert visit.page.locator("#reader .article-body").evaluate("(body) => body.textContent") == text
        expect(visit.page.locator("#reader mark").first).to_be_in_viewport()
        expect(visit.page.locator("#reader .proof")).to_contain_text("Word for word in the article")
        expect(visit.page.locator("#result")).to_be_visible()


def test_hostile_words_stay_words(browser, site):
    with visiting(browser, site) as visit:
        visit.ask("Wann beginnt der Rückbau?")
        visit.page.click(".passages summary")
        visit.page.click(".cite[data-number='1']")
        expect(visit.page.locator("#reader .article-title")).to_have_text(HOSTILE_TITLE)
        page = visit.page
        assert page.evaluate("window.broken") is None
        assert page.locator("main script, main img, main b, main i, main u, main em").count() == 0
        assert page.locator("a[href^='javascript:']").count() == 0
        expect(page.locator("#reader .outward")).to_have_count(0)
        outward = page.locator(".source .outward")
        expect(outward).to_have_count(1)
        assert outward.get_attribute("href") == DOCUMENTS["plain-2"]["url"]
        assert (outward.get_attribute("rel"), outward.get_attribute("target")) == ("noopener noreferrer", "_blank")


def test_only_our_own_markers_become_citations(browser, site):
    with visiting(browser, site) as visit:
        visit.ask("Wann beginnt der Rückbau?")
        assert visit.page.locator(".cite").all_text_contents() == ["[1]", "[2]", "[3]"]
        expect(visit.page.locator(".answer-text")).to_contain_text("Eine <em>Zahl</em> [7] ohne Beleg.")
        quotes = visit.page.locator(".answer-text .sentence").all_text_contents()
        assert quotes == [" ".join(citation["quote"].split()) for citation in CITATIONS]
        shown = visit.page.locator(".source blockquote").all_text_contents()
        assert shown == [citation["quote"] for citation in CITATIONS]


def test_pointing_at_a_citation_shows_its_quote_and_origin(browser, site):
    with visiting(browser, site, locale="de-DE") as visit:
        visit.ask("Wann?")
        card = visit.page.locator("#preview")
        expect(card).to_be_hidden()
        visit.page.hover(".cite[data-number='3']")
        expect(card.locator("q")).to_have_text(CITATIONS[2]["quote"])
        expect(card).to_contain_text("Example Desk · ohne Datum · Englisch")
        visit.page.hover(".cite[data-number='1']")
        expect(card).to_contain_text("23. Juli 2025")
        visit.page.keyboard.press("Escape")
        expect(card).to_be_hidden()


def test_the_whole_way_by_keyboard_alone(browser, site):
    with visiting(browser, site) as visit:
        keyboard, page = visit.page.keyboard, visit.page
        keyboard.type("Wann beginnt")
        keyboard.press("Shift+Enter")
        keyboard.type("der Rückbau?")
        expect(page.locator("#question")).to_have_value("Wann beginnt\nder Rückbau?")
        keyboard.press("Enter")
        expect(page.locator("#status")).to_have_text("Answer with 3 citations.")
        for _ in range(3):  # the button, the filters, the first citation
            keyboard.press("Tab")
        expect(page.locator(".cite[data-number='1']")).to_be_focused()
        expect(page.locator("#preview q")).to_have_text(CITATIONS[0]["quote"])
        keyboard.press("Enter")
        expect(page.locator("#reader")).to_be_focused()
        assert visit.marked() == CITATIONS[0]["quote"]
        keyboard.press("Tab")
        expect(page.locator("#reader .close")).to_be_focused()
        outline = page.locator("#reader .close").evaluate("(button) => getComputedStyle(button).outlineWidth")
        assert outline == "2px"
        keyboard.press("Escape")
        expect(page.locator("#reader")).to_be_hidden()
        expect(page.locator(".cite[data-number='1']")).to_be_focused()


def test_an_abstention_is_no_answer_and_shows_what_comes_nearest(browser, site):
    with visiting(browser, site) as visit:
        visit.ask("When was Canberra built?")
        page = visit.page
        expect(page.locator(".no-answer h2")).to_have_text("The articles do not say")
        expect(page.locator(".no-answer")).to_contain_text("no passage <reaches> the threshold")
        expect(page.locator(".no-answer")).to_contain_text("confidence 21%, 50% needed")
        expect(page.locator(".nearest .passage")).to_have_count(3)
        expect(page.locator(".cite, .sources, .answer-text")).to_have_count(0)
        page.click(".passages summary")
        expect(page.locator(".passages .passage").last).to_contain_text("score -2.000")
        page.click(".nearest .passage >> nth=1 >> h3 a")
        text = DOCUMENTS["plain-2"]["text"]
        start = text.index("\n") + 1
        assert visit.marked() == text[start : start + 80]


def test_360_pixels_are_enough_and_citations_lead_to_the_reading_page(browser, site):
    with visiting(browser, site, viewport=NARROW, has_touch=True) as visit:
        page = visit.page
        assert visit.overflow() == 0
        page.click("#filters summary")
        visit.ask("Wann beginnt der Rückbau?")
        page.click(".passages summary")
        assert visit.overflow() == 0
        page.tap(".cite[data-number='2']")
        page.wait_for_url("**/read/hostile%3A1?*")
        assert visit.marked() == CITATIONS[1]["quote"]
        expect(page.locator("mark").first).to_be_in_viewport()
        assert visit.overflow() == 0
        page.click("#back")
        expect(page.locator("#question")).to_have_value("Wann beginnt der Rückbau?")
        expect(page.locator(".cite")).to_have_count(3)
        visit.ask("Where is Canberra?")
        assert visit.overflow() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_word_stands_out_from_its_ground(browser, site, scheme):
    with visiting(browser, site, color_scheme=scheme) as visit:
        page = visit.page
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (max(map(int, re.findall(r"\d+", ground))) < 64) == (scheme == "dark")
        assert page.evaluate(CONTRAST) == []
        page.click("#filters summary")
        visit.ask("Wann?")
        page.click(".passages summary")
        page.click(".cite[data-number='1']")
        visit.marked()
        assert page.evaluate(CONTRAST) == []
        visit.ask("Where is Canberra?")
        assert page.evaluate(CONTRAST) == []


def test_the_page_speaks_the_browsers_language_and_the_one_chosen(browser, site):
    with visiting(browser, site, locale="de-AT") as visit:
        page = visit.page
        expect(page.locator("html")).to_have_attribute("lang", "de")
        expect(page.locator("#submit")).to_have_text("Fragen")
        visit.ask("Wann?")
        expect(page.locator(".origin").first).to_have_text("Blatt <i>Süd</i> · 23. Juli 2025 · Deutsch")
        page.click("button[data-language='en']")
        expect(page.locator(".origin").first).to_have_text("Blatt <i>Süd</i> · July 23, 2025 · German")
        page.reload()
        expect(page.locator("html")).to_have_attribute("lang", "en")
        expect(page.locator("button[data-language='en']")).to_have_attribute("aria-pressed", "true")
    with visiting(browser, site, locale="fr-FR") as visit:
        expect(visit.page.locator("#submit")).to_have_text("Ask")


def test_filters_are_sent_and_kept_in_the_address(browser, site, service):
    with visiting(browser, site) as visit:
        page = visit.page
        page.click("#filters summary")
        page.locator("#filter-source option").nth(2).wait_for(state="attached")
        page.select_option("#filter-source", "Blatt <i>Süd</i>")
        page.select_option("#filter-language", "de")
        page.fill("#filter-from", "2025-01-02")
        expect(page.locator("#filter-count")).to_have_text("3")
        visit.ask("Wann?")
        expected = {"sources": ["Blatt <i>Süd</i>"], "languages": ["de"], "published_from": "2025-01-02"}
        assert service.state.asked[-1] == {"question": "Wann?", "filters": expected}
        page.reload()
        expect(page.locator(".cite")).to_have_count(3)
        assert service.state.asked[-1] == {"question": "Wann?", "filters": expected}
        page.click("#filters summary")
        page.click("#filter-clear")
        visit.ask("Wann denn?")
        expect(page.locator(".asked")).to_have_text("Wann denn?")
        assert service.state.asked[-1] == {"question": "Wann denn?"}
        page.go_back()
        expect(page.locator(".asked")).to_have_text("Wann?")
        expect(page.locator("#filter-count")).to_have_text("3")


def test_an_example_is_asked_with_one_click(browser, site, service):
    with visiting(browser, site) as visit:
        example = visit.page.locator("#examples button").nth(1)
        words = example.text_content()
        example.click()
        expect(visit.page.locator(".asked")).to_have_text(words)
        assert service.state.asked[-1] == {"question": words}
        expect(visit.page.locator("#examples")).to_be_hidden()


def test_a_problem_says_what_it_is_and_what_to_do(browser, site):
    with visiting(browser, site, failing=True) as visit:
        visit.ask("kaputt")
        notice = visit.page.get_by_role("alert")
        expect(notice).to_contain_text("No space <b>left</b>")
        expect(notice).to_contain_text("the disk is full")
        expect(notice).to_contain_text("Free disk space.")
        expect(notice).to_contain_text("store_full (507)")
        visit.ask("Wann?")
        expect(visit.page.locator(".cite")).to_have_count(3)
        expect(notice).to_have_count(0)


def test_a_service_that_is_gone_is_said_to_be_gone(browser, site):
    with visiting(browser, site, failing=True, locale="de-DE") as visit:
        visit.page.route("**/v1/ask", lambda route: route.abort())
        visit.ask("Wann?")
        expect(visit.page.get_by_role("alert")).to_contain_text("Der Dienst ist nicht erreichbar")
        visit.page.unroute("**/v1/ask")
        visit.page.click("text=Noch einmal versuchen")
        expect(visit.page.locator(".cite")).to_have_count(3)


def test_a_key_is_asked_for_and_kept_in_the_tab_alone(browser):
    with served(fake_service(key=KEY)) as site, visiting(browser, site, failing=True) as visit:
        page = visit.page
        visit.ask("Wann?")
        expect(page.locator("#key")).to_be_focused()
        page.keyboard.type("falsch")
        page.keyboard.press("Enter")
        expect(page.locator(".key")).to_contain_text("This key was not accepted.")
        page.fill("#key", KEY)
        page.press("#key", "Enter")
        expect(page.locator(".cite")).to_have_count(3)
        kept = json.loads(page.evaluate("JSON.stringify([sessionStorage, localStorage])"))
        assert KEY in kept[0].values()
        assert KEY not in json.dumps(kept[1])
        page.click("#forget-key")
        visit.ask("Wann?")
        expect(page.locator("#key")).to_be_visible()
        page.goto(f"{site}/read/plain-2?start=0&end=13")
        page.fill("#key", KEY)
        page.press("#key", "Enter")
        assert visit.marked() == "The furnaces "


def test_the_question_is_never_sent_in_an_address(browser, site):
    with visiting(browser, site) as visit:
        addresses = []
        visit.page.on("request", lambda request: addresses.append(request.url.split("#")[0]))
        visit.ask("Geheimnis")
        visit.page.reload()
        expect(visit.page.locator(".asked")).to_have_text("Geheimnis")
        assert [address for address in addresses if "Geheimnis" in address] == []


def test_the_hostile_text_is_as_hostile_as_it_should_be():
    assert HOSTILE_TEXT.count(CITATIONS[0]["quote"]) == 3
    assert max(map(ord, HOSTILE_TEXT)) > 0xFFFF
    assert CITATIONS[1]["utf16_start"] > CITATIONS[1]["start"]
    assert "\n\n" in CITATIONS[1]["quote"]
