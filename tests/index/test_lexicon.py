"""Translations computed by hand from a few rows; the bundled table's promises."""

from __future__ import annotations

from pathlib import Path

import pytest
import zstandard

from index.analysis import Term, stem, terms
from index.errors import PackDamaged
from index.lexicon import KEPT_ITSELF, MOST_TRANSLATIONS, OTHER_FORM, PACK, Lexicon, Row, Translation, read_rows
from index.plan import bundled_lexicon

ROWS = [
    Row("sanction", "Sanktion", 0.9, 0.7),
    Row("sanctions", "Sanktionen", 0.8, 0.9),
    Row("sanctions", "Strafen", 0.2, 0.3),
    Row("penalty", "Strafe", 0.5, 0.6),
    Row("penalty", "Elfmeter", 0.3, 1.0),
    Row("video", "Video", 0.9, 0.9),
    Row("supply chain", "Lieferkette", 1.0, 0.8),
    Row("chain of supply", "Lieferkette", 1.0, 0.2),
    Row("New-York", "neu", 0.5, 0.5),
    Row("!", "!", 0.9, 0.9),
]


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    return Lexicon.from_rows(ROWS)


def term(word: str, language: str) -> Term:
    return terms(word, language)[0]


def pack(folder: Path, text: str) -> Path:
    path = folder / "table.tsv.zst"
    path.write_bytes(zstandard.compress(text.encode()))
    return path


def test_weights_fall_with_the_square_root_of_the_probability(lexicon: Lexicon) -> None:
    assert lexicon.to_german.find(term("sanctions", "en")) == (
        Translation("sanktion", 1.0),
        Translation("straf", pytest.approx((0.2 / 0.8) ** 0.5)),
    )


def test_what_only_another_form_of_the_word_has_counts_less(lexicon: Lexicon) -> None:
    # by its form: sanktion 1; by its stem, of which 0.9 is the best: sanktion 1, straf sqrt(0.2 / 0.9)
    assert lexicon.to_german.find(term("sanction", "en")) == (
        Translation("sanktion", 1.0),
        Translation("straf", pytest.approx(OTHER_FORM * (0.2 / 0.9) ** 0.5)),
    )


def test_a_form_that_the_table_lacks_is_found_by_its_stem_at_full_weight(lexicon: Lexicon) -> None:
    assert lexicon.to_german.find(term("sanctioned", "en")) == (
        Translation("sanktion", 1.0),
        Translation("straf", pytest.approx((0.2 / 0.9) ** 0.5)),
    )


def test_the_other_direction_has_its_own_probabilities(lexicon: Lexicon) -> None:
    assert lexicon.to_english.find(term("Strafe", "de")) == (
        Translation("penalti", 1.0),
        Translation("sanction", pytest.approx(OTHER_FORM * (0.3 / 0.6) ** 0.5)),
    )


def test_a_term_with_translations_also_stands_for_itself(lexicon: Lexicon) -> None:
    found = lexicon.translations(term("Sanctions", "en"), "en", "de")
    assert [option.stem for option in found] == ["sanktion", "straf", "sanction"]
    assert found[-1].weight == pytest.approx(KEPT_ITSELF**0.5)
    assert [option.stem for option in lexicon.translations(term("Strafen", "de"), "de", "en")] == [
        *("sanction", "penalti", "strafen"),  # itself by the passages' stemmer: an English text may quote the word
    ]


def test_a_term_that_is_its_own_translation_is_not_listed_twice(lexicon: Lexicon) -> None:
    assert lexicon.translations(term("videos", "en"), "en", "de") == (Translation("video", 1.0),)


@pytest.mark.parametrize("word", ["Baidu", "DeepSeek", "10000", "A100", "Quibblewick"])
def test_an_unknown_term_stands_for_itself_alone(lexicon: Lexicon, word: str) -> None:
    for asked, held in (("en", "de"), ("de", "en")):
        assert lexicon.known(term(word, asked), asked, held) == ()
        assert lexicon.translations(term(word, asked), asked, held) == (
            Translation(stem(term(word, asked).word, held), 1.0),
        )


def test_within_one_language_and_towards_unknown_ones_nothing_is_translated(lexicon: Lexicon) -> None:
    for language in ("de", "en"):
        asked = term("Sanctions", language)
        assert lexicon.translations(asked, language, language) == (Translation(asked.stem, 1.0),)
        assert lexicon.translations(asked, language, "xx") == (Translation("sanctions", 1.0),)


def test_english_terms_of_several_words_have_german_words_and_the_likeliest_way_back(lexicon: Lexicon) -> None:
    assert lexicon.german_for(terms("Supply chains", "en")) == (Translation("lieferkett", 1.0),)
    assert lexicon.german_for(terms("chain supply", "en")) == (Translation("lieferkett", 1.0),)  # less its stop word
    assert lexicon.german_for(terms("supply", "en")) == lexicon.german_for([]) == ()
    assert lexicon.spelled_out == {"lieferkett": ("suppli", "chain")}


def test_rows_that_are_no_words_are_passed_over(lexicon: Lexicon) -> None:
    assert "!" not in lexicon.to_german.words
    assert "neu" not in lexicon.to_english.forms
    assert set(lexicon.to_english.forms) == {"sanktion", "straf", "elfm", "video"}


def test_at_most_so_many_translations_are_kept_the_likeliest_first_and_ties_by_name() -> None:
    rows = [Row("run", f"Lauf{letter}", 0.05, 0.1) for letter in "zyxwvutrqpomlk"] + [Row("run", "Gang", 0.2, 1.0)]
    found = Lexicon.from_rows(rows).to_german.find(term("run", "en"))
    assert len(found) == MOST_TRANSLATIONS == 12
    assert [option.stem for option in found[:3]] == ["gang", "laufk", "laufl"]
    assert [option.weight for option in found] == pytest.approx([1.0, *[0.5] * 11])


def test_forms_with_one_stem_add_up_for_a_word_and_of_a_stems_words_the_likeliest_counts() -> None:
    rows = [
        Row("house", "Haus", 0.3, 0.9),
        Row("house", "Häuser", 0.5, 0.8),
        Row("houses", "Haus", 0.6, 0.2),
        Row("house", "Gebäude", 0.1, 0.1),
    ]
    for given in (rows, rows[::-1]):
        lexicon = Lexicon.from_rows(given)
        assert lexicon.to_german.words["house"] == pytest.approx({"haus": 0.8, "gebaud": 0.1})
        assert lexicon.to_german.of_stem("hous") == pytest.approx({"haus": 0.8, "gebaud": 0.1})
        assert lexicon.to_english.words["haus"] == pytest.approx({"hous": 1.1})
        assert lexicon.to_english.of_stem("haus") == pytest.approx({"hous": 1.1})


def test_no_rows_make_a_lexicon_that_leaves_every_term_as_it_is() -> None:
    empty = Lexicon.from_rows([])
    assert empty.translations(term("chips", "en"), "en", "de") == (Translation("chip", 1.0),)


def test_a_packed_table_is_read_back(tmp_path: Path) -> None:
    path = pack(tmp_path, "".join("\t".join(map(str, row)) + "\n" for row in ROWS))
    assert list(read_rows(path)) == ROWS
    assert Lexicon.load(path).to_german == Lexicon.from_rows(ROWS).to_german
    with pytest.raises(FileNotFoundError):
        Lexicon.load(tmp_path / "missing.zst")


@pytest.mark.parametrize(
    "line",
    ["war\tKrieg", "war\tKrieg\t0.5\tviel", "war\tKrieg\t0.5\t0", "war\tKrieg\t1.5\t1", "war\tKrieg\tnan\t1", ""],
)
def test_a_line_out_of_form_is_named(tmp_path: Path, line: str) -> None:
    path = pack(tmp_path, f"war\tKrieg\t0.5\t0.5\n{line}\n")
    with pytest.raises(PackDamaged, match=r"table\.tsv\.zst, line 2: "):
        Lexicon.load(path)


def test_a_damaged_file_is_an_error_that_says_so(tmp_path: Path) -> None:
    whole = zstandard.compress("".join(f"war{n}\tKrieg{n * n}\t0.5\t0.5\n" for n in range(9999)).encode())
    for content in (b"not zstd at all", whole[:40] + b"\x00" * 40 + whole[80:], zstandard.compress(b"\xff\xfe\n")):
        (tmp_path / "table.tsv.zst").write_bytes(content)
        with pytest.raises(PackDamaged, match=r"table\.tsv\.zst"):
            Lexicon.load(tmp_path / "table.tsv.zst")


def test_a_file_that_was_cut_short_is_an_error(tmp_path: Path) -> None:
    whole = zstandard.compress("".join(f"war{n}\tKrieg{n * n}\t0.5\t0.5\n" for n in range(9999)).encode())
    (tmp_path / "table.tsv.zst").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(PackDamaged, match="cannot be unpacked"):
        Lexicon.load(tmp_path / "table.tsv.zst")


@pytest.mark.parametrize(
    ("english", "german"),
    [("sanctions", "Sanktionen"), ("chips", "Chips"), ("companies", "Unternehmen"), ("semiconductor", "Halbleiter")],
)
def test_the_bundled_table_knows_everyday_words_both_ways(english: str, german: str) -> None:
    forth = bundled_lexicon().translations(term(english, "en"), "en", "de")
    back = bundled_lexicon().translations(term(german, "de"), "de", "en")
    assert term(german, "de").stem in [option.stem for option in forth]
    assert term(english, "en").stem in [option.stem for option in back]


@pytest.mark.parametrize(
    ("english", "german"),
    [("data centre", "Rechenzentrum"), ("export controls", "Exportkontrollen"), ("supply chains", "Lieferkette")],
)
def test_the_bundled_table_knows_terms_of_several_words(english: str, german: str) -> None:
    assert term(german, "de").stem in [option.stem for option in bundled_lexicon().german_for(terms(english, "en"))]


def test_the_bundled_table_is_sorted_without_duplicates_and_folded() -> None:
    rows = list(read_rows(PACK / "lexicon.tsv.zst"))
    pairs = [(row.english, row.german) for row in rows]
    assert pairs == sorted(set(pairs))
    assert len(pairs) > 50_000
    assert all(english == english.casefold() and german == german.casefold() for english, german in pairs)
