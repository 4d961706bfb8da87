"""From what a loader read to a suite: everything checked against everything else, counted and hashed in one pass."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple, TypeAlias

from corpus.documents import Span
from corpus.normalise import normalise
from eval.errors import SuiteInvalid
from eval.records import Dropped, GoldQuote, Query, Suite, SuiteDocument
from eval.suites.checks import Place
from eval.suites.documents import Placed, Unread
from eval.suites.qrels import Judgement

LABELS = "labels.tsv"  # judgements made by `fundstelle eval label`, in qrels/ of a suite's folder
YES = 2  # the grade that a label gives to a document that answers
_SHOWN = 80  # code points of a quote

_Qrels: TypeAlias = dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class Asked:
    """A query and where it is written. Its golds are claims still: words or a place that nobody has looked up."""

    query: Query
    place: Place


@dataclass(slots=True)
class Draft:
    """What a loader read. ``read_documents`` is called again for every pass over the documents."""

    name: str
    origin: str
    asked: list[Asked]
    read_documents: Callable[[], Iterator[Placed]]
    judgements: Iterable[Judgement] = ()
    drops_unjudged: bool = False  # BEIR and TREC list queries of other splits, too
    dropped: list[Dropped] = field(default_factory=list)

    def drop(self, place: Place, reason: str) -> None:
        """Leave something out, and remember that."""
        self.dropped.append(Dropped(str(place.path), place.line, reason))


def assemble(draft: Draft) -> Suite:
    """Check, count and hash. Raises SuiteInvalid for the first thing that is wrong, with its file and line."""
    _check_queries(draft.asked)
    held = _Documents(draft)
    queries = [held.located(each) for each in draft.asked]
    known = {each.query.query_id: each for each in draft.asked}
    qrels = _judged(draft, held, known, queries)
    kept = tuple(query for query in queries if _is_kept(query, draft, qrels, known[query.query_id].place))
    if not kept:
        raise SuiteInvalid(f"{draft.origin}: no question is left; {_reasons(draft)}")
    asked = {query.query_id for query in kept}
    qrels = {each: dict(sorted(grades.items())) for each, grades in sorted(qrels.items()) if grades and each in asked}
    read = draft.read_documents
    fingerprints = _fingerprints(held.sha256, kept, qrels)
    return Suite(
        name=draft.name,
        origin=draft.origin,
        sha256=fingerprints.whole,
        queries=tuple(_with_gold(query, qrels) for query in kept),
        document_count=len(held.lines),
        qrels=qrels,
        read_documents=lambda: (document for _, document in read() if isinstance(document, SuiteDocument)),
        dropped=tuple(draft.dropped),
        documents_sha256=fingerprints.documents,
        asked_sha256=fingerprints.asked,
    )


def _check_queries(asked: Iterable[Asked]) -> None:
    """Ids are there once, and a follow-up follows something."""
    places: dict[str, Place] = {}
    for each in asked:
        query = each.query
        if query.query_id in places:
            first = places[query.query_id]
            raise each.place.wrong(
                f"query_id {query.query_id!r} is taken already by {first.path.name}, line {first.line}"
            )
        if query.follows is not None and query.follows not in places:
            raise each.place.wrong(f"follows: expected the query_id of a question above, got {query.follows!r}")
        places[query.query_id] = each.place


class _Documents:
    """One pass over the documents: which there are, their hash, and where in them the golds stand."""

    def __init__(self, draft: Draft) -> None:
        self.lines: dict[str, int | None] = {}
        self.unread: dict[str, str] = {}
        self._found: dict[tuple[str, int], GoldQuote] = {}
        wanted: dict[str, list[tuple[Asked, int]]] = {}
        for each in draft.asked:
            for number, gold in enumerate(each.query.gold):
                wanted.setdefault(gold.doc_id, []).append((each, number))
        digest = hashlib.sha256()
        for place, document in draft.read_documents():
            if isinstance(document, Unread):
                self.unread[document.doc_id] = document.reason
                draft.drop(place, f"document {document.doc_id!r}: {document.reason}")
                continue
            self._count(document.doc_id, place)
            digest.update(_document_line(document))
            for each, number in wanted.get(document.doc_id, ()):
                gold = _located(each.query.gold[number], document.text, each.place)
                self._found[each.query.query_id, number] = gold
        self.sha256 = digest.hexdigest()

    def _count(self, doc_id: str, place: Place) -> None:
        if doc_id in self.lines:
            line = self.lines[doc_id]
            where = f"already by line {line}" if line else "twice"
            raise place.wrong(f"document id {doc_id!r} is taken {where}")
        self.lines[doc_id] = place.line

    def located(self, each: Asked) -> Query:
        """The query with its golds looked up."""
        golds = []
        for number, gold in enumerate(each.query.gold):
            found = self._found.get((each.query.query_id, number))
            if found is None:
                raise each.place.wrong(f"gold: {self.missing(gold.doc_id)}")
            golds.append(found)
        return replace(each.query, gold=tuple(dict.fromkeys(golds)))

    def missing(self, doc_id: str) -> str:
        """Why there is no such document."""
        if doc_id in self.unread:
            return f"document {doc_id!r} cannot be used: {self.unread[doc_id]}"
        return f"there is no document {doc_id!r} among the {len(self.lines):,} documents"


def _judged(draft: Draft, held: _Documents, known: Mapping[str, Asked], queries: Iterable[Query]) -> _Qrels:
    """The grades by query and document. What names no query of the suite is dropped; an unknown document is wrong."""
    shipped: _Qrels = {query.query_id: {gold.doc_id: 1 for gold in query.gold} for query in queries}
    golds = {query_id: set(grades) for query_id, grades in shipped.items()}
    labels: _Qrels = {}
    for each in draft.judgements:
        by_hand = each.place.path.name.endswith(LABELS)
        problem = _problem(each, held, known)
        if problem:
            if not by_hand and each.query_id in known and each.doc_id not in held.unread:
                raise each.place.wrong(problem)
            draft.drop(each.place, problem)
        elif by_hand:
            labels.setdefault(each.query_id, {})[each.doc_id] = each.grade  # the last word of a person counts
        elif each.doc_id in golds[each.query_id]:
            shipped[each.query_id][each.doc_id] = max(1, each.grade)
        elif shipped[each.query_id].setdefault(each.doc_id, each.grade) != each.grade:
            held_grade = shipped[each.query_id][each.doc_id]
            raise each.place.wrong(f"{each.query_id}: {each.doc_id!r} is judged {held_grade} already")
    return _on_one_scale(shipped, labels, golds)


def _problem(each: Judgement, held: _Documents, known: Mapping[str, Asked]) -> str | None:
    """Why a judgement cannot count."""
    asked = known.get(each.query_id)
    if asked is None:
        return f"query {each.query_id!r} is not asked"
    if each.doc_id not in held.lines:
        return f"{each.query_id}: {held.missing(each.doc_id)}"
    if each.grade > 0 and not asked.query.answerable:
        return f"{each.query_id!r} is marked unanswerable, but {each.doc_id!r} is judged relevant"
    return None


def _on_one_scale(shipped: _Qrels, labels: _Qrels, golds: Mapping[str, set[str]]) -> _Qrels:
    """The suite's grades with the labels, which say 0 (no), 1 (in part) or 2 (yes).

    Where the suite knows only relevant and not, its relevant means the labels' yes, which changes no measure; where it
    has more grades, yes means its highest. What is gold stays relevant.
    """
    if not labels:
        return shipped
    best = max((grade for grades in shipped.values() for grade in grades.values()), default=1)
    top = max(best, YES)
    merged = {
        query_id: {doc_id: top if best <= 1 and grade == 1 else grade for doc_id, grade in grades.items()}
        for query_id, grades in shipped.items()
    }
    for query_id, grades in labels.items():
        for doc_id, grade in grades.items():
            if doc_id not in golds[query_id]:
                merged[query_id][doc_id] = top if grade >= YES else grade
    return merged


def _is_kept(query: Query, draft: Draft, qrels: _Qrels, place: Place) -> bool:
    judged = any(grade > 0 for grade in qrels.get(query.query_id, {}).values())
    if judged or not query.answerable or not draft.drops_unjudged:
        return True
    draft.drop(place, f"query {query.query_id!r} has no relevant document")
    return False


def _with_gold(query: Query, qrels: _Qrels) -> Query:
    """Documents that are judged relevant are gold as a whole where no quote says more."""
    if not query.answerable:
        return query
    said = {gold.doc_id for gold in query.gold}
    judged = [doc_id for doc_id, grade in qrels.get(query.query_id, {}).items() if grade > 0 and doc_id not in said]
    return replace(query, gold=(*query.gold, *map(GoldQuote, judged)))


def _located(gold: GoldQuote, text: str, place: Place) -> GoldQuote:
    """The gold with quote and span, both checked against the text."""
    if gold.quote is None and gold.span is None:
        return gold
    quote = None if gold.quote is None else normalise(gold.quote).text
    if gold.span is None:
        return replace(gold, quote=quote, span=_only_place(quote or "", text, gold.doc_id, place))
    if not 0 <= gold.span.start < gold.span.end <= len(text):
        there = f"{gold.span.start} to {gold.span.end}"
        raise place.wrong(f"gold: {gold.doc_id!r} has {len(text)} characters, got the span {there}")
    stands = gold.span.of(text)
    if quote is not None and quote != stands:
        raise place.wrong(f"gold: at {gold.span.start} in {gold.doc_id!r} stands {_short(stands)}, not {_short(quote)}")
    return replace(gold, quote=stands)


def _only_place(quote: str, text: str, doc_id: str, place: Place) -> Span:
    count = text.count(quote) if quote else 0
    start = text.find(quote)
    if quote and start >= 0 and text.find(quote, start + 1) < 0:
        return Span(start, start + len(quote))
    if count:
        raise place.wrong(
            f"gold: {_short(quote)} stands more than once in {doc_id!r}: quote more words, or give start and end"
        )
    hint = "; it does with other white space" if " ".join(quote.split()) in " ".join(text.split()) else ""
    raise place.wrong(f"gold: {_short(quote)} does not stand in {doc_id!r}{hint}")


def _short(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…")


def _reasons(draft: Draft) -> str:
    if not draft.dropped:
        return "the file of questions is empty"
    first = draft.dropped[0]
    return f"{len(draft.dropped):,} dropped, the first in {first.file}, line {first.line}: {first.reason}"


def _document_line(document: SuiteDocument) -> bytes:
    text = hashlib.sha256(document.text.encode("utf-8", "surrogatepass")).hexdigest()
    told = [document.title, document.source, document.published, document.language]
    return (json.dumps([document.doc_id, text, *told]) + "\n").encode()


class _Fingerprints(NamedTuple):
    """SHA-256 over more and more of a suite; not over the format, the names of files, the suite's own name."""

    documents: str
    asked: str
    whole: str


def _fingerprints(documents: str, queries: Iterable[Query], qrels: _Qrels) -> _Fingerprints:
    asked = hashlib.sha256(documents.encode())
    judged = hashlib.sha256()
    for query in queries:
        said = [query.query_id, query.text, query.language, query.follows]
        asked.update((json.dumps(said) + "\n").encode())
        golds = [[gold.doc_id, gold.span and [gold.span.start, gold.span.end]] for gold in query.gold]
        judged.update((json.dumps([query.kind, query.answerable, golds]) + "\n").encode())
    judged.update(json.dumps(qrels).encode())
    whole = hashlib.sha256(asked.digest() + judged.digest())
    return _Fingerprints(documents, asked.hexdigest(), whole.hexdigest())
