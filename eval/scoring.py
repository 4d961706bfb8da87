"""A run against its suite -> scores. Replies and documents are read from disk one at a time, twice and once.

First the replies say what they cite; then the documents say what of that stands there; then each reply is scored.
What stays in memory is a few numbers a question, so that ten thousand questions over a hundred thousand passages fit
into any laptop.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path

from eval import aggregate, run_folder, slices, trec_runs
from eval.aggregate import Row
from eval.errors import RunInvalid
from eval.measures import abstention, citations, languages, passages, retrieval
from eval.measures.latency import latency
from eval.records import GoldQuote, Query, Reply, ReplyOutcome, Run, Suite
from eval.scores import SCORES_FILE, QuestionScores, Scores

About = tuple[str | None, str | None]  # a document's language and source
_SECONDS = "seconds"


@dataclass(slots=True)
class _Evidence:
    """What replies and documents say before a reply is scored."""

    proofs: citations.Proofs = field(default_factory=citations.Proofs)  # which citations stand
    about: dict[str, About] = field(default_factory=dict)
    answers: bool = False  # whether the target answers at all; a failure alone does not tell


def score(suite: Suite, run: Run, measures: Sequence[str] = retrieval.DEFAULT) -> Scores:
    """Score a run and write measures.json and scores.jsonl into its folder.

    Questions without a reply are left out, as in a run that was cut short. Raises RunInvalid where the run is one of
    another suite or has no reply, MeasureInvalid, TargetUnavailable where ir-measures is missing.
    """
    if run.suite_sha256 != suite.asked_sha256:
        raise RunInvalid(
            f"{run.folder}: a run of another suite: {run.suite_sha256[:12]}, not {suite.asked_sha256[:12]}"
        )
    for name in measures:
        retrieval.parse(name)
    evidence = _evidence(suite, run)
    rows = _in_order(suite, _rows(suite, run, measures, evidence))
    if not rows:
        raise RunInvalid(f"{run.folder}: there is no reply to a question of {suite.name} in it")
    _write_questions(run.folder, rows)
    scores = _summed(suite, run, rows, measures[0] if measures else "passage_rr@10")
    scores.write()
    return scores


def gold_of(suite: Suite, query: Query) -> tuple[GoldQuote, ...]:
    """Where a question's answer stands: what the suite says, or whole documents by its judgements."""
    grades = suite.qrels.get(query.query_id, {})
    return query.gold or tuple(GoldQuote(doc_id) for doc_id in sorted(retrieval.relevant(grades)))


def _evidence(suite: Suite, run: Run) -> _Evidence:
    evidence = _Evidence()
    for reply in _once(run):
        evidence.proofs.claim(reply)
        evidence.answers |= reply.error is None and reply.outcome is not ReplyOutcome.RETRIEVED
    known: dict[str, About] = {}
    shared: dict[About, About] = {}  # one tuple for the many documents that agree
    for document in suite.documents():
        evidence.proofs.check(document)
        about = document.language, document.source
        known[document.doc_id] = shared.setdefault(about, about)
    evidence.about = known
    return evidence


def _once(run: Run) -> Iterator[Reply]:
    """The replies, the first one of each question."""
    seen: set[str] = set()
    for reply in run.replies():
        if reply.query_id not in seen:
            seen.add(reply.query_id)
            yield reply


def _rows(suite: Suite, run: Run, measures: Sequence[str], evidence: _Evidence) -> Iterator[Row]:
    """Rows in batches: ir-measures is quicker on many questions than on one."""
    queries = {query.query_id: query for query in suite.queries}
    replies = (reply for reply in _once(run) if reply.query_id in queries)
    while batch := list(islice(replies, retrieval.BATCH)):
        rankings = {reply.query_id: [doc_id for doc_id, _ in trec_runs.documents(reply)] for reply in batch}
        asked = {name: ranking for name, ranking in rankings.items() if queries[name].answerable}
        found = dict(retrieval.per_question(measures, suite.qrels, asked.items()))
        for reply in batch:
            query = queries[reply.query_id]
            yield _row(suite, query, reply, rankings[query.query_id], found.get(query.query_id, {}), evidence)


def _row(
    suite: Suite, query: Query, reply: Reply, ranking: Sequence[str], found: Mapping[str, float], evidence: _Evidence
) -> Row:
    grades = suite.qrels.get(query.query_id, {})
    gold = gold_of(suite, query)
    relevant = {each.doc_id for each in gold} | retrieval.relevant(grades)
    values: dict[str, float] = dict(found)
    if query.answerable:
        values |= passages.score(reply, gold)
        spoken = {doc_id: evidence.about.get(doc_id, (None, None))[0] for doc_id in {*relevant, *ranking[:10]}}
        values |= languages.bias(
            query.language, ranking, relevant, {doc_id: name for doc_id, name in spoken.items() if name}
        )
    values |= _answering(query, reply, gold, evidence)
    values[_SECONDS] = reply.seconds
    return Row(
        scores=QuestionScores(query.query_id, query.answerable, reply.outcome.value, reply.answerability, values),
        slices=tuple(slices.slices(query, relevant, evidence.about)),
        language=query.language,
        gold=languages.gold_key(query, grades) if query.answerable else frozenset(),
        right=query.answerable and _first_is_right(reply, gold),
    )


def _answering(query: Query, reply: Reply, gold: Sequence[GoldQuote], evidence: _Evidence) -> dict[str, float]:
    """Citations and outcome; nothing of a target that does not answer."""
    if not evidence.answers:
        return {}
    answered = reply.outcome is ReplyOutcome.ANSWERED
    if not query.answerable:
        return {**citations.score(reply, (), evidence.proofs), "false_answers": float(answered)}
    values = {**citations.score(reply, gold, evidence.proofs), "lost_answers": float(not answered)}
    if gold:
        right = any(citations.is_right(each, gold) and evidence.proofs.exact(each) for each in reply.citations)
        values["right_answers"] = float(answered and right)
    return values


def _first_is_right(reply: Reply, gold: Sequence[GoldQuote]) -> bool:
    ordered = sorted(reply.retrieved, key=lambda found: found.rank)[:1]
    if ordered and ordered[0].start is None:
        gold = [GoldQuote(each.doc_id, None, None) for each in gold]
    return passages.first_right(ordered, gold) == 1


def _in_order(suite: Suite, rows: Iterator[Row]) -> list[Row]:
    place = {query.query_id: number for number, query in enumerate(suite.queries)}
    return sorted(rows, key=lambda row: place[row.scores.query_id])


def _write_questions(folder: Path, rows: Sequence[Row]) -> None:
    partial = folder / f"{SCORES_FILE}.partial"
    with partial.open("w", encoding="utf-8", newline="\n") as stream:
        for row in rows:
            stream.write(json.dumps(asdict(row.scores), ensure_ascii=False, separators=(",", ":")) + "\n")
    partial.replace(folder / SCORES_FILE)


def _summed(suite: Suite, run: Run, rows: Sequence[Row], primary: str) -> Scores:
    answerable = sum(row.scores.answerable for row in rows)
    failed, threshold = _failures_and_threshold(run)
    return Scores(
        run=run.name,
        suite=suite.name,
        suite_sha256=suite.sha256,
        target=run.target,
        settings=dict(run.settings),
        environment=dict(run.environment),
        questions=len(rows),
        answerable=answerable,
        unanswerable=len(rows) - answerable,
        failed=failed,
        primary=primary,
        measures=aggregate.means(rows) | aggregate.over_all(rows, primary),
        slices=aggregate.by_slice(rows),
        curve=abstention.thinned(abstention.curve(aggregate.judged(rows))),
        latency=latency([row.scores.values[_SECONDS] for row in rows], run_folder.sessions(run.folder)),
        threshold=threshold,
        folder=run.folder,
    )


def _failures_and_threshold(run: Run) -> tuple[int, float | None]:
    failed, threshold = 0, None
    for reply in _once(run):
        failed += reply.error is not None
        threshold = reply.threshold if threshold is None else threshold
    return failed, threshold
