"""The seams of retrieval, on one screen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from corpus.documents import DocumentInfo, Passage, Span

Vectors = NDArray[np.float32]  # (n, dimension), rows of unit length
Ids = NDArray[np.int64]
Progress = Callable[[int, int], None]  # (done, total), called as work goes on


class Hit(NamedTuple):
    """A passage id with its score: higher is better, always."""

    passage_id: int
    score: float


@dataclass(frozen=True, slots=True)
class RetrievedPassage:
    """A passage with its rank (from 1) and its fused score."""

    passage: Passage
    document: DocumentInfo
    rank: int
    score: float
    dense: float | None = None  # cosine, None where the dense leg did not find it
    lexical: float | None = None  # BM25, None where the lexical leg did not find it


class Encoder(Protocol):
    """Text to unit vectors. Those of one fingerprint are the same but for rounding; others never mix."""

    @property
    def fingerprint(self) -> str:
        """Model, weights and settings in one stable string."""
        ...

    @property
    def dimension(self) -> int:
        """Numbers per vector."""
        ...

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """(len(texts), dimension), in the order given; whatever the batching, each row depends on its text alone."""
        ...

    def encode_with_sentences(
        self, texts: Sequence[str], sentences: Sequence[Sequence[Span]], progress: Progress | None = None
    ) -> tuple[Vectors, list[Vectors]]:
        """As encode_passages, and for each text the (len(sentences[i]), dimension) vectors of its sentences.

        ``sentences[i]`` are spans of ``texts[i]``. A mean-pooling model reads each text once: a sentence's vector is
        the mean of its tokens as the whole passage lets them appear (late chunking, Günther et al. 2024).
        """
        ...

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        """(len(texts), dimension), with the model's question prompt."""
        ...
