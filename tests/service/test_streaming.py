"""What is told of an answer that changes while it is told."""

from __future__ import annotations

from typing import Any

import pytest

from service.answering import CHANGED
from service.answers import Outcome
from service.engine import Engine
from service.questions import question
from service.streaming import Cited, ClientLeft, Done, Event, Passages, Sentence, Telling
from tests.service.articles import QUESTION

BOTH = "Baidu Tencent"


def told(engine: Engine, text: str, **fields: Any) -> list[Event]:
    events: list[Event] = []
    Telling(engine, question(engine.settings, text, **fields), events.append).run()
    return events


def test_what_is_told_is_the_engine_s_answer(engine: Engine) -> None:
    whole = engine.ask(QUESTION, k=2)
    events = told(engine, QUESTION, k=2)
    assert isinstance(events[-1], Done)
    answer = events[-1].answer
    assert (answer.text, answer.citations, answer.passages) == (whole.text, whole.citations, whole.passages)
    assert [each.passages for each in events if isinstance(each, Passages)] == [whole.passages]
    assert tuple(each.citation for each in events if isinstance(each, Cited)) == whole.citations


def test_what_no_longer_holds_is_not_told(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = engine.ask(BOTH)
    assert len(whole.citations) > 1
    gone = whole.citations[0].document.doc_id
    verify = engine.verify_quote

    def changed(doc_id: str, *arguments: Any, **named: Any) -> Any:
        # As if the document had been removed between the answer and its telling.
        return verify("nothing-of-this-name" if doc_id == gone else doc_id, *arguments, **named)

    monkeypatch.setattr(engine, "verify_quote", changed)
    events = told(engine, BOTH)
    kept = tuple(proof for proof in whole.citations if proof.document.doc_id != gone)
    assert isinstance(events[-1], Done)
    answer = events[-1].answer
    assert answer.citations == kept == tuple(each.citation for each in events if isinstance(each, Cited))
    assert answer.dropped_citations == len(whole.citations) - len(kept)
    assert answer.outcome is Outcome.ANSWERED
    sentences = [each.statement for each in events if isinstance(each, Sentence)]
    assert " ".join(each.span.of(answer.text) for each in sentences) == answer.text != whole.text


def test_an_answer_of_which_nothing_holds_is_none(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    verify = engine.verify_quote
    monkeypatch.setattr(
        engine, "verify_quote", lambda doc_id, quote, *rest, **named: verify(doc_id, quote + "!", *rest, **named)
    )
    events = told(engine, QUESTION)
    assert [type(each) for each in events] == [Passages, Done]
    assert isinstance(events[-1], Done)
    answer = events[-1].answer
    assert (answer.outcome, answer.text, answer.citations, answer.reason) == (Outcome.ABSTAINED, "", (), CHANGED)
    assert answer.dropped_citations == 1


def test_an_empty_store_is_told_too(settings: Any) -> None:
    from tests.fakes import HashingEncoder

    with Engine.open(settings, encoder=HashingEncoder()) as engine:
        events = told(engine, QUESTION)
    assert [type(each) for each in events] == [Passages, Done]


def test_nobody_is_told_anything_after_leaving(engine: Engine) -> None:
    events: list[Event] = []
    telling = Telling(engine, question(engine.settings, QUESTION), events.append)
    telling.leave()
    with pytest.raises(ClientLeft):
        telling.run()
    assert events == []


@pytest.mark.parametrize("after", [1, 2])
def test_leaving_stops_at_the_next_step(engine: Engine, after: int) -> None:
    events: list[Event] = []

    def tell(event: Event) -> None:
        events.append(event)
        if len(events) == after:
            telling.leave()

    telling = Telling(engine, question(engine.settings, BOTH), tell)
    with pytest.raises(ClientLeft):
        telling.run()
    assert len(events) <= after + 1  # a sentence is followed by its own citations
    assert not any(isinstance(each, Done) for each in events)
