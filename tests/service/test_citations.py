from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.documents import Document, DocumentInfo, Passage, Span, StoredPassage
from service.citations import cite, occurrences, offsets_utf8, offsets_utf16, verify_quote

# Repeats, emoji (outside the BMP), combining marks, soft hyphens, CRLF, NBSP: what offsets trip over.
HOSTILE = st.text(alphabet=st.sampled_from("aabä\u0308ß😀👩\u200d🔬\u00ad\r\n\u00a0\u202f𝔉 .„“"), max_size=60)


def stored(text: str, span: Span) -> StoredPassage:
    document = Document("doc", "Titel", text, "doc:doc", "text/plain", "de")
    info = DocumentInfo(
        "doc", "Titel", "doc:doc", "text/plain", "de", None, None, None, {}, document.sha256, len(text), 1, "2025-01-01"
    )
    return StoredPassage(Passage(7, "doc", 0, span, span.of(text), ""), info)


@st.composite
def texts_with_spans(draw: st.DrawFn) -> tuple[str, Span, Span]:
    text = draw(HOSTILE.filter(bool))
    places = sorted(draw(st.lists(st.integers(0, len(text)), min_size=4, max_size=4)))
    return text, Span(places[0], places[3]), Span(places[1], places[2])


@given(texts_with_spans())
def test_a_citation_is_a_proof_in_code_points_utf16_and_bytes(given_: tuple[str, Span, Span]) -> None:
    text, passage, quoted = given_
    citation = cite(3, stored(text, passage), quoted, text, 1.5)
    if quoted.start == quoted.end:
        assert citation is None
        return
    assert citation is not None
    assert text[citation.span.start : citation.span.end] == citation.quote
    assert verify_quote(text, citation.quote, citation.span.start, citation.span.end)
    utf16, utf8 = text.encode("utf-16-le"), text.encode()
    assert utf16[2 * citation.utf16.start : 2 * citation.utf16.end].decode("utf-16-le") == citation.quote
    assert utf8[citation.utf8.start : citation.utf8.end].decode() == citation.quote


@given(HOSTILE, HOSTILE, st.integers(-70, 70), st.integers(-70, 70))
def test_verify_quote_agrees_with_slicing_and_refuses_python_s_negative_places(
    text: str, quote: str, start: int, end: int
) -> None:
    inside = 0 <= start < end <= len(text)
    assert verify_quote(text, quote, start, end) == (inside and text[start:end] == quote)


@given(HOSTILE, HOSTILE)
def test_occurrences_are_all_places_by_brute_force(text: str, quote: str) -> None:
    expected = [Span(at, at + len(quote)) for at in range(len(text)) if quote and text[at : at + len(quote)] == quote]
    assert occurrences(text, quote, most=1000) == expected
    assert occurrences(text, quote, most=2) == expected[:2]


def test_offsets_by_hand() -> None:
    text = "ä😀b"
    assert offsets_utf16(text, Span(1, 3)) == Span(1, 4)
    assert offsets_utf8(text, Span(1, 3)) == Span(2, 7)


def test_what_the_document_does_not_say_is_not_cited() -> None:
    text = "Erster Satz. Zweiter Satz."
    whole = Span(0, len(text))
    passage = stored(text, whole)
    assert cite(1, passage, Span(0, 12), text, 0.0) is not None
    drifted = "Erster Satz! Zweiter Satz."
    assert cite(1, passage, Span(0, 12), drifted, 0.0) is None  # the words differ
    assert cite(1, passage, Span(13, 26), drifted, 0.0) is None  # the words agree, the document does not
    assert cite(1, stored(text, Span(0, 12)), Span(13, 26), text, 0.0) is None  # outside the passage


@pytest.mark.parametrize("span", [Span(4, 4), Span(0, 99)])
def test_empty_and_overlong_places_are_not_cited(span: Span) -> None:
    text = "Ein Satz."
    assert cite(1, stored(text, Span(0, len(text))), span, text, 0.0) is None


def test_a_wrong_checksum_is_not_cited() -> None:
    text = "Ein Satz."
    passage, info = stored(text, Span(0, 9))
    forged = StoredPassage(passage, dataclasses.replace(info, sha256="0" * 64))
    assert cite(1, forged, Span(0, 9), text, 0.0) is None
