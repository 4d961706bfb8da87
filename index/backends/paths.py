"""The ways to run one encoder, each made when it is asked for and kept until it is let go."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from index.backends import TORCH
from index.backends.blueprint import Blueprint, read_blueprint
from index.backends.compiled import CompiledReader, offered
from index.backends.reference import load_reference, reference_batches
from index.batches import Batches, TokenBatches
from index.prompts import Prompts

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer
    from tokenizers import Tokenizer


class Paths:
    """Batches by the name of their backend, for the model in ``folder``."""

    def __init__(self, folder: Path, prompts: Prompts, *, device: str = "cpu", threads: int = 0) -> None:
        self.folder = folder
        self.prompts = prompts
        self.threads = threads
        self._device = device
        self._blueprint: Blueprint | None = None
        self._tokenizer: Tokenizer | None = None  # shared by the fast paths
        self._made: dict[str, Batches] = {}

    def offered(self) -> tuple[str, ...]:
        """The fast paths that this machine has for a model of the family; whether they fit this one shows later."""
        return offered()

    def batches(self, backend: str) -> Batches:
        """The batches of a backend. Raises Unsuitable, and EncoderUnavailable where not even the reference loads."""
        if backend not in self._made:
            self._made[backend] = self._reference() if backend == TORCH else self._fast(backend)
        return self._made[backend]

    def blueprint(self) -> Blueprint:
        """What the fast paths build on. Raises Unsuitable."""
        if self._blueprint is None:
            self._blueprint = read_blueprint(self.folder)
        return self._blueprint

    def release(self, backend: str) -> None:
        """Let a backend's memory go."""
        self._made.pop(backend, None)

    def _reference(self) -> Batches:
        model: SentenceTransformer = load_reference(self.folder, self._device, self.threads)
        return reference_batches(model, self.prompts)

    def _fast(self, backend: str) -> Batches:
        blueprint = self.blueprint()
        if self._tokenizer is None:
            self._tokenizer = blueprint.tokenizer()
        reader = CompiledReader(blueprint, backend, self.threads)
        return TokenBatches(self._tokenizer, reader, padding=blueprint.padding)
