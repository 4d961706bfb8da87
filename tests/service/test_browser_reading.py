"""The reading page and the arithmetic of its offsets, in headless Chromium."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from playwright.sync_api import expect

from tests.service.chromium import chromium, visiting
from tests.service.web_fakes import CITATIONS, DOCUMENTS, HOSTILE_TEXT, HOSTILE_TITLE, fake_service, served

pytestmark = pytest.mark.browser
SHOW = """
async ([text, start, end, title, passages]) => {
  const [{ articleBody }, { utf16Span }] = [await import("/static/reader.js"), await import("/static/spans.js")];
  const span = utf16Span(text, start, end);
  const body = articleBody({ text, passages, title, language: "de" }, span);
  const marks = [...body.querySelectorAll("mark")].map((mark) => mark.textContent);
  const kinds = [...body.children].map((line) => [line.className.replace(/ (tight|repeated)/g, ""), line.textContent]);
  return { span, words: body.textContent, marked: marks.join(""), kinds };
}
"""
# White space as JavaScript sees it; Python also counts four separators among the control characters.
BLANK = "\t\n\v\f\r \u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff" + "".join(map(chr, range(0x2000, 0x200B)))
texts = st.text(
    st.one_of(st.sampled_from("ab. \n\n-•ß🚧\u0301\u200d👩\u00a0𝔉"), st.characters(exclude_categories=["Cs"])),
    max_size=80,
)


@pytest.fixture(scope="module")
def browser():
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def site():
    with served(fake_service()) as address:
        yield address


@pytest.fixture(scope="module")
def page(browser, site):
    with visiting(browser, site) as visit:
        yield visit.page


def expected_kinds(text, passages):
    """What each line is, counted in code points and without a walk: the slow and simple way."""
    kinds = []
    for match in re.finditer(r"([^\n]+)\n*|\n+", text):
        words = match[1] or ""
        inside = any(each["start"] < match.start() + len(words) and each["end"] > match.start() for each in passages)
        if not words.strip(BLANK):
            kinds.append("break")
        elif inside:
            kinds.append("item" if re.match(rf"[{BLANK}]*(?:[-*•–]|[0-9]{{1,2}}[.)])[{BLANK}]", words) else "text")
        else:
            kinds.append("heading" if words.strip(BLANK) == "ab" and passages else "clutter")
    return kinds


@given(data=st.data(), text=texts)
@settings(max_examples=150, deadline=None)
def test_what_is_shown_is_the_text_and_what_is_marked_is_the_span(page, data, text):
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(0, len(text) + 3))
    title = data.draw(st.sampled_from(["", text.split("\n")[0]]))
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=6)))
    passages = [
        {"start": start, "end": end, "heading": "ab"} for start, end in zip(cuts[::2], cuts[1::2], strict=False)
    ]
    shown = page.evaluate(SHOW, [text, start, end, title, passages])
    assert shown["words"] == text
    assert [kind for kind, _ in shown["kinds"]] == expected_kinds(text, passages)
    if start < end <= len(text):
        units = [len(text[:at].encode("utf-16-le")) // 2 for at in (start, end)]
        assert shown["span"] == {"start": units[0], "end": units[1]}
        assert shown["marked"] == text[start:end]
    else:
        assert shown["span"] is None
        assert shown["marked"] == ""


@pytest.mark.parametrize("citation", CITATIONS, ids=lambda citation: citation["doc_id"])
def test_an_address_from_outside_shows_its_place(browser, site, citation):
    address = f"{site}/read/{citation['doc_id']}?start={citation['start']}&end={citation['end']}"
    with visiting(browser, address) as visit:
        assert visit.marked() == citation["quote"]
        expect(visit.page.locator("mark").first).to_be_in_viewport()
        expect(visit.page).to_have_title(f"{citation['title']} · Fundstelle")
        expect(visit.page.locator("h1")).to_have_text(citation["title"])
        expect(visit.page.locator(".proof")).to_have_text(
            f"Characters {citation['start']} to {citation['end']} are highlighted."
        )
        visit.page.goto(f"{address}&sha256={citation['sha256']}")
        expect(visit.page.locator(".proof")).to_contain_text("Word for word in the article")


def test_the_title_is_not_shown_twice_but_can_still_be_highlighted(browser, site):
    with visiting(browser, f"{site}/read/hostile:1") as visit:
        first = visit.page.locator(".article-body > :first-child")
        expect(first).to_be_hidden()
        expect(visit.page.locator(".proof, mark")).to_have_count(0)
        visit.page.goto(f"{site}/read/hostile:1?start=0&end={len(HOSTILE_TITLE)}")
        assert visit.marked() == HOSTILE_TITLE
        expect(first).to_be_visible()


def test_headings_list_items_and_clutter_are_told_apart(browser, site):
    with visiting(browser, f"{site}/read/hostile:1") as visit:
        expect(visit.page.locator(".article-body h3")).to_have_text(["Die Öfen kühlen aus 🥶\n\n"])
        expect(visit.page.locator(".article-body .item")).to_have_count(2)
        expect(visit.page.locator(".article-body .clutter:visible")).to_have_text(["Anzeige\n\n"])


@pytest.mark.parametrize(
    "query",
    [
        "start=5&end=5",
        "start=9&end=3",
        f"start=0&end={len(HOSTILE_TEXT) + 1}",
        "start=-1&end=4",
        "start=1e1&end=99",
        "start=3",
    ],
)
def test_a_place_that_is_not_there_highlights_nothing_and_says_so(browser, site, query):
    with visiting(browser, f"{site}/read/hostile:1?{query}") as visit:
        expect(visit.page.locator(".proof.missing")).to_contain_text("names no place")
        expect(visit.page.locator("mark")).to_have_count(0)
        assert visit.page.locator(".article-body").evaluate("(body) => body.textContent") == HOSTILE_TEXT


def test_an_article_that_changed_since_highlights_nothing_and_says_so(browser, site):
    with visiting(browser, f"{site}/read/plain-2?start=0&end=13&sha256={'0' * 64}") as visit:
        expect(visit.page.locator(".proof.missing")).to_contain_text("has changed since")
        expect(visit.page.locator("mark")).to_have_count(0)


def test_an_answer_older_than_the_article_highlights_nothing_and_says_so(browser, site, monkeypatch):
    with visiting(browser, site) as visit:
        visit.ask("Wann?")
        monkeypatch.setitem(
            DOCUMENTS, "plain-2", {**DOCUMENTS["plain-2"], "text": "Rewritten from the first word on.\n" * 9}
        )
        visit.page.click(".cite[data-number='3']")
        expect(visit.page.locator(".proof.missing")).to_contain_text("has changed since")
        expect(visit.page.locator("mark")).to_have_count(0)


def test_an_article_that_is_gone_is_said_to_be_gone(browser, site):
    with visiting(browser, f"{site}/read/gone-3", failing=True) as visit:
        expect(visit.page.get_by_role("alert")).to_contain_text("There is no such article")
        expect(visit.page.get_by_role("alert")).to_contain_text("document_not_found (404)")
