from __future__ import annotations

import math
import shutil
from importlib.util import find_spec

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.errors import MeasureInvalid
from eval.measures import ndcg
from eval.measures.retrieval import BATCH, DEFAULT, parse, per_question

QRELS = {"q1": {"a": 1, "b": 1}, "q2": {"a": 2, "c": 1, "x": 0}, "q3": {"a": 1}, "q4": {"x": 0}}
RANKINGS = [("q1", ["x", "a", "b"]), ("q2", ["c", "x", "a"]), ("q3", []), ("q4", ["x"]), ("q9", ["a"])]


def log2(number: float) -> float:
    return math.log2(number)


def test_by_hand() -> None:
    found = dict(per_question(["nDCG@10", "R@2", "RR@10", "Success@1", "Success@5", "AP", "P@2"], QRELS, RANKINGS))
    assert set(found) == {"q1", "q2", "q3"}  # of q4 and q9 nothing relevant is known
    assert found["q1"] == {
        "nDCG@10": pytest.approx((1 / log2(3) + 1 / log2(4)) / (1 + 1 / log2(3)), abs=1e-15),
        "R@2": 0.5,
        "RR@10": 0.5,
        "Success@1": 0.0,
        "Success@5": 1.0,
        "AP": pytest.approx((1 / 2 + 2 / 3) / 2, abs=1e-15),
        "P@2": 0.5,
    }
    assert found["q2"]["nDCG@10"] == pytest.approx((1 + 2 / log2(4)) / (2 + 1 / log2(3)), abs=1e-15)
    assert found["q2"]["AP"] == pytest.approx((1 + 2 / 3) / 2, abs=1e-15)
    assert set(found["q3"].values()) == {0.0}


def test_names_that_mean_the_same_are_both_there() -> None:
    (found,) = dict(per_question(["P@1", "Precision@1", "RR"], QRELS, [("q3", ["a"])])).values()
    assert found == {"P@1": 1.0, "Precision@1": 1.0, "RR": 1.0}


def test_batches_make_no_difference() -> None:
    count = 2 * BATCH + 3
    qrels = {f"q{number}": {"a": 1} for number in range(count)}
    rankings = [(f"q{number}", ["x"] * 0 + (["a"] if number % 2 else ["x", "a"])) for number in range(count)]
    found = dict(per_question(["RR"], qrels, rankings))
    assert list(found) == list(qrels)
    assert [found[f"q{number}"]["RR"] for number in range(4)] == [0.5, 1.0, 0.5, 1.0]


ids = st.sampled_from([f"d{number}" for number in range(15)])


@settings(max_examples=50, deadline=None)
@given(st.lists(ids, max_size=15, unique=True), st.sets(ids, min_size=1))
def test_two_computations_agree(ranking: list[str], relevant: set[str]) -> None:
    (found,) = dict(per_question(["nDCG@10"], {"q": dict.fromkeys(relevant, 1)}, [("q", ranking)])).values()
    assert found["nDCG@10"] == pytest.approx(ndcg(ranking, relevant), abs=1e-12)


@pytest.mark.parametrize("name", [*DEFAULT, "P(rel=2)@5", "Bpref", "ERR@20", "Judged@10", "Rprec", "SetF"])
def test_whatever_ir_measures_computes_is_computed(name: str) -> None:
    if name.startswith("ERR") and shutil.which("perl") is None:
        pytest.skip("ir-measures computes ERR with perl")
    qrels = {"a question": {"a b": 2, "x": 0}}
    (found,) = dict(per_question([name], qrels, [("a question", ["a b", "c"])])).values()
    assert found[name] > 0


def test_a_measure_whose_package_is_missing_says_so() -> None:
    if find_spec("pyndeval") is not None:
        pytest.skip("pyndeval is installed")
    with pytest.raises(MeasureInvalid, match="needs a package"):
        parse("alpha_nDCG@10")


@pytest.mark.parametrize(
    "name", ["nDGC@10", "nDCG@ten", "", "nDCG@10; R@5", "__import__('os')", "P(rel=)@5", "INST(T=1)", "nDCG@-1.5"]
)
def test_what_is_no_measure_is_refused(name: str) -> None:
    with pytest.raises(MeasureInvalid, match="no measure that ir-measures parses"):
        parse(name)
