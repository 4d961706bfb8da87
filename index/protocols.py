"""The seams of retrieval, on one screen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]  # (n, dimension), rows of unit length
Ids = NDArray[np.int64]
Progress = Callable[[int, int], None]  # (done, total), called as work goes on


class Hit(NamedTuple):
    """A passage id with its score: higher is better, always."""

    passage_id: int
    score: float


class Encoder(Protocol):
    """Text to unit vectors. Two encoders with one fingerprint give the same vectors; vectors of two never mix."""

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

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        """(len(texts), dimension), with the model's question prompt."""
        ...
