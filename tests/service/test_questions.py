from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.documents import Filters
from service.errors import InvalidQuestion, InvalidRequest
from service.questions import Question, checked_filters, clean, question
from service.settings import Settings

SETTINGS = Settings(max_question_characters=50, max_k=20)


def test_a_question_is_nfc_on_one_line_without_control_characters() -> None:
    asked = question(SETTINGS, "\ufeff  Wie\u00a0geht\tes\r\nBa\u00adidu\u200b, o\u0308stlich\x00\x1b?\ud800 ")
    assert asked == Question("Wie geht es Baidu, östlich?", 10, Filters(), None)


@given(st.text())
def test_cleaning_twice_changes_nothing(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert once == once.strip()


@pytest.mark.parametrize(
    ("arguments", "field", "limit"),
    [
        ({"text": ""}, "question", None),
        ({"text": " \n\u200b "}, "question", None),
        ({"text": "?!"}, "question", None),
        ({"text": "a" * 51}, "question", 50),
        ({"text": "a" * 100_000}, "question", 50),
        ({"text": "Wer?", "k": 0}, "k", 20),
        ({"text": "Wer?", "k": 21}, "k", 20),
        ({"text": "Wer?", "language": "fr"}, "language", None),
    ],
)
def test_limits_name_the_field(arguments: dict[str, object], field: str, limit: int | None) -> None:
    with pytest.raises(InvalidQuestion) as caught:
        question(SETTINGS, **arguments)  # type: ignore[arg-type]
    assert (caught.value.field, caught.value.limit) == (field, limit)


def test_a_question_at_the_limit_is_taken() -> None:
    assert question(SETTINGS, "ä" * 50, k=20, language="de").k == 20


def test_filters_are_unique_and_dated() -> None:
    filters = checked_filters(
        sources=["B", "A", "B"], languages=["de"], doc_ids=["x"], published_from="2025-1-2", published_to="2025-01-02"
    )
    assert filters == Filters(("B", "A"), ("de",), ("x",), "2025-01-02", "2025-01-02")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"published_from": "gestern"}, "filters.published_from"),
        ({"published_to": "2025-02-30"}, "filters.published_to"),
        ({"published_from": "2025-02-02", "published_to": "2025-02-01"}, "filters.published_from"),
        ({"languages": ["deutsch"]}, "filters.languages"),
        ({"sources": [""]}, "filters.sources"),
        ({"doc_ids": ["a"] * 1001}, "filters.doc_ids"),
        ({"doc_ids": ["a" * 1001]}, "filters.doc_ids"),
    ],
)
def test_bad_filters_name_the_field(values: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidQuestion) as caught:
        checked_filters(**values)  # type: ignore[arg-type]
    assert caught.value.field == field


def test_other_doors_name_their_own_fields() -> None:
    with pytest.raises(InvalidRequest) as caught:
        checked_filters(published_from="x", prefix="", kind=InvalidRequest)
    assert caught.value.field == "published_from"
