from __future__ import annotations

from typing import Any

import pytest

from eval.records import ReplyOutcome
from eval.targets.names import Names
from eval.targets.replies import NOWHERE, SHOWN, reply_from_answer, retrieved_from


def passage(number: int, doc_id: str) -> dict[str, Any]:
    place = {"start": 0, "end": 5, "text": "words"}
    return {"doc_id": doc_id, "score": 1 / number, "rank": number, "passage_id": number, **place}


def answer(text: str, *quotes: str) -> dict[str, Any]:
    return {
        "answer": text,
        "outcome": "answered",
        "citations": [
            {"number": number, "doc_id": "a", "start": number, "end": number + len(quote), "quote": quote}
            for number, quote in enumerate(quotes, 1)
        ],
        "passages": [],
        "answerability": {"score": 0.75, "threshold": 0.5},
    }


def behind(text: str, *quotes: str) -> tuple[tuple[str, ...], list[tuple[str, int]]]:
    reply = reply_from_answer("q", answer(text, *quotes), Names(), 10)
    assert (reply.outcome, reply.answerability, reply.threshold) == (ReplyOutcome.ANSWERED, 0.75, 0.5)
    return reply.sentences, [(cited.quote, cited.sentence) for cited in reply.citations]


def test_a_quotation_is_one_statement_however_many_sentences_it_has() -> None:
    text = "Damit rechnet niemand. So war es (2) immer. [1] Der Strom fehlt. [2]"
    quotes = ("Damit rechnet\nniemand. So war es [2] immer.", "Der Strom fehlt.")
    assert behind(text, *quotes) == (
        ("Damit rechnet niemand. So war es (2) immer.", "Der Strom fehlt."),
        [(quotes[0], 0), (quotes[1], 1)],
    )


def test_in_other_words_the_last_sentence_is_the_one_that_is_cited() -> None:
    assert behind("It is so. It is not so [1][2]. The end.", "Es ist so.", "Es ist nicht so.") == (
        ("It is so.", "It is not so.", "The end."),
        [("Es ist so.", 1), ("Es ist nicht so.", 1)],
    )


def test_one_citation_may_stand_behind_several_sentences() -> None:
    assert behind("One [1]. Two [1, 2].", "eins", "zwei") == (
        ("One.", "Two."),
        [("eins", 0), ("eins", 1), ("zwei", 1)],
    )


def test_a_citation_that_nothing_points_at_stands_nowhere() -> None:
    assert behind("One.", "eins") == (("One.",), [("eins", NOWHERE)])
    assert behind("One [7].", "eins")[1] == [("eins", NOWHERE)]
    assert behind("[1]", "eins") == ((), [("eins", NOWHERE)])


def test_passages_stop_before_one_document_too_many() -> None:
    passages = [passage(1, "a"), passage(2, "b"), passage(3, "a"), passage(4, "c"), passage(5, "a")]
    found = retrieved_from(passages, Names(), 2)
    assert [(each.doc_id, each.rank) for each in found] == [("a", 1), ("b", 2), ("a", 3)]


def test_the_words_of_the_first_passages_are_kept() -> None:
    found = retrieved_from([passage(number, f"d{number}") for number in range(1, 10)], Names(), 9)
    assert [each.text for each in found] == ["words"] * SHOWN + [None] * (9 - SHOWN)


def test_what_is_no_answer_is_not_taken() -> None:
    for missing in ("answer", "citations", "passages", "answerability", "outcome"):
        with pytest.raises(KeyError):
            reply_from_answer("q", {key: value for key, value in answer("").items() if key != missing}, Names(), 1)
