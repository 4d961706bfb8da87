from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from eval.compare import Difference, compare
from eval.errors import RunInvalid
from eval.records import Query, Reply, ReplyOutcome
from eval.scores import Scores
from eval.scoring import score
from tests.eval.tiny import gold, retrieved, suite, write_run

COUNT = 60
LINE = "Baidu baut eigene Chips."
QUERIES = [
    Query(f"q{number:02}", f"Was baut Baidu, Frage {number}?", "de", gold=(gold("baidu", LINE),))
    for number in range(COUNT)
]
UNANSWERABLE = [Query(f"u{number:02}", f"Wer war es, Frage {number}?", "de", answerable=False) for number in range(20)]
SUITE = suite([*QUERIES, *UNANSWERABLE])


def replies(right: int, shift: float = 0.0, seed: int = 0) -> list[Reply]:
    """The first ``right`` questions find the document at once, the others second; answerabilities overlap."""
    draw = np.random.default_rng(seed)
    found = []
    for number, query in enumerate([*QUERIES, *UNANSWERABLE]):
        order = ("baidu", "grid") if number < right else ("grid", "baidu")
        sure = float(draw.normal(0.6 + shift if query.answerable else 0.4, 0.2))
        outcome = ReplyOutcome.ANSWERED if sure > 0.5 else ReplyOutcome.ABSTAINED
        found.append(Reply(query.query_id, outcome, retrieved=retrieved(*order), answerability=sure, seconds=0.01))
    return found


def scored(folder: Path, *given: Reply, **settings: str) -> Scores:
    return score(SUITE, write_run(folder, *given, name=folder.name, settings=settings))


def measure(differences: tuple[Difference, ...], name: str) -> Difference:
    (found,) = [each for each in differences if each.measure == name]
    return found


def test_a_difference_that_is_real(tmp_path: Path) -> None:
    first = scored(tmp_path / "a", *replies(20), encoder="one", k="10")
    second = scored(tmp_path / "b", *replies(50), encoder="two", k="10")
    compared = compare(first, second)
    assert compared.settings == {"encoder": ("one", "two")}
    top = measure(compared.measures, "Success@1")
    assert (top.first, top.second, top.count) == (pytest.approx(20 / 60), pytest.approx(50 / 60), 60)
    assert top.difference == pytest.approx(0.5)
    assert 0.3 < top.low < 0.5 < top.high < 0.7
    assert top.p is not None
    assert top.p < 0.001
    assert (top.real, top.better) == (True, True)
    # Recall is the same in both: no difference at all.
    same = measure(compared.measures, "R@10")
    assert (same.difference, same.low, same.high, same.p, same.better) == (0, 0, 0, 1.0, None)


def test_the_other_way_round_everything_turns(tmp_path: Path) -> None:
    first, second = scored(tmp_path / "a", *replies(20)), scored(tmp_path / "b", *replies(50, 0.2))
    there, back = compare(first, second), compare(second, first)
    for each in there.measures:
        turned = measure(back.measures, each.measure)
        assert turned.difference == pytest.approx(-each.difference)
        assert turned.p == pytest.approx(each.p)
        assert (turned.low, turned.high) == pytest.approx((-each.high, -each.low), abs=1e-9)
    assert measure(back.measures, "Success@1").better is False
    assert all(each.gain < 0 for each in back.questions)


def test_chance_is_not_called_better(tmp_path: Path) -> None:
    first, second = scored(tmp_path / "a", *replies(30)), scored(tmp_path / "b", *replies(31))
    top = measure(compare(first, second).measures, "Success@1")
    assert top.difference == pytest.approx(1 / 60)
    assert (top.real, top.better, top.p) == (False, None, 1.0)


def test_lower_is_better_where_it_says_so(tmp_path: Path) -> None:
    first, second = scored(tmp_path / "a", *replies(30)), scored(tmp_path / "b", *replies(30, 0.5))
    lost = measure(compare(first, second).measures, "lost_answers")
    assert lost.difference < 0
    assert lost.better is True


def test_separation_has_an_interval_and_no_test(tmp_path: Path) -> None:
    first, second = scored(tmp_path / "a", *replies(30)), scored(tmp_path / "b", *replies(30, 0.5))
    auroc = measure(compare(first, second).measures, "auroc")
    assert auroc.first == first.measures["auroc"].value
    assert auroc.second == second.measures["auroc"].value
    assert 0 < auroc.low < auroc.difference < auroc.high
    assert (auroc.p, auroc.p_holm, auroc.better) == (None, None, True)


def test_seconds_are_told_but_not_tested(tmp_path: Path) -> None:
    slow = [replace(reply, seconds=1.0) for reply in replies(30)]
    first, second = scored(tmp_path / "a", *replies(30)), scored(tmp_path / "b", *slow)
    seconds = measure(compare(first, second).measures, "seconds")
    assert seconds.difference == pytest.approx(0.99)
    assert (seconds.p, seconds.better) == (None, None)


def test_many_measures_ask_for_more(tmp_path: Path) -> None:
    compared = compare(scored(tmp_path / "a", *replies(20)), scored(tmp_path / "b", *replies(50)))
    tested = [each for each in compared.measures if each.p is not None]
    assert len(tested) > 5
    assert all(each.p_holm is not None and each.p is not None and each.p_holm >= each.p for each in tested)
    smallest = min(tested, key=lambda each: each.p or 0)
    assert smallest.p_holm == pytest.approx(min(1.0, len(tested) * (smallest.p or 0)))


def test_questions_come_worst_first(tmp_path: Path) -> None:
    worse = list(replies(30))
    worse[3] = replace(worse[3], retrieved=())
    worse[40] = replace(worse[40], retrieved=retrieved("baidu"))
    compared = compare(scored(tmp_path / "a", *replies(30)), scored(tmp_path / "b", *worse), primary="RR@10")
    assert [(each.query_id, each.gain) for each in compared.questions] == [("q03", -1.0), ("q40", 0.5)]


def test_only_questions_of_both_count(tmp_path: Path) -> None:
    first, second = scored(tmp_path / "a", *replies(30)[:40]), scored(tmp_path / "b", *replies(30)[10:])
    compared = compare(first, second)
    assert (compared.only_first, compared.only_second) == (10, 40)
    assert measure(compared.measures, "Success@1").count == 30


def test_what_cannot_be_compared(tmp_path: Path) -> None:
    first = scored(tmp_path / "a", *replies(30)[:5])
    with pytest.raises(RunInvalid, match="only runs of one suite"):
        compare(first, replace(first, suite_sha256="6" * 64))
    with pytest.raises(RunInvalid, match="no question in common"):
        compare(first, scored(tmp_path / "b", *replies(30)[5:]))
    with pytest.raises(RunInvalid, match="P@99 was not measured in both runs; there are nDCG@10"):
        compare(first, first, primary="P@99")
