"""The report in headless Chromium: a page for people, from whatever suites and articles hold."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from eval.compare import compare
from eval.report import page
from eval.report.compare_page import compare_page
from eval.report.run_page import run_page
from eval.report.sweep_page import runs_page, sweep_page
from eval.sweep import Point, judge
from tests.eval import example
from tests.service.chromium import chromium, visiting
from tests.service.test_browser import CONTRAST

pytestmark = pytest.mark.browser
PAGES = ("run", "compare", "sweep", "runs")


@pytest.fixture(scope="module")
def browser():
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One file of each sort."""
    folder = tmp_path_factory.mktemp("reports")
    before, after = (example.run(folder / name, name, skill) for name, skill in (("before", 0.1), ("after", 1.0)))
    suite = example.suite()
    sweep = judge(
        [(Point({"k": "10", "size": name}), scores) for name, (_, scores) in zip("ab", (before, after), strict=True)]
    )
    page.write(folder / "run.html", run_page(suite, *before))
    page.write(folder / "compare.html", compare_page(suite, compare(before[1], after[1]), (before[0], after[0])))
    page.write(folder / "sweep.html", sweep_page(suite, sweep))
    page.write(folder / "runs.html", runs_page(suite, [before[1], after[1]]))
    return folder


@pytest.mark.parametrize("name", PAGES)
def test_it_asks_for_nothing_and_runs_nothing(browser: Browser, folder: Path, name: str) -> None:
    with visiting(browser, (folder / f"{name}.html").as_uri()) as visit:
        assert visit.page.evaluate("window.broken") is None
        assert visit.page.locator("script, img, link, iframe, object, b, i").count() == 0
        assert "http" not in visit.page.evaluate("[...document.querySelectorAll('[href],[src]')].join(' ')")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", PAGES)
def test_everything_can_be_read(browser: Browser, folder: Path, name: str, scheme: str) -> None:
    site = (folder / f"{name}.html").as_uri()
    with visiting(browser, site, color_scheme=scheme, viewport={"width": 360, "height": 740}) as visit:
        visit.page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
        assert visit.overflow() <= 0
        assert visit.page.evaluate(CONTRAST) == []
        sizes = visit.page.evaluate(
            "[...document.querySelectorAll('svg text')].map((text) => text.getBoundingClientRect().height)"
        )
        assert min(sizes, default=99) >= 9  # letters of a drawing shrink with it
        ends = visit.page.evaluate(
            "[...document.querySelectorAll('svg.plot text')].filter((text) => {"
            " const box = text.getBoundingClientRect(); return box.left < 0 || box.right > innerWidth;"
            "}).map((text) => text.textContent)"
        )
        assert ends == []


def test_a_run_shows_its_plots_and_numbers(browser: Browser, folder: Path) -> None:
    with visiting(browser, (folder / "run.html").as_uri()) as visit:
        plots = visit.page.locator("svg.plot")
        titles = [plots.nth(number).get_attribute("aria-label") or "" for number in range(plots.count())]
        assert titles == [
            "nDCG@10 by language",
            "nDCG@10 by kind",
            "How often an answer is wrong, by the share of questions answered",
            "Latency of the questions",
        ]
        expect(visit.page.locator("header .about")).to_have_text(
            "40 questions (32 answerable, 8 not) over 6 documents, asked of engine"
        )
        row = visit.page.locator("tr", has=visit.page.locator("th", has_text=re.compile("^false_answers ↓")))
        expect(row.locator("td").last).to_have_text("8")
        expect(visit.page.locator("main")).to_contain_text(
            f"questions.jsonl, line 7: a duplicate judgement {example.HOSTILE}"
        )


def test_a_bad_question_shows_what_was_expected_and_what_was_found(browser: Browser, folder: Path) -> None:
    with visiting(browser, (folder / "run.html").as_uri()) as visit:
        card = visit.page.locator(".card").first
        card.locator("summary").click()
        expect(card.locator(".expected blockquote")).to_have_text(example.GOLD)
        right = card.locator(".found li", has=visit.page.locator(".right"))
        for mark in right.locator("mark").all():
            expect(mark).to_have_text(example.GOLD)
        expect(card.locator(".found li").first).to_contain_text(example.HOSTILE)


def test_a_comparison_lists_what_was_lost_and_won(browser: Browser, folder: Path) -> None:
    with visiting(browser, (folder / "compare.html").as_uri()) as visit:
        expect(visit.page.locator(".verdict")).to_contain_text(
            re.compile(r"after is better than before: nDCG@10 \+0\.\d+")
        )
        expect(visit.page.locator("h2", has_text="Won")).to_be_visible()
        won = visit.page.locator("section", has=visit.page.locator("h2", has_text="Won")).locator(".card").first
        won.locator("summary").click()
        assert won.locator(".run-name").all_text_contents() == ["before", "after"]
        assert visit.page.locator("svg .dot.better").count() > 0
        expect(visit.page.locator(".legend").first).to_contain_text("before")


def test_a_sweep_names_its_winner(browser: Browser, folder: Path) -> None:
    with visiting(browser, (folder / "sweep.html").as_uri()) as visit:
        expect(visit.page.locator(".verdict")).to_contain_text("Best by nDCG@10: k=10,size=b, 1.000. No other")
        first = visit.page.locator("tbody tr").first
        expect(first).to_contain_text("best")
