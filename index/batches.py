"""Texts to vectors, batch by batch: our own batching, and the library's for models that need it."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from corpus.documents import Span
from index.protocols import Vectors

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer

_TOKENS_PER_BATCH = 2048  # padded tokens; larger batches are hardly faster on two cores and take more memory
_TEXTS_PER_CALL = 32

Rows = NDArray[np.intp]


class TokenBatches:
    """Batches of equal work: texts sorted by their number of tokens, so that little of a batch is padding.

    The tokenizer is a copy that nobody configures afterwards, which makes it safe to share between threads.
    """

    def __init__(self, model: SentenceTransformer) -> None:
        tokenizer = model.tokenizer
        self._model = model
        self._tokenizer = _private_tokenizer(model)
        self._padding = int(tokenizer.pad_token_id or 0)
        self._left = tokenizer.padding_side == "left"
        self._segments = "token_type_ids" in tokenizer.model_input_names

    def __call__(self, texts: Sequence[str], prompt: str) -> Iterator[tuple[Rows, Vectors]]:
        """Rows of ``texts`` (which begin with ``prompt``) and their vectors, batch by batch, longest first."""
        tokens = [encoding.ids for encoding in self._tokenizer.encode_batch_fast(list(texts))]
        for rows, vectors, _ in self._read(tokens):
            yield rows, vectors

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
            yield rows, *self._forward([tokens[row] for row in rows], longest)
            start += len(rows)

    def _forward(self, batch: Sequence[Sequence[int]], longest: int) -> tuple[Vectors, Vectors]:
        import torch

        ids = np.full((len(batch), longest), self._padding, dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, tokens in enumerate(batch):
            start = longest - len(tokens) if self._left else 0
            ids[row, start : start + len(tokens)] = tokens
            mask[row, start : start + len(tokens)] = 1
        features = {"input_ids": ids, "attention_mask": mask}
        if self._segments:
            features["token_type_ids"] = np.zeros_like(ids)
        device = self._model.device
        with torch.inference_mode():
            given = {name: torch.from_numpy(values).to(device) for name, values in features.items()}
            out = self._model(given)
            vectors, states = (out[name].float().cpu().numpy() for name in ("sentence_embedding", "token_embeddings"))
            return vectors, states


class LibraryBatches:
    """The library's own batching, one call at a time: for models that prepare their input in a way of their own."""

    def __init__(self, model: SentenceTransformer) -> None:
        self._model = model
        self._lock = threading.Lock()

    def __call__(self, texts: Sequence[str], prompt: str) -> Iterator[tuple[Rows, Vectors]]:
        """As TokenBatches does; the prompt is taken off again, since the library wants to know it by itself."""
        order = np.argsort([-len(text) for text in texts], kind="stable")
        for start in range(0, len(order), _TEXTS_PER_CALL):
            rows = order[start : start + _TEXTS_PER_CALL]
            bare = [texts[row][len(prompt) :] for row in rows]
            with self._lock:
                vectors = self._model.encode(bare, prompt=prompt, show_progress_bar=False)
            yield rows, np.asarray(vectors, dtype=np.float32)


def _means(
    states: Vectors, starts: NDArray[np.int64], words: NDArray[np.bool_], sentences: Sequence[Span], whole: Vectors
) -> Vectors:
    rows = np.empty((len(sentences), states.shape[1]), dtype=np.float32)
    for row, span in zip(rows, sentences, strict=True):
        inside = words & (starts >= span.start) & (starts < span.end)
        row[:] = states[inside].mean(axis=0) if inside.any() else whole
    return np.asarray(rows / np.maximum(lengths(rows), 1e-12)[:, None], dtype=np.float32)


def lengths(vectors: Vectors) -> Vectors:
    """(n,): the Euclidean length of each row."""
    return np.asarray(np.sqrt(np.einsum("ij,ij->i", vectors, vectors)), dtype=np.float32)


def _private_tokenizer(model: SentenceTransformer) -> Tokenizer:
    from tokenizers import Tokenizer

    private = Tokenizer.from_str(model.tokenizer.backend_tokenizer.to_str())
    private.no_padding()
    if model.max_seq_length is not None:
        private.enable_truncation(model.max_seq_length, direction=model.tokenizer.truncation_side)
    return private
