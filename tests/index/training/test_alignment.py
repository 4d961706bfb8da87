"""IBM Model 1 against expectations worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from index.training.alignment import Alignment, align, words

# "a b" beside "x y", and "a" beside "x": nothing else says that a is x.
PAIRS = [("a b", "x y"), ("a", "x")]


def table(found: Alignment, column: np.ndarray) -> dict[tuple[str, str], float]:
    names = [(found.english[left], found.german[right]) for left, right in zip(found.left, found.right, strict=True)]
    return dict(zip(names, column.tolist(), strict=True))


def test_one_round_shares_every_word_evenly_among_the_words_of_the_other_side() -> None:
    found = align(PAIRS, rounds=1, least_count=1, least_probability=0)
    # of a: x 1/2 + 1, y 1/2; of b: x 1/2, y 1/2
    expected = {("a", "x"): 0.75, ("a", "y"): 0.25, ("b", "x"): 0.5, ("b", "y"): 0.5}
    assert table(found, found.german_given_english) == pytest.approx(expected)
    assert table(found, found.english_given_german) == pytest.approx(
        {("a", "x"): 0.75, ("b", "x"): 0.25, ("a", "y"): 0.5, ("b", "y"): 0.5}
    )


def test_the_second_round_shares_by_what_the_first_has_learned() -> None:
    found = align(PAIRS, rounds=2, least_count=1, least_probability=0)
    # in the first pair x comes from a by 0.75 / 1.25 = 3/5 and y by 0.25 / 0.75 = 1/3; of a: x 8/5, y 1/3
    assert table(found, found.german_given_english)["a", "x"] == pytest.approx((8 / 5) / (8 / 5 + 1 / 3))
    assert table(found, found.german_given_english)["b", "y"] == pytest.approx((2 / 3) / (2 / 3 + 2 / 5))
    # both directions are alike here, so the geometric mean is either; the second pair adds 1
    assert table(found, found.together)["a", "x"] == pytest.approx(3 / 5 + 1)
    assert table(found, found.together)["b", "y"] == pytest.approx(2 / 3)


def test_more_rounds_find_the_words_that_belong_together() -> None:
    found = align(PAIRS, rounds=60, least_count=1, least_probability=0.05)
    assert set(table(found, found.left)) == {("a", "x"), ("b", "y")}


def test_rare_words_count_as_not_there_and_unlikely_pairs_are_dropped() -> None:
    found = align([*PAIRS, ("a c", "x z")], rounds=1, least_count=2, least_probability=0)
    assert (found.english, found.german) == (["a"], ["x"])
    assert (found.english_count.tolist(), found.german_count.tolist()) == ([3], [3])
    assert table(found, found.german_given_english) == {("a", "x"): 1.0}
    kept = align(PAIRS, rounds=1, least_count=1, least_probability=0.6)
    assert set(table(kept, kept.left)) == {("a", "x")}


def test_the_same_pairs_give_the_same_numbers() -> None:
    pairs = [("the old house", "das alte Haus"), ("the house", "das Haus"), ("old", "alt alte")] * 3
    one, two = align(pairs), align(pairs)
    assert one.together.tobytes() == two.together.tobytes()
    assert one.german_given_english.tobytes() == two.german_given_english.tobytes()


def test_words_are_folded_and_hyphens_join() -> None:
    assert words("Die Straße, E-Mail & X_1!") == ["die", "strasse", "e-mail", "x", "1"]
