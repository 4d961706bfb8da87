"""Questions become plans: every way to find a term, and what each is worth."""

from __future__ import annotations

import pytest

from index.lexicon import OTHER_FORM, Lexicon, Row, Translation
from index.plan import CONTEXT_BOOST, PARTS_BOOST, TERM_BOOST, LexicalQuestion, Option, compounds, plan

LEXICON = Lexicon.from_rows(
    [
        Row("trade", "Handel", 0.9, 1.0),
        Row("war", "Krieg", 0.9, 1.0),
        Row("data", "Daten", 0.9, 0.9),
        Row("centre", "Mitte", 0.6, 0.9),
        Row("chain", "Kette", 0.9, 0.9),
        Row("data centre", "Rechenzentrum", 1.0, 1.0),
        Row("freedom of the press", "Pressefreiheit", 1.0, 1.0),
    ]
)


def boosts(question: LexicalQuestion, place: int, field: str) -> dict[str, float]:
    return {option.stem: option.boost for option in question.terms[place] if option.field == field}


def test_a_plan_names_every_way_to_find_a_term() -> None:
    lexicon = Lexicon.from_rows(
        [
            Row("embargo", "Handelskrieg", 0.8, 1.0),
            Row("trade", "Handel", 0.9, 1.0),
            Row("war", "Krieg", 0.9, 1.0),
        ]
    )
    planned = plan("The embargo", "en", "de", lexicon)
    assert planned.language == "de"
    itself = 0.3**0.5
    assert set(planned.terms[0]) == {
        Option("de", "handelskrieg", 1.0),
        Option("de_context", "handelskrieg", CONTEXT_BOOST),
        Option("de_parts", "handelskrieg", PARTS_BOOST),
        Option("de", "handel", PARTS_BOOST),
        Option("de_parts", "handel", PARTS_BOOST),
        Option("de", "krieg", PARTS_BOOST),
        Option("de_parts", "krieg", PARTS_BOOST),
        Option("de", "embargo", itself),
        Option("de_context", "embargo", CONTEXT_BOOST * itself),
        Option("de_parts", "embargo", PARTS_BOOST * itself),
    }
    assert plan("Embargo", "en", "en", lexicon).terms == (
        (Option("en", "embargo", 1.0), Option("en_context", "embargo", CONTEXT_BOOST)),
    )


def test_two_ways_to_one_stem_keep_the_better() -> None:
    lexicon = Lexicon.from_rows(
        [Row("conflict", "Handelskrieg", 0.4, 1.0), Row("conflict", "Krieg", 0.4, 1.0)],
    )
    (options,) = plan("conflict", "en", "de", lexicon).terms
    found = {(option.field, option.stem): option.boost for option in options}
    assert len(found) == len(options)
    assert found["de", "krieg"] == 1.0  # as a translation, not half as a part of the other one


def test_the_german_word_for_an_english_term_stands_in_place_of_each_of_its_words() -> None:
    planned = plan("Who runs the data centre?", "en", "de", LEXICON)
    assert len(planned.terms) == 3
    assert boosts(planned, 1, "de")["rechenzentrum"] == TERM_BOOST
    assert boosts(planned, 2, "de")["rechenzentrum"] == TERM_BOOST
    assert boosts(planned, 2, "de_parts")["zentrum"] == TERM_BOOST * PARTS_BOOST
    assert boosts(planned, 1, "de")["dat"] == 1.0
    assert "rechenzentrum" not in boosts(planned, 0, "de")


def test_stop_words_inside_a_term_do_not_part_it_and_other_words_do() -> None:
    planned = plan("freedom of the press", "en", "de", LEXICON)
    assert [boosts(planned, place, "de")["pressefrei"] for place in (0, 1)] == [TERM_BOOST] * 2
    for question in ("data about the centre chain", "centre data", "data"):
        planned = plan(question, "en", "de", LEXICON)
        assert ("rechenzentrum" in boosts(planned, 0, "de")) == (question == "data about the centre chain")
    assert "rechenzentrum" not in boosts(plan("data chain centre", "en", "de", LEXICON), 0, "de")


def test_a_german_compound_without_a_translation_is_looked_up_by_those_of_its_parts() -> None:
    assert compounds().splits("handelskrieg") == (("handel", "krieg"),)
    planned = plan("Handelskrieg", "de", "en", LEXICON)
    assert [boosts(planned, place, "en") for place in range(len(planned.terms))] == [
        {"handelskrieg": 1.0, "trade": 1.0},
        {"handelskrieg": 1.0, "war": 1.0},
    ]
    assert len(plan("Handelsbrücke", "de", "en", LEXICON).terms) == 1  # half a translation is none
    assert len(plan("Handelskrieg", "de", "xx", LEXICON).terms) == 1


def test_a_german_word_for_an_english_term_is_looked_up_by_the_words_of_the_term() -> None:
    planned = plan("Rechenzentrum", "de", "en", LEXICON)
    assert [boosts(planned, place, "en") for place in range(len(planned.terms))] == [
        {"rechenzentrum": 1.0, "data": 1.0},
        {"rechenzentrum": 1.0, "centr": 1.0},
    ]


@pytest.mark.parametrize(
    ("question", "asked", "held", "consulted"),
    [
        ("cytotoxic trade", "en", "de", [("de", "cytotoxic")]),
        ("Zytotoxisch Handel", "de", "en", [("en", "zytotoxisch")]),
        ("Handelskrieg", "de", "en", []),  # its parts have translations
        ("Zytotoxisch", "de", "de", []),
        ("cytotoxic", "en", "en", []),
    ],
)
def test_like_spellings_are_looked_for_where_nothing_else_is_known(
    question: str, asked: str, held: str, consulted: list[tuple[str, str]]
) -> None:
    calls = []

    def near(field: str, word: str) -> list[Translation]:
        calls.append((field, word))
        return [Translation("zyto", 0.6)]

    planned = plan(question, asked, held, LEXICON, near)
    assert calls == consulted
    assert [boosts(planned, 0, held).get("zyto")] == ([0.6] if consulted else [None])


def test_what_is_known_of_another_form_counts_a_little_less() -> None:
    lexicon = Lexicon.from_rows([Row("location", "Standort", 1.0, 1.0), Row("located", "gelegen", 1.0, 1.0)])
    found = boosts(plan("located", "en", "de", lexicon), 0, "de")
    assert found["geleg"] == 1.0
    assert found["standort"] == pytest.approx(OTHER_FORM)
