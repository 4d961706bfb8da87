from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from service.dialects.statements import places, statements
from tests.service.dialects.answers import FIRST, answer, citation, document, two_statements


def test_statements_are_words_and_their_proofs() -> None:
    made = two_statements()
    first, second = statements(made)
    assert first.words == FIRST
    assert [proof.number for proof in first.citations] == [1, 2]
    assert second.words == "Nobody objected (2) to the plan_of_the_council."
    assert [proof.number for proof in second.citations] == [3]
    assert first.span.of(made.text) == f"{FIRST} [1][2]"
    assert second.span.of(made.text) == f"{second.words} [3]"


words = st.text(st.characters(exclude_characters="[]", exclude_categories=("Cs", "Z", "C")), min_size=1, max_size=12)


@given(
    st.lists(st.tuples(st.lists(words, min_size=1, max_size=4).map(" ".join), st.sets(st.integers(1, 4), min_size=1)))
)
def test_nothing_of_the_answer_is_lost(made: list[tuple[str, set[int]]]) -> None:
    info = document("x", "y")
    proofs = [citation(number, info, "y", "y") for number in range(1, 5)]
    parts = [f"{said} {''.join(f'[{number}]' for number in sorted(numbers))}" for said, numbers in made]
    whole = answer(" ".join(parts), proofs)
    found = statements(whole)
    assert [each.words for each in found] == [said for said, _ in made]
    assert [{proof.number for proof in each.citations} for each in found] == [numbers for _, numbers in made]
    assert " ".join(each.span.of(whole.text) for each in found) == whole.text


def test_places_close_the_gaps_between_numbers() -> None:
    info = document("x", "y")
    assert places(answer("y [2] y [5]", [citation(2, info, "y", "y"), citation(5, info, "y", "y")])) == {2: 1, 5: 2}
