from __future__ import annotations

import codecs

import pytest

from corpus.errors import ExtractionFailed
from corpus.extract.decode import charset_of, decode

GERMAN = "„Größe über Maß“ – Ärger kostet 5 €, sagte Herr Öztürk im Café."
LATIN = "Größe über Maß: Ärger kostet viel, sagte Herr Öztürk im Café."


@pytest.mark.parametrize(
    ("data", "text", "encoding"),
    [
        (GERMAN.encode(), GERMAN, "utf-8"),
        (codecs.BOM_UTF8 + GERMAN.encode(), GERMAN, "utf-8"),
        (GERMAN.encode("utf-16"), GERMAN, "utf-16"),
        (codecs.BOM_UTF16_BE + GERMAN.encode("utf-16-be"), GERMAN, "utf-16"),
        (GERMAN.encode("utf-16-le"), GERMAN, "utf-16-le"),
        (GERMAN.encode("utf-16-be"), GERMAN, "utf-16-be"),
        (GERMAN.encode("utf-32"), GERMAN, "utf-32"),
        (GERMAN.encode("cp1252"), GERMAN, "cp1252"),
        (LATIN.encode("iso-8859-1"), LATIN, "cp1252"),
        ("Größe kostet 5 €, viel.".encode("iso-8859-15"), "Größe kostet 5 €, viel.", "iso8859-15"),
        (b"plain ASCII", "plain ASCII", "utf-8"),
        ("Übergröße".encode("cp1252"), "Übergröße", "cp1252"),
    ],
)
def test_encodings_told_without_help(data: bytes, text: str, encoding: str):
    assert decode(data) == (text, encoding)


@pytest.mark.parametrize(
    ("text", "charset"),
    [
        ("Größe über Maß und vieles mehr", "mac_roman"),
        ("Größe über Maß und vieles mehr", "cp850"),
        ("Правительство хочет построить завод", "cp1251"),
        ("日本語の文章です。", "shift_jis"),
        ("日本語の文章です。", "iso-2022-jp"),
        ("政府想要建设工厂", "gb18030"),
    ],
)
def test_a_charset_that_is_said_is_believed(text: str, charset: str):
    assert decode(text.encode(charset), charset)[0] == text


def test_utf_8_is_not_doubted_and_nonsense_is_ignored():
    assert decode(GERMAN.encode(), "iso-8859-1")[0] == GERMAN
    assert decode(GERMAN.encode("cp1252"), "no-such-charset")[0] == GERMAN
    assert decode(GERMAN.encode("cp1252"), "latin-1") == (GERMAN, "cp1252")


def test_russian_is_guessed():
    text = "Правительство хочет построить собственный завод. Это не ново, но стоит дорого. " * 5
    assert decode(text.encode("cp1251"))[0] == text


@pytest.mark.parametrize(
    "head",
    [
        b'<meta charset="windows-1251">',
        b"<META HTTP-EQUIV=Content-Type CONTENT='text/html; charset=windows-1251'>",
        b"<?xml version='1.0' encoding='windows-1251'?>",
    ],
)
def test_html_may_say_its_charset(head: bytes):
    text = "Правда"
    data = head + text.encode("cp1251")
    assert decode(data, html=True)[0].endswith(text)


@pytest.mark.parametrize("data", [bytes(range(256)) * 4, b"\x00\x01\x02\x03" * 50, codecs.BOM_UTF16_LE + b"a"])
def test_rubbish_is_refused(data: bytes):
    with pytest.raises(ExtractionFailed):
        decode(data)


@pytest.mark.parametrize(
    ("media_type", "charset"),
    [
        ("text/plain; charset=ISO-8859-1", "ISO-8859-1"),
        ('text/html;charset="utf-8"', "utf-8"),
        ("text/plain", None),
        (None, None),
    ],
)
def test_charset_parameter(media_type: str | None, charset: str | None):
    assert charset_of(media_type) == charset
