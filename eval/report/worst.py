"""Which questions a person should look at: those that did worst, those answered without ground, those that failed."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from eval.records import Query, Reply, ReplyOutcome, Run, Suite
from eval.report.questions import Case, reached
from eval.report.values import label
from eval.scores import QuestionScores, Scores

MOST = 25  # of each sort; the page stays readable and loads at once
# What "did badly" means: the mean of these, as far as a question has them. The primary measure comes with them.
JUDGED_BY = ("passage_rr@10", "right_answers", "citation_recall")


@dataclass(frozen=True, slots=True)
class Looked:
    """Questions to look at, the worst first, with how many there were to choose from."""

    did_badly: tuple[Case, ...]
    answered_falsely: tuple[Case, ...]
    failed: tuple[Case, ...]
    below_best: int
    falsely: int
    failures: int


def goodness(scores: QuestionScores, primary: str) -> float | None:
    """How well an answerable question did, 0 to 1; None where nothing of it was measured."""
    known = [scores.values[name] for name in (primary, *JUDGED_BY) if name in scores.values]
    return sum(known) / len(known) if known and scores.answerable else None


def worst(suite: Suite, run: Run, scores: Scores, most: int = MOST) -> Looked:
    """Pick from one run; its replies are read once, and only those shown are kept."""
    bad: list[tuple[float, int, QuestionScores]] = []
    false: list[tuple[float, int, QuestionScores]] = []
    for number, each in enumerate(scores.per_question()):
        good = goodness(each, scores.primary)
        if good is not None and good < 1:
            bad.append((good, number, each))
        if not each.answerable and each.outcome == ReplyOutcome.ANSWERED:
            false.append((-(each.answerability or 0.0), number, each))
    worst_ones = heapq.nsmallest(most, bad, key=lambda item: item[:2])
    false_ones = heapq.nsmallest(most, false, key=lambda item: item[:2])
    chosen = {each.query_id: each for _, _, each in (*worst_ones, *false_ones)}
    failures = 0
    broken: list[Reply] = []
    replies: dict[str, Reply] = {}
    for reply in run.replies():
        if reply.error is not None:
            failures += 1
            if len(broken) < most:
                broken.append(reply)
        if reply.query_id in chosen:
            replies[reply.query_id] = reply
    queries = {query.query_id: query for query in suite.queries}

    def cases(found: Iterable[str]) -> tuple[Case, ...]:
        return tuple(
            Case(queries[name], (replies.get(name),), _said(chosen[name], scores.primary))
            for name in found
            if name in queries
        )

    return Looked(
        cases(each.query_id for _, _, each in worst_ones),
        cases(each.query_id for _, _, each in false_ones),
        tuple(_failed(queries, reply) for reply in broken if reply.query_id in queries),
        len(bad),
        len(false),
        failures,
    )


def _failed(queries: Mapping[str, Query], reply: Reply) -> Case:
    return Case(queries[reply.query_id], (reply,), ())


def _said(scores: QuestionScores, primary: str) -> tuple[str, ...]:
    if not scores.answerable:
        return () if scores.answerability is None else (f"answerability {scores.answerability:.2f}",)
    return tuple(reached(label(name), scores.values[name]) for name in (primary, *JUDGED_BY) if name in scores.values)


def replies_of(run: Run, wanted: Sequence[str]) -> dict[str, Reply]:
    """The replies to some questions, read in one pass."""
    names = set(wanted)
    return {reply.query_id: reply for reply in run.replies() if reply.query_id in names}
