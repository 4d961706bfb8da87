from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from service.answers import Outcome
from service.engine import Engine
from service.housekeeping import Chore, Kind, done
from service.settings import Settings
from service.suggestions import follow_ups, tags, title
from tests.fakes import HashingEncoder
from tests.service.articles import ARTICLES, QUESTION, inputs_of


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Was baut Baidu?", "Was baut Baidu"),
        (
            "Welche Chips entwickelt Baidu für seine Rechenzentren in Peking?",
            "Welche Chips entwickelt Baidu für seine…",
        ),
        ("x" * 80, "x" * 50 + "…"),
        ("  \u202eWer?\n", "Wer"),
        ("", "Fundstelle"),
    ],
)
def test_a_title_is_the_question_in_short(question: str, expected: str) -> None:
    assert title(question) == expected


def test_tags_come_from_question_and_titles(engine: Engine) -> None:
    assert tags(engine, QUESTION)[:2] == ["Baidu", "Chips"]
    assert tags(engine, "?") == ["General"]


@pytest.mark.parametrize(
    ("question", "leads"),
    [
        (QUESTION, ("Was ist über", "Worum geht es in")),
        ("Which chips does Baidu build?", ("What is known about", "What is “")),
    ],
)
def test_follow_ups_are_questions_that_the_articles_answer(
    engine: Engine, question: str, leads: tuple[str, str]
) -> None:
    first = engine.ask(question)
    quoted = [(proof.document.doc_id, proof.span.start) for proof in first.citations]
    suggested = follow_ups(engine, question)
    assert 2 <= len(suggested) <= 3
    for each in suggested:
        assert each.startswith(leads)
        assert "Baidu" not in each, "that is what was asked"
        answer = engine.ask(each)
        assert answer.outcome is Outcome.ANSWERED
        quotes = " ".join(proof.quote for proof in answer.citations)
        titles = {proof.document.title for proof in answer.citations}
        name = each.removeprefix(leads[0]).removeprefix(leads[1]).removesuffix(" bekannt?").strip("„“”? ")
        assert name in quotes or any(known in each for known in titles)
        assert any((proof.document.doc_id, proof.span.start) not in quoted for proof in answer.citations)
        quoted += [(proof.document.doc_id, proof.span.start) for proof in answer.citations]


def test_nothing_is_suggested_where_nothing_is_answered(settings: Settings) -> None:
    with Engine.open(replace(settings, abstain_threshold=1.0), encoder=HashingEncoder()) as engine:
        engine.ingest(inputs_of(settings, *ARTICLES))
        assert follow_ups(engine, QUESTION) == []
        assert tags(engine, QUESTION) == ["Baidu", "Chips"]  # said in both, whether answered or not
        assert tags(engine, "Wer gewann die Meisterschaft?") == ["General"]
        assert done(engine, Chore(Kind.FOLLOW_UPS, QUESTION)) == '{"follow_ups":[]}'


def test_no_language_model_is_asked_to_keep_house(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def worded(*_: Any) -> None:
        raise AssertionError("a language model was asked to keep house")

    monkeypatch.setattr("service.generative.word_answer", worded)
    monkeypatch.setattr(engine._answering, "_model", object())
    assert follow_ups(engine, QUESTION)
    with pytest.raises(AssertionError, match="keep house"):
        engine.ask(QUESTION)
