"""Drawings and markup: where values lie, and that words stay words."""

from __future__ import annotations

import math
import re
import statistics
from html.parser import HTMLParser

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.documents import Span
from eval.report.axes import Scale, at, short
from eval.report.markup import escaped, table, tag
from eval.report.plots import (
    Curve,
    Estimate,
    Latencies,
    SliceRow,
    by_slice,
    clipped,
    latency,
    percentile,
    risk_coverage,
    scatter,
    thinned,
)
from eval.report.questions import SHOWN_CHARACTERS, marked

TEXT = st.text(st.characters(codec="utf-8"))


class Words(HTMLParser):
    """Collects what a browser would show, and the names of what it would make."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.tags: list[str] = []
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.words += [value or "" for name, value in attrs if name == "title"]

    def handle_data(self, data: str) -> None:
        self.words.append(data)


@settings(deadline=None)
@given(TEXT, TEXT)
def test_words_stay_words(words: str, title: str) -> None:
    read = Words(str(tag("p", words, title=title)))
    assert read.tags == ["p"]
    unprintable = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
    assert read.words[0] == unprintable.sub("\ufffd", title)
    assert "".join(read.words[1:]) == unprintable.sub("\ufffd", words)


def test_nothing_is_nothing_and_markup_is_kept() -> None:
    assert escaped(None) == ""
    assert str(tag("p", tag("b", "x"), None, lang=None, text_anchor="end", class_="y")) == (
        '<p text-anchor="end" class="y"><b>x</b></p>'
    )


def test_a_row_of_one_cell_is_a_heading() -> None:
    made = str(table(["a", "b"], [["Group"], ["x", 1]]))
    assert '<tr class="group"><th colspan="2" scope="colgroup">Group</th></tr>' in made
    assert '<th scope="row">x</th><td class="number">1</td>' in made


def test_scales_are_exact() -> None:
    even = Scale(0.0, 2.0, 100.0, 300.0)
    assert [even(value) for value in (0.0, 0.5, 2.0, 3.0, -1.0)] == [100.0, 150.0, 300.0, 300.0, 100.0]
    tenfold = Scale(1.0, 100.0, 0.0, 10.0, logarithmic=True)
    assert [round(tenfold(value), 9) for value in (1.0, 10.0, 100.0, 0.0)] == [0.0, 5.0, 10.0, 0.0]


@pytest.mark.parametrize(
    ("scale", "expected"),
    [
        (Scale(0.0, 1.0, 0, 1), [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]),
        (Scale(0.0, 0.05, 0, 1), [0.0, 0.01, 0.02, 0.03, 0.04, 0.05]),
        (Scale(3.0, 40.0, 0, 1, logarithmic=True), [5.0, 10.0, 20.0]),
        (Scale(1.0, 10_000.0, 0, 1, logarithmic=True), [1.0, 10.0, 100.0, 1000.0, 10_000.0]),
    ],
)
def test_ticks_are_round(scale: Scale, expected: list[float]) -> None:
    assert [round(tick, 9) for tick in scale.ticks()] == expected


@given(st.floats(1e-6, 1e6), st.floats(1.5, 1e6))
def test_there_are_always_ticks_inside(low: float, factor: float) -> None:
    ticks = Scale(low, low * factor, 0, 1).ticks()
    assert 2 <= len(ticks) <= 12
    assert all(low * 0.999 <= tick <= low * factor * 1.001 for tick in ticks)


def test_names_that_begin_alike_are_told_apart() -> None:
    names = [f"Fundstelle Musterredaktion, Ressort {name}" for name in ("Technik", "Wirtschaft")]
    short_names = [clipped(name, 29) for name in names]
    assert short_names == ["Fundstelle Mus…essort Technik", "Fundstelle Mus…ort Wirtschaft"]
    assert clipped("de", 29) == "de"


def test_numbers_are_short() -> None:
    assert [at(1.0), at(1.239), at(100.0), short(0.30000000000000004), short(12345.0)] == [
        "1", "1.24", "100", "0.3", "12,345",
    ]  # fmt: skip


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0, 100))
def test_percentiles_are_numpys(values: list[float], share: float) -> None:
    assert math.isclose(percentile(values, share), float(np.percentile(values, share)), rel_tol=1e-9, abs_tol=1e-9)


def test_a_slice_lies_where_its_value_is() -> None:
    made = str(by_slice("Score", [SliceRow("de", 7, (Estimate(0.5, 0.25, 1.0),))], "nDCG@10"))
    (x,) = re.findall(r'<circle cx="([\d.]+)"', made)
    low, high = re.findall(r'<line x1="([\d.]+)" x2="([\d.]+)"[^>]*interval', made)[0]
    left, right = 8.0, 360.0 - 12.0 - 4.0
    assert (float(x), float(low), float(high)) == ((left + right) / 2, left + (right - left) / 4, right)
    assert "de: 0.500 (0.250 to 1.000)" in made
    assert "0.500 · 7 asked" in made


def test_a_curve_keeps_its_ends() -> None:
    points = tuple((number / 9999, number / 20000) for number in range(10_000))
    kept = thinned(points)
    assert (len(kept), kept[0], kept[-1]) == (400, points[0], points[-1])
    assert kept == sorted(set(kept))
    made = str(risk_coverage("Risk", [Curve("run", points, (0.5, 0.25))]))
    assert "run: answers 50.0%, wrong 25.0%" in made


def test_a_histogram_counts_every_question() -> None:
    seconds = (0.010, 0.010, 0.020, 0.4)
    made = str(latency("Latency", [Latencies("run", seconds)]))
    (points,) = re.findall(r'<polyline points="([^"]+)" class="steps', made)
    heights = sorted({float(point.split(",")[1]) for point in points.split()})
    bottom = max(heights)
    assert len(heights) == 3  # half, a quarter, none
    assert (bottom - heights[0]) == pytest.approx(2 * (bottom - heights[1]), abs=0.02)
    assert f"p50 {1000 * statistics.median(seconds):,.1f} ms" in made


def test_equal_latencies_have_a_histogram_too() -> None:
    assert "<polyline" in str(latency("Latency", [Latencies("run", (0.0, 0.0))]))


def test_dots_say_who_won() -> None:
    made = str(scatter("Both", [(0.0, 1.0), (0.0, 1.0), (1.0, 0.5)], ("a", "b"), "AP"))
    assert "2 questions: 0.00 before, 1.00 after" in made
    assert made.count("dot better") == 1
    assert made.count("dot worse") == 1


@settings(deadline=None)
@given(TEXT, st.integers(0, 50), st.lists(st.tuples(st.integers(0, 400), st.integers(0, 60)), max_size=4))
def test_an_excerpt_marks_only_what_is_expected(words: str, offset: int, drawn: list[tuple[int, int]]) -> None:
    spans = [Span(start, start + length) for start, length in drawn]
    shown = Words(str(marked(words, offset, spans)))
    assert set(shown.tags) <= {"mark"}
    assert len("".join(shown.words)) <= max(len(words), SHOWN_CHARACTERS) * 3 + 2


def test_an_excerpt_finds_its_words() -> None:
    words = "a" * 1000 + "gold" + "b" * 1000
    shown = str(marked(words, 50, [Span(1050, 1054)]))
    assert "<mark>gold</mark>" in shown
    assert shown.startswith("…a")
    assert shown.endswith("b…")
