"""Translations computed by hand from a few rows; the bundled table's promises."""

from __future__ import annotations

from pathlib import Path

import pytest
import zstandard

from index.analysis import Term, stem, terms
from index.lexicon import KEPT_ITSELF, MOST_TRANSLATIONS, PACK, Lexicon, Translation

# en, de, p(de|en), p(en|de), how often the English form was seen
ROWS = [
    ["sanction", "Sanktion", "0.6", "0.7", "100"],
    ["sanctions", "Sanktionen", "0.8", "0.9", "300"],
    ["sanctions", "Strafen", "0.1", "0.2", "300"],
    ["penalty", "Strafe", "0.5", "0.4", "200"],
    ["video", "Video", "0.9", "0.9", "50"],
    ["New-York", "Neu", "0.5", "0.5", "10"],
    ["!", "!", "0.9", "0.9", "99"],
]


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return Lexicon.from_rows(ROWS)


def term(word: str, language: str) -> Term:
    return terms(word, language)[0]


def test_probabilities_of_inflected_forms_add_up_by_how_often_each_was_seen(lexicon: Lexicon) -> None:
    # sanktion: (0.6 * 100 + 0.8 * 300) / 400 = 0.75; straf: 0.1 * 300 / 400 = 0.075; weight: square root of the share
    found = lexicon.to_german["sanction"]
    assert [option.stem for option in found] == ["sanktion", "straf"]
    assert [option.weight for option in found] == pytest.approx([1.0, (0.075 / 0.75) ** 0.5])


def test_the_other_direction_weighs_by_occurrences(lexicon: Lexicon) -> None:
    # straf: from penalty 0.5 * 200 = 100 occurrences, from sanctions 0.1 * 300 = 30
    found = lexicon.to_english["straf"]
    assert [option.stem for option in found] == ["penalti", "sanction"]
    assert [option.weight for option in found] == pytest.approx([1.0, 0.3**0.5])


def test_a_term_with_translations_also_stands_for_itself(lexicon: Lexicon) -> None:
    found = lexicon.translations(term("Sanctions", "en"), "en", "de")
    assert [option.stem for option in found] == ["sanktion", "straf", "sanction"]
    assert found[-1].weight == pytest.approx(KEPT_ITSELF**0.5)
    assert [option.stem for option in lexicon.translations(term("Strafen", "de"), "de", "en")] == [
        *("penalti", "sanction", "strafen"),  # itself by the passages' stemmer: an English text may quote the word
    ]


def test_a_term_that_is_its_own_translation_is_not_listed_twice(lexicon: Lexicon) -> None:
    assert lexicon.translations(term("videos", "en"), "en", "de") == (Translation("video", 1.0),)


@pytest.mark.parametrize("word", ["Baidu", "DeepSeek", "10000", "A100", "Quibblewick"])
def test_an_unknown_term_stands_for_itself_alone(lexicon: Lexicon, word: str) -> None:
    for asked, held in (("en", "de"), ("de", "en")):
        assert lexicon.translations(term(word, asked), asked, held) == (
            Translation(stem(term(word, asked).word, held), 1.0),
        )


def test_within_one_language_and_towards_unknown_ones_nothing_is_translated(lexicon: Lexicon) -> None:
    for language in ("de", "en"):
        asked = term("Sanctions", language)
        assert lexicon.translations(asked, language, language) == (Translation(asked.stem, 1.0),)
        assert lexicon.translations(asked, language, "xx") == (Translation("sanctions", 1.0),)


def test_rows_that_are_no_words_are_passed_over(lexicon: Lexicon) -> None:
    assert "!" not in lexicon.to_german
    assert "neu" not in lexicon.german_stems
    assert lexicon.german_stems == {"sanktion", "straf", "video"}


def test_at_most_eight_translations_are_kept_the_likeliest_first_and_ties_by_name() -> None:
    rows = [["run", f"Lauf{letter}", "0.05", "0.1", "10"] for letter in "9876543210"] + [
        ["run", "Gang", "0.2", "1", "10"]
    ]
    found = Lexicon.from_rows(rows).to_german["run"]
    assert len(found) == MOST_TRANSLATIONS == 8
    assert [option.stem for option in found[:3]] == ["gang", "lauf0", "lauf1"]
    assert [option.weight for option in found] == pytest.approx([1.0, *[0.5] * 7])


def test_no_rows_make_a_lexicon_that_leaves_every_term_as_it_is() -> None:
    empty = Lexicon.from_rows([])
    assert empty.translations(term("chips", "en"), "en", "de") == (Translation("chip", 1.0),)


def test_a_packed_table_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "table.tsv.zst"
    path.write_bytes(zstandard.compress("\n".join("\t".join(row) for row in ROWS).encode()))
    assert Lexicon.load(path).to_german == Lexicon.from_rows(ROWS).to_german
    with pytest.raises(OSError, match="missing"):
        Lexicon.load(tmp_path / "missing.zst")


@pytest.mark.parametrize(
    ("english", "german"),
    [("sanctions", "Sanktionen"), ("chips", "Chips"), ("companies", "Unternehmen"), ("war", "Krieg")],
)
def test_the_bundled_table_knows_everyday_words_both_ways(english: str, german: str) -> None:
    from index.lexical import bundled_lexicon

    assert (PACK / "lexicon.tsv.zst").is_file()
    forth = bundled_lexicon().translations(term(english, "en"), "en", "de")
    back = bundled_lexicon().translations(term(german, "de"), "de", "en")
    assert term(german, "de").stem in [option.stem for option in forth]
    assert term(english, "en").stem in [option.stem for option in back]


def test_the_bundled_table_keeps_its_promises_everywhere() -> None:
    from index.lexical import bundled_lexicon

    for table in (bundled_lexicon().to_german, bundled_lexicon().to_english):
        assert len(table) > 10_000
        for options in table.values():
            weights = [option.weight for option in options]
            assert weights[0] == 1.0
            assert weights == sorted(weights, reverse=True)
            assert all(weight > 0 for weight in weights)
            assert 1 <= len({option.stem for option in options}) == len(options) <= MOST_TRANSLATIONS
