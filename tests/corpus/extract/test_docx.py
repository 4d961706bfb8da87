from __future__ import annotations

import io
import zipfile
from typing import Any

import docx
import pytest
from docx.oxml import parse_xml

from corpus.documents import BlockKind
from corpus.errors import DocumentTooLarge, EmptyDocument, ExtractionFailed, UnsupportedMediaType
from corpus.limits import Limits
from tests.corpus.extract.inputs import MORE, PROSE, read, words_of

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def saved(document: Any) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def test_a_document():
    document = docx.Document()
    document.core_properties.author = "Erika Muster"
    document.add_heading("Peking baut eigene Chips", 0)
    document.add_paragraph("23. Juli 2025, 13:11 Uhr | Max Beispiel")
    document.add_paragraph(PROSE)
    document.add_heading("Warum das zählt", 1)
    document.add_paragraph("Erster Punkt", style="List Bullet")
    document.add_paragraph("Zweiter Punkt", style="List Number")
    table = document.add_table(rows=2, cols=2)
    for cell, words in zip(table._cells, ("Firma", "Umsatz", "Baidu", "5 Mrd."), strict=True):
        cell.text = words
    document.add_paragraph("Anzeige")
    document.add_paragraph().add_run("Fett ist auch ein Titel").bold = True
    document.add_paragraph(MORE)
    result = read(saved(document), "a.docx")
    assert result.document.title == "Peking baut eigene Chips"
    assert result.document.published == "2025-07-23"
    assert result.document.metadata == {"author": "Max Beispiel"}
    assert words_of(BlockKind.HEADING, result) == [
        "Peking baut eigene Chips",
        "Warum das zählt",
        "Fett ist auch ein Titel",
    ]
    assert words_of(BlockKind.TEXT, result) == [
        PROSE, "- Erster Punkt", "- Zweiter Punkt", "Firma | Umsatz", "Baidu | 5 Mrd.", MORE,
    ]  # fmt: skip
    assert "- Erster Punkt\n- Zweiter Punkt\n\nFirma | Umsatz\nBaidu | 5 Mrd." in result.document.text


def test_tracked_changes_read_as_accepted():
    document = docx.Document()
    paragraph = document.add_paragraph("Baidu ")
    for xml in (
        f'<w:ins {W} w:id="1" w:author="x"><w:r><w:t xml:space="preserve">baut </w:t></w:r></w:ins>',
        f'<w:del {W} w:id="2" w:author="x"><w:r><w:delText>kauft</w:delText></w:r></w:del>',
        f"<w:hyperlink {W}><w:r><w:t>eigene</w:t></w:r></w:hyperlink>",
        f"<w:r {W}><w:tab/><w:t>Chips.</w:t></w:r>",
    ):
        paragraph._p.append(parse_xml(xml))
    assert read(saved(document), "a.docx").document.text == "Baidu baut eigene Chips."


def test_headings_are_found_by_shape_where_no_style_says_so():
    document = docx.Document()
    for words in ("Peking baut eigene Chips", PROSE, "Warum das zählt", MORE):
        document.add_paragraph(words)
    result = read(saved(document), "a.docx")
    assert result.document.title == "Peking baut eigene Chips"
    assert words_of(BlockKind.HEADING, result) == ["Peking baut eigene Chips", "Warum das zählt"]


def test_a_declared_title_wins():
    document = docx.Document()
    document.core_properties.title = "Chips aus Peking"
    document.add_paragraph(PROSE)
    assert read(saved(document), "a.docx").document.title == "Chips aus Peking"


def test_an_empty_document():
    with pytest.raises(EmptyDocument):
        read(saved(docx.Document()), "a.docx")


def packed(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def test_bombs_are_refused_before_they_are_unpacked():
    data = packed({"word/document.xml": bytes(9_000_000)})
    with pytest.raises(DocumentTooLarge) as caught:
        read(data, "a.docx")
    assert (caught.value.field, caught.value.limit) == ("max_expansion", 100)
    with pytest.raises(DocumentTooLarge) as caught:
        read(data, "a.docx", limits=Limits(max_expanded_bytes=8_000_000))
    assert caught.value.field == "max_expanded_bytes"


def test_entities_do_not_multiply():
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><x>&b;</x>'
    with pytest.raises(ExtractionFailed):
        read(packed({"word/document.xml": bomb, "[Content_Types].xml": bomb}), "a.docx")


def test_other_archives_are_not_documents():
    with pytest.raises(UnsupportedMediaType):
        read(packed({"xl/workbook.xml": b"<x/>"}), "a.docx")


def test_a_damaged_document_fails():
    document = docx.Document()
    document.add_paragraph(PROSE)
    data = bytearray(saved(document))
    data[200:260] = bytes(60)
    with pytest.raises(ExtractionFailed):
        read(bytes(data), "a.docx")


def test_characters_are_limited():
    document = docx.Document()
    for _ in range(4):
        document.add_paragraph(PROSE)
    with pytest.raises(DocumentTooLarge) as caught:
        read(saved(document), "a.docx", limits=Limits(max_characters=300))
    assert caught.value.field == "max_characters"
