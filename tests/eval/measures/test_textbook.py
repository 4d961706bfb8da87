from __future__ import annotations

import math
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.measures import auroc, ndcg

ids = st.sampled_from([f"d{number}" for number in range(15)])
rankings = st.lists(ids, max_size=15, unique=True)


def test_ndcg_by_hand() -> None:
    assert ndcg(["a", "b", "c"], {"a"}) == 1.0
    assert ndcg(["b", "a", "c"], {"a"}) == pytest.approx(1 / math.log2(3))
    # found at ranks 1 and 3 of two: (1 + 1/2) / (1 + 1/log2(3))
    assert ndcg(["a", "x", "b"], {"a", "b"}) == pytest.approx(1.5 / (1 + 0.6309297535714575))
    assert ndcg(["x", "y"], {"a"}) == 0.0
    assert ndcg([], {"a"}) == 0.0
    assert ndcg(["a"], set()) == 0.0


def test_ndcg_looks_no_further_than_k_and_its_ideal_fits_into_k() -> None:
    ranking = [f"x{number}" for number in range(10)]
    assert ndcg([*ranking, "a"], {"a"}) == 0.0
    assert ndcg([*ranking[:9], "a"], {"a"}) == pytest.approx(1 / math.log2(11))
    assert ndcg(["a", "b"], {"a", "b", "c"}, k=2) == 1.0


@settings(deadline=None)
@given(rankings, st.sets(ids, min_size=1), st.integers(1, 12))
def test_ndcg_lies_between_nothing_and_the_ideal(ranking: list[str], relevant: set[str], k: int) -> None:
    assert 0.0 <= ndcg(ranking, relevant, k) <= 1.0 + 1e-12
    ideal = [*sorted(relevant), *(doc_id for doc_id in ranking if doc_id not in relevant)]
    assert ndcg(ideal, relevant, k) == pytest.approx(1.0)


@settings(max_examples=50, deadline=None)
@given(rankings.filter(bool), st.sets(ids, min_size=1), st.sampled_from([1, 5, 10]))
def test_ndcg_agrees_with_ir_measures(ranking: list[str], relevant: set[str], k: int) -> None:
    ir_measures = pytest.importorskip("ir_measures", reason="ir_measures, a development extra, is not installed")
    run = [ir_measures.ScoredDoc("q", doc_id, float(-rank)) for rank, doc_id in enumerate(ranking)]
    qrels = [ir_measures.Qrel("q", doc_id, 1) for doc_id in relevant]
    measured = ir_measures.calc_aggregate([ir_measures.nDCG @ k], qrels, run)
    assert ndcg(ranking, relevant, k) == pytest.approx(measured[ir_measures.nDCG @ k])


@settings(deadline=None)
@given(
    st.lists(st.integers(-5, 5).map(lambda n: n / 4), min_size=1, max_size=30),
    st.lists(st.integers(-5, 5).map(lambda n: n / 4), min_size=1, max_size=30),
)
def test_auroc_is_the_share_of_pairs_in_the_right_order(positive: list[float], negative: list[float]) -> None:
    pairs = [1.0 if high > low else 0.5 if high == low else 0.0 for high, low in product(positive, negative)]
    assert auroc(positive, negative) == pytest.approx(sum(pairs) / len(pairs))
    assert auroc(positive, negative) + auroc(negative, positive) == pytest.approx(1.0)


def test_auroc_by_hand() -> None:
    assert auroc([3, 2], [1, 0]) == 1.0
    assert auroc([0], [1]) == 0.0
    assert auroc([1, 1], [1]) == 0.5
    assert auroc([0.9, 0.4], [0.5, 0.1]) == 0.75


def test_auroc_needs_both_classes() -> None:
    for positive, negative in (([], [1.0]), ([1.0], []), ([], [])):
        with pytest.raises(ValueError, match="both classes"):
            auroc(positive, negative)
