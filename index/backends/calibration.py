"""Which path is the fastest on this machine, among those that give what the reference gives: asked with a few texts.

A path is held against the reference by the vectors of whole texts, so that tokenizer, limits of length and weights are
all tried. One that rounds too coarsely, or reads a model wrongly, is refused, however fast it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import Any, NamedTuple

import numpy as np

from index.backends import TORCH, Unsuitable
from index.backends.paths import Paths
from index.batches import Batches, TokenBatches, gathered
from index.errors import EncoderUnavailable
from index.prompts import Prompts
from index.protocols import Vectors
from index.trust import PROBES

LEAST_AGREEMENT = 0.997  # mean cosine with the reference: 0.998 costs a tenth of an nDCG point, 0.995 half a point
WORTH_A_COPY = 1.15  # times faster must a second path be to have weights of its own in memory
_HOPELESS = 3.0  # times slower than the reference at first sight: not worth a measurement
_ROUNDS = 3
_PASSAGES = 6  # timed; each has around 200 tokens


class Trial(NamedTuple):
    """One path on this machine; a refused one has no figures it could be chosen by."""

    backend: str
    passages_per_second: float = 0.0
    question_milliseconds: float = 0.0
    agreement: float = 0.0  # mean cosine with the reference, over questions or over passages, whichever is less
    refused: str = ""


class Choice(NamedTuple):
    """The path for questions and the one for passages, and the trials that decided."""

    questions: str
    passages: str
    trials: tuple[Trial, ...] = ()

    def written(self) -> dict[str, Any]:
        """As JSON can hold it; `read` gives it back."""
        return {**self._asdict(), "trials": [trial._asdict() for trial in self.trials]}

    @staticmethod
    def read(written: Mapping[str, Any]) -> Choice:
        """What `written` gave. Raises KeyError or TypeError where it is something else."""
        trials = tuple(Trial(**trial) for trial in written["trials"])
        return Choice(str(written["questions"]), str(written["passages"]), trials)

    def __str__(self) -> str:
        tried = {trial.backend: trial for trial in self.trials}
        if self.questions not in tried or self.passages not in tried:
            return f"passages by {self.passages}, questions by {self.questions}"
        return (
            f"passages by {self.passages} ({tried[self.passages].passages_per_second:.0f}/s), "
            f"questions by {self.questions} ({tried[self.questions].question_milliseconds:.1f} ms)"
        )


class Probes(NamedTuple):
    """What the paths are tried with, prompts included; ``long`` is beyond most encoders' reach."""

    questions: list[str]
    passages: list[str]
    long: str


def probes(prompts: Prompts) -> Probes:
    """Questions and passages in both languages, in our own words."""
    sides = [[probe.german_passage for probe in PROBES], [probe.english_passage for probe in PROBES]]
    turned = [" ".join(side[at:] + side[:at]) for at in range(_PASSAGES // 2) for side in sides]
    questions = [text for probe in PROBES for text in (probe.german_question, probe.english_question)]
    return Probes(
        [prompts.question + text for text in questions],
        [prompts.passage + text for text in turned],
        prompts.passage + " ".join(turned),
    )


def calibrate(paths: Paths) -> Choice:
    """Try every path that this machine offers. Raises EncoderUnavailable where the reference cannot be loaded."""
    reference = paths.batches(TORCH)
    names = paths.offered() if isinstance(reference, TokenBatches) and reference.mean else ()
    if not names:
        return Choice(TORCH, TORCH)
    texts = probes(paths.prompts)
    expected = _first_look(reference, paths.prompts, texts)
    trials = [_timed(TORCH, reference, paths.prompts, texts, 1.0)]
    for name in names:
        try:
            trials.append(_trial(name, paths, texts, expected))
        except (Unsuitable, EncoderUnavailable) as failed:
            trials.append(Trial(name, refused=str(failed)))
        paths.release(name)
    return chosen(trials)


def chosen(trials: Sequence[Trial]) -> Choice:
    """The fastest of the trials that were not refused; one path for both where a second is not worth its memory."""
    sound = [trial for trial in trials if not trial.refused]
    questions = min(sound, key=lambda trial: trial.question_milliseconds)
    passages = max(sound, key=lambda trial: trial.passages_per_second)
    if passages.question_milliseconds <= WORTH_A_COPY * questions.question_milliseconds:
        questions = passages
    elif WORTH_A_COPY * questions.passages_per_second >= passages.passages_per_second:
        passages = questions
    return Choice(questions.backend, passages.backend, tuple(trials))


def _trial(name: str, paths: Paths, texts: Probes, expected: _Look) -> Trial:
    batches = paths.batches(name)
    given = _first_look(batches, paths.prompts, texts)
    if given.seconds > _HOPELESS * expected.seconds:  # numbers that the processor can only imitate
        return Trial(name, refused=f"it is {given.seconds / expected.seconds:.0f} times as slow as the reference")
    agreement = min(
        _agreement(given.questions, expected.questions),
        _agreement(given.passages, expected.passages),
    )
    if not agreement >= LEAST_AGREEMENT:
        said = f"its vectors agree with the reference's by {agreement:.4f}, at least {LEAST_AGREEMENT} is asked for"
        return Trial(name, agreement=agreement, refused=said)
    return _timed(name, batches, paths.prompts, texts, agreement)


class _Look(NamedTuple):
    questions: Vectors
    passages: Vectors
    seconds: float


def _first_look(batches: Batches, prompts: Prompts, texts: Probes) -> _Look:
    begin = perf_counter()
    questions = gathered(batches(texts.questions, prompts.question))
    passages = gathered(batches([*texts.passages, texts.long], prompts.passage))
    return _Look(questions, passages, perf_counter() - begin)


def _agreement(some: Vectors, others: Vectors) -> float:
    if some.shape != others.shape:
        return 0.0
    return float(np.einsum("ij,ij->i", some, others).mean())


def _timed(name: str, batches: Batches, prompts: Prompts, texts: Probes, agreement: float) -> Trial:
    """The best of some rounds, so that what else the machine does is mostly left out; the first call warms up."""
    questions = np.empty((_ROUNDS, len(texts.questions)))
    passages = np.empty(_ROUNDS)
    for row, spent in enumerate(questions):
        for column, text in enumerate(texts.questions):
            spent[column] = _seconds(batches, [text], prompts.question)
        passages[row] = _seconds(batches, texts.passages, prompts.passage)
    return Trial(
        name,
        passages_per_second=round(len(texts.passages) / float(passages.min()), 2),
        question_milliseconds=round(1000 * float(questions.min(axis=0).mean()), 3),
        agreement=round(agreement, 6),
    )


def _seconds(batches: Batches, texts: Sequence[str], prompt: str) -> float:
    begin = perf_counter()
    gathered(batches(texts, prompt))
    return perf_counter() - begin
