"""Pooling: what several runs found for a suite's questions and nobody judged (Spärck Jones, van Rijsbergen 1975)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from corpus.documents import Span
from eval import trec_runs
from eval.errors import RunInvalid
from eval.records import Query, Run, Suite, SuiteDocument

PASSAGES = 3  # shown of one document
BEGINNING = 1_500  # code points shown of a document that was retrieved as a whole
MOST = 2_000  # documents to judge in one go, as their passages are kept in memory; the next go takes the next


@dataclass(frozen=True, slots=True)
class Item:
    """One document to be judged for one question, with the passages that were retrieved of it, the best first."""

    query: Query
    doc_id: str
    title: str
    about: str  # source, date and language, as far as they are known
    passages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pool:
    """What is to be judged, and how much of what was found has been judged before."""

    items: tuple[Item, ...]
    judged: int
    left: int  # beyond the first ``MOST``


_Found = dict[tuple[str, str], dict[Span | None, int]]  # (query, document): passages with their best rank


def pool(suite: Suite, runs: Sequence[Path], depth: int) -> Pool:
    """The first ``depth`` documents of every run (a run's folder or a TREC run file), without what has a grade already.

    Questions come in the suite's order. The documents of a question do not come in any run's order, so that a judge
    cannot tell which were ranked high, nor by whom. Raises RunInvalid where a run is one of another suite.
    """
    found: _Found = {}
    for path in runs:
        taken = _of_file(path, suite, depth) if path.is_file() else _of_folder(path, suite, depth)
        for query_id, doc_id, span, rank in taken:
            spans = found.setdefault((query_id, doc_id), {})
            spans[span] = min(rank, spans.get(span, rank))
    open_ = [(query_id, doc_id) for query_id, doc_id in found if doc_id not in suite.qrels.get(query_id, {})]
    order = {query.query_id: number for number, query in enumerate(suite.queries)}
    open_.sort(key=lambda pair: (order[pair[0]], hashlib.sha256("\0".join(pair).encode()).digest()))
    shown = open_[:MOST]
    documents = _documents(suite, found, shown)
    queries = {query.query_id: query for query in suite.queries}
    items = tuple(
        Item(queries[query_id], doc_id, *documents[query_id, doc_id])
        for query_id, doc_id in shown
        if (query_id, doc_id) in documents
    )
    return Pool(items, judged=len(found) - len(open_), left=len(open_) - len(shown))


def _of_folder(folder: Path, suite: Suite, depth: int) -> Iterator[tuple[str, str, Span | None, int]]:
    run = Run.open(folder)
    if run.suite_sha256 != suite.asked_sha256:
        raise RunInvalid(f"{folder}: {suite.name} asks something else, or of other documents, by now: run it again")
    asked = {query.query_id for query in suite.queries}
    for reply in run.replies():
        if reply.query_id not in asked:
            continue
        first = {doc_id for doc_id, _ in trec_runs.documents(reply)[:depth]}
        for each in reply.retrieved:
            if each.doc_id in first:
                placed = each.start is not None and each.end is not None
                yield reply.query_id, each.doc_id, Span(each.start, each.end) if placed else None, each.rank  # type: ignore[arg-type]


def _of_file(path: Path, suite: Suite, depth: int) -> Iterator[tuple[str, str, Span | None, int]]:
    """Of a run file's ids those with white space have another form there than in the suite."""
    rankings = trec_runs.read(path)
    queries = {trec_runs.trec_id(query.query_id): query.query_id for query in suite.queries}
    names = {trec_runs.trec_id(each.doc_id): each.doc_id for each in suite.documents()}
    if not queries.keys() & rankings.keys():
        raise RunInvalid(f"{path}: holds none of the {len(suite.queries)} questions of {suite.name}")
    for written in queries.keys() & rankings.keys():
        for rank, (doc_id, _) in enumerate(rankings[written][:depth], 1):
            if doc_id in names:
                yield queries[written], names[doc_id], None, rank


def _documents(
    suite: Suite, found: Mapping[tuple[str, str], Mapping[Span | None, int]], shown: Iterable[tuple[str, str]]
) -> dict[tuple[str, str], tuple[str, str, tuple[str, ...]]]:
    """Title, particulars and passages of what is shown, in one pass over the documents."""
    wanted: dict[str, list[str]] = {}
    for query_id, doc_id in shown:
        wanted.setdefault(doc_id, []).append(query_id)
    known = {}
    for document in suite.documents():
        for query_id in wanted.get(document.doc_id, ()):
            known[query_id, document.doc_id] = _described(document, found[query_id, document.doc_id])
    return known


def _described(document: SuiteDocument, spans: Mapping[Span | None, int]) -> tuple[str, str, tuple[str, ...]]:
    best = sorted(spans, key=lambda span: (spans[span], span is None))[:PASSAGES]
    passages = [span.of(document.text) for span in best if span is not None]
    if not any(each.strip() for each in passages):
        cut = document.text[:BEGINNING]
        passages = [cut if len(cut) == len(document.text) else f"{cut}…"]
    about = " · ".join(part for part in (document.source, document.published, document.language) if part)
    return document.title or document.doc_id, about, tuple(passages)
