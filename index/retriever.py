"""Question to retrieved passages: two legs find candidates, a look at their sentences orders them."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from corpus.documents import Filters, StoredPassage, embedding_key
from corpus.language import detect_question_language
from corpus.store import CorpusStore
from index.embedding import unpack_sentences
from index.fusion import BUNDLED_SCALE, Scale, coverage, fuse, spread
from index.lexicon import Lexicon
from index.plan import LexicalQuestion, bundled_lexicon, field_language, plan
from index.protocols import Encoder, RetrievedPassage

if TYPE_CHECKING:
    from index.generation import Generation

DEPTH = 60  # candidates per leg
EXAMINED = 30  # candidates whose sentences are looked at; more than k, so that a late riser can win


@dataclass(frozen=True, slots=True)
class Retrieval:
    """What a question found, with what an answer will want to know about it."""

    question: str
    language: str
    passages: tuple[RetrievedPassage, ...]
    coverages: Mapping[int, float]  # by passage id: the share of the lexical score that could be reached
    sentence_cosines: Mapping[int, NDArray[np.float32]]  # by passage id, on the common scale: one a sentence, or one
    plans: Mapping[str, LexicalQuestion]  # by field language
    weights: Mapping[str, tuple[float, ...]]  # by field language: what each term of the plan could reach
    timings: Mapping[str, float] = field(default_factory=dict)  # milliseconds by stage


@dataclass(slots=True)
class _Candidate:
    passage_id: int
    cosine: float
    scale: Scale = BUNDLED_SCALE
    lexical: float | None = None
    covered: float = 0.0
    found_dense: bool = False
    sentences: NDArray[np.float32] | None = None
    score: float = 0.0

    def fused(self, sentence_cosine: float) -> float:
        return fuse(self.covered, self.cosine, sentence_cosine, self.scale)

    def scaled_sentences(self) -> NDArray[np.float32]:
        """Cosines of the sentences on the common scale; the passage's own, alone, where they were not encoded."""
        raw = np.asarray([self.cosine], dtype=np.float32) if self.sentences is None else self.sentences
        return np.asarray((raw - self.scale.zero) * self.scale.slope, dtype=np.float32)


class Retriever:
    """Asks one generation of the indexes; safe to use from many threads."""

    def __init__(
        self,
        store: CorpusStore,
        encoder: Encoder,
        *,
        lexicon: Lexicon | None = None,
        scales: Mapping[str, Scale] | None = None,
    ) -> None:
        """``scales`` (see index.trust) bring an encoder's cosines to those that the weights were chosen on."""
        self._store = store
        self._encoder = encoder
        self._lexicon = lexicon or bundled_lexicon()
        self._scales = scales or {}

    def retrieve(
        self,
        generation: Generation,
        question: str,
        *,
        k: int,
        filters: Filters | None = None,
        language: str | None = None,
        depth: int = DEPTH,
    ) -> Retrieval:
        """The ``k`` best passages that ``filters`` allow and the store still holds, best first.

        ``language`` is the question's; detected where None. Raises RetrievalError.
        """
        clock = _Clock()
        spoken = language or detect_question_language(question)
        vector = self._encoder.encode_questions([question])[0]
        clock.stop("encode")
        candidates = self._dense(generation, vector, max(depth, k), filters)
        clock.stop("dense")
        plans, weights = self._plan(generation, question, spoken, filters)
        for name, planned in plans.items():
            self._lexical(generation, planned, sum(weights[name]), max(depth, k), filters, candidates)
        self._fill_cosines(generation, vector, candidates)
        clock.stop("lexical")
        ranked = self._examine(candidates, vector, spoken, max(EXAMINED, 2 * k))
        passages = self._passages(ranked, k)
        clock.stop("fuse")
        kept = [found.passage.passage_id for found in passages]
        return Retrieval(
            question=question,
            language=spoken,
            passages=passages,
            coverages={number: candidates[number].covered for number in kept},
            sentence_cosines={number: candidates[number].scaled_sentences() for number in kept},
            plans=plans,
            weights=weights,
            timings=clock.timings,
        )

    def _dense(
        self, generation: Generation, vector: NDArray[np.float32], depth: int, filters: Filters | None
    ) -> dict[int, _Candidate]:
        allowed = np.frombuffer(self._store.passage_ids(filters), dtype=np.int64) if filters else None
        hits = generation.dense.search(vector[None, :], depth, allowed)[0]
        return {hit.passage_id: _Candidate(hit.passage_id, hit.score, found_dense=True) for hit in hits}

    def _plan(
        self, generation: Generation, question: str, spoken: str, filters: Filters | None
    ) -> tuple[dict[str, LexicalQuestion], dict[str, tuple[float, ...]]]:
        wanted = filters.languages if filters and filters.languages else generation.lexical.languages
        names = sorted({field_language(name) for name in wanted})
        plans = {name: plan(question, spoken, name, self._lexicon, generation.lexical.near) for name in names}
        return plans, {name: generation.lexical.weights(planned) for name, planned in plans.items()}

    def _lexical(
        self,
        generation: Generation,
        planned: LexicalQuestion,
        attainable: float,
        depth: int,
        filters: Filters | None,
        candidates: dict[int, _Candidate],
    ) -> None:
        for hit in generation.lexical.search(planned, depth, filters):
            candidate = candidates.setdefault(hit.passage_id, _Candidate(hit.passage_id, np.nan))
            candidate.lexical = hit.score
            candidate.covered = coverage(hit.score, attainable)

    def _fill_cosines(
        self, generation: Generation, vector: NDArray[np.float32], candidates: dict[int, _Candidate]
    ) -> None:
        missing = [candidate.passage_id for candidate in candidates.values() if np.isnan(candidate.cosine)]
        if missing:
            cosines = generation.dense.vectors(np.asarray(missing, dtype=np.int64)) @ vector
            for passage_id, cosine in zip(missing, cosines, strict=True):
                candidates[passage_id].cosine = float(cosine)

    def _examine(
        self, candidates: Mapping[int, _Candidate], vector: NDArray[np.float32], spoken: str, most: int
    ) -> list[tuple[_Candidate, StoredPassage]]:
        """The candidates that look best from afar, ordered by what their sentences say; gone passages drop out."""
        held = self._store.passages(candidates)
        for number, stored in held.items():
            candidate = candidates[number]
            candidate.scale = self._scales.get(f"{spoken}-{stored.document.language}", BUNDLED_SCALE)
            candidate.score = candidate.fused(candidate.cosine)
        near = sorted((candidates[number] for number in held), key=_order)[:most]
        keys = [_key(held[candidate.passage_id]) for candidate in near]
        kept = self._store.embeddings(self._encoder.fingerprint, keys)
        for candidate, key in zip(near, keys, strict=True):
            vectors = unpack_sentences(kept[key]) if key in kept else None
            if vectors is not None and len(vectors):
                candidate.sentences = vectors @ vector
                candidate.score = candidate.fused(float(candidate.sentences.max()))
        return [(candidate, held[candidate.passage_id]) for candidate in sorted(near, key=_order)]

    @staticmethod
    def _passages(ranked: Sequence[tuple[_Candidate, StoredPassage]], k: int) -> tuple[RetrievedPassage, ...]:
        order = spread([candidate.score for candidate, _ in ranked], [held.document.doc_id for _, held in ranked])
        found = []
        for rank, (position, score) in enumerate(order[:k], start=1):
            candidate, held = ranked[position]
            dense = candidate.cosine if candidate.found_dense else None
            found.append(RetrievedPassage(held.passage, held.document, rank, score, dense, candidate.lexical))
        return tuple(found)


def _order(candidate: _Candidate) -> tuple[float, int]:
    return (-candidate.score, candidate.passage_id)


def _key(held: StoredPassage) -> bytes:
    return embedding_key(held.document.title, held.passage.heading, held.passage.text)


class _Clock:
    """Milliseconds between one stop and the next, by stage."""

    def __init__(self) -> None:
        self.timings: dict[str, float] = {}
        self._last = time.perf_counter()

    def stop(self, stage: str) -> None:
        now = time.perf_counter()
        self.timings[stage] = (now - self._last) * 1000
        self._last = now
