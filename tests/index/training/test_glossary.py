"""Notes become entries; the shipped files are well-formed to the last line."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from index.training.glossary import FILES, FOLDER, gather, main, read_glossary, write_glossary

NOTES = """
Announced = kündigte an; angekündigt; kündigte an
data centre = Rechenzentrum
alpine = alpin; Alpen-

radio = Radio
news\tNachrichten; Meldungen
announced = bekannt gegeben
dutch (people) = Niederländer (Volk); ; 100 % sicher
no entry at all
= Nichts
moor’s = des Moores
""".splitlines()


def test_notes_are_joined_sorted_and_cleaned_and_what_is_left_out_is_counted() -> None:
    entries, left_out = gather(NOTES)
    assert list(entries.items()) == [
        ("alpine", ("alpin", "Alpen-")),
        ("announced", ("kündigte an", "angekündigt", "bekannt gegeben")),
        ("data centre", ("Rechenzentrum",)),
        ("dutch", ("Niederländer",)),
        ("moor's", ("des Moores",)),
        ("news", ("Nachrichten", "Meldungen")),
    ]
    assert left_out == Counter(
        {"words that stand for themselves": 1, "lines that are no entry": 2, "translations that are no word": 2}
    )


def test_a_decomposed_umlaut_is_written_as_one_letter() -> None:
    entries, _ = gather(["bear = Ba\u0308r"])
    assert entries == {"bear": ("Bär",)}


def test_what_is_written_is_read_back_words_before_terms(tmp_path: Path) -> None:
    entries, _ = gather(NOTES)
    write_glossary(entries, tmp_path)
    read = read_glossary(tmp_path)
    assert dict(read) == entries
    assert [english for english, _ in read][-1] == "data centre"
    before = [(tmp_path / name).read_bytes() for name in FILES]
    write_glossary(dict(read), tmp_path)
    assert [(tmp_path / name).read_bytes() for name in FILES] == before


@pytest.mark.parametrize(
    "line", ["word", "word\tWort\tmehr", "word\t", "\tWort", "word\tWort;Wörter", "a  b\tWort", ""]
)
def test_a_line_out_of_form_is_named(tmp_path: Path, line: str) -> None:
    (tmp_path / "words.tsv").write_text(f"one\tEins\n{line}\n", encoding="utf-8")
    (tmp_path / "terms.tsv").write_text("", encoding="utf-8")
    with pytest.raises(ValueError, match=r"words\.tsv, line 2: expected English, a tab, and German"):
        read_glossary(tmp_path)


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_glossary(tmp_path)


def test_the_command_adds_notes_to_what_the_folder_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_glossary({"news": ("Nachrichten",)}, tmp_path)
    (tmp_path / "notes.txt").write_text("news = Neuigkeiten\nsupply chain = Lieferkette\nnothing", encoding="utf-8")
    monkeypatch.setattr("sys.argv", ["glossary", str(tmp_path / "notes.txt"), "--into", str(tmp_path)])
    main()
    assert capsys.readouterr().out.splitlines()[0] == "1 lines that are no entry left out"
    assert read_glossary(tmp_path) == [("news", ("Nachrichten", "Neuigkeiten")), ("supply chain", ("Lieferkette",))]


def test_the_shipped_files_are_sorted_without_duplicates_and_hold_no_word_that_stands_only_for_itself() -> None:
    assert [english for english, _ in read_glossary()]
    for name in FILES:
        lines = (FOLDER / name).read_text(encoding="utf-8").split("\n")
        assert lines.pop() == ""
        keys = [line.split("\t")[0] for line in lines]
        assert keys == sorted(set(keys))
        assert all((" " in key) == (name == "terms.tsv") for key in keys)
        for line in lines:
            english, german = line.split("\t")
            options = german.split("; ")
            assert len(options) == len(set(options)) <= 8, line
            assert any(option.casefold() != english for option in options), line
            assert english == english.lower()


def test_the_shipped_readme_counts_the_lines_rightly() -> None:
    counts = dict(re.findall(r"`(\w+\.tsv)` \| ([\d,]+)", (FOLDER / "README.md").read_text(encoding="utf-8")))
    for name in FILES:
        assert int(counts[name].replace(",", "")) == len((FOLDER / name).read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize(
    ("english", "german"),
    [("data centre", "Rechenzentrum"), ("export control", "Exportkontrolle"), ("supply chain", "Lieferkette")],
)
def test_terms_that_german_writes_as_one_word_are_there(english: str, german: str) -> None:
    assert german in dict(read_glossary())[english]
