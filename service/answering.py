"""From a question to passages and an answer whose citations still hold when it leaves."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from corpus.documents import StoredPassage
from corpus.errors import DocumentNotFound
from corpus.store import CorpusStore
from index.errors import IndexNotBuilt
from index.protocols import Encoder
from service.answers import Answer, Answerability, Outcome, RetrievedPassage
from service.language_model import LanguageModel
from service.live_index import LiveIndex
from service.questions import DEFAULT_K, Question
from service.receipts import Found

if TYPE_CHECKING:
    from index.lexicon import Lexicon
    from index.retriever import Retrieval, Retriever
    from service.extractive import Answerer

ATTEMPTS = 3  # of a question whose documents change while it is answered
NO_DOCUMENTS = "There are no articles yet; ingest some first."
WARMING = "Welche Unternehmen entwickeln eigene Chips?"
CHANGED = "The articles changed while the question was answered; ask it again."


class Answering:
    """Asks the index, the store and, where there is one, the language model. Safe to use from many threads."""

    def __init__(
        self,
        store: CorpusStore,
        index: LiveIndex,
        encoder: Encoder,
        *,
        model: LanguageModel | None = None,
        threshold: float | None = None,
        lexicon: Callable[[], Lexicon] | None = None,
    ) -> None:
        """``lexicon`` is called when the first question comes; without it the pack's is taken."""
        self._store = store
        self._index = index
        self._encoder = encoder
        self._model = model
        self._threshold = threshold
        self._lexicon = lexicon

    def warm(self) -> None:
        """Load and try what a question needs, so that the first one is as quick as the second."""
        retriever, answerer = self._retriever, self._answerer
        generation = self._index.generation
        if generation is not None:
            found = retriever.retrieve(generation, WARMING, k=DEFAULT_K)
            answerer.answer(found, document_text=self._text, revision=generation.revision)

    def ask(self, asked: Question) -> Answer:
        """An answer or an abstention, none of whose passages was removed before this returned."""
        started = time.perf_counter()
        dropped = 0
        for _ in range(ATTEMPTS):
            before = self._store.revision
            try:
                answer = self._answer(asked)
            except DocumentNotFound:  # removed between finding a passage and reading its document
                continue
            if self._holds(before, answer.passages, [proof.passage_id for proof in answer.citations]):
                total = (time.perf_counter() - started) * 1000
                timings = {**answer.timings, "total": total}
                return replace(answer, timings=timings, dropped_citations=answer.dropped_citations + dropped)
            dropped += len(answer.citations) + answer.dropped_citations
        return self._abstain(asked, CHANGED, dropped)

    def search(self, asked: Question) -> Found:
        """The passages nearest to the question, none of which was removed before this returned."""
        started = time.perf_counter()
        passages: tuple[RetrievedPassage, ...] = ()
        language, spent = asked.language or "", {}
        before = self._store.revision
        retrieval = self._retrieve(asked)
        if retrieval is not None:
            language, spent = retrieval.language, dict(retrieval.timings)
            passages = retrieval.passages
            if self._store.revision != before:
                held = self._store.passages(found.passage.passage_id for found in passages)
                kept = [found for found in passages if _same(held.get(found.passage.passage_id), found)]
                passages = tuple(replace(found, rank=rank) for rank, found in enumerate(kept, start=1))
        timings = {**spent, "total": (time.perf_counter() - started) * 1000}
        return Found(asked.text, language or _detected(asked), passages, before, timings)

    def _answer(self, asked: Question) -> Answer:
        from service.extractive import EXAMINED

        # How many passages are shown must not decide whether there is an answer.
        retrieval = self._retrieve(replace(asked, k=max(asked.k, EXAMINED)))
        if retrieval is None:
            return self._abstain(asked, NO_DOCUMENTS, 0)
        document_text: Callable[[str], str] = functools.cache(self._text)
        answer = self._answerer.answer(retrieval, document_text=document_text, revision=self._store.revision)
        if self._model is not None:
            from service.generative import word_answer

            answer = word_answer(answer, self._model, document_text)
        return replace(answer, passages=answer.passages[: asked.k])

    def _retrieve(self, asked: Question) -> Retrieval | None:
        """What the index finds, or None where there is nothing to find anything in."""
        try:
            generation = self._index.current()
        except IndexNotBuilt:
            if self._store.revision and self._store.counts().passages:
                raise
            return None
        return self._retriever.retrieve(
            generation, asked.text, k=asked.k, filters=asked.filters, language=asked.language
        )

    def _holds(self, before: int, passages: Iterable[RetrievedPassage], cited: list[int]) -> bool:
        if self._store.revision == before:
            return True
        shown = {found.passage.passage_id: found for found in passages}
        held = self._store.passages({*shown, *cited})
        return all(number in held for number in cited) and all(
            _same(held.get(number), found) for number, found in shown.items()
        )

    def _text(self, doc_id: str) -> str:
        return self._store.document(doc_id).text

    def _abstain(self, asked: Question, reason: str, dropped: int) -> Answer:
        return Answer(
            question=asked.text,
            language=_detected(asked),
            outcome=Outcome.ABSTAINED,
            text="",
            reason=reason,
            citations=(),
            passages=(),
            answerability=Answerability(0.0, self._answerer.threshold),
            generator="extractive",
            dropped_citations=dropped,
            revision=self._store.revision,
            timings={},
        )

    @functools.cached_property
    def _retriever(self) -> Retriever:
        from index.retriever import Retriever
        from index.trust import scales

        lexicon = self._lexicon() if self._lexicon is not None else None
        return Retriever(self._store, self._encoder, lexicon=lexicon, scales=scales(self._encoder))

    @functools.cached_property
    def _answerer(self) -> Answerer:
        from service.extractive import Answerer

        return Answerer(threshold=self._threshold)


def _same(held: StoredPassage | None, found: RetrievedPassage) -> bool:
    return held is not None and held.document.sha256 == found.document.sha256


def _detected(asked: Question) -> str:
    from corpus.language import detect_question_language

    return asked.language or detect_question_language(asked.text)
