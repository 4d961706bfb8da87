"""When to answer: false and lost answers at the target's own threshold, and over all thresholds.

The risk-coverage curve is that of El-Yaniv and Wiener, "On the Foundations of Noise-free Selective Classification"
(JMLR 2010): questions are answered in the order of their answerability, and risk is the share of answers that should
not have been given. AURC is the mean risk over all coverages.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eval.measures.textbook import auroc
from eval.scores import CurvePoint

POINTS = 200  # of the curve as it is written; the area is taken over all


@dataclass(frozen=True, slots=True)
class Judged:
    """Of every question: how sure the target was, whether there is an answer, whether the first passage is right."""

    answerability: NDArray[np.float64]
    answerable: NDArray[np.bool_]
    right: NDArray[np.bool_]

    @classmethod
    def of(cls, questions: Sequence[tuple[float, bool, bool]]) -> Judged:
        """From (answerability, answerable, right) of each question."""
        return cls(
            np.asarray([each[0] for each in questions], dtype=np.float64),
            np.asarray([each[1] for each in questions], dtype=np.bool_),
            np.asarray([each[2] for each in questions], dtype=np.bool_),
        )

    def __len__(self) -> int:
        return len(self.answerability)

    def drawn(self, numbers: NDArray[np.int64]) -> Judged:
        """Those questions alone; one may be drawn more than once."""
        return Judged(self.answerability[numbers], self.answerable[numbers], self.right[numbers])


@dataclass(frozen=True, slots=True)
class _Steps:
    """Answering the surest first, those that are equally sure together: totals after each step."""

    thresholds: NDArray[np.float64]
    answered: NDArray[np.int64]
    false: NDArray[np.int64]
    wrong: NDArray[np.int64]


def _steps(judged: Judged) -> _Steps:
    order = np.argsort(-judged.answerability, kind="stable")
    scores = judged.answerability[order]
    last = np.flatnonzero(np.append(scores[1:] != scores[:-1], True)) if len(scores) else np.zeros(0, dtype=np.int64)
    false = np.cumsum(~judged.answerable[order], dtype=np.int64)
    wrong = np.cumsum(~(judged.answerable & judged.right)[order], dtype=np.int64)
    return _Steps(scores[last], last + 1, false[last], wrong[last])


def curve(judged: Judged) -> tuple[CurvePoint, ...]:
    """One point a different answerability, highest first."""
    steps = _steps(judged)
    answerable = int(judged.answerable.sum())
    unanswerable = len(judged) - answerable
    return tuple(
        CurvePoint(
            threshold=float(threshold),
            coverage=answered / len(judged),
            risk=false / answered,
            wrong=wrong / answered,
            false_answers=false / unanswerable if unanswerable else 0.0,
            lost_answers=1 - (answered - false) / answerable if answerable else 0.0,
        )
        for threshold, answered, false, wrong in zip(
            steps.thresholds, steps.answered.tolist(), steps.false.tolist(), steps.wrong.tolist(), strict=True
        )
    )


def area(judged: Judged) -> float:
    """AURC: the mean, over the questions, of the risk of answering it and all that are surer; ties share their risk."""
    steps = _steps(judged)
    return float((np.diff(steps.answered, prepend=0) * steps.false / steps.answered).sum() / len(judged))


def separation(judged: Judged) -> float | None:
    """AUROC of the answerability; None unless there are both kinds of questions."""
    if judged.answerable.all() or not judged.answerable.any():
        return None
    positive, negative = judged.answerability[judged.answerable], judged.answerability[~judged.answerable]
    return auroc(positive, negative)


def thinned(points: Sequence[CurvePoint], most: int = POINTS) -> tuple[CurvePoint, ...]:
    """At most ``most`` points, evenly over the curve, its ends among them."""
    if len(points) <= most:
        return tuple(points)
    kept = np.unique(np.linspace(0, len(points) - 1, most).round().astype(int))
    return tuple(points[number] for number in kept)
