"""One of the engine's two retrievers alone, over the same store and index, to see what the other adds."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from corpus.language import detect_question_language
from corpus.store import STORE_FILE, CorpusStore
from eval.records import Query, Reply, ReplyOutcome, Suite
from eval.targets.engine import PASSAGES_PER_DOCUMENT, changed, told
from eval.targets.holding import folder_for, hold
from eval.targets.names import Names
from eval.targets.replies import retrieved_from
from index.errors import IndexMismatch
from index.generation import Generation
from index.plan import bundled_lexicon, plan
from index.protocols import Encoder, Progress
from index.sync import IndexSync
from service.lazy_encoder import LazyEncoder
from service.live_index import FOLDER
from service.settings import Settings

LEGS = ("lexical", "dense")


class LegTarget:
    """Retrieves by the dense or by the lexical leg; does not answer."""

    def __init__(
        self,
        leg: str,
        settings: Settings,
        work: Path,
        *,
        encoder: Encoder | None = None,
        tell_language: bool = False,
        passage_size: int | None = None,
    ) -> None:
        if leg not in LEGS:
            raise ValueError(f"expected one of {', '.join(LEGS)}, got {leg!r}")
        self.name = leg
        self._settings = settings
        self._work = work
        self._encoder: Encoder = encoder or LazyEncoder(settings)
        self._tell_language = tell_language
        self._passage_size = passage_size
        self._store: CorpusStore | None = None
        self._generation: Generation | None = None
        self._names = Names()

    def settings(self) -> Mapping[str, str]:
        """As the engine's, so that only what differs shows in a comparison."""
        return changed(self._settings) | {
            "encoder_fingerprint": self._encoder.fingerprint,
            "tell_language": str(self._tell_language).lower(),
            "passage_size": "default" if self._passage_size is None else str(self._passage_size),
        }

    def prepare(self, suite: Suite, progress: Progress) -> None:
        """Ingest and index, or find both in the folder that the engine's target uses too."""
        chosen = self._settings
        folder = folder_for(
            self._work, suite, chosen.encoder, chosen.query_prompt, chosen.passage_prompt, self._passage_size
        )
        self._names = hold(suite, folder, progress, passage_size=self._passage_size)
        self._store = CorpusStore.open(folder / STORE_FILE)
        sync = IndexSync(self._store, self._encoder, folder / FOLDER)
        try:
            self._generation = sync.sync(progress)
        except IndexMismatch:
            self._generation = sync.rebuild(progress=progress)

    def ask(self, query: Query, k: int) -> Reply:
        """Passages in the leg's own order; lexical scores of two languages are compared by the share they reach."""
        if self._store is None or self._generation is None:
            raise RuntimeError("prepare comes first")
        wanted = PASSAGES_PER_DOCUMENT * k
        scored = (self._lexical if self.name == "lexical" else self._dense)(self._generation, query, wanted)
        best = sorted(scored.items(), key=lambda item: (-item[1], item[0]))[:wanted]
        held = self._store.passages(number for number, _ in best)
        passages = [
            {
                "doc_id": held[number].passage.doc_id,
                "score": score,
                "passage_id": number,
                "start": held[number].passage.span.start,
                "end": held[number].passage.span.end,
                "text": held[number].passage.text,
            }
            for number, score in best
            if number in held
        ]
        return Reply(query.query_id, ReplyOutcome.RETRIEVED, retrieved=retrieved_from(passages, self._names, k))

    def close(self) -> None:
        """Close the store; the folder stays."""
        if self._store is not None:
            self._store.close()

    def _dense(self, generation: Generation, query: Query, wanted: int) -> dict[int, float]:
        vector = self._encoder.encode_questions([query.text])
        return {hit.passage_id: float(hit.score) for hit in generation.dense.search(vector, wanted)[0]}

    def _lexical(self, generation: Generation, query: Query, wanted: int) -> dict[int, float]:
        spoken = told(query, self._tell_language) or detect_question_language(query.text)
        scored: dict[int, float] = {}
        for language in generation.lexical.languages:
            planned = plan(query.text, spoken, language, bundled_lexicon(), generation.lexical.near)
            attainable = max(sum(generation.lexical.weights(planned)), 1e-9)
            for hit in generation.lexical.search(planned, wanted):
                scored[hit.passage_id] = hit.score / attainable
        return scored
