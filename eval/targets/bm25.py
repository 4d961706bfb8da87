"""BM25 by bm25s with its defaults (Lucene's variant, k1 = 1.5, b = 0.75): the baseline that anyone can repeat.

Lù, "BM25S: Orders of magnitude faster lexical search via eager sparse scoring", 2024.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from corpus.errors import SettingsError
from eval.errors import TargetUnavailable
from eval.records import Query, Reply, Suite
from eval.targets.units import Unit, reply_from_hits, units
from index.protocols import Progress

# Name -> bm25s' stop words and Snowball's stemmer. "defaults" is what bm25s does when it is told nothing.
ANALYSES: Mapping[str, tuple[str, str | None]] = {
    "defaults": ("english", None),
    "de": ("german", "german"),
    "en": ("english", "english"),
}
_UNITS_PER_DOCUMENT = 5  # hits asked for where passages are indexed


class Bm25Target:
    """Holds the index in memory; words of the documents are not kept."""

    name = "bm25"

    def __init__(self, analysis: str = "defaults", *, passages: bool = False) -> None:
        if analysis not in ANALYSES:
            raise SettingsError(
                f"analysis: expected one of {', '.join(ANALYSES)}, got {analysis[:40]!r}", field="analysis"
            )
        self._analysis = analysis
        self._passages = passages
        self._lock = threading.Lock()  # the tokenizer keeps what it has learned
        self._units: list[Unit] = []
        self._tokenizer: Any = None
        self._index: Any = None

    def settings(self) -> Mapping[str, str]:
        """Version, analysis and unit."""
        stop_words, stemmer = ANALYSES[self._analysis]
        return {
            "bm25s": _version(),
            "stop_words": stop_words,
            "stemmer": stemmer or "none",
            "unit": "passage" if self._passages else "document",
        }

    def prepare(self, suite: Suite, progress: Progress) -> None:
        """Read, tokenize and index. Raises TargetUnavailable where bm25s is not installed."""
        bm25s, tokenization, stemmer_of = _libraries()
        stop_words, stemmer = ANALYSES[self._analysis]
        self._tokenizer = tokenization.Tokenizer(
            stopwords=stop_words, stemmer=stemmer_of(stemmer) if stemmer is not None else None
        )
        self._units = []

        def words() -> Any:  # noqa: ANN401 - a generator of text, as bm25s takes it
            for unit, text in units(suite, passages=self._passages, progress=progress):
                self._units.append(unit)
                yield text

        tokens = list(self._tokenizer.streaming_tokenize(words(), update_vocab=True))
        self._index = bm25s.BM25()
        self._index.index((tokens, self._tokenizer.get_vocab_dict()), show_progress=False)

    def ask(self, query: Query, k: int) -> Reply:
        """Documents with at least one word of the question, best first."""
        if self._index is None:
            raise RuntimeError("prepare comes first")
        with self._lock:
            (tokens,) = self._tokenizer.tokenize(
                [query.text], update_vocab=False, show_progress=False, return_as="ids", allow_empty=False
            )
        if not tokens:
            return reply_from_hits(query.query_id, (), k, places=self._passages)
        wanted = min(len(self._units), k * (_UNITS_PER_DOCUMENT if self._passages else 1))
        numbers, scores = self._index.retrieve([tokens], k=wanted, show_progress=False)
        hits = (
            (self._units[int(number)], float(score))
            for number, score in zip(numbers[0], scores[0], strict=True)
            if score > 0
        )
        return reply_from_hits(query.query_id, hits, k, places=self._passages)

    def close(self) -> None:
        """Let the index go."""
        self._index = None


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("bm25s")
    except PackageNotFoundError:
        return "not installed"


def _libraries() -> tuple[Any, Any, Any]:
    try:
        import bm25s
        from bm25s import tokenization
    except ImportError as error:
        raise TargetUnavailable("bm25s is not installed") from error
    from Stemmer import Stemmer

    return bm25s, tokenization, Stemmer
