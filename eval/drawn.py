"""An encoder for benchmarks: vectors drawn from the text's hash, at once, for what they say changes no time."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from corpus.documents import Span
from index.protocols import Progress, Vectors


class DrawnEncoder:
    """Unit vectors that are the same on every run, and near to none."""

    fingerprint = "drawn"

    def __init__(self, dimension: int = 384) -> None:
        self.dimension = dimension

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """(len(texts), dimension)."""
        vectors = self.encode_questions(texts)
        if progress is not None:
            progress(len(texts), len(texts))
        return vectors

    def encode_with_sentences(
        self, texts: Sequence[str], sentences: Sequence[Sequence[Span]], progress: Progress | None = None
    ) -> tuple[Vectors, list[Vectors]]:
        """As in `Encoder`."""
        parts = [
            self.encode_questions([span.of(text) for span in spans])
            for text, spans in zip(texts, sentences, strict=True)
        ]
        return self.encode_passages(texts, progress), parts

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        """(len(texts), dimension)."""
        rows = np.empty((len(texts), self.dimension), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            seed = np.frombuffer(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest(), dtype=np.uint32)
            row[:] = np.random.default_rng(seed).standard_normal(self.dimension, dtype=np.float32)
            row /= np.linalg.norm(row)
        return rows
