"""Spellings that readers do not tell apart become one term; others stay apart."""

from __future__ import annotations

import unicodedata
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from index.analysis import LONGEST_TERM, Compounds, fold, number, question_terms, stem, terms, words
from index.analysis import stems as stems_of
from index.stopwords import ENGLISH, GERMAN, stop_words
from tests.corpus.hostile import hostile_text

LANGUAGES = ("de", "en", "fr", "xx", "und")


def stems(text: str, language: str) -> list[str]:
    return [term.stem for term in terms(text, language)]


@pytest.mark.parametrize(
    "spellings",
    [
        "Straße STRASSE strasse STRAßE",
        "Weiß weiss WEISS",
        "Größe Groesse grösse GRÖSSE",
        "Baum Bäume Baeume BÄUMEN",
        "Apfel Äpfel Aepfel",
        "Haus Häuser Haeuser Hauses",
        "Müller Mueller",
        "Bundesland Bundesländer Bundeslaender",
        "Sanktion Sanktionen",
        "Chip Chips",
        "Video Videos",
        "Kamera Kameras",
        "Nvidia Nvidias",
        "Huawei Huaweis",
        "GPU GPUs",
        "LLM LLMs",
        "PC PCs",
        "US USA U.S. U.S.A. U.S.A",
    ],
)
def test_german_spellings_of_one_word_share_a_stem(spellings: str) -> None:
    found = {tuple(stems(spelling, "de")) for spelling in spellings.split()}
    assert len(found) == 1, found
    assert len(found.pop()) == 1


@pytest.mark.parametrize(
    "spellings", ["sanction sanctions Sanctioned", "company companies", "chip Chips CHIPS", "GPU GPUs", "US U.S. USA"]
)
def test_english_spellings_of_one_word_share_a_stem(spellings: str) -> None:
    assert len({tuple(stems(spelling, "en")) for spelling in spellings.split()}) == 1


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("de", "Goethe", "Göthe-Preis"),
        ("de", "US", "uns"),
        ("en", "US", "us"),  # the country is not the pronoun
        ("en", "AI", "A"),
        ("de", "Haus", "Maus"),
        ("de", "10.000", "10,000"),  # ten thousand, and ten to three places
        ("en", "10.000", "10,000"),
        ("en", "5.5", "55"),
    ],
)
def test_different_words_stay_apart(language: str, one: str, other: str) -> None:
    assert stems(one, language) != stems(other, language)


def test_numbers_of_both_conventions_meet_in_one_form() -> None:
    assert stems("10.000 1.234,5 5,5 12.345.678", "de") == ["10000", "1234.5", "5.5", "12345678"]
    assert stems("10,000 1,234.5 5.5 12,345,678", "en") == ["10000", "1234.5", "5.5", "12345678"]
    assert stems("10000 1234", "de") == stems("10000 1234", "en") == ["10000", "1234"]


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("12.5.2024", "de", ["12", "5", "2024"]),
        ("12.5.2024", "en", ["12", "5", "2024"]),
        ("01.02.2024", "de", ["01", "02", "2024"]),
        ("3,14,15", "en", ["3", "14", "15"]),
        ("10'000", "de", ["10", "000"]),
        ("10’000", "de", ["10", "000"]),
        ("1.000", "fr", ["1.000"]),  # languages without a convention of their own are read as English
        ("1,000", "fr", ["1000"]),
        ("0,5", "de", ["0.5"]),
        ("2025", "de", ["2025"]),
    ],
)
def test_number_gives_the_parts_of_what_is_not_one_number(text: str, language: str, expected: list[str]) -> None:
    assert number(text, language) == expected


def test_dates_and_units_fall_into_their_parts() -> None:
    assert stems("2024-05-12", "de") == ["2024", "05", "12"]
    assert stems("5G 7nm H20 A100 CO2 GPT-4o €500", "en") == [
        *("5", "g", "7", "nm", "h20", "a100", "co2", "gpt", "4", "o", "500"),
    ]


def test_apostrophes_part_a_name_from_its_ending() -> None:
    for text in ("Baidu's Chips", "Baidu’s Chips"):
        assert stems(text, "de") == ["baidu", "s", "chip"]
    assert stems("Hans’ Auto", "de") == stems("Hans Auto", "de")
    assert stems("l'Oréal O’Neill", "en") == ["l", "oréal", "o", "neill"]
    assert stems("'quoted' ’so’", "en") == stems("quoted so", "en")


def test_abbreviations_with_points_are_one_word_and_a_full_stop_is_none() -> None:
    assert list(words("z.B. die U.K. und d.h. Baidu. Ende", "de")) == [
        *("zb", "die", "uk", "und", "dh", "baidu", "ende"),
    ]
    assert list(words("Er kommt aus den U.S.", "de"))[-1] == "usa"


def test_a_run_of_letters_longer_than_any_word_is_left_out_and_its_neighbours_stay() -> None:
    longest = "a" * LONGEST_TERM
    assert list(words(f"vor {longest} nach", "de")) == ["vor", longest, "nach"]
    assert list(words(f"vor {longest}a nach", "de")) == ["vor", "nach"]


def test_languages_without_a_stemmer_keep_their_words() -> None:
    assert stems("Les maisons ÉTAIENT grandes", "fr") == ["les", "maisons", "étaient", "grandes"]


def test_decomposed_umlauts_become_one_letter_by_the_normalisation_that_every_text_passes_first() -> None:
    decomposed = unicodedata.normalize("NFD", "Bäume über Städten")
    assert decomposed != "Bäume über Städten"
    assert stems(unicodedata.normalize("NFC", decomposed), "de") == stems("Bäume über Städten", "de")


@given(hostile_text, st.sampled_from(LANGUAGES))
@example("ﬁ ǅ İ ΐ Ⅷ ½ m² ٣٤ _x_ ’s '' ..", "de")
@example("s's's’s x’ es'", "en")
@example("A.B.C. a.b. .a.", "de")
def test_terms_are_words_without_white_space_whatever_the_text(text: str, language: str) -> None:
    for term in terms(text, language):
        assert term.word
        assert term.stem
        assert term.stem.split() == [term.stem]  # the index's fields are split at white space
        assert term.word.split() == [term.word]
        assert term.word == fold(term.word)
    assert set(question_terms(text, language)) <= set(terms(text, language))


@given(st.text(max_size=200), st.sampled_from(LANGUAGES))
def test_any_unicode_is_read_without_an_error_and_the_same_way_twice(text: str, language: str) -> None:
    found = terms(text, language)
    assert all(len(term.stem.split()) == 1 for term in found)
    assert terms(text, language) == found
    assert bool(question_terms(text, language)) == bool(found)


@given(st.lists(st.text("aeiousnrt1ßäöü", max_size=12)), st.sampled_from(LANGUAGES))
@example(["videos", "chips", "10000s", "häuser", ""], "de")
def test_stems_of_many_words_are_those_of_each(listed: list[str], language: str) -> None:
    assert stems_of(listed, language) == {word: stem(word, language) for word in listed}


def test_every_thread_gives_the_same_stems() -> None:
    vocabulary = [f"{start}{end}" for start in ("Sanktion", "Häus", "company", "Chip", "rechn") for end in ("en", "s")]
    expected = {(word, lang): stem.__wrapped__(fold(word), lang) for word in vocabulary for lang in ("de", "en")}

    def stem_all(_: int) -> dict[tuple[str, str], str]:
        return {(word, lang): stem.__wrapped__(fold(word), lang) for _ in range(50) for word, lang in expected}

    with ThreadPoolExecutor(8) as pool:
        for found in pool.map(stem_all, range(16)):
            assert found == expected


def test_a_question_loses_the_stop_words_of_its_own_language_alone() -> None:
    assert [term.word for term in question_terms("Wie geht Baidu mit den Sanktionen um?", "de")] == [
        *("baidu", "sanktionen"),
    ]
    assert [term.word for term in question_terms("Who won the war against the Die?", "en")] == ["won", "war", "die"]
    assert "war" in GERMAN
    assert "war" not in ENGLISH
    assert stop_words("fr") == frozenset()


def test_a_question_of_stop_words_alone_keeps_them_and_repeats_count_once() -> None:
    assert [term.word for term in question_terms("Wer ist der, der er ist?", "de")] == ["wer", "ist", "der", "er"]
    assert [term.word for term in question_terms("Chips, Chips und CHIPS", "de")] == ["chips"]
    assert question_terms("?!", "de") == []


def test_stop_lists_hold_folded_words_that_the_analysis_can_give() -> None:
    for language, listed in (("de", GERMAN), ("en", ENGLISH)):
        for word in listed:
            assert list(words(word, language)) == [word]


PARTS = [
    *("Handel", "Krieg", "Wirtschaft", "Wachstum", "Frau", "Kind", "Arzt", "Chip", "Export", "Kontrolle", "Sonne"),
    *("Blume", "Bund", "Land", "Strom", "Preis", "Tat", "Industrie", "Nase", "Nasen"),
]


@pytest.fixture(scope="module")
def splitter() -> Compounds:
    return Compounds({stem(fold(part), "de") for part in PARTS})


@pytest.mark.parametrize(
    ("compound", "parts"),
    [
        ("Handelskrieg", ["Handel", "Krieg"]),
        ("Handelskriege", ["Handel", "Krieg"]),
        ("Wirtschaftswachstum", ["Wirtschaft", "Wachstum"]),
        ("Frauenarzt", ["Frau", "Arzt"]),
        ("Kinderarzt", ["Kind", "Arzt"]),
        ("Exportkontrollen", ["Export", "Kontrolle"]),
        ("Sonnenblumen", ["Sonne", "Blume"]),
        ("Bundesland", ["Bund", "Land"]),
        ("Strompreis", ["Strom", "Preis"]),
        ("Chipindustrie", ["Chip", "Industrie"]),
        ("Landstrom", ["Land", "Strom"]),
    ],
)
def test_compounds_give_their_known_parts(splitter: Compounds, compound: str, parts: list[str]) -> None:
    assert splitter.parts(stem(fold(compound), "de")) == tuple(stem(fold(part), "de") for part in parts)


@pytest.mark.parametrize(
    "word",
    [
        "Handel",  # itself a part
        "Halbleiterindustrie",  # one half is not known
        "Industriehalbleiter",
        "Potato",  # no hot potato is a deed ("Tat")
        "Grosstat",  # nor is anything that short a part
        "Chipxkrieg",  # x links nothing
        "Landung",
        "",
        "10000",
        "co2handel",  # letters only
    ],
)
def test_nothing_is_split_into_unknown_parts(splitter: Compounds, word: str) -> None:
    assert splitter.parts(stem(fold(word), "de")) == ()


def test_parts_shorter_than_four_letters_are_never_known() -> None:
    assert Compounds({"tat", "ort", "pota"}).parts("potatort") == ()
    assert Compounds({"h20a", "chip"}).parts("h20achip") == ()


@given(st.lists(st.sampled_from([*PARTS, "s", "n", "en", "x"]), max_size=4).map("".join))
def test_parts_are_known_stems_and_the_last_ends_the_word(compound: str) -> None:
    known = {stem(fold(part), "de") for part in PARTS}
    word = stem(fold(compound), "de")
    parts = Compounds(known).parts(word)
    assert set(parts) <= known
    assert not parts or (any(word.endswith(part) for part in parts) and any(word.startswith(part) for part in parts))
    assert len(parts) == len(set(parts)) <= 6
