"""Two languages' spellings of one word meet; other words stay apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.spelling import LETTERS_PER_EDIT, MOST, common, distance, nearest, openings

WORDS = st.text("abcehiknopstuyz", max_size=12)


@pytest.mark.parametrize(
    ("english", "german", "spelled"),
    [
        ("cyclic", "zyklik", "ziklik"),
        ("photograph", "fotograf", "fotograf"),
        ("theology", "teologi", "teologi"),
        ("kappa", "capa", "kapa"),
        ("quartz", "kwartz", "kwartz"),
        ("extra", "ekstra", "ekstra"),
    ],
)
def test_both_languages_have_one_common_spelling(english: str, german: str, spelled: str) -> None:
    assert common(english) == common(german) == spelled


@pytest.mark.parametrize(
    ("one", "other", "most", "expected"),
    [
        ("", "", 3, 0),
        ("kitten", "sitting", 3, 3),
        ("kitten", "sitting", 2, 3),
        ("hugenot", "hugenot", 0, 0),
        ("abc", "", 5, 3),
        ("abc", "acb", 5, 2),
    ],
)
def test_distance_counts_letters_up_to_a_limit(one: str, other: str, most: int, expected: int) -> None:
    assert distance(one, other, most) == expected


@given(WORDS, WORDS)
def test_distance_is_levenshteins(one: str, other: str) -> None:
    table = {(0, column): column for column in range(len(other) + 1)}
    for row in range(1, len(one) + 1):
        table[row, 0] = row
        for column in range(1, len(other) + 1):
            table[row, column] = min(
                table[row - 1, column] + 1,
                table[row, column - 1] + 1,
                table[row - 1, column - 1] + (one[row - 1] != other[column - 1]),
            )
    expected = table[len(one), len(other)]
    for most in (0, 1, 2, 20):
        assert distance(one, other, most) == min(expected, most + 1)


@pytest.mark.parametrize(
    ("word", "other"),
    [
        ("cyanobacteria", "cyanobakteri"),
        ("huguenot", "hugenott"),
        ("immunosuppressive", "immunsuppressiv"),
        ("parliment", "parlament"),  # misspelled
        ("pharmacology", "pharmakologi"),
    ],
)
def test_alike_words_are_found_and_begin_with_one_of_the_openings(word: str, other: str) -> None:
    assert [found for found, _ in nearest(word, ["zebra", other, "handel"])] == [other]
    assert any(other.startswith(opening) for opening in openings(word))


def test_the_likest_come_first_and_ties_by_name() -> None:
    found = nearest("mustern", ["musterz", "mustern", "mustera", "mustert", "musterb", "ustern", "mustzzz"])
    assert found == [("mustern", 1.0), *((f"muster{letter}", 1 - 1 / 7) for letter in "abt")]
    assert len(found) == MOST


@pytest.mark.parametrize("word", ["", "kuh", "haus", "h20a", "10000", "a b c d e"])
def test_short_words_and_numbers_are_like_nothing(word: str) -> None:
    assert openings(word) == []


def test_what_is_held_may_be_anything() -> None:
    assert nearest("mustern", ["", "10000000", "muster7", "m", "🙂🙂🙂🙂🙂🙂🙂"]) == []
    assert nearest("haus", ["haus"]) == []


@given(WORDS, st.lists(WORDS, max_size=20))
def test_nothing_further_apart_than_allowed_is_near(word: str, held: list[str]) -> None:
    for other, likeness in nearest(word, held):
        assert other in held
        assert 0 < likeness <= 1
        limit = len(common(word)) // LETTERS_PER_EDIT
        assert distance(common(word), common(other), limit) <= limit
        assert common(other)[0] == common(word)[0]
