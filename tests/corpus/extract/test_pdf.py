from __future__ import annotations

import io

import pytest

from corpus.documents import BlockKind
from corpus.errors import DocumentTooLarge, EmptyDocument, ExtractionFailed
from corpus.limits import Limits
from tests.corpus.extract.inputs import assemble_pdf, make_pdf, read, words_of

LINES = [
    "Peking baut eigene Chips",
    "Die Regierung in Peking will mit dem Geld eine eigene Fertigung auf-",
    "bauen, und das „nicht erst“ seit gestern. Größe und Maß der KI-",
    "Förderung sind unklar, der Umfang der Chip- und",
    "Modellprogramme ebenso. Baidu und Huawei sollen bald liefern.",
    "Danach ist Schluss.",
    "Warum das zählt",
    "Nach Angaben des Unternehmens reicht der Vorrat noch für zwei Jahre,",
    "sofern die Modelle kleiner werden und der Strom bezahlbar bleibt.",
]


def test_lines_become_paragraphs():
    result = read(make_pdf([LINES]), "a.pdf")
    assert result.document.title == "Peking baut eigene Chips"
    assert result.document.language == "de"
    assert words_of(BlockKind.HEADING, result) == ["Peking baut eigene Chips", "Warum das zählt"]
    assert words_of(BlockKind.TEXT, result) == [
        "Die Regierung in Peking will mit dem Geld eine eigene Fertigung aufbauen, und das „nicht erst“ seit gestern. "
        "Größe und Maß der KI-Förderung sind unklar, der Umfang der Chip- und Modellprogramme ebenso. "
        "Baidu und Huawei sollen bald liefern. Danach ist Schluss.",
        "Nach Angaben des Unternehmens reicht der Vorrat noch für zwei Jahre, "
        "sofern die Modelle kleiner werden und der Strom bezahlbar bleibt.",
    ]


def test_running_heads_and_page_numbers_go():
    numbers = ("eins", "zwei", "drei", "vier")
    bodies = [f"Auf Blatt {number} steht ein ganzer Satz, der lang genug ist, um zu bleiben." for number in numbers]
    pages = [["Musterblatt vom Mai", body, str(place)] for place, body in enumerate(bodies, start=1)]
    document = read(make_pdf(pages), "a.pdf").document
    assert document.text.split() == " ".join(bodies).split()


def test_a_paragraph_runs_over_the_page():
    result = read(make_pdf([LINES[:3], LINES[3:]]), "a.pdf")
    assert words_of(BlockKind.TEXT, result) == words_of(BlockKind.TEXT, read(make_pdf([LINES]), "a.pdf"))


@pytest.mark.parametrize(
    ("declared", "title"),
    [
        ("Warum das  zählt", "Warum das zählt"),
        ("entwurf3.docx", "Peking baut eigene Chips"),
        ("Microsoft Word - Warum", "Peking baut eigene Chips"),
        ("Ganz anderes Thema", "Peking baut eigene Chips"),
    ],
)
def test_a_declared_title_counts_where_the_page_shows_it(declared: str, title: str):
    assert read(make_pdf([LINES], title=declared), "a.pdf").document.title == title


def test_pages_are_limited():
    with pytest.raises(DocumentTooLarge) as caught:
        read(make_pdf([["Ein Satz."]] * 4), "a.pdf", limits=Limits(max_pages=3))
    assert (caught.value.field, caught.value.limit) == ("max_pages", 3)


def test_characters_are_limited():
    with pytest.raises(DocumentTooLarge) as caught:
        read(make_pdf([LINES] * 3), "a.pdf", limits=Limits(max_characters=600))
    assert caught.value.field == "max_characters"


def test_a_bomb_in_one_stream_is_refused():
    data = assemble_pdf([b" " * 8_000_000 + b"BT ET"])
    assert len(data) < 20_000
    with pytest.raises(DocumentTooLarge) as caught:
        read(data, "a.pdf", limits=Limits(max_expansion=10))
    assert caught.value.field == "max_expansion"


def test_a_bomb_in_many_streams_is_refused():
    data = assemble_pdf([b" " * 1_000_000 + b"BT ET"] * 8)
    with pytest.raises(DocumentTooLarge) as caught:
        read(data, "a.pdf", limits=Limits(max_expanded_bytes=5_000_000))
    assert caught.value.field == "max_expanded_bytes"


def test_encrypted_files_fail_and_those_without_a_password_open():
    from pypdf import PdfReader, PdfWriter

    for password, opens in (("geheim", False), ("", True)):
        writer = PdfWriter(clone_from=PdfReader(io.BytesIO(make_pdf([LINES]))))
        writer.encrypt(password, "besitzer", algorithm="RC4-128")
        out = io.BytesIO()
        writer.write(out)
        if opens:
            assert "Peking" in read(out.getvalue(), "a.pdf").document.text
        else:
            with pytest.raises(ExtractionFailed, match="encrypted"):
                read(out.getvalue(), "a.pdf")


def test_pictures_of_text_are_no_text():
    with pytest.raises(EmptyDocument):
        read(make_pdf([[], []]), "a.pdf")


def test_a_truncated_file_fails_or_reads_what_is_there():
    data = make_pdf([LINES])
    for length in range(10, len(data), 97):
        try:
            text = read(data[:length], "a.pdf").document.text
        except (ExtractionFailed, EmptyDocument) as error:
            text = error.detail
        assert text
