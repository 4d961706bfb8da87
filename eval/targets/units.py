"""What a plain retriever indexes: whole documents, or passages cut as ours are, and how hits become a reply."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from corpus.chunking import chunk
from corpus.documents import Block, BlockKind, Span
from corpus.language import detect_document_language
from eval.records import Reply, ReplyOutcome, Retrieved, Suite, SuiteDocument
from index.protocols import Progress


@dataclass(frozen=True, slots=True)
class Unit:
    """A document's place in the index: the whole of it, or one passage."""

    doc_id: str
    span: Span


def units(suite: Suite, *, passages: bool, progress: Progress) -> Iterator[tuple[Unit, str]]:
    """Each unit with the words to index: title and text, as BEIR does. ``progress`` counts documents."""
    for done, document in enumerate(suite.documents(), 1):
        for span in _passages(document) if passages else [Span(0, len(document.text))]:
            words = span.of(document.text)
            yield Unit(document.doc_id, span), f"{document.title} {words}" if document.title else words
        progress(done, suite.document_count)


def _passages(document: SuiteDocument) -> Iterable[Span]:
    blocks = document.blocks or (Block(BlockKind.TEXT, Span(0, len(document.text))),)
    language = document.language or detect_document_language(document.text)
    return [draft.span for draft in chunk(document.text, blocks, language)]


def reply_from_hits(query_id: str, hits: Iterable[tuple[Unit, float]], k: int, *, places: bool) -> Reply:
    """The first hits, until ``k`` documents are there; ``places`` says whether units are passages."""
    found: list[Retrieved] = []
    seen: set[str] = set()
    for unit, score in hits:
        if unit.doc_id not in seen and len(seen) == k:
            break
        seen.add(unit.doc_id)
        start, end = (unit.span.start, unit.span.end) if places else (None, None)
        found.append(Retrieved(unit.doc_id, score, len(found) + 1, start=start, end=end))
    return Reply(query_id, ReplyOutcome.RETRIEVED, retrieved=tuple(found))
