"""An answer as it comes about: told step by step from the thread that answers, for a client who may leave meanwhile."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace

from corpus.documents import Span
from corpus.errors import DocumentNotFound, FundstelleError
from service.answering import CHANGED
from service.answers import Answer, Citation, Outcome, RetrievedPassage
from service.dialects.statements import Statement, statements
from service.engine import Engine
from service.questions import Question
from service.variants import Watched
from service.workers import Workers

_failures = logging.getLogger("fundstelle.failures")


@dataclass(frozen=True, slots=True)
class Passages:
    """What was retrieved, before the answer is made of it."""

    passages: tuple[RetrievedPassage, ...]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A statement whose citations have just been proved again; they follow it."""

    statement: Statement


@dataclass(frozen=True, slots=True)
class Cited:
    """A citation, the first time a statement rests on it."""

    citation: Citation


@dataclass(frozen=True, slots=True)
class Done:
    """The whole answer: what the events before it said, and the rest."""

    answer: Answer


Event = Passages | Sentence | Cited | Done


class ClientLeft(Exception):
    """Nobody waits for the answer any more, so that it is not made."""


class Telling:
    """One question, answered in a thread; every step is told at once. ``leave`` may be called from any other thread."""

    def __init__(self, engine: Engine, asked: Question, tell: Callable[[Event], None]) -> None:
        self._engine = engine
        self._asked = asked
        self._tell = tell
        self._left = threading.Event()
        self._shown: tuple[RetrievedPassage, ...] | None = None

    def leave(self) -> None:
        """Stop at the next step."""
        self._left.set()

    def run(self) -> None:
        """Answer. Raises ClientLeft once nobody waits, and what `Engine.ask` raises."""
        self._still_waited_for()
        answer = Watched(self._engine, self._retrieved, self._still_waited_for).ask(self._asked)
        if self._shown is None or answer.passages != self._shown:
            self._show(answer.passages)
        self._tell(Done(self._tell_statements(answer)))

    def _retrieved(self, passages: tuple[RetrievedPassage, ...]) -> None:
        """Tell what was retrieved, at most as much as was asked for."""
        self._show(passages[: self._asked.k])

    def _show(self, passages: tuple[RetrievedPassage, ...]) -> None:
        self._shown = passages
        self._tell(Passages(passages))

    def _still_waited_for(self) -> None:
        if self._left.is_set():
            raise ClientLeft

    def _tell_statements(self, answer: Answer) -> Answer:
        """Tell every statement that still holds; the answer without those that do not."""
        told: set[int] = set()
        text = ""
        for statement in statements(answer):
            self._still_waited_for()
            if not all(proof.number in told or self._holds(proof) for proof in statement.citations):
                continue
            text += f"{' ' if text else ''}{statement.span.of(answer.text)}"
            moved = Span(len(text) - len(statement.span), len(text))  # where something before it was left out
            self._tell(Sentence(replace(statement, span=moved)))
            for proof in statement.citations:
                if proof.number not in told:
                    told.add(proof.number)
                    self._tell(Cited(proof))
        return _without_the_rest(answer, text, told)

    def _holds(self, proof: Citation) -> bool:
        try:
            checked = self._engine.verify_quote(
                proof.document.doc_id, proof.quote, proof.span.start, proof.span.end, sha256=proof.document.sha256
            )
        except DocumentNotFound:
            return False
        return checked.verified


class AnswerStream:
    """The events of one question, on the event loop."""

    def __init__(self, engine: Engine, workers: Workers, asked: Question) -> None:
        loop = asyncio.get_running_loop()
        self._events: asyncio.Queue[Event | None] = asyncio.Queue()

        def tell(event: Event) -> None:
            loop.call_soon_threadsafe(self._events.put_nowait, event)

        self._telling = Telling(engine, asked, tell)
        self._job = asyncio.ensure_future(workers.run(self._telling.run))
        self._job.add_done_callback(lambda _: self._events.put_nowait(None))

    @classmethod
    async def begin(cls, engine: Engine, workers: Workers, asked: Question) -> AnswerStream:
        """Queue the question. Raises Overloaded at once, so that it can still become a status."""
        stream = cls(engine, workers, asked)
        await asyncio.sleep(0)  # the job's first step admits it, or refuses
        if stream._job.done():
            stream._job.result()
        return stream

    async def events(self) -> AsyncGenerator[Event, None]:
        """The events, and then what the thread raised."""
        try:
            while (event := await self._events.get()) is not None:
                yield event
            await self._job
        finally:
            self.leave()

    async def answer(self) -> Answer:
        """The answer alone, once it is whole."""
        async with aclosing(self.events()) as events:
            async for event in events:
                if isinstance(event, Done):
                    return event.answer
        raise AssertionError("an answer ends with Done or raises")

    def leave(self) -> None:
        """Take the question out of the queue, or stop the thread at its next step."""
        self._telling.leave()
        self._job.cancel()


def told(error: Exception) -> FundstelleError:
    """The error that a stream which has begun ends with; a surprise is logged whole, and told without details."""
    if isinstance(error, FundstelleError):
        return error
    _failures.error("a stream failed", exc_info=error)
    return FundstelleError("the answer could not be finished; the log says why")


def _without_the_rest(answer: Answer, text: str, told: set[int]) -> Answer:
    if len(told) == len(answer.citations):
        return answer
    kept = tuple(proof for proof in answer.citations if proof.number in told)
    dropped = answer.dropped_citations + len(answer.citations) - len(kept)
    changed = replace(answer, text=text, citations=kept, dropped_citations=dropped)
    return changed if kept else replace(changed, outcome=Outcome.ABSTAINED, reason=CHANGED)
