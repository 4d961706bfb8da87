from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from eval import resampling


def test_wilson_by_hand() -> None:
    assert resampling.wilson(5, 10) == pytest.approx((0.236593, 0.763407), abs=1e-6)  # Newcombe 1998's method 3
    assert resampling.wilson(0, 10) == pytest.approx((0.0, 0.277533), abs=1e-6)
    assert resampling.wilson(30, 30)[1] == 1.0


@settings(deadline=None)
@given(st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_agrees_with_scipy(case: tuple[int, int]) -> None:
    successes, count = case
    expected = stats.binomtest(successes, count).proportion_ci(method="wilson")
    assert resampling.wilson(successes, count) == pytest.approx((expected.low, expected.high), abs=1e-9)


def test_a_share_of_few_does_not_pretend_to_be_sure() -> None:
    low, high = resampling.interval(np.ones(5))
    assert low < 0.6
    assert high == 1.0


def test_the_bootstrap_holds_the_mean_and_repeats() -> None:
    values = np.random.default_rng(1).normal(0.4, 0.2, 400)
    low, high = resampling.interval(values)
    reach = 1.96 * values.std() / 20
    assert low == pytest.approx(values.mean() - reach, abs=0.003)
    assert high == pytest.approx(values.mean() + reach, abs=0.003)
    assert resampling.interval(values) == (low, high)
    assert resampling.paired_interval(values) == pytest.approx((low, high), abs=0.003)


def by_brute_force(differences: list[float]) -> float:
    sums = [
        abs(sum(sign * each for sign, each in zip(signs, differences, strict=True)))
        for signs in product((1, -1), repeat=len(differences))
    ]
    return sum(each >= abs(sum(differences)) - 1e-9 for each in sums) / len(sums)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(-4, 4).map(lambda n: n / 4), min_size=1, max_size=8))
def test_few_differences_are_tested_exactly(differences: list[float]) -> None:
    assert resampling.randomisation(np.asarray(differences)) == pytest.approx(by_brute_force(differences))


def test_many_differences_are_tested_by_drawing() -> None:
    drawn = np.random.default_rng(2).normal(0.02, 0.2, 300)
    expected = stats.permutation_test(
        (drawn,), np.mean, permutation_type="samples", n_resamples=20_000, rng=np.random.default_rng(3)
    ).pvalue
    assert resampling.randomisation(drawn) == pytest.approx(expected, abs=0.015)
    assert resampling.randomisation(np.full(300, 0.1)) == pytest.approx(1 / 10_001)
    assert resampling.randomisation(np.zeros(300)) == 1.0


def test_holm_by_hand() -> None:
    # 4 * 0.005, 3 * 0.01, 2 * 0.03, then no less than the one before: Holm's own example.
    assert resampling.holm({"a": 0.01, "b": 0.04, "c": 0.03, "d": 0.005}) == pytest.approx(
        {"d": 0.02, "a": 0.03, "c": 0.06, "b": 0.06}
    )
    assert resampling.holm({"a": 0.9, "b": 0.8}) == {"b": 1.0, "a": 1.0}
    assert resampling.holm({}) == {}


def test_with_many_questions_fewer_resamples_are_drawn() -> None:
    assert resampling.resamples(10) == 10_000
    assert resampling.resamples(10_000) == 2_000
    assert resampling.resamples(10**6) == 1_000


def test_what_is_no_mean_has_an_interval_too() -> None:
    values = np.random.default_rng(4).normal(0, 1, 200)
    low, high = resampling.statistic_interval(200, lambda drawn: float(np.median(values[drawn]))) or (1.0, 0.0)
    assert low < np.median(values) < high
    assert resampling.statistic_interval(5, lambda drawn: None) is None
