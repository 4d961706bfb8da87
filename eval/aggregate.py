"""Rows of questions -> measures with intervals, over all and by slice, and those that are no mean."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eval import resampling
from eval.measures import abstention, languages
from eval.measures.abstention import Judged
from eval.measures.languages import Gold
from eval.scores import QuestionScores, Value
from eval.slices import DIMENSIONS


@dataclass(frozen=True, slots=True)
class Row:
    """A question's scores, with what they are grouped by."""

    scores: QuestionScores
    slices: tuple[tuple[str, str], ...]
    language: str | None
    gold: Gold
    right: bool  # whether the first passage, or document where there are no passages, is a right one


def means(rows: Sequence[Row]) -> dict[str, Value]:
    """Every measure's mean over the questions it applies to, in the order in which measures first come up."""
    values: dict[str, list[float]] = {}
    for row in rows:
        for name, value in row.scores.values.items():
            values.setdefault(name, []).append(value)
    return {name: _mean(np.asarray(found, dtype=np.float64)) for name, found in values.items()}


def by_slice(rows: Sequence[Row]) -> dict[str, dict[str, dict[str, Value]]]:
    """The means of each slice: dimension -> value -> measure. A question may be in several of one dimension."""
    members: dict[str, dict[str, list[Row]]] = {dimension: {} for dimension in DIMENSIONS}
    for row in rows:
        for dimension, name in row.slices:
            members[dimension].setdefault(name, []).append(row)
    return {
        dimension: {name: means(found) | _abstention(judged(found)) for name, found in sorted(named.items())}
        for dimension, named in members.items()
        if named
    }


def over_all(rows: Sequence[Row], primary: str) -> dict[str, Value]:
    """Measures of the whole run that are no mean: how abstention separates, and the gap between languages."""
    values = _abstention(judged(rows))
    for name in dict.fromkeys((primary, "passage_success@1", "right_answers")):
        spoken = [(row.language, row.gold, row.scores.values[name]) for row in rows if name in row.scores.values]
        found = languages.gap(spoken)
        if found is not None:
            values[f"language_gap({name})"] = Value(*found)
    return values


def judged(rows: Iterable[Row]) -> Judged:
    """What abstention is judged on: questions whose target said how sure it was."""
    return Judged.of(
        [
            (row.scores.answerability, row.scores.answerable, row.right)
            for row in rows
            if row.scores.answerability is not None
        ]
    )


def _abstention(questions: Judged) -> dict[str, Value]:
    """AUROC and AURC where there are both kinds of questions, with bootstrap intervals."""
    if not len(questions) or abstention.separation(questions) is None:
        return {}
    values: dict[str, Value] = {}
    statistics: dict[str, Callable[[Judged], float | None]] = {
        "auroc": abstention.separation,
        "aurc": abstention.area,
    }
    for name, statistic in statistics.items():
        value = statistic(questions)
        reach = _reach(questions, statistic)
        if value is not None and reach is not None:
            values[name] = Value(value, len(questions), *reach)
    return values


def _reach(questions: Judged, statistic: Callable[[Judged], float | None]) -> tuple[float, float] | None:
    return resampling.statistic_interval(len(questions), lambda drawn: statistic(questions.drawn(drawn)))


def _mean(values: NDArray[np.float64]) -> Value:
    return Value(float(values.mean()), len(values), *resampling.interval(values))
