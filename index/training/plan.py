"""How long and how hard to train, and what is read when: all of it a function of the step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from index.training.examples import Batch, Stream

_PATTERN_EARLY = ("word", "sentence", "sentence", "word", "paragraph", "sentence", "sentence", "paragraph")
_PATTERN = ("sentence", "sentence", "paragraph", "sentence", "word", "sentence", "sentence", "paragraph")


@dataclass(frozen=True, slots=True)
class Plan:
    """How long and how hard to train. Rates are those of Adam at their highest."""

    steps: int
    minutes: float = float("inf")  # wall clock; the rates then fall with whichever runs out first
    rate: float = 1.5e-4
    table_rate: float = 8e-4
    warm_up: int = 150
    early: float = 0.2  # part of the training that sees words more often
    english_share: float = 0.3  # of a batch whose English is read by the student too
    anchor: float = 1.0  # weight of the English distance: the student must not forget the teacher's language
    contrast: float = 0.1
    average: float = 0.98  # what the average of the weights keeps of itself when it takes them up, every tenth step
    seed: int = 0

    def kept(self, done: int) -> float | None:
        """The share of the average that is kept after ``done`` steps; 0 where it begins, None where it stays.

        It begins after the warm-up, and a young one keeps less of itself.
        """
        turns, rest = divmod(done - self.warm_up, 10)
        if turns < 0 or rest:
            return None
        return min(self.average, (1 + turns) / (10 + turns)) if turns else 0.0


def batch_for(step: int, streams: Mapping[str, Stream], plan: Plan) -> Batch:
    """The batch of a step: kinds take turns by a fixed pattern, words more often in the early part."""
    turn = int(plan.early * plan.steps)
    early, late = min(step, turn), max(0, step - turn)
    pattern = _PATTERN_EARLY if step < turn else _PATTERN
    kind = pattern[(step if step < turn else late) % len(pattern)]
    before = _count(_PATTERN_EARLY, early, kind) + _count(_PATTERN, late, kind)
    return streams[kind].batch(before)


def examples_read(streams: Mapping[str, Stream], plan: Plan, steps: int) -> dict[str, int]:
    """How many examples the first ``steps`` read, by kind, repeats counted."""
    read = dict.fromkeys(streams, 0)
    for step in range(steps):
        batch = batch_for(step, streams, plan)
        read[batch.kind] += len(batch.german)
    return read


def _count(pattern: Sequence[str], steps: int, kind: str) -> int:
    whole, rest = divmod(steps, len(pattern))
    return whole * pattern.count(kind) + pattern[:rest].count(kind)
