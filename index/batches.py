"""Texts to vectors, batch by batch: texts of like length together, so that little of a batch is padding."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from corpus.documents import Span
from index.protocols import Vectors

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_TOKENS_PER_BATCH = 2048  # padded tokens; on two cores 1024 are slower by a tenth, and 4096 no faster

Rows = NDArray[np.intp]
TokenIds = NDArray[np.int64]  # (texts, tokens), padded to one length


class Reader(Protocol):
    """A model that reads tokens. May be used from many threads at once."""

    @property
    def mean(self) -> bool:
        """Whether a text's vector is the mean of its tokens' states, so that the mean of some is a vector alike."""
        ...

    def __call__(self, ids: TokenIds, mask: TokenIds) -> tuple[Vectors, Vectors]:
        """(texts, dimension) vectors of any length, (texts, tokens, width) states; ``mask`` is 1 for real tokens."""
        ...


class Batches(Protocol):
    """Texts to vectors of any length."""

    def __call__(self, texts: Sequence[str], prompt: str) -> Iterator[tuple[Rows, Vectors]]:
        """Rows of ``texts`` (which begin with ``prompt``) and their vectors, batch by batch, longest first."""
        ...


class TokenBatches:
    """Batches of equal work for a reader.

    ``tokenizer`` is a copy that nobody configures afterwards, which makes it safe to share between threads; it cuts
    what is too long and does not pad.
    """

    def __init__(self, tokenizer: Tokenizer, reader: Reader, *, padding: int = 0, left: bool = False) -> None:
        self._tokenizer = tokenizer
        self._reader = reader
        self._padding = padding
        self._left = left

    @property
    def mean(self) -> bool:
        """As in `Reader`: `with_sentences` makes sense."""
        return self._reader.mean

    def __call__(self, texts: Sequence[str], prompt: str = "") -> Iterator[tuple[Rows, Vectors]]:
        """As in `Batches`."""
        for rows, vectors, _ in self._read(self.tokens(texts)):
            yield rows, vectors

    def tokens(self, texts: Sequence[str]) -> list[list[int]]:
        """The numbers of each text's tokens, special ones included."""
        return [encoding.ids for encoding in self._tokenizer.encode_batch_fast(list(texts))]

    def with_sentences(
        self, texts: Sequence[str], sentences: Sequence[Sequence[Span]]
    ) -> Iterator[tuple[Rows, Vectors, list[Vectors]]]:
        """As a call does, and with each text the means of its sentences' tokens, unit rows (late chunking).

        A sentence beyond the model's reach gets the text's own vector.
        """
        encodings = self._tokenizer.encode_batch(list(texts))
        for rows, vectors, states in self._read([encoding.ids for encoding in encodings]):
            means = []
            for row, vector, state in zip(rows, vectors, states, strict=True):
                encoding = encodings[row]
                starts = np.asarray([start for start, _ in encoding.offsets], dtype=np.int64)
                words = np.asarray(encoding.special_tokens_mask) == 0
                first = len(state) - len(starts) if self._left else 0
                means.append(_means(state[first : first + len(starts)], starts, words, sentences[row], vector))
            yield rows, vectors, means

    def _read(self, tokens: Sequence[Sequence[int]]) -> Iterator[tuple[Rows, Vectors, Vectors]]:
        order = np.argsort([-len(ids) for ids in tokens], kind="stable")
        start = 0
        while start < len(order):
            longest = max(1, len(tokens[order[start]]))
            rows = order[start : start + max(1, _TOKENS_PER_BATCH // longest)]
            yield rows, *self._reader(*self._padded([tokens[row] for row in rows], longest))
            start += len(rows)

    def _padded(self, batch: Sequence[Sequence[int]], longest: int) -> tuple[TokenIds, TokenIds]:
        ids = np.full((len(batch), longest), self._padding, dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, tokens in enumerate(batch):
            start = longest - len(tokens) if self._left else 0
            ids[row, start : start + len(tokens)] = tokens
            mask[row, start : start + len(tokens)] = 1
        return ids, mask


def gathered(batches: Iterator[tuple[Rows, Vectors]]) -> Vectors:
    """(texts, dimension): all vectors of a call, unit rows in the order of the texts."""
    pairs = list(batches)
    rows = np.concatenate([rows for rows, _ in pairs])
    vectors = np.concatenate([vectors for _, vectors in pairs])[np.argsort(rows)]
    return np.asarray(vectors / np.maximum(lengths(vectors), 1e-12)[:, None], dtype=np.float32)


def lengths(vectors: Vectors) -> Vectors:
    """(n,): the Euclidean length of each row."""
    return np.asarray(np.sqrt(np.einsum("ij,ij->i", vectors, vectors)), dtype=np.float32)


def _means(
    states: Vectors, starts: NDArray[np.int64], words: NDArray[np.bool_], sentences: Sequence[Span], whole: Vectors
) -> Vectors:
    rows = np.empty((len(sentences), states.shape[1]), dtype=np.float32)
    for row, span in zip(rows, sentences, strict=True):
        inside = words & (starts >= span.start) & (starts < span.end)
        row[:] = states[inside].mean(axis=0) if inside.any() else whole
    return np.asarray(rows / np.maximum(lengths(rows), 1e-12)[:, None], dtype=np.float32)
