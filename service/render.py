"""Answers, passages and documents as plain dictionaries: one shape for HTTP, `--json` and the tests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from corpus.documents import Document, DocumentInfo, Passage, Span
from service.answers import Answer, Citation, RetrievedPassage
from service.receipts import Found, Removal, Verification

if TYPE_CHECKING:
    from corpus.ingest import Ledger, LedgerEntry

Json = dict[str, Any]


def span(place: Span) -> Json:
    """A half-open range."""
    return {"start": place.start, "end": place.end}


def passage(found: RetrievedPassage) -> Json:
    """A retrieved passage, the same in /v1/ask and /v1/search."""
    document = found.document
    return {
        "rank": found.rank,
        "score": found.score,
        "passage_id": found.passage.passage_id,
        "doc_id": document.doc_id,
        "title": document.title,
        "url": document.url,
        "source": document.source,
        "published": document.published,
        "language": document.language,
        "heading": found.passage.heading,
        "text": found.passage.text,
        "start": found.passage.span.start,
        "end": found.passage.span.end,
        "dense": found.dense,
        "lexical": found.lexical,
    }


def citation(proof: Citation) -> Json:
    """A citation with its place in code points, UTF-16 units and bytes."""
    document = proof.document
    return {
        "number": proof.number,
        "doc_id": document.doc_id,
        "title": document.title,
        "source": document.source,
        "url": document.url,
        "published": document.published,
        "language": document.language,
        "quote": proof.quote,
        "start": proof.span.start,
        "end": proof.span.end,
        "utf16_start": proof.utf16.start,
        "utf16_end": proof.utf16.end,
        "byte_start": proof.utf8.start,
        "byte_end": proof.utf8.end,
        "sha256": document.sha256,
        "passage_id": proof.passage_id,
        "score": proof.score,
    }


def answer(reply: Answer) -> Json:
    """The whole reply of /v1/ask."""
    return {
        "question": reply.question,
        "language": reply.language,
        "outcome": reply.outcome.value,
        "answer": reply.text,
        "reason": reply.reason,
        "citations": [citation(proof) for proof in reply.citations],
        "passages": [passage(found) for found in reply.passages],
        "answerability": {
            "score": reply.answerability.score,
            "threshold": reply.answerability.threshold,
            "signals": dict(reply.answerability.signals),
        },
        "generator": reply.generator,
        "dropped_citations": reply.dropped_citations,
        "revision": reply.revision,
        "timings": timings(reply.timings),
    }


def timings(milliseconds: Mapping[str, float]) -> dict[str, float]:
    """Milliseconds by stage, to the microsecond."""
    return {stage: round(value, 3) for stage, value in milliseconds.items()}


def info(document: DocumentInfo) -> Json:
    """What is known about a stored document, without its text."""
    return {
        "doc_id": document.doc_id,
        "title": document.title,
        "uri": document.uri,
        "url": document.url,
        "source": document.source,
        "published": document.published,
        "language": document.language,
        "media_type": document.media_type,
        "sha256": document.sha256,
        "characters": document.characters,
        "passage_count": document.passages,
        "ingested_at": document.ingested_at,
        "metadata": dict(document.metadata),
    }


def document(known: DocumentInfo, stored: Document, passages: Iterable[Passage] | None = None) -> Json:
    """A document with its text, and with the places of its passages where they are given."""
    shown = info(known) | {"text": stored.text}
    if passages is not None:
        shown["passages"] = [
            {"passage_id": each.passage_id, "ordinal": each.ordinal, "heading": each.heading} | span(each.span)
            for each in passages
        ]
    return shown


def search(found: Found) -> Json:
    """The whole reply of /v1/search."""
    return {
        "question": found.question,
        "language": found.language,
        "passages": [passage(each) for each in found.passages],
        "revision": found.revision,
        "timings": timings(found.timings),
    }


def verification(checked: Verification) -> Json:
    """Whether a quote is where it is said to be, and where else it stands."""
    return {
        "verified": checked.verified,
        "doc_id": checked.doc_id,
        "sha256": checked.sha256,
        "sha256_matches": checked.sha256_matches,
        "found": checked.found,
        "occurrences": [span(place) for place in checked.occurrences],
    }


def entry(line: LedgerEntry) -> Json:
    """What became of one input."""
    return {
        "uri": line.uri,
        "outcome": line.outcome.value,
        "doc_id": line.doc_id,
        "duplicate_of": line.duplicate_of,
        "passages": line.passages,
        "code": line.code,
        "reason": line.reason,
        "field": line.field,
        "limit": line.limit,
        "invisible_removed": line.invisible_removed,
        "title": line.title,
        "language": line.language,
    }


def ledger(lines: Ledger) -> Json:
    """A line for every input, and how many ended how: the outcomes add up to the inputs."""
    counts = {outcome.value: count for outcome, count in lines.counts.items()}
    return {"ledger": [entry(each) for each in lines.entries], "counts": {"inputs": len(lines.entries), **counts}}


def removal(receipt: Removal) -> Json:
    """The receipt of a deletion."""
    return {
        "doc_id": receipt.doc_id,
        "passages_removed": receipt.passages_removed,
        "revision": receipt.revision,
        "dense_hits": receipt.dense_hits,
        "lexical_hits": receipt.lexical_hits,
    }
