"""sentence-transformers and FAISS alone: what the same kind of model does without anything of ours around it.

Cosines with every document by an exact index, the model's own prompts, and its own cut where a text is too long.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from corpus.documents import Span
from eval.records import Query, Reply, Suite
from eval.targets.holding import folder_for
from eval.targets.units import Unit, reply_from_hits, units
from index.model_folder import locate
from index.protocols import Progress

_BATCH = 32  # texts encoded at once
_UNITS_PER_DOCUMENT = 5  # hits asked for where passages are indexed


class DenseOnlyTarget:
    """Encodes the suite once; vectors and places are kept in the work folder for the next run."""

    name = "dense_only"

    def __init__(self, model: str, work: Path, *, passages: bool = False) -> None:
        """``model`` is "bundled", a folder, or a hub name."""
        self._model_name = model
        self._work = work
        self._passages = passages
        self._units: list[Unit] = []
        self._model: Any = None
        self._index: Any = None
        self._digest = ""

    def settings(self) -> Mapping[str, str]:
        """The model, a digest of its weights, and the unit."""
        return {
            "model": self._model_name,
            "model_sha256": self._digest[:16],
            "unit": "passage" if self._passages else "document",
        }

    def prepare(self, suite: Suite, progress: Progress) -> None:
        """Load the model, encode what an earlier run has not. Raises EncoderUnavailable."""
        import faiss
        from sentence_transformers import SentenceTransformer

        folder = locate(self._model_name)
        self._digest = _digest(folder)
        self._model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
        kept = folder_for(self._work, suite, self.name, self._digest, self._passages)
        vectors = self._vectors(suite, kept, progress)
        self._index = faiss.IndexFlatIP(vectors.shape[1])
        self._index.add(vectors)

    def ask(self, query: Query, k: int) -> Reply:
        """The nearest documents."""
        if self._index is None:
            raise RuntimeError("prepare comes first")
        vector = self._model.encode_query([query.text], normalize_embeddings=True, show_progress_bar=False)
        wanted = min(len(self._units), k * (_UNITS_PER_DOCUMENT if self._passages else 1))
        scores, rows = self._index.search(np.asarray(vector, dtype=np.float32), wanted)
        hits = ((self._units[row], float(score)) for row, score in zip(rows[0], scores[0], strict=True) if row >= 0)
        return reply_from_hits(query.query_id, hits, k, places=self._passages)

    def close(self) -> None:
        """Let model and index go."""
        self._index = self._model = None

    def _vectors(self, suite: Suite, kept: Path, progress: Progress) -> np.ndarray[Any, np.dtype[np.float32]]:
        vectors_file, units_file = kept / "vectors.npy", kept / "units.json"
        if units_file.exists():
            said = json.loads(units_file.read_text(encoding="utf-8"))
            self._units = [Unit(doc_id, Span(start, end)) for doc_id, start, end in said]
            return np.asarray(np.load(vectors_file, allow_pickle=False), dtype=np.float32)
        self._units = []
        parts = list(self._encoded(units(suite, passages=self._passages, progress=progress)))
        vectors = np.concatenate(parts)
        kept.mkdir(parents=True, exist_ok=True)
        np.save(vectors_file, vectors, allow_pickle=False)
        partial = units_file.with_suffix(".partial")  # last, so that what is named complete is
        partial.write_text(json.dumps([[u.doc_id, u.span.start, u.span.end] for u in self._units]), encoding="utf-8")
        partial.replace(units_file)
        return vectors

    def _encoded(self, offered: Iterator[tuple[Unit, str]]) -> Iterator[np.ndarray[Any, np.dtype[np.float32]]]:
        while batch := list(islice(offered, _BATCH)):
            self._units += [unit for unit, _ in batch]
            vectors = self._model.encode_document(
                [text for _, text in batch], normalize_embeddings=True, show_progress_bar=False
            )
            yield np.asarray(vectors, dtype=np.float32)


def _digest(folder: Path) -> str:
    """SHA-256 over the weights and settings of a model."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".safetensors", ".json", ".txt", ".model"):
            with path.open("rb") as file:
                digest.update(
                    f"{path.relative_to(folder)}\0{hashlib.file_digest(file, 'sha256').hexdigest()}\n".encode()
                )
    return digest.hexdigest()
