"""Text to unit vectors with a sentence-transformers model, on the CPU and without the network.

Each row depends on its text alone, but only up to floating point noise: how texts are batched changes a number of a
vector by less than 1e-5. Vectors that are stored are therefore never computed twice.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from corpus.documents import Span
from index.errors import EncoderUnavailable
from index.model_folder import BUNDLED, fingerprint_of, locate
from index.prompts import Prompts, prompts_for
from index.protocols import Progress, Vectors

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer

_TOKENS_PER_BATCH = 4096  # padded tokens; measured best on two cores among 512 to 8192
_TEXTS_PER_CALL = 32
_TEXTS_PER_ROUND = 4096  # texts tokenized at once: bounds memory and spaces out progress
_PROBES = ("Ämter prüfen die STRASSE.", "Wer schrieb die Studie über 1,2 Mrd. Euro, und was steht darin genau?")
_SAME = 1e-5  # of a cosine

Rows = NDArray[np.intp]
Batches = Callable[[Sequence[str], str], Iterator[tuple[Rows, Vectors]]]


def load_encoder(
    name: str = BUNDLED,
    *,
    device: str = "cpu",
    query_prompt: str | None = None,
    passage_prompt: str | None = None,
    cache_folder: Path | None = None,
) -> SentenceEncoder:
    """Load ``bundled``, a folder in sentence-transformers format, or a model name of the hub.

    ``query_prompt`` and ``passage_prompt`` replace what the model declares or is known for; an empty string means
    none. Raises EncoderUnavailable.
    """
    folder = locate(name, cache_folder=cache_folder)
    prompts = prompts_for(name, folder, question=query_prompt, passage=passage_prompt)
    return SentenceEncoder(_load(folder, device), fingerprint_of(name, folder, prompts), prompts)


def encoder_fingerprint(
    name: str = BUNDLED,
    *,
    query_prompt: str | None = None,
    passage_prompt: str | None = None,
    cache_folder: Path | None = None,
) -> str:
    """The fingerprint that ``load_encoder`` would give, without loading the model or asking the network.

    Raises EncoderUnavailable, also where a model of the hub has not been downloaded yet.
    """
    folder = locate(name, cache_folder=cache_folder, download=False)
    return fingerprint_of(name, folder, prompts_for(name, folder, question=query_prompt, passage=passage_prompt))


class SentenceEncoder:
    """An Encoder around a loaded SentenceTransformer; may be used from many threads at once."""

    def __init__(self, model: SentenceTransformer, fingerprint: str, prompts: Prompts) -> None:
        self.fingerprint = fingerprint
        self.prompts = prompts
        self._dimension = int(model.get_embedding_dimension() or 0)
        if self._dimension == 0:
            raise EncoderUnavailable(f"{fingerprint} does not say how long its vectors are.", field="encoder")
        self._batches = _choose_batches(model, prompts)
        self._mean = _pools_by_mean(model)

    @property
    def dimension(self) -> int:
        """Numbers per vector."""
        return self._dimension

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """(len(texts), dimension) in the order given; ``progress`` is called after every batch."""
        return self._encode(texts, self.prompts.passage, progress)

    def encode_with_sentences(
        self, texts: Sequence[str], sentences: Sequence[Sequence[Span]], progress: Progress | None = None
    ) -> tuple[Vectors, list[Vectors]]:
        """Vectors of the texts and of the sentences that are spans of them: in one reading where the model pools by
        the mean, else the sentences are encoded as texts of their own.
        """
        if not (self._mean and isinstance(self._batches, TokenBatches)):
            apart = [span.of(text) for text, spans in zip(texts, sentences, strict=True) for span in spans]
            vectors = self.encode_passages(texts, progress)
            each = self.encode_passages(apart)
            return vectors, np.split(each, np.cumsum([len(spans) for spans in sentences])[:-1]) if texts else []
        vectors = np.empty((len(texts), self._dimension), dtype=np.float32)
        parts: list[Vectors] = [vectors[:0]] * len(texts)
        prompt, done = self.prompts.passage, 0
        for start in range(0, len(texts), _TEXTS_PER_ROUND):
            part = [prompt + text for text in texts[start : start + _TEXTS_PER_ROUND]]
            spans = [[span.shifted(len(prompt)) for span in each] for each in sentences[start : start + len(part)]]
            for rows, batch, means in self._batches.with_sentences(part, spans):
                vectors[rows + start] = batch
                for row, mean in zip(rows, means, strict=True):
                    parts[row + start] = mean
                done += len(rows)
                if progress is not None:
                    progress(done, len(texts))
        return self._unit(vectors), parts

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        """(len(texts), dimension) in the order given."""
        return self._encode(texts, self.prompts.question, None)

    def _encode(self, texts: Sequence[str], prompt: str, progress: Progress | None) -> Vectors:
        vectors = np.empty((len(texts), self._dimension), dtype=np.float32)
        done = 0
        for start in range(0, len(texts), _TEXTS_PER_ROUND):
            part = [prompt + text for text in texts[start : start + _TEXTS_PER_ROUND]]
            for rows, batch in self._batches(part, prompt):
                vectors[rows + start] = batch
                done += len(rows)
                if progress is not None:
                    progress(done, len(texts))
        return self._unit(vectors)

    def _unit(self, vectors: Vectors) -> Vectors:
        lengths = _lengths(vectors)
        if not (np.isfinite(lengths).all() and (lengths > 0).all()):
            raise EncoderUnavailable(f"{self.fingerprint} gave a vector that has no direction.", field="encoder")
        vectors /= lengths[:, None]
        return vectors


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


def _choose_batches(model: SentenceTransformer, prompts: Prompts) -> Batches:
    """Our batching where it gives what the library gives, tried on a few texts; else the library's."""
    library = LibraryBatches(model)
    if not hasattr(getattr(model, "tokenizer", None), "backend_tokenizer"):
        return library
    own = TokenBatches(model)
    for prompt in {prompts.question, prompts.passage}:
        texts = [prompt + text for text in _PROBES]
        if not _agree(_gather(own(texts, prompt)), _gather(library(texts, prompt))):
            return library
    return own


def _pools_by_mean(model: SentenceTransformer) -> bool:
    """Whether a text's vector is the mean of its tokens', so that the mean of some of them is a vector alike."""
    kinds = [type(module).__name__ for module in model]
    pooling = [getattr(module, "pooling_mode", None) for module in model if type(module).__name__ == "Pooling"]
    return pooling == ["mean"] and set(kinds) <= {"Transformer", "Pooling", "Normalize"}


def _means(
    states: Vectors, starts: NDArray[np.int64], words: NDArray[np.bool_], sentences: Sequence[Span], whole: Vectors
) -> Vectors:
    rows = np.empty((len(sentences), states.shape[1]), dtype=np.float32)
    for row, span in zip(rows, sentences, strict=True):
        inside = words & (starts >= span.start) & (starts < span.end)
        row[:] = states[inside].mean(axis=0) if inside.any() else whole
    return np.asarray(rows / np.maximum(_lengths(rows), 1e-12)[:, None], dtype=np.float32)


def _gather(batches: Iterator[tuple[Rows, Vectors]]) -> Vectors:
    pairs = list(batches)
    rows = np.concatenate([rows for rows, _ in pairs])
    return np.concatenate([vectors for _, vectors in pairs])[np.argsort(rows)]


def _agree(some: Vectors, others: Vectors) -> bool:
    if some.shape != others.shape:
        return False
    return bool((np.einsum("ij,ij->i", some, others) > (1 - _SAME) * _lengths(some) * _lengths(others)).all())


def _lengths(vectors: Vectors) -> Vectors:
    return np.asarray(np.sqrt(np.einsum("ij,ij->i", vectors, vectors)), dtype=np.float32)


def _private_tokenizer(model: SentenceTransformer) -> Tokenizer:
    from tokenizers import Tokenizer

    private = Tokenizer.from_str(model.tokenizer.backend_tokenizer.to_str())
    private.no_padding()
    if model.max_seq_length is not None:
        private.enable_truncation(model.max_seq_length, direction=model.tokenizer.truncation_side)
    return private


def _load(folder: Path, device: str) -> SentenceTransformer:
    import torch
    from sentence_transformers import SentenceTransformer

    try:
        with _quiet_loading():
            model = SentenceTransformer(
                str(folder),
                device=device,
                trust_remote_code=False,
                local_files_only=True,
                model_kwargs={"dtype": torch.float32, "use_safetensors": True},
            )
    except Exception as failed:  # four libraries load here, each with errors of its own; all mean the same
        raise EncoderUnavailable(f"The model in {folder} cannot be loaded: {failed}", field="encoder") from failed
    model.eval()
    return model


@contextmanager
def _quiet_loading() -> Iterator[None]:
    """Weights load within a second: a progress bar would only be noise between our own lines."""
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()  # type: ignore[no-untyped-call]
