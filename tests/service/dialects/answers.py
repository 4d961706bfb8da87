"""Answers made by hand, over small documents: what dialects are tried on."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from corpus.documents import DocumentInfo, Passage, Span
from service.answers import Answer, Answerability, Citation, Outcome, RetrievedPassage
from service.dialects.links import Links

LINKS = Links("https://news.example")
FIRST = "Die Öfen kühlen aus 🥶. Der Betreiber wartet auf $ 5 Mio. und $ 6 Mio. vom Land."
SECOND = "Nobody objected [2] to the plan_of_the_council."


def document(doc_id: str, text: str, title: str = "Die Öfen", source: str | None = "Südblatt") -> DocumentInfo:
    return DocumentInfo(
        doc_id=doc_id,
        title=title,
        uri=f"test:{doc_id}",
        media_type="text/plain",
        language="de",
        published="2025-07-23",
        source=source,
        url="javascript:alert(1)",
        metadata={},
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        characters=len(text),
        passages=1,
        ingested_at="2025-07-24T08:00:00Z",
    )


def citation(number: int, info: DocumentInfo, text: str, quote: str, score: float = 1.5) -> Citation:
    start = text.index(quote)
    span = Span(start, start + len(quote))
    return Citation(number, info, 100 + number, span, quote, score, utf16=span, utf8=span)


def passage(rank: int, info: DocumentInfo, text: str) -> RetrievedPassage:
    return RetrievedPassage(Passage(100 + rank, info.doc_id, 0, Span(0, len(text)), text, ""), info, rank, 2.0 - rank)


def answer(
    text: str,
    citations: Sequence[Citation] = (),
    passages: Sequence[RetrievedPassage] = (),
    *,
    language: str = "de",
    reason: str | None = None,
) -> Answer:
    return Answer(
        question="Was geschieht mit den Öfen?",
        language=language,
        outcome=Outcome.ANSWERED if citations else Outcome.ABSTAINED,
        text=text,
        reason=reason,
        citations=tuple(citations),
        passages=tuple(passages),
        answerability=Answerability(0.9, 0.5),
        generator="extractive",
        dropped_citations=0,
        revision=3,
        timings={"total": 1.0},
    )


def two_statements() -> Answer:
    """Two documents; the first statement rests on two citations, and a footnote's number is left in the second."""
    ovens, council = document("hostile:1", FIRST), document("plain-2", SECOND, "The council (waits)", None)
    proofs = [
        citation(1, ovens, FIRST, "Die Öfen kühlen aus 🥶."),
        citation(2, ovens, FIRST, "Der Betreiber wartet auf $ 5 Mio. und $ 6 Mio. vom Land."),
        citation(3, council, SECOND, SECOND),
    ]
    text = (
        "Die Öfen kühlen aus 🥶. Der Betreiber wartet auf $ 5 Mio. und $ 6 Mio. vom Land. [1][2] "
        "Nobody objected (2) to the plan_of_the_council. [3]"
    )
    return answer(text, proofs, [passage(1, ovens, FIRST), passage(2, council, SECOND)])
