from __future__ import annotations

import hashlib
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.documents import BlockKind
from corpus.errors import (
    DocumentTooLarge,
    EmptyDocument,
    ExtractionFailed,
    FundstelleError,
    InvalidDocument,
    UnsupportedMediaType,
)
from corpus.extract import extract
from corpus.limits import Limits
from corpus.normalise import normalise
from corpus.sources import RawInput
from tests.corpus.extract.inputs import PROSE, make_pdf, read, words_of
from tests.corpus.hostile import hostile_text


def test_what_the_sender_says_wins():
    matter = "title: Innen\nsource: Blatt\npublished: 2024-01-01\nlanguage: en\nurl: https://a.example/1\nstadt: Ulm"
    document = read(
        f"---\n{matter}\n---\n{PROSE}",
        "a.md",
        doc_id="mein-id:1",
        title="Außen",
        source="Anderes Blatt",
        published="23. Juli 2025",
        language="DE-at",
        url="https://b.example/2",
        metadata={"stadt": "Köln", "farbe": "rot"},
    ).document
    assert (document.doc_id, document.title, document.source) == ("mein-id:1", "Außen", "Anderes Blatt")
    assert (document.published, document.language, document.url) == ("2025-07-23", "de", "https://b.example/2")
    assert document.metadata == {"stadt": "Köln", "farbe": "rot"}


def test_an_id_is_readable_and_depends_on_the_uri_alone():
    uri = "file:///ordner/%C3%9Cber%20gro%C3%9Fe%20Chips.txt"
    first = extract(RawInput(uri, None, PROSE.encode()), Limits()).document
    second = extract(RawInput(uri, None, b"Something else entirely."), Limits()).document
    assert first.doc_id == second.doc_id == "ueber-grosse-chips-" + hashlib.sha256(uri.encode()).hexdigest()[:8]
    assert extract(RawInput("https://a.example/", None, b"Text."), Limits()).document.doc_id.startswith("a-")


def test_the_default_source_fills_a_gap_only():
    assert read(PROSE, default_source="Archiv").document.source == "Archiv"
    assert read(PROSE, default_source="Archiv", source="Blatt").document.source == "Blatt"
    assert read(PROSE).document.source is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("doc_id", "mit Leerzeichen"),
        ("doc_id", "x" * 201),
        ("doc_id", "ü"),
        ("published", "31.02.2025"),
        ("published", "gestern"),
        ("language", "deutsch"),
        ("language", "xx"),
        ("url", "javascript:alert(1)"),
        ("url", "ftp://a.example/x"),
        ("url", "/relativ"),
        ("url", "https://"),
        ("url", "https://a.example:zahl/"),
        ("title", "x" * 2_001),
        ("metadata", {"k": "x" * 2_001}),
        ("metadata", {str(number): "x" for number in range(65)}),
        ("metadata", {"k": 1}),
        ("metadata", "text"),
        ("titel", "verschrieben"),
        ("title", {"a": "b"}),
    ],
)
def test_a_bad_field_is_named(field: str, value: object):
    with pytest.raises(InvalidDocument) as caught:
        read(PROSE, **{field: value})
    assert caught.value.field == field
    assert field in caught.value.detail


def test_empty_fields_count_as_not_given():
    document = read(PROSE, title="", url=" ", published="", language="").document
    assert (document.title, document.url, document.published, document.language) == (document.title, None, None, "de")
    assert document.title.startswith("Die Regierung in Peking")


@pytest.mark.parametrize(("value", "language"), [("en", "en"), ("de_CH", "de"), ("und", "und"), ("ZH", "zh")])
def test_a_given_language_is_not_doubted(value: str, language: str):
    assert read(PROSE, language=value).document.language == language


def test_limits_are_named():
    with pytest.raises(DocumentTooLarge) as caught:
        read(PROSE, limits=Limits(max_bytes=50))
    assert (caught.value.field, caught.value.limit) == ("max_bytes", 50)
    with pytest.raises(DocumentTooLarge) as caught:
        read(PROSE, limits=Limits(max_characters=50))
    assert (caught.value.field, caught.value.limit) == ("max_characters", 50)


@pytest.mark.parametrize("data", ["", " \n\t\n", "\ufeff", "\u200b\u00ad", "Anzeige\n\nKommentar (0)\n"])
def test_nothing_to_cite(data: str):
    with pytest.raises(EmptyDocument):
        read(data)


@pytest.mark.parametrize(
    ("name", "media_type", "data", "found"),
    [
        ("a.txt", None, b"Ein Satz.", "text/plain"),
        ("a", None, b"Ein Satz.", "text/plain"),
        ("a.md", None, b"Ein Satz.", "text/markdown"),
        ("a.md", "text/plain", b"Ein Satz.", "text/markdown"),
        ("a.md", "application/octet-stream", b"Ein Satz.", "text/markdown"),
        ("a", "text/x-markdown; charset=utf-8", b"Ein Satz.", "text/markdown"),
        ("a.txt", None, b"<!DOCTYPE html><html><body><p>Ein Satz.</p></body></html>", "text/html"),
        ("a.pdf", None, b"\n<html><body><p>Ein Satz.</p></body></html>", "text/html"),
        ("a.txt", None, make_pdf([["Ein Satz."]]), "application/pdf"),
        ("a.html", "text/html", make_pdf([["Ein Satz."]]), "application/pdf"),
    ],
)
def test_the_kind_is_told_by_content_then_name(name: str, media_type: str | None, data: bytes, found: str):
    result = read(data, name, media_type)
    assert result.document.media_type == found
    assert result.document.text == "Ein Satz."


@pytest.mark.parametrize(
    ("name", "media_type", "data"),
    [
        ("a.xlsx", None, b"text"),
        ("a", "image/png", b"text"),
        ("a.txt", "video/mp4", b"text"),
        ("a.doc", None, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)),
        ("a.txt", None, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)),
        ("a.jsonl", None, b'{"text": "x"}\n'),
    ],
)
def test_kinds_that_nothing_reads(name: str, media_type: str | None, data: bytes):
    with pytest.raises(UnsupportedMediaType):
        read(data, name, media_type)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.txt", bytes(range(256)) * 8),
        ("a.txt", b"\x89PNG\r\n\x1a\n" + bytes(200)),
        ("a.pdf", b"%PDF-1.7 and nothing else"),
        ("a.pdf", b"not a pdf at all"),
        ("a.docx", b"PK\x03\x04 and nothing else"),
        ("a.docx", b"no archive"),
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le")),
    ],
)
def test_rubbish_fails_clearly(name: str, data: bytes):
    with pytest.raises(ExtractionFailed) as caught:
        read(data, name)
    assert caught.value.detail


@given(hostile_text, st.sampled_from(["a.txt", "a.md", "a.html"]))
def test_blocks_are_ordered_and_the_text_is_normal(text: str, name: str):
    data = text.encode("utf-8", "surrogatepass")
    try:
        result = read(data, name)
    except FundstelleError:
        return
    words = result.document.text
    assert normalise(words).text == words
    end = 0
    for block in result.blocks:
        assert end <= block.span.start < block.span.end <= len(words)
        assert block.span.of(words).strip() == block.span.of(words)
        assert not words[end : block.span.start].strip()
        end = block.span.end
    assert not words[end:].strip()
    assert words_of(BlockKind.TEXT, result)


@given(st.binary(max_size=400), st.sampled_from(["a.txt", "a.md", "a.html", "a.pdf", "a.docx", "a"]))
def test_no_bytes_break_anything(data: bytes, name: str):
    try:
        text = read(data, name).document.text
    except FundstelleError as error:
        text = error.detail
    assert text.strip()


def test_libraries_say_nothing(caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]):
    with caplog.at_level(logging.DEBUG):
        for name, data in (
            ("a.pdf", b"%PDF-1.4\nrubbish"),
            ("a.html", b"<html><body></body></html>"),
            ("a.docx", b"PK\x03\x04"),
        ):
            with pytest.raises(FundstelleError):
                read(data, name)
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert capsys.readouterr() == ("", "")
