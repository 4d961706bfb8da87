"""Stand-ins that are quick and exact: no test that is not about the model needs to load it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

import numpy as np

from corpus.documents import Span
from index.protocols import Progress, Vectors


class HashingEncoder:
    """Unit vectors from hashed words: texts that share words are near, whatever the machine."""

    def __init__(self, dimension: int = 64, name: str = "hashing") -> None:
        self._dimension = dimension
        self.fingerprint = f"{name}-{dimension}"
        self.encoded = 0  # passages encoded so far: tests of the cache look here

    @property
    def dimension(self) -> int:
        return self._dimension

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        self.encoded += len(texts)
        if progress is not None:
            progress(len(texts), len(texts))
        return self._encode(texts)

    def encode_with_sentences(
        self, texts: Sequence[str], sentences: Sequence[Sequence[Span]], progress: Progress | None = None
    ) -> tuple[Vectors, list[Vectors]]:
        pairs = zip(texts, sentences, strict=True)
        parts = [self._encode([span.of(text) for span in spans]) for text, spans in pairs]
        return self.encode_passages(texts, progress), parts

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        return self._encode(texts)

    def _encode(self, texts: Sequence[str]) -> Vectors:
        rows = np.zeros((len(texts), self._dimension), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in re.findall(r"\w+", text.lower()) or [""]:
                digest = hashlib.sha256(word.encode()).digest()
                row[int.from_bytes(digest[:4], "little") % self._dimension] += 1.0 if digest[4] % 2 else -1.0
            if not row.any():
                row[0] = 1.0
            row /= np.linalg.norm(row)
        return rows
