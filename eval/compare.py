"""Two runs of one suite side by side: what differs, by how much, whether it is real, and on which questions.

The second run is judged against the first: a positive difference means that the second has more. Only questions that
a measure applies to in both runs count, so that the two means are over the same questions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from eval import resampling
from eval.errors import RunInvalid
from eval.measures import abstention
from eval.measures.abstention import Judged
from eval.measures.catalogue import definition
from eval.scores import QuestionScores, Scores

LEVEL = 0.05  # below it a corrected p speaks of a difference
_UNTESTED = frozenset({"seconds"})  # a machine's moods are no sample of questions


@dataclass(frozen=True, slots=True)
class Difference:
    """One measure in both runs. ``p`` and ``p_holm`` are None where no test is made."""

    measure: str
    count: int  # questions in both means
    first: float
    second: float
    difference: float  # second less first
    low: float  # 95 % interval of the difference
    high: float
    p: float | None
    p_holm: float | None  # corrected for the measures of this comparison

    @property
    def real(self) -> bool:
        """Whether the corrected test, or the interval where there is none, excludes chance."""
        if self.p_holm is not None:
            return self.p_holm < LEVEL
        return self.measure not in _UNTESTED and not self.low <= 0 <= self.high

    @property
    def better(self) -> bool | None:
        """Whether the second run is better; None where the difference may be chance, or is neither."""
        if not self.real or definition(self.measure).neutral:
            return None
        return (self.difference > 0) == definition(self.measure).higher_is_better


@dataclass(frozen=True, slots=True)
class QuestionDifference:
    """One question's primary measure in both runs."""

    query_id: str
    first: float
    second: float
    gain: float  # above 0 where the second run is better


@dataclass(frozen=True, slots=True)
class Comparison:
    """The whole of it."""

    first: Scores
    second: Scores
    primary: str
    settings: Mapping[str, tuple[str | None, str | None]]  # those that differ, and what was asked
    measures: tuple[Difference, ...]
    questions: tuple[QuestionDifference, ...]  # worst for the second run first; those without difference left out
    only_first: int  # questions that one of the runs alone has
    only_second: int


def compare(first: Scores, second: Scores, primary: str | None = None) -> Comparison:
    """Compare two scored runs. ``primary`` is the measure that questions are listed by; the runs' own where None.

    Raises RunInvalid where they are of different suites, have no question in common, or lack ``primary``.
    """
    if first.suite_sha256 != second.suite_sha256:
        raise RunInvalid(
            f"{first.run} is a run of {first.suite} ({first.suite_sha256[:12]}), "
            f"{second.run} of {second.suite} ({second.suite_sha256[:12]}): only runs of one suite can be compared"
        )
    left = {each.query_id: each for each in first.per_question()}
    right = {each.query_id: each for each in second.per_question()}
    both = [query_id for query_id in left if query_id in right]
    if not both:
        raise RunInvalid(f"{first.run} and {second.run} have no question in common")
    pairs = [(left[query_id], right[query_id]) for query_id in both]
    chosen = primary or first.primary
    paired = _paired(pairs)
    if chosen not in paired:
        raise RunInvalid(f"{chosen} was not measured in both runs; there are {', '.join(paired)}")
    return Comparison(
        first=first,
        second=second,
        primary=chosen,
        settings=_changed(first, second),
        measures=_corrected([_difference(name, values) for name, values in paired.items()] + _separation(pairs)),
        questions=_questions(pairs, chosen),
        only_first=len(left) - len(both),
        only_second=len(right) - len(both),
    )


Pairs = Sequence[tuple[QuestionScores, QuestionScores]]


def _paired(pairs: Pairs) -> dict[str, list[tuple[float, float]]]:
    """Values of both runs by measure, of the questions that it applies to in both."""
    found: dict[str, list[tuple[float, float]]] = {}
    for left, right in pairs:
        for name, value in left.values.items():
            if name in right.values:
                found.setdefault(name, []).append((value, right.values[name]))
    return found


def _difference(name: str, values: Sequence[tuple[float, float]]) -> Difference:
    first, second = np.asarray(values, dtype=np.float64).T
    differences = second - first
    low, high = resampling.paired_interval(differences)
    p = None if name in _UNTESTED else resampling.randomisation(differences)
    return Difference(
        name, len(values), float(first.mean()), float(second.mean()), float(differences.mean()), low, high, p, None
    )


def _separation(pairs: Pairs) -> list[Difference]:
    """AUROC, which is no mean of questions: an interval by drawing questions, the same in both runs, and no test."""
    known = [
        (left.answerability, right.answerability, left.answerable)
        for left, right in pairs
        if left.answerability is not None and right.answerability is not None
    ]
    first = Judged.of([(left, answerable, False) for left, _, answerable in known])
    second = Judged.of([(right, answerable, False) for _, right, answerable in known])
    one, other = (abstention.separation(each) if known else None for each in (first, second))
    if one is None or other is None:
        return []

    def apart(drawn: np.ndarray[tuple[int], np.dtype[np.int64]]) -> float | None:
        before, after = abstention.separation(first.drawn(drawn)), abstention.separation(second.drawn(drawn))
        return None if before is None or after is None else after - before

    reach = resampling.statistic_interval(len(known), apart)
    if reach is None:
        return []
    return [Difference("auroc", len(known), one, other, other - one, *reach, None, None)]


def _corrected(differences: Sequence[Difference]) -> tuple[Difference, ...]:
    corrected = resampling.holm({each.measure: each.p for each in differences if each.p is not None})
    return tuple(replace(each, p_holm=corrected.get(each.measure)) for each in differences)


def _questions(pairs: Pairs, primary: str) -> tuple[QuestionDifference, ...]:
    sign = 1.0 if definition(primary).higher_is_better else -1.0
    found = [
        QuestionDifference(
            left.query_id,
            left.values[primary],
            right.values[primary],
            sign * (right.values[primary] - left.values[primary]),
        )
        for left, right in pairs
        if primary in left.values and primary in right.values
    ]
    return tuple(sorted((each for each in found if each.gain), key=lambda each: (each.gain, each.query_id)))


def _changed(first: Scores, second: Scores) -> dict[str, tuple[str | None, str | None]]:
    before, after = {"target": first.target, **first.settings}, {"target": second.target, **second.settings}
    return {
        name: (before.get(name), after.get(name))
        for name in dict.fromkeys([*before, *after])
        if before.get(name) != after.get(name)
    }
