"""The lexicon from text and glossary, by hand; the same bytes from the same input; the shipped files' promises."""

from __future__ import annotations

from pathlib import Path

import pytest
import zstandard

from index.analysis import fold, stem, terms
from index.lexicon import PACK, Lexicon, Row, read_lines, read_rows
from index.training import translations
from index.training.alignment import align
from index.training.compounds import LEAST_COUNT, parts
from index.training.phrases import Phrase, phrases
from index.training.translations import (
    LEAST_PROBABILITY,
    MOST_TRANSLATIONS,
    Forms,
    build,
    content,
    glossary_chances,
    lexicon_bytes,
    mix,
    packed,
    rows,
    shares,
)

PAIRS = [
    ("The supply chain is broken.", "Die Lieferkette ist unterbrochen."),
    ("A supply chain needs houses.", "Eine Lieferkette braucht Häuser."),
    ("The supply chain of the house.", "Die Lieferkette des Hauses."),
    ("The house", "Das Haus"),
    ("Houses", "Häuser"),
    ("A chain", "Eine Kette"),
    ("The chain", "Die Kette"),
    ("supply", "Vorrat"),
    ("The supply", "Der Vorrat"),
]
GLOSSARY = [
    ("house", ("Haus", "Gebäude")),
    ("announced", ("kündigte an", "angekündigt", "gab es bekannt")),
    ("data centre", ("Rechenzentrum",)),
    ("radio", ("Radio", "Rundfunk")),
    ("of the", ("von",)),
]


def test_shares_add_up_to_one_for_each_word() -> None:
    weights = {("a", "x"): 3.0, ("a", "y"): 1.0, ("b", "y"): 1.0}
    assert shares(weights, 0) == {("a", "x"): 0.75, ("a", "y"): 0.25, ("b", "y"): 1.0}
    assert shares(weights, 1) == {("a", "x"): 1.0, ("a", "y"): 0.5, ("b", "y"): 0.5}


def test_of_a_glossary_entry_the_nth_translation_counts_one_nth() -> None:
    forth, back = glossary_chances(GLOSSARY)
    # "kündigte an" is a word and a stop word; "gab es bekannt" is two words and no translation of one
    assert forth == pytest.approx(
        {
            ("house", "haus"): 2 / 3,
            ("house", "gebäude"): 1 / 3,
            ("announced", "kündigte"): 2 / 3,
            ("announced", "angekündigt"): 1 / 3,
            ("data centre", "rechenzentrum"): 1.0,
            ("radio", "radio"): 2 / 3,
            ("radio", "rundfunk"): 1 / 3,
        }
    )
    assert set(back.values()) == {1.0}
    assert [term.word for term in content("kündigte es an", "de")] == ["kündigte"]


def test_a_word_that_both_know_is_half_of_either_and_others_are_as_they_are() -> None:
    text = {("table", "tabelle"): 0.8, ("table", "tisch"): 0.2, ("menu", "menü"): 1.0}
    glossary = {("table", "tisch"): 1.0, ("tsar", "zar"): 1.0}
    assert mix(text, glossary, 0) == pytest.approx(
        {("table", "tabelle"): 0.4, ("table", "tisch"): 0.6, ("menu", "menü"): 1.0, ("tsar", "zar"): 1.0}
    )


def test_only_the_likeliest_translations_of_a_word_are_kept() -> None:
    text = {("run", f"lauf{number}"): 1 / (number + 1) for number in range(20)}
    assert set(mix(text, {}, 0)) == {("run", f"lauf{number}") for number in range(MOST_TRANSLATIONS)}


def test_rows_are_sorted_and_a_word_that_stands_only_for_itself_is_left_out() -> None:
    forth = {("b", "x"): 0.5, ("a", "x"): 0.01, ("radio", "radio"): 1.0, ("net", "net"): 0.5, ("net", "netz"): 0.5}
    back = {("b", "x"): 0.7, ("a", "x"): 0.01, ("c", "z"): 0.3, ("radio", "radio"): 1.0}
    assert rows(forth, back, [Phrase("a b", "ab", 0.4)]) == [
        Row("a b", "ab", 0.4, 0.4),
        Row("b", "x", 0.5, 0.7),
        Row("c", "z", LEAST_PROBABILITY, 0.3),
        Row("net", "net", 0.5, LEAST_PROBABILITY),
        Row("net", "netz", 0.5, LEAST_PROBABILITY),
    ]


def test_neighbours_that_stand_together_where_the_german_word_stands_are_a_phrase() -> None:
    sentences = [
        ("broken supply chain", "lieferkette kaputt"),
        ("supply chain", "lieferkette"),
        ("supply chain supply chain", "lieferkette lieferkette"),
        ("supply chain", "kette"),
        ("supply", "vorrat"),
        ("chain", "kette"),
    ]
    alignment = align(sentences, split=str.split, least_count=1, least_probability=0)
    # together in three sentences; the English in four, the German in three: 2 * 3 / (4 + 3)
    assert phrases(sentences, alignment, set()) == [Phrase("supply chain", "lieferkette", 6 / 7)]
    assert phrases(sentences, alignment, {"chain"}) == []
    assert phrases(sentences[1:], alignment, set()) == []  # twice may be chance


def test_a_lexicon_from_pairs_and_glossary_knows_words_terms_and_parts() -> None:
    table, known = build(PAIRS, GLOSSARY)
    assert table == sorted(table)
    found = {(row.english, row.german): row for row in table}
    assert ("the", "die") not in found  # stop words
    assert found["supply chain", "lieferkette"].german_given_english == 1.0  # Dice: always together
    assert found["data centre", "rechenzentrum"] == Row("data centre", "rechenzentrum", 1.0, 1.0)
    assert found["house", "haus"].german_given_english == pytest.approx(1 / 3)
    assert found["house", "häuser"].german_given_english > 0.4  # in the text the commoner of the stem's words
    assert found["house", "gebäude"].german_given_english == pytest.approx(1 / 6)
    lexicon = Lexicon.from_rows(table)
    assert lexicon.to_german.find(terms("houses", "en")[0])[0].stem == "haus"
    assert lexicon.to_english.find(terms("Kette", "de")[0])[0].stem == "chain"
    assert {"rechenzentrum", "gebäude", "haus"} <= set(known)
    assert "kette" not in known  # seen twice only
    assert "an" not in known


def test_the_same_input_gives_the_same_bytes_and_they_read_back() -> None:
    (one, parts_one), (two, parts_two) = build(PAIRS, GLOSSARY), build(list(PAIRS), list(GLOSSARY))
    assert lexicon_bytes(one) == lexicon_bytes(two)
    assert packed(parts_one) == packed(parts_two)
    text = zstandard.ZstdDecompressor().decompress(lexicon_bytes(one)).decode()
    assert [line.split("\t")[:2] for line in text.splitlines()] == [[row.english, row.german] for row in one]


def test_no_probability_is_rounded_to_nothing() -> None:
    text = zstandard.ZstdDecompressor().decompress(lexicon_bytes([Row("a", "b", 0.0001, 1.0)])).decode()
    assert text == "a\tb\t0.001\t1.000\n"


def test_a_stem_is_written_as_its_commonest_word() -> None:
    forms = Forms.of("de")
    assert forms.stems("Das Haus, die Häuser: 12 HÄUSER") == "das haus die haus haus"
    assert forms.word("haus") == "häuser"
    assert forms.is_stop("die")
    assert not forms.is_stop("haus")


def test_parts_are_words_seen_often_enough_or_in_the_glossary() -> None:
    forms = Forms.of("de")
    for text, times in (("Handel", LEAST_COUNT), ("Handels", 1), ("Kriege", LEAST_COUNT - 1), ("Ort", 9), ("nach", 9)):
        for _ in range(times):
            forms.stems(text)
    assert parts(forms.counts, [("coastal", ("Küsten-", "H20-Chip"))]) == ["chip", "handel", "küsten"]


def test_the_command_writes_both_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "".join(f"{english}\t{german}\n" for english, german in PAIRS)
    (tmp_path / "tatoeba.tsv.zst").write_bytes(zstandard.compress(text.encode()))
    monkeypatch.setattr(translations, "read_glossary", lambda: GLOSSARY)
    monkeypatch.setattr("sys.argv", ["translations", str(tmp_path), "--into", str(tmp_path / "pack")])
    translations.main()
    table = list(read_rows(tmp_path / "pack" / "lexicon.tsv.zst"))
    known = list(read_lines(tmp_path / "pack" / "compounds.txt.zst"))
    assert len(table) > 10
    assert known == sorted(known)
    assert f"{len(table)} pairs of words and {len(known)} compound parts" in capsys.readouterr().out


def test_the_shipped_parts_are_sorted_folded_german_words() -> None:
    known = list(read_lines(PACK / "compounds.txt.zst"))
    assert known == sorted(set(known))
    assert len(known) > 20_000
    assert all(word.isalpha() and fold(word) == word and len(stem(word, "de")) >= 4 for word in known)
