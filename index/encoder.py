"""Text to unit vectors with a sentence-transformers model, on the CPU and without the network.

Each row depends on its text alone, but only up to rounding: how texts are batched, and on which path a machine runs
the model, changes a vector by as little as `index/backends` allows. Vectors that are stored are therefore never
computed twice, and those of one path work with those of another.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from corpus.documents import Span
from index.backends import AUTO, TORCH, Unsuitable
from index.backends.apart import calibrate_apart
from index.backends.calibration import Choice
from index.backends.memory import circumstances, recall, remember
from index.backends.paths import Paths
from index.batches import Batches, TokenBatches, lengths
from index.errors import EncoderUnavailable
from index.model_folder import BUNDLED, fingerprint_of, locate
from index.prompts import Prompts, prompts_for
from index.protocols import Progress, Vectors

_TEXTS_PER_ROUND = 4096  # texts tokenized at once: bounds memory and spaces out progress
_log = logging.getLogger("index.encoder")


def load_encoder(
    name: str = BUNDLED,
    *,
    device: str = "cpu",
    query_prompt: str | None = None,
    passage_prompt: str | None = None,
    cache_folder: Path | None = None,
    backend: str = AUTO,
    threads: int = 0,
    memory: Path | None = None,
) -> SentenceEncoder:
    """Load ``bundled``, a folder in sentence-transformers format, or a model name of the hub.

    ``query_prompt`` and ``passage_prompt`` replace what the model declares or is known for; an empty string means
    none. ``backend`` is one of `index.backends.CHOICES`; ``auto`` calibrates, unless the file ``memory`` tells what
    was chosen on this machine before, and only what is then chosen is imported. ``threads`` of 0 are one per core.
    Raises EncoderUnavailable.
    """
    folder = locate(name, cache_folder=cache_folder)
    prompts = prompts_for(name, folder, question=query_prompt, passage=passage_prompt)
    fingerprint = fingerprint_of(name, folder, prompts)
    paths = Paths(folder, prompts, device=device, threads=threads)
    if backend == AUTO and device == "cpu":
        choice = _calibrated(paths, circumstances(fingerprint, threads), memory)
    else:
        choice = Choice(TORCH, TORCH) if backend == AUTO else Choice(backend, backend)
    try:
        questions, passages = paths.batches(choice.questions), paths.batches(choice.passages)
    except Unsuitable as unsuitable:
        raise EncoderUnavailable(
            f"{backend} cannot run the encoder {name}: {unsuitable}.", field="encoder_backend"
        ) from unsuitable
    return SentenceEncoder(questions, passages, fingerprint, prompts, choice)


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
    """An Encoder around batches for questions and for passages; may be used from many threads at once."""

    def __init__(
        self, questions: Batches, passages: Batches, fingerprint: str, prompts: Prompts, choice: Choice
    ) -> None:
        self.fingerprint = fingerprint
        self.prompts = prompts
        self.choice = choice
        self._questions = questions
        self._passages = passages
        # A path's first call is many times slower than its second, and tells how long the vectors are.
        for batches, prompt in ((passages, prompts.passage), (questions, prompts.question)):
            ((_, vectors),) = batches([f"{prompt}Aufwärmen"], prompt)
        self._dimension = int(vectors.shape[1])

    @property
    def dimension(self) -> int:
        """Numbers per vector."""
        return self._dimension

    def encode_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """(len(texts), dimension) in the order given; ``progress`` is called after every batch."""
        return self._encode(self._passages, texts, self.prompts.passage, progress)

    def encode_with_sentences(
        self, texts: Sequence[str], sentences: Sequence[Sequence[Span]], progress: Progress | None = None
    ) -> tuple[Vectors, list[Vectors]]:
        """Vectors of the texts, and of the sentences that are spans of them.

        A model that pools by the mean reads all in one go; for others the sentences are texts of their own.
        """
        if not (isinstance(self._passages, TokenBatches) and self._passages.mean):
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
            for rows, batch, means in self._passages.with_sentences(part, spans):
                vectors[rows + start] = batch
                for row, mean in zip(rows, means, strict=True):
                    parts[row + start] = mean
                done += len(rows)
                if progress is not None:
                    progress(done, len(texts))
        return self._unit(vectors), parts

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        """(len(texts), dimension) in the order given."""
        return self._encode(self._questions, texts, self.prompts.question, None)

    def _encode(self, batches: Batches, texts: Sequence[str], prompt: str, progress: Progress | None) -> Vectors:
        vectors = np.empty((len(texts), self._dimension), dtype=np.float32)
        done = 0
        for start in range(0, len(texts), _TEXTS_PER_ROUND):
            part = [prompt + text for text in texts[start : start + _TEXTS_PER_ROUND]]
            for rows, batch in batches(part, prompt):
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


def _calibrated(paths: Paths, where: dict[str, str], memory: Path | None) -> Choice:
    """What this machine chose before, if it still runs; else what it chooses now."""
    choice = recall(memory, where) if memory is not None else None
    if choice is not None:
        try:
            paths.batches(choice.questions)
            paths.batches(choice.passages)
        except Unsuitable as unsuitable:
            _log.warning("what was chosen for the encoder before does not run any more: %s", unsuitable)
        else:
            return choice
    choice = calibrate_apart(paths)
    if choice is None:
        return Choice(TORCH, TORCH)
    for trial in choice.trials:
        if trial.refused:
            _log.info("%s is not used for the encoder: %s", trial.backend, trial.refused)
    if memory is not None:
        remember(memory, where, choice)
    return choice
