"""Judging abstention fairly: no question's score may come from a model that saw its article."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from eval.calibrate import FOLDS, THRESHOLD, Sample, fit, held_out, judge
from eval.measures import auroc
from service.abstention import Calibration


def sample(seed: int = 5, count: int = 240) -> Sample:
    """One telling signal and one of noise; one question in five without an answer."""
    random = np.random.default_rng(seed)
    answerable = random.random(count) > 0.2
    telling = random.normal(size=count) + 2.0 * answerable
    return Sample(
        "de-de",
        ("fused", "noise"),
        np.column_stack([telling, random.normal(size=count)]),
        answerable,
        np.arange(count) // 5,
    )


def test_the_fitted_numbers_are_those_of_the_shipped_formula() -> None:
    made = sample()
    bias, weights = fit(made.values, made.answerable)
    assert weights[0] > 1.0 > abs(weights[1])
    calibration = Calibration(bias, dict(zip(made.names, weights.tolist(), strict=True)))
    row = made.values[0]
    expected = 1 / (1 + math.exp(-(bias + float(row @ weights))))
    assert calibration.probability(dict(zip(made.names, row.tolist(), strict=True))) == pytest.approx(expected)


def test_both_kinds_weigh_alike_however_rare_one_is() -> None:
    made = sample(count=2000)
    bias, weights = fit(made.values, made.answerable)
    middle = -bias / weights[0]  # where the model is undecided: half way between the two means, 0 and 2
    assert middle == pytest.approx(1.0, abs=0.2)


def test_no_score_depends_on_the_labels_of_its_own_fold() -> None:
    made = sample()
    fold = made.articles % FOLDS == 2
    turned = dataclasses.replace(made, answerable=np.where(fold, ~made.answerable, made.answerable))
    before, after = held_out(made), held_out(turned)
    assert (before[fold] == after[fold]).all()
    assert (before[~fold] != after[~fold]).all()
    assert ((before > 0) & (before < 1)).all()


def test_the_judgement_counts_what_it_says() -> None:
    made = sample()
    scores, judged = held_out(made), judge(made)
    yes, no = scores[made.answerable], scores[~made.answerable]
    assert judged["auroc"] == auroc(yes.tolist(), no.tolist()) > 0.85
    assert judged["false_answers"] == pytest.approx(sum(score >= THRESHOLD for score in no) / len(no))
    assert judged["lost_answers"] == pytest.approx(sum(score < THRESHOLD for score in yes) / len(yes))
    assert (judged["questions"], judged["unanswerable"]) == (240, len(no))
