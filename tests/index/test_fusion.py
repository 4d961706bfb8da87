from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.fusion import PASSAGE_WEIGHT, SAME_DOCUMENT_COST, SENTENCE_WEIGHT, Scale, coverage, fuse, spread


@pytest.mark.parametrize(
    ("score", "attainable", "share"),
    [(0.0, 4.0, 0.0), (1.0, 4.0, 0.25), (4.0, 4.0, 1.0), (5.0, 4.0, 1.0), (3.0, 0.0, 0.0)],
)
def test_coverage_is_the_share_of_what_could_be_reached(score: float, attainable: float, share: float) -> None:
    assert coverage(score, attainable) == share


@given(st.floats(0, 1e6), st.floats(0, 1e6))
def test_coverage_is_a_share(score: float, attainable: float) -> None:
    assert 0.0 <= coverage(score, attainable) <= 1.0


def test_the_parts_add_up_by_hand() -> None:
    assert fuse(0.4, 0.6, 0.8) == pytest.approx(0.4 + PASSAGE_WEIGHT * 0.6 + SENTENCE_WEIGHT * 0.8)
    assert fuse(0.4, 0.6, 0.8) == pytest.approx(1.1)


def test_a_scale_moves_both_cosines_and_leaves_coverage() -> None:
    scale = Scale(zero=0.7, slope=2.0)
    assert scale(0.7) == 0.0
    assert scale(0.8) == pytest.approx(0.2)
    assert fuse(0.4, 0.8, 0.9, scale) == pytest.approx(0.4 + 0.5 * 0.2 + 0.5 * 0.4)


@given(st.floats(0, 1), st.floats(-1, 1), st.floats(-1, 1), st.floats(0.001, 1))
def test_more_of_any_part_is_more(covered: float, passage: float, sentence: float, more: float) -> None:
    before = fuse(covered, passage, sentence)
    assert fuse(covered + more, passage, sentence) > before
    assert fuse(covered, passage + more, sentence) > before
    assert fuse(covered, passage, sentence + more) > before


def test_articles_take_turns_where_scores_are_near() -> None:
    order = spread([0.90, 0.89, 0.88, 0.50], ["a", "a", "b", "c"])
    assert [position for position, _ in order] == [0, 2, 1, 3]
    assert [score for _, score in order] == pytest.approx([0.90, 0.88, 0.86, 0.50])


def test_a_clearly_better_passage_stays_before_another_article() -> None:
    assert [position for position, _ in spread([0.9, 0.8, 0.5], ["a", "a", "b"])] == [0, 1, 2]


def test_each_further_passage_of_an_article_pays_once_more() -> None:
    scores = [score for _, score in spread([0.5, 0.5, 0.5], ["a", "a", "a"])]
    assert scores == pytest.approx([0.5, 0.5 - SAME_DOCUMENT_COST, 0.5 - 2 * SAME_DOCUMENT_COST])


def test_equal_scores_keep_their_order() -> None:
    assert [position for position, _ in spread([0.5] * 4, ["d", "b", "a", "c"])] == [0, 1, 2, 3]


def test_nothing_spreads_to_nothing_and_lengths_must_agree() -> None:
    assert spread([], []) == []
    with pytest.raises(ValueError, match="argument 2"):
        spread([0.1], [])


@given(st.lists(st.tuples(st.floats(-2, 2), st.sampled_from("abcd")), max_size=40))
def test_spread_loses_and_invents_nothing(items: list[tuple[float, str]]) -> None:
    items.sort(key=lambda item: -item[0])
    scores, documents = [score for score, _ in items], [document for _, document in items]
    order = spread(scores, documents)
    assert sorted(position for position, _ in order) == list(range(len(items)))
    paid = [score for _, score in order]
    assert paid == sorted(paid, reverse=True)
    for position, score in order:
        earlier = documents[:position].count(documents[position])
        assert score == pytest.approx(scores[position] - SAME_DOCUMENT_COST * earlier)
    for document in set(documents):  # within an article the order stays
        held = [position for position, _ in order if documents[position] == document]
        assert held == sorted(held)
    if items:
        assert order[0] == (0, scores[0])  # the best is the best
