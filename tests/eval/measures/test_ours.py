from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.documents import Span
from eval.load import Session
from eval.measures import abstention, languages, passages
from eval.measures.abstention import Judged
from eval.measures.catalogue import OURS, definition
from eval.measures.citations import contains, overlaps
from eval.measures.latency import latency
from eval.records import Cited, GoldQuote, Retrieved
from tests.eval.tiny import QUERIES

GOLD = GoldQuote("a", "x" * 10, Span(20, 30))


@pytest.mark.parametrize(
    ("start", "end", "overlapping", "containing"),
    [(20, 30, True, True), (0, 20, False, False), (29, 40, True, False), (30, 40, False, False), (10, 40, True, True)],
)
def test_spans_of_citations(start: int, end: int, overlapping: bool, containing: bool) -> None:
    cited = Cited("a", start, end, "", 0)
    assert (overlaps(cited, GOLD), contains(cited, GOLD)) == (overlapping, containing)
    assert not overlaps(Cited("b", start, end, "", 0), GOLD)
    whole = GoldQuote("a")
    assert (overlaps(cited, whole), contains(cited, whole)) == (True, False)


ranges = st.tuples(st.integers(0, 12), st.integers(1, 8)).map(lambda pair: (pair[0], pair[0] + pair[1]))


@settings(deadline=None)
@given(ranges, ranges)
def test_spans_are_compared_character_by_character(cited: tuple[int, int], gold: tuple[int, int]) -> None:
    one, other = set(range(*cited)), set(range(*gold))
    claim, true = Cited("a", *cited, "", 0), GoldQuote("a", None, Span(*gold))
    assert overlaps(claim, true) is bool(one & other)
    assert contains(claim, true) is (other <= one)
    found = Retrieved("a", 1.0, 1, 7, *cited)
    assert passages.holds(found, true) is (len(one & other) * 2 >= min(len(one), len(other)))


@pytest.mark.parametrize(
    ("start", "end", "held"),
    [
        (0, 100, True),  # the passage has all of it
        (0, 25, True),  # and half of it
        (0, 24, False),
        (22, 26, True),  # a passage within the gold
        (28, 32, True),  # half of the passage is gold
        (29, 33, False),
        (30, 90, False),
    ],
)
def test_a_passage_holds_gold_by_half(start: int, end: int, held: bool) -> None:
    assert passages.holds(Retrieved("a", 1.0, 1, 7, start, end), GOLD) is held
    assert not passages.holds(Retrieved("b", 1.0, 1, 7, start, end), GOLD)


def test_the_first_right_passage_goes_by_rank_not_by_place() -> None:
    found = [Retrieved("a", 0.5, 3, 1, 20, 30), Retrieved("a", 0.9, 1, 2, 0, 10), Retrieved("b", 0.7, 2, 3, 20, 30)]
    assert passages.first_right(found, [GOLD]) == 3
    assert passages.first_right(found, [GoldQuote("b")]) == 2
    assert passages.first_right(found, [GoldQuote("c")]) is None


# Abstention

kinds = st.lists(
    st.tuples(st.integers(0, 4).map(lambda n: n / 4), st.booleans(), st.booleans()), min_size=1, max_size=20
)


@settings(deadline=None)
@given(kinds)
def test_the_curve_is_what_answering_from_a_threshold_on_gives(questions: list[tuple[float, bool, bool]]) -> None:
    for point in abstention.curve(Judged.of(questions)):
        answered = [each for each in questions if each[0] >= point.threshold]
        assert point.coverage == len(answered) / len(questions)
        assert point.risk == sum(not each[1] for each in answered) / len(answered)
        assert point.wrong == sum(not (each[1] and each[2]) for each in answered) / len(answered)
        without = [each for each in questions if not each[1]]
        false = [each for each in without if each[0] >= point.threshold]
        assert point.false_answers == (len(false) / len(without) if without else 0)
    points = abstention.curve(Judged.of(questions))
    assert len(points) == len({each[0] for each in questions})
    assert points[-1].coverage == 1.0


@settings(deadline=None)
@given(kinds)
def test_the_area_is_the_mean_risk(questions: list[tuple[float, bool, bool]]) -> None:
    risks = []
    for score, _, _ in questions:
        answered = [each for each in questions if each[0] >= score]
        risks.append(sum(not each[1] for each in answered) / len(answered))
    assert abstention.area(Judged.of(questions)) == pytest.approx(np.mean(risks))


def test_separation_needs_both_kinds() -> None:
    assert abstention.separation(Judged.of([(0.9, True, True), (0.2, False, False)])) == 1.0
    assert abstention.separation(Judged.of([(0.9, True, True)])) is None
    assert abstention.separation(Judged.of([(0.9, False, True)])) is None


def test_a_long_curve_is_thinned_and_keeps_its_ends() -> None:
    points = abstention.curve(Judged.of([(number / 1000, number % 3 > 0, True) for number in range(1000)]))
    kept = abstention.thinned(points)
    assert len(kept) == 200
    assert (kept[0], kept[-1]) == (points[0], points[-1])


# Languages


def test_the_gap_is_over_gold_asked_for_in_both_languages() -> None:
    one, two, three = (frozenset({(name, 0, 5)}) for name in "abc")
    values = [
        ("de", one, 1.0),
        ("de", one, 0.5),  # one gold, two questions: their mean
        ("en", one, 0.6),
        ("de", two, 1.0),
        ("en", two, 0.8),
        ("en", three, 0.0),  # never asked for in German
        ("fr", one, 0.0),
        ("en", frozenset(), 0.0),
    ]
    assert languages.gap(values) == (pytest.approx((0.6 + 0.8) / (0.75 + 1.0)), 2)
    assert languages.gap([("de", one, 0.0), ("en", one, 1.0)]) is None
    assert languages.gap([("de", one, 1.0)]) is None


def test_gold_is_told_apart_by_its_place() -> None:
    keys = [languages.gold_key(query, {}) for query in QUERIES]
    assert keys[0] == keys[1] != keys[2]
    assert keys[3] == frozenset()
    assert languages.gold_key(QUERIES[3], {"a": 1, "b": 0}) == frozenset({("a", -1, -1)})


def test_the_gap_between_parallel_runs() -> None:
    english, german = {"q1": 0.5, "q2": 1.0, "q3": 1.0}, {"q1": 1.0, "q2": 1.0}
    assert languages.gap_of_runs(english, german) == (0.75, 2)
    assert languages.gap_of_runs(english, {}) is None


def test_bias_shows_where_the_answer_is_there_in_both_languages() -> None:
    spoken = {"de-a": "de", "en-a": "en", "de-b": "de", "en-b": "en"}
    twins = {"de-a", "en-a"}
    assert languages.bias("de", ["de-a", "de-b", "en-a", "en-b"], twins, spoken) == {
        "own_language_first": 1.0,
        "own_language_share": 0.5,
        "language_bias": 0.0,
    }
    assert languages.bias("en", ["de-a", "de-b"], twins, spoken)["language_bias"] == -0.5
    assert languages.bias("de", ["de-a"], {"de-a"}, spoken) == {}
    assert languages.bias("de", [], twins, spoken) == {}
    assert languages.bias(None, ["de-a"], twins, spoken) == {}


# Latency and names


def test_throughput_is_that_of_whole_sessions() -> None:
    told = latency([0.1, 0.2, 0.3, 0.4], [Session(2, 0.5, 1, None), Session(2, 1.5, 4, 2.0)])
    assert told is not None
    assert (told.throughput, told.concurrency, told.rate) == (2.0, 4, 2.0)
    assert (told.mean, told.p50, told.most) == (pytest.approx(0.25), pytest.approx(0.25), 0.4)
    assert latency([], []) is None


def test_every_measure_of_ours_has_a_definition() -> None:
    assert definition("language_gap(nDCG@10)") is OURS["language_gap"]
    assert definition("nDCG@10").group == "retrieval"
    assert all(each.about.endswith((".", ".")) for each in OURS.values())
