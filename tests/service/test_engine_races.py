from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from corpus.documents import Filters
from service import answering
from service.answers import Outcome
from service.engine import Engine
from tests.service.articles import ARTICLES, QUESTION, inputs_of


def between(monkeypatch: pytest.MonkeyPatch, engine: Engine, act: Callable[[], object], times: int = 1) -> list[int]:
    """Run ``act`` after the engine has found passages and before it answers, ``times`` times."""
    done: list[int] = []
    retrieve = engine._answering._retrieve

    def racing(asked: Any) -> Any:
        found = retrieve(asked)
        if len(done) < times:
            done.append(1)
            act()
        return found

    monkeypatch.setattr(engine._answering, "_retrieve", racing)
    return done


def test_what_is_removed_while_a_question_is_answered_is_not_in_the_answer(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = between(monkeypatch, engine, lambda: engine.remove("baidu-chips"))
    answer = engine.ask(QUESTION)
    assert done
    named = {each.document.doc_id for each in (*answer.passages, *answer.citations)}
    assert named
    assert "baidu-chips" not in named


def test_what_is_removed_while_passages_are_searched_is_not_among_them(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    between(monkeypatch, engine, lambda: engine.remove("baidu-chips"))
    found = engine.search(QUESTION, k=9)
    assert [each.rank for each in found.passages] == list(range(1, len(found.passages) + 1))
    assert {each.document.doc_id for each in found.passages} == {"tencent-vorrat", "grid"}


def test_a_change_elsewhere_does_not_disturb_an_answer(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    extra = {"doc_id": "neu", "text": "In Bremen wurde gestern eine neue Brücke für den Verkehr freigegeben."}
    done = between(monkeypatch, engine, lambda: engine.ingest(inputs_of(engine.settings, extra)))
    answer = engine.ask(QUESTION)
    assert done == [1]
    assert answer.dropped_citations == 0
    assert answer.outcome is Outcome.ANSWERED


def test_when_everything_keeps_changing_nothing_is_claimed(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = iter(f"{ARTICLES[0]['text']} Fassung {number}." for number in range(10))

    def replaced() -> None:
        engine.ingest(inputs_of(engine.settings, *[each | {"text": next(texts)} for each in ARTICLES[:1]]))

    between(monkeypatch, engine, replaced, times=99)
    answer = engine.ask(QUESTION, filters=Filters(doc_ids=("baidu-chips",)))
    assert (answer.outcome, answer.reason) == (Outcome.ABSTAINED, answering.CHANGED)
    assert answer.citations == answer.passages == ()
    assert answer.dropped_citations == answering.ATTEMPTS


def test_a_reader_never_puts_back_the_generation_from_before_a_removal(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reader looks for a newer index; a writer removes and publishes; the reader comes back with the old one."""
    live = engine._index
    sync = live._syncing()
    refresh = sync.refresh
    old = live.current()

    def overtaken(current: Any) -> Any:
        monkeypatch.setattr(sync, "refresh", refresh)
        engine.remove("baidu-chips")
        return old

    monkeypatch.setattr(sync, "refresh", overtaken)
    live._refresh()
    generation = live._generation
    assert generation is not None
    assert generation is not old
    assert generation.revision == engine.store.revision
