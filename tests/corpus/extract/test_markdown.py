from __future__ import annotations

import pytest

from corpus.documents import BlockKind
from corpus.errors import EmptyDocument, ExtractionFailed
from tests.corpus.extract.inputs import PROSE, read, words_of


def test_rendered_text_and_blocks():
    result = read(
        "# Titel mit *Betonung*\n\nEin Absatz mit [Link](https://a.example), `Code`\nund **fett**.\n\n"
        "![Bild](b.png)\n\n## Punkte\n\n- eins\n- zwei\n  - innen\n\n3. drei\n4. vier\n\n> Zitat\n\n"
        "| Firma | Umsatz |\n|---|---|\n| Baidu | 5 Mrd. |\n\n```\ncode = 1\n```\n\n"
        "Hart  \ngebrochen<br>und <b>HTML</b> &amp; mehr.\n\n"
        "**Fast eine Überschrift**\n\nAnzeige\n\nEnde.\n",
        "a.md",
    )
    assert result.document.text == (
        "Titel mit Betonung\n\nEin Absatz mit Link, Code und fett.\n\n"
        "Punkte\n\n- eins\n- zwei\n- innen\n\n3. drei\n4. vier"
        "\n\nZitat\n\nFirma | Umsatz\nBaidu | 5 Mrd.\n\ncode = 1\n\n"
        "Hart\ngebrochenund HTML & mehr.\n\nFast eine Überschrift\n\n"
        "Anzeige\n\nEnde."
    )
    assert result.document.title == "Titel mit Betonung"
    assert words_of(BlockKind.HEADING, result) == ["Titel mit Betonung", "Punkte", "Fast eine Überschrift"]
    assert words_of(BlockKind.CLUTTER, result) == ["Anzeige"]


def test_front_matter():
    document = read(
        "---\ntitle: Chips\nsource: Musterblatt\npublished: 2025-07-23\nlanguage: de\nurl: https://a.example/x\n"
        f"author: [Erika Muster, Max Beispiel]\ntags: [chips, china]\n"
        f"seiten: 3\nentwurf: false\nleer:\n---\n\n{PROSE}\n",
        "a.md",
    ).document
    assert (document.title, document.source, document.published) == ("Chips", "Musterblatt", "2025-07-23")
    assert (document.language, document.url, document.text) == ("de", "https://a.example/x", PROSE)
    assert document.metadata == {
        "author": "Erika Muster, Max Beispiel",
        "tags": "chips, china",
        "seiten": "3",
        "entwurf": "false",
    }


def test_front_matter_that_cannot_be_used_is_passed_over():
    document = read(f"---\ntitle: Chips\ndate: irgendwann\nurl: /posts/1\nlang: Deutsch\n---\n{PROSE}", "a.md").document
    assert (document.title, document.published, document.url, document.language) == ("Chips", None, None, "de")


def test_front_matter_that_is_not_quite_yaml_is_read_line_by_line():
    document = read(f'---\ntitle: Chips: ein Anfang\nsource: "Blatt"\n---\n{PROSE}', "a.md").document
    assert (document.title, document.source) == ("Chips: ein Anfang", "Blatt")


def test_a_source_that_is_an_address_is_the_url():
    document = read(f"---\nsource: https://www.blatt.example/1\n---\n{PROSE}", "a.md").document
    assert (document.source, document.url) == ("blatt.example", "https://www.blatt.example/1")


def test_dashes_without_front_matter_are_a_rule():
    result = read(f"---\n\n{PROSE}\n\n---\n\nEnde der Geschichte.\n", "a.md")
    assert words_of(BlockKind.TEXT, result) == [PROSE, "Ende der Geschichte."]


@pytest.mark.parametrize(
    "matter",
    [
        "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]",
        "a: " + "[" * 500,
        "a: " + "x" * 70_000,
    ],
)
def test_yaml_bombs_are_refused(matter: str):
    with pytest.raises(ExtractionFailed) as caught:
        read(f"---\n{matter}\n---\nText.", "a.md")
    assert caught.value.field == "front matter"


@pytest.mark.parametrize("matter", ["!!python/object/apply:os.system ['true']", "x: !!python/name:os.system"])
def test_yaml_never_makes_objects(matter: str):
    assert "Text." in read(f"---\n{matter}\n---\nText.", "a.md").document.text


def test_html_within_markdown_loses_its_tags_and_scripts():
    result = read(
        f"<div>Ein <b>Kasten</b> im Text.</div>\n\n<script>boese()</script>\n\n<!-- still -->\n\n{PROSE}", "a.md"
    )
    assert result.document.text == f"Ein Kasten im Text.\n\n{PROSE}"


def test_deep_nesting_ends():
    assert read("> " * 40 + "Wort", "a.md").document.text == "Wort"
    with pytest.raises(EmptyDocument):
        read("> " * 30_000 + "Wort", "a.md")
