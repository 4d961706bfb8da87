"""Proofs: a citation leaves only when the document's own text says the quoted words at the quoted place."""

from __future__ import annotations

import hashlib

from corpus.documents import Span, StoredPassage
from service.answers import Citation


def verify_quote(text: str, quote: str, start: int, end: int) -> bool:
    """Whether ``text[start:end] == quote`` with a place that lies in ``text`` (code points, half open, not empty)."""
    return 0 <= start < end <= len(text) and text[start:end] == quote


def occurrences(text: str, quote: str, most: int = 10) -> list[Span]:
    """The first ``most`` places where ``quote`` stands in ``text``, overlapping ones included."""
    places: list[Span] = []
    start = text.find(quote) if quote else -1
    while start >= 0 and len(places) < most:
        places.append(Span(start, start + len(quote)))
        start = text.find(quote, start + 1)
    return places


def offsets_utf16(text: str, span: Span) -> Span:
    """The same place in UTF-16 code units: what browsers and Java count."""
    start = len(text[: span.start].encode("utf-16-le")) // 2
    return Span(start, start + len(span.of(text).encode("utf-16-le")) // 2)


def offsets_utf8(text: str, span: Span) -> Span:
    """The same place in bytes of the UTF-8 text: what Go, Rust and files count."""
    start = len(text[: span.start].encode())
    return Span(start, start + len(span.of(text).encode()))


def cite(number: int, stored: StoredPassage, span: Span, text: str, score: float) -> Citation | None:
    """The proof that ``stored`` says its words at ``span`` of ``text``, or None where that does not hold.

    ``span`` counts code points of the document's ``text``. The quote is taken from the passage and looked up in the
    document, so that a passage that has drifted from its document cannot be cited.
    """
    passage = stored.passage
    if not (passage.span.start <= span.start < span.end <= passage.span.end):
        return None
    quote = span.shifted(-passage.span.start).of(passage.text)
    if not verify_quote(text, quote, span.start, span.end):
        return None
    if hashlib.sha256(text.encode()).hexdigest() != stored.document.sha256:
        return None
    return Citation(
        number=number,
        document=stored.document,
        passage_id=passage.passage_id,
        span=span,
        quote=quote,
        score=score,
        utf16=offsets_utf16(text, span),
        utf8=offsets_utf8(text, span),
    )
