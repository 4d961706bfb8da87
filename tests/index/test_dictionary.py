"""Dictionaries in Ding's form, on lines made up for this test; nothing of a real one is here."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from index import dictionary
from index.analysis import terms
from index.dictionary import MOST_OPTIONS, Dictionary, entries, lexicon_for, located
from index.errors import PackDamaged
from index.lexicon import FURTHER, KEPT_ITSELF, Lexicon, Row, Translation
from index.plan import bundled_lexicon

# The words are invented; so is what they mean.
LINES = """# Made for a test :: no dictionary
Quabbel {f} [zool.]; Wabbel {f} (selten) | Quabbeln {pl} :: quobble; wibble /ˈwɪbəl/ | quobbles
etw. verquabbeln {vt} :: to quobble sth.
sich verwabbeln {vr} [ugs.] :: to get (very) wibbled
Rechenwabbel {m} :: number wibble <numbers wibble>
Wabbel {f} :: wibble
Schlagmichtot {n} | zwei Stück :: whatsit
keine Zeile dieser Art
"""


def make(folder: Path, lines: str = LINES) -> Path:
    path = folder / "de-en"
    path.write_text(lines, encoding="utf-8")
    return path


def test_a_line_gives_the_words_that_mean_the_same_part_by_part() -> None:
    assert list(entries(LINES.splitlines())) == [
        (["Quabbel", "Wabbel"], ["quobble", "wibble"]),
        (["Quabbeln"], ["quobbles"]),
        (["verquabbeln"], ["quobble"]),
        (["verwabbeln"], ["get wibbled"]),
        (["Rechenwabbel"], ["number wibble"]),
        (["Wabbel"], ["wibble"]),
    ]


def test_words_are_found_by_their_stems_in_both_directions_with_the_number_of_entries(tmp_path: Path) -> None:
    held = Dictionary.open(make(tmp_path), tmp_path / "made")
    assert held.find("de", "wabbel") == {"quobbl": 1, "wibbl": 2}
    assert held.find("en", "quobbl") == {"quabbel": 2, "wabbel": 1, "verquabbel": 1}
    assert held.find("en", "number wibbl") == {"rechenwabbel": 1}
    assert held.find("de", "rechenwabbel") == {}  # one German word for two English ones is no word for either
    assert held.find("en", "schlagmichtot") == held.find("de", "") == {}


def test_only_the_commonest_translations_are_kept(tmp_path: Path) -> None:
    lines = "".join(f"Ding{letter}x :: thing\n" for letter in "abcdefghijklmnop") + "Dingpx :: thing\n"
    found = Dictionary.open(make(tmp_path, lines), tmp_path).find("en", "thing")
    assert len(found) == MOST_OPTIONS
    assert list(found.items())[:2] == [("dingpx", 2), ("dingax", 1)]


def test_it_is_made_once_and_again_when_the_dictionary_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, folder = make(tmp_path), tmp_path / "made"
    Dictionary.open(path, folder)
    (made,) = folder.iterdir()
    with monkeypatch.context() as patched:
        patched.setattr(dictionary, "write", lambda *_: pytest.fail("made again"))
        assert Dictionary.open(path, folder).find("de", "quabbel")
    make(tmp_path, "Wabbel :: wobble\n")
    assert Dictionary.open(path, folder).find("de", "wabbel") == {"wobbl": 1}
    assert [each.name for each in folder.iterdir()] != [made.name]
    assert len(list(folder.iterdir())) == 1


@pytest.mark.parametrize("content", [b"", b"no database at all" * 100])
def test_a_damaged_file_is_made_again(tmp_path: Path, content: bytes) -> None:
    path = make(tmp_path)
    Dictionary.open(path, tmp_path / "made")
    (made,) = (tmp_path / "made").iterdir()
    made.write_bytes(content)
    assert Dictionary.open(path, tmp_path / "made").find("de", "wabbel") == {"quobbl": 1, "wibbl": 2}


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "de-en").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(PackDamaged, match="cannot be read"):
        Dictionary.open(tmp_path / "de-en", tmp_path)


def test_the_setting_names_no_dictionary_the_installed_one_or_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make(tmp_path)
    monkeypatch.setattr(dictionary, "INSTALLED", tmp_path / "missing")
    assert located("off") is located("auto") is None
    monkeypatch.setattr(dictionary, "INSTALLED", path)
    assert located("auto") == located(str(path)) == path
    with pytest.raises(PackDamaged, match="no dictionary"):
        located(str(tmp_path / "missing"))


def test_a_lexicon_for_no_dictionary_is_the_packs_own(tmp_path: Path) -> None:
    assert lexicon_for("off", tmp_path) is bundled_lexicon()
    assert list(tmp_path.iterdir()) == []
    enriched = lexicon_for(str(make(tmp_path)), tmp_path / "made")
    assert enriched.translations(terms("wibble", "en")[0], "en", "de")[0] == Translation("wabbel", 1.0)


def test_what_only_the_dictionary_knows_counts_in_full_and_beside_the_table_less(tmp_path: Path) -> None:
    held = Dictionary.open(make(tmp_path), tmp_path)
    lexicon = replace(
        Lexicon.from_rows([Row("quobble", "Murks", 1.0, 1.0), Row("number wibble", "Zahlensalat", 1.0, 1.0)]),
        further=held,
    )
    assert lexicon.translations(terms("quobble", "en")[0], "en", "de") == (
        Translation("murk", 1.0),
        Translation("quabbel", FURTHER),
        Translation("verquabbel", pytest.approx(FURTHER * 0.5**0.5)),
        Translation("wabbel", pytest.approx(FURTHER * 0.5**0.5)),
        Translation("quobbl", KEPT_ITSELF**0.5),
    )
    assert lexicon.known(terms("Quabbel", "de")[0], "de", "en") == (
        Translation("quobbl", 1.0),
        Translation("wibbl", 0.5**0.5),
    )
    assert lexicon.german_for(terms("number wibble", "en")) == (
        Translation("zahlensalat", 1.0),
        Translation("rechenwabbel", FURTHER),
    )


def test_many_threads_may_ask_at_once(tmp_path: Path) -> None:
    held = Dictionary.open(make(tmp_path), tmp_path)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda number: held._find("de", ["wabbel", "quabbel"][number % 2]), range(400)))
    assert found == [{"quobbl": 1, "wibbl": 2}, {"quobbl": 2, "wibbl": 1}] * 200
