"""Which slices of a suite a question belongs to: language, pair of languages, source, kind, length."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from eval.records import Query

DIMENSIONS = ("language", "pair", "source", "kind", "length")
_LENGTHS = ((5, "1-5 words"), (10, "6-10 words"), (20, "11-20 words"))
_LONGEST = "over 20 words"


def slices(
    query: Query, relevant: set[str], about: Mapping[str, tuple[str | None, str | None]]
) -> Iterator[tuple[str, str]]:
    """(dimension, value) pairs; a question with gold in two sources belongs to both.

    ``about`` holds language and source of each document. What is not known makes no slice.
    """
    if query.language:
        yield "language", query.language
    known = [about[doc_id] for doc_id in relevant if doc_id in about]
    if query.language:
        for language in sorted({language for language, _ in known if language}):
            yield "pair", f"{query.language}-{language}"  # of the question, of the document
    for source in sorted({source for _, source in known if source}):
        yield "source", source
    if query.kind:
        yield "kind", query.kind
    yield "length", length(query.text)


def length(text: str) -> str:
    """The slice of a question by its number of words."""
    words = len(text.split())
    return next((name for most, name in _LENGTHS if words <= most), _LONGEST)
