"""The reference: sentence-transformers on torch, which runs every model and against which fast paths are held."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from index.batches import Batches, Rows, TokenBatches, gathered
from index.errors import EncoderUnavailable
from index.prompts import Prompts
from index.protocols import Vectors

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer

_PROBES = ("Ämter prüfen die STRASSE.", "Wer schrieb die Studie über 1,2 Mrd. Euro, und was steht darin genau?")
_SAME = 1e-5  # of a cosine
_TEXTS_PER_CALL = 32


def load_reference(folder: Path, device: str = "cpu", threads: int = 0) -> SentenceTransformer:
    """The model in ``folder``, computing in 32 bits; ``threads`` of 0 are one per core. Raises EncoderUnavailable."""
    # Read when torch is imported: threads that wait by spinning take the cores from whatever else is at work.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    import torch
    from sentence_transformers import SentenceTransformer

    if threads:
        torch.set_num_threads(threads)
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


def reference_batches(model: SentenceTransformer, prompts: Prompts) -> Batches:
    """Our batching where it gives what the library gives, tried on a few texts; else the library's."""
    library = LibraryBatches(model)
    tokenizer = getattr(model, "tokenizer", None)
    if not hasattr(tokenizer, "backend_tokenizer"):
        return library
    own = TokenBatches(
        _private_tokenizer(model),
        TorchReader(model),
        padding=int(model.tokenizer.pad_token_id or 0),
        left=model.tokenizer.padding_side == "left",
    )
    for prompt in {prompts.question, prompts.passage}:
        texts = [prompt + text for text in _PROBES]
        if not _agree(gathered(own(texts, prompt)), gathered(library(texts, prompt))):
            return library
    return own


class TorchReader:
    """A `Reader` around a loaded model, with whatever modules it has."""

    def __init__(self, model: SentenceTransformer) -> None:
        self._model = model
        self._segments = "token_type_ids" in model.tokenizer.model_input_names
        self.mean = _pools_by_mean(model)

    def __call__(self, ids: NDArray[np.int64], mask: NDArray[np.int64]) -> tuple[Vectors, Vectors]:
        """As in `Reader`."""
        import torch

        features = {"input_ids": ids, "attention_mask": mask}
        if self._segments:
            features["token_type_ids"] = np.zeros_like(ids)
        device = self._model.device
        with torch.inference_mode():
            out = self._model({name: torch.from_numpy(values).to(device) for name, values in features.items()})
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


def _pools_by_mean(model: SentenceTransformer) -> bool:
    kinds = [type(module).__name__ for module in model]
    pooling = [getattr(module, "pooling_mode", None) for module in model if type(module).__name__ == "Pooling"]
    return pooling == ["mean"] and set(kinds) <= {"Transformer", "Pooling", "Normalize"}


def _agree(some: Vectors, others: Vectors) -> bool:
    return some.shape == others.shape and bool((np.einsum("ij,ij->i", some, others) > 1 - _SAME).all())


def _private_tokenizer(model: SentenceTransformer) -> Tokenizer:
    from tokenizers import Tokenizer

    private = Tokenizer.from_str(model.tokenizer.backend_tokenizer.to_str())
    private.no_padding()
    if model.max_seq_length is not None:
        private.enable_truncation(model.max_seq_length, direction=model.tokenizer.truncation_side)
    return private


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
