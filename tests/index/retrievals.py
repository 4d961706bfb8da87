"""Retrievals made by hand: documents, the passages found in them, and what was measured of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from corpus.documents import Document, DocumentInfo, Passage, PassageDraft, Span
from corpus.sentences import sentence_spans
from index.plan import bundled_lexicon, field_language, plan
from index.protocols import RetrievedPassage
from index.retriever import Retrieval

__all__ = ["article", "found_in", "retrieval"]


def article(text: str, doc_id: str = "eins", language: str = "de", title: str | None = None) -> Document:
    return Document(doc_id, title or f"Titel {doc_id}", text, f"test:{doc_id}", "text/plain", language)


def found_in(
    document: Document, draft: PassageDraft | None = None, *, passage_id: int = 1, rank: int = 1, score: float = 1.0
) -> RetrievedPassage:
    """The passage of ``draft`` (the whole text, given None) as if it had been found at ``rank``."""
    span = draft.span if draft else Span(0, len(document.text))
    info = DocumentInfo(
        doc_id=document.doc_id,
        title=document.title,
        uri=document.uri,
        media_type=document.media_type,
        language=document.language,
        published=None,
        source=None,
        url=None,
        metadata={},
        sha256=document.sha256,
        characters=len(document.text),
        passages=1,
        ingested_at="2025-01-01T00:00:00Z",
    )
    passage = Passage(passage_id, document.doc_id, 0, span, span.of(document.text), draft.heading if draft else "")
    return RetrievedPassage(passage, info, rank, score)


def retrieval(
    question: str,
    passages: Sequence[RetrievedPassage],
    language: str = "de",
    *,
    cosines: Mapping[int, Sequence[float]] | None = None,
    weights: Sequence[float] | None = None,
    plans: bool = True,
) -> Retrieval:
    """What a retriever would hand on: every term weighs 1 and every sentence's cosine is 0.5, unless told otherwise."""
    names = {field_language(found.document.language) for found in passages} if plans else set()
    planned = {name: plan(question, language, name, bundled_lexicon()) for name in names}
    given = cosines or {}
    measured = {}
    for found in passages:
        count = len(sentence_spans(found.passage.text, found.document.language)) or 1
        number = found.passage.passage_id
        measured[number] = np.asarray(given.get(number, [0.5] * count), dtype=np.float32)
    return Retrieval(
        question=question,
        language=language,
        passages=tuple(passages),
        coverages={found.passage.passage_id: 0.5 for found in passages},
        sentence_cosines=measured,
        plans=planned,
        weights={name: tuple(weights or [1.0] * len(each.terms)) for name, each in planned.items()},
    )
