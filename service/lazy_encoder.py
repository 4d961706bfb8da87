"""The configured encoder, loaded when a text must be encoded and not before.

What needs only its name (opening an index, removing a document, `fundstelle status`) stays quick: the fingerprint of a
local model is read from its files without loading it.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence

from corpus.documents import Span
from index.errors import EncoderUnavailable
from index.protocols import Encoder, Progress, Vectors
from service.settings import Settings

CALIBRATION = "encoder-calibration.json"  # in the data folder
_log = logging.getLogger("fundstelle.encoder")


class LazyEncoder:
    """An `Encoder` that loads itself once, on first use, from whichever thread comes first."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.RLock()
        self._encoder: Encoder | None = None
        self._fingerprint: str | None = None
        self._runs_on = ""

    @property
    def loaded(self) -> bool:
        """Whether the model is in memory."""
        return self._encoder is not None

    @property
    def runs_on(self) -> str:
        """What reads passages and what reads questions, and how fast it was tried to be; empty until loaded."""
        return self._runs_on

    @property
    def fingerprint(self) -> str:
        """Model, weights and settings in one string; a model that is not here yet is loaded for it."""
        try:
            return self.local_fingerprint()
        except EncoderUnavailable:
            return self.load().fingerprint

    def local_fingerprint(self) -> str:
        """The fingerprint, without loading or downloading anything. Raises EncoderUnavailable."""
        with self._lock:
            if self._fingerprint is None:
                from index.encoder import encoder_fingerprint

                settings = self._settings
                self._fingerprint = encoder_fingerprint(
                    settings.encoder, query_prompt=settings.query_prompt, passage_prompt=settings.passage_prompt
                )
            return self._fingerprint

    @property
    def dimension(self) -> int:
        """Numbers per vector."""
        return self.load().dimension

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """As in `Encoder`; loads the model."""
        return self.load().encode_passages(texts, progress)

    def encode_with_sentences(
        self, texts: Sequence[str], sentences: Sequence[Sequence[Span]], progress: Progress | None = None
    ) -> tuple[Vectors, list[Vectors]]:
        """As in `Encoder`; loads the model."""
        return self.load().encode_with_sentences(texts, sentences, progress)

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        """As in `Encoder`; loads the model."""
        return self.load().encode_questions(texts)

    def load(self) -> Encoder:
        """The loaded encoder. Raises EncoderUnavailable."""
        with self._lock:
            if self._encoder is None:
                self._encoder = self._loaded()
                self._fingerprint = self._encoder.fingerprint
            return self._encoder

    def _loaded(self) -> Encoder:
        from index.encoder import load_encoder

        settings = self._settings
        encoder = load_encoder(
            settings.encoder,
            query_prompt=settings.query_prompt,
            passage_prompt=settings.passage_prompt,
            backend=settings.encoder_backend,
            threads=settings.threads,
            memory=settings.data / CALIBRATION,
        )
        self._runs_on = str(encoder.choice)
        _log.info("The encoder is loaded: %s", self._runs_on)
        return encoder
