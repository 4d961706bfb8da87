from __future__ import annotations

from corpus.documents import BlockKind
from tests.corpus.extract.inputs import MORE, PROSE, read, words_of


def test_a_pasted_page():
    result = read(
        f"Wirtschaft\n\nPeking baut eigene Chips\n\n23. Juli 2025, 13:11 Uhr | Erika Muster\n\n{PROSE}\n\nAnzeige\n\n"
        f"Warum das zählt\n\n{MORE}\n\nQuelle: https://www.blatt.example/chips\n\nKommentar (0)"
    )
    document = result.document
    assert document.title == "Wirtschaft: Peking baut eigene Chips"
    assert (document.published, document.source, document.url) == (
        "2025-07-23",
        "blatt.example",
        "https://www.blatt.example/chips",
    )
    assert document.metadata == {"author": "Erika Muster"}
    assert words_of(BlockKind.TEXT, result) == [PROSE, MORE]
    assert words_of(BlockKind.HEADING, result) == ["Wirtschaft", "Peking baut eigene Chips", "Warum das zählt"]
    assert words_of(BlockKind.CLUTTER, result) == [
        "23. Juli 2025, 13:11 Uhr | Erika Muster",
        "Anzeige",
        "Quelle: https://www.blatt.example/chips",
        "Kommentar (0)",
    ]


def test_wrapped_lines_are_joined_and_spans_still_hold():
    words = PROSE.split()
    lines, line = [], ""
    for word in words:
        if len(line) + len(word) > 60:
            lines.append(line.strip())
            line = ""
        line += f"{word} "
    wrapped = "\n".join([*lines, line.strip()])
    result = read(f"Peking baut Chips\n\n{wrapped}\n\n{wrapped}\n")
    assert words_of(BlockKind.TEXT, result) == [PROSE, PROSE]
    assert words_of(BlockKind.HEADING, result) == ["Peking baut Chips"]


def test_invisible_characters_are_counted():
    result = read("Die Halb\u00adleiter\u200b kosten 5\u00a0% mehr.\r\nUnd nun?\r\n")
    assert result.document.text == "Die Halbleiter kosten 5\u00a0% mehr.\nUnd nun?"
    assert result.invisible_removed == 2
    assert result.encoding == "utf-8"


def test_the_first_sentence_is_the_title_where_there_is_no_headline():
    title = read(PROSE).document.title
    assert (
        title
        == "Die Regierung in Peking will mit dem Geld eine eigene Fertigung aufbauen, und das nicht erst seit gestern."
    )
    assert read("Ein " + "langes " * 60 + "Wort.").document.title.endswith("langes…")


def test_one_line_without_a_full_stop_can_be_cited():
    assert words_of(BlockKind.TEXT, read("Baidu baut Chips")) == ["Baidu baut Chips"]
