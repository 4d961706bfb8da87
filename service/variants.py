"""The engine's own answering in two variations. Both share everything it has loaded."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from service.answering import Answering
from service.answers import RetrievedPassage
from service.engine import Engine
from service.questions import Question

if TYPE_CHECKING:
    from index.retriever import Retrieval


class Watched(Answering):
    """Tells what was retrieved before an answer is made of it; ``go_on`` raises where nobody waits for one any more."""

    def __init__(
        self,
        engine: Engine,
        retrieved: Callable[[tuple[RetrievedPassage, ...]], None],
        go_on: Callable[[], None],
    ) -> None:
        vars(self).update(vars(engine._answering))
        self._retrieved = retrieved
        self._go_on = go_on

    def _retrieve(self, asked: Question) -> Retrieval | None:
        self._go_on()
        retrieval = super()._retrieve(asked)
        self._go_on()
        if retrieval is not None:
            self._retrieved(retrieval.passages)
        return retrieval


class Unworded(Answering):
    """Answers without the language model: enough to know whether there is an answer."""

    def __init__(self, engine: Engine) -> None:
        vars(self).update(vars(engine._answering))
        self._model = None
