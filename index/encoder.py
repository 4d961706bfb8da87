"""Text to unit vectors with a sentence-transformers model, on the CPU and without the network.

Each row depends on its text alone, but only up to floating point noise: how texts are batched changes a number of a
vector by less than 1e-5. Vectors that are stored are therefore never computed twice.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from corpus.documents import Span
from index.batches import LibraryBatches, Rows, TokenBatches, lengths
from index.errors import EncoderUnavailable
from index.model_folder import BUNDLED, fingerprint_of, locate
from index.prompts import Prompts, prompts_for
from index.protocols import Progress, Vectors

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_TEXTS_PER_ROUND = 4096  # texts tokenized at once: bounds memory and spaces out progress
_PROBES = ("Ämter prüfen die STRASSE.", "Wer schrieb die Studie über 1,2 Mrd. Euro, und was steht darin genau?")
_SAME = 1e-5  # of a cosine

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
        """Vectors of the texts, and of the sentences that are spans of them.

        A model that pools by the mean reads all in one go; for others the sentences are texts of their own.
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
        norms = lengths(vectors)
        if not (np.isfinite(norms).all() and (norms > 0).all()):
            raise EncoderUnavailable(f"{self.fingerprint} gave a vector that has no direction.", field="encoder")
        vectors /= norms[:, None]
        return vectors


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


def _gather(batches: Iterator[tuple[Rows, Vectors]]) -> Vectors:
    pairs = list(batches)
    rows = np.concatenate([rows for rows, _ in pairs])
    return np.concatenate([vectors for _, vectors in pairs])[np.argsort(rows)]


def _agree(some: Vectors, others: Vectors) -> bool:
    if some.shape != others.shape:
        return False
    return bool((np.einsum("ij,ij->i", some, others) > (1 - _SAME) * lengths(some) * lengths(others)).all())


def _load(folder: Path, device: str) -> SentenceTransformer:
    # Read when torch is imported: threads that wait by spinning take the cores from whatever else is at work.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
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
