"""txtai with its own hybrid index: the same encoder and BM25, fused as txtai does by default.

It comes with FAISS, transformers and msgpack, all but the last of which are here anyway: that is why it, of all peers,
is an adapter. Nothing is saved, so that its pickled formats are never read.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from eval.errors import TargetUnavailable
from eval.records import Query, Reply, Suite
from eval.targets.units import Unit, reply_from_hits, units
from index.model_folder import locate
from index.protocols import Progress

_UNITS_PER_DOCUMENT = 5  # hits asked for where passages are indexed


class TxtaiTarget:
    """Indexes anew on every run, in memory."""

    name = "txtai"

    def __init__(self, model: str, *, passages: bool = False) -> None:
        """``model`` is "bundled", a folder, or a hub name."""
        self._model = model
        self._passages = passages
        self._lock = threading.Lock()  # an index is not said to be safe to use from several threads
        self._units: list[Unit] = []
        self._embeddings: Any = None

    def settings(self) -> Mapping[str, str]:
        """Version, model and unit."""
        return {
            "txtai": _version(),
            "model": self._model,
            "index": "hybrid",
            "unit": "passage" if self._passages else "document",
        }

    def prepare(self, suite: Suite, progress: Progress) -> None:
        """Encode and index. Raises TargetUnavailable where txtai is not installed, EncoderUnavailable."""
        try:
            from txtai.embeddings import Embeddings
        except ImportError as error:
            raise TargetUnavailable("txtai is not installed") from error
        self._units = []
        self._embeddings = Embeddings(path=str(locate(self._model)), hybrid=True, gpu=False)

        def rows() -> Any:  # noqa: ANN401 - a generator of rows, as txtai takes them
            for number, (unit, text) in enumerate(units(suite, passages=self._passages, progress=progress)):
                self._units.append(unit)
                yield number, text, None

        self._embeddings.index(rows())

    def ask(self, query: Query, k: int) -> Reply:
        """The best documents."""
        if self._embeddings is None:
            raise RuntimeError("prepare comes first")
        wanted = min(len(self._units), k * (_UNITS_PER_DOCUMENT if self._passages else 1))
        with self._lock:
            found = self._embeddings.search(query.text, wanted)
        hits = ((self._units[int(number)], float(score)) for number, score in found)
        return reply_from_hits(query.query_id, hits, k, places=self._passages)

    def close(self) -> None:
        """Close the index."""
        if self._embeddings is not None:
            self._embeddings.close()


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("txtai")
    except PackageNotFoundError:
        return "not installed"
