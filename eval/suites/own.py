"""Our own format: suite.json {name, version, documents} and questions.jsonl with gold quotes.

A question: {query_id, question, language, kind, gold: [{doc_id, quote | start, end}], answerable, follows, metadata}.
A question that is still empty (``"question": ""``) is left out, so that a suite can be used while it grows; one without
gold is asked, so that what is found can be labelled.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from corpus.documents import Span
from corpus.extract.fields import usable_language
from eval.records import GoldQuote, Query
from eval.suites.assemble import LABELS, Asked, Draft
from eval.suites.checks import Place, Row, as_object, rows_of
from eval.suites.documents import article_documents
from eval.suites.qrels import Judgement, read_qrels

QUESTIONS = "questions.jsonl"
_QUESTION = (
    "query_id",
    "question",
    "language",
    "kind",
    "answerable",
    "gold",
    "follows",
    "metadata",
    "note",  # for those who write the suite: read by nobody
)
_GOLD = ("doc_id", "quote", "start", "end")


def draft(name: str, origin: str, questions: Path, documents: Sequence[Path], qrels: Sequence[Path]) -> Draft:
    """Read the questions; the documents are read when they are asked for."""
    for path in documents:
        if not path.exists():
            raise Place(path, None).wrong("there is no such file or folder of documents")
    found = Draft(name, origin, [], lambda: article_documents(documents), _judgements(questions.parent, qrels))
    for row in rows_of(questions):
        row.only(_QUESTION)
        query_id = row.words("query_id")
        if row.fields.get("question") == "":
            found.drop(row.place, f"{query_id!r}: the question is not written yet")
            continue
        found.asked.append(Asked(_query(row, query_id), row.place))
    return found


def _query(row: Row, query_id: str) -> Query:
    answerable = row.flag("answerable", True)
    golds = tuple(_gold(Row(row.place, as_object(item, row.place))) for item in row.items("gold"))
    if golds and not answerable:
        raise row.place.wrong(f"{query_id!r} has gold, but answerable is false")
    if answerable and "gold" in row.fields and not golds:
        raise row.place.wrong(f"gold: {query_id!r} has an empty list; expected one, or answerable: false")
    return Query(
        query_id=query_id,
        text=row.words("question"),
        language=_language(row),
        kind=row.maybe("kind"),
        answerable=answerable,
        gold=golds,
        follows=row.maybe("follows"),
        metadata=row.metadata(),
    )


def _language(row: Row) -> str | None:
    said = row.maybe("language")
    if said is None:
        return None
    code = usable_language(said)
    if code is None:
        raise row.place.wrong(f"language: expected an ISO 639-1 code such as de or en, got {said!r}")
    return code


def _gold(row: Row) -> GoldQuote:
    row.only(_GOLD)
    quote = row.fields.get("quote")
    if quote is not None and (not isinstance(quote, str) or not quote.strip()):
        raise row.place.wrong("gold: quote: expected the words of the document")
    start, end = row.number("start"), row.number("end")
    if (start is None) != (end is None):
        raise row.place.wrong("gold: expected both start and end, or neither")
    span = None
    if start is not None and end is not None:
        if start >= end:
            raise row.place.wrong(f"gold: expected start before end, got {start} and {end}")
        span = Span(start, end)
    return GoldQuote(row.words("doc_id"), quote, span)


def _judgements(folder: Path, qrels: Sequence[Path]) -> Iterator[Judgement]:
    files = qrels or sorted(path for path in (folder / "qrels").glob("*.tsv") if path.name != LABELS)
    for path in files:
        yield from read_qrels(path)


def question_row(query: Query) -> dict[str, Any]:
    """The object that a line of questions.jsonl holds for a query."""
    golds = [_gold_row(gold) for gold in query.gold]
    row: dict[str, Any] = {"query_id": query.query_id, "question": query.text, "language": query.language}
    row |= {"kind": query.kind, "answerable": query.answerable, "gold": golds, "follows": query.follows}
    row |= {"metadata": dict(query.metadata)}
    return {name: value for name, value in row.items() if value not in (None, [], {})}


def _gold_row(gold: GoldQuote) -> dict[str, Any]:
    row: dict[str, Any] = {"doc_id": gold.doc_id}
    if gold.quote is not None:
        row["quote"] = gold.quote
    if gold.span is not None:
        row |= {"start": gold.span.start, "end": gold.span.end}
    return row
