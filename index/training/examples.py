"""What the student reads: sentences, running paragraphs and single words, in batches of equal work.

The order is a function of the seed and the step alone, so that a training that was stopped goes on where it was.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from index.training.alignment import Alignment
from index.training.glossary import Entry
from index.training.sources import SOURCES, Pair

if TYPE_CHECKING:
    from tokenizers import Tokenizer

PIECES_PER_BATCH = 3072  # German pieces, padding included
LENGTH_STEP = 8  # texts are padded to a multiple of this, since the CPU's kernels are made anew for every shape
_POOL = 24  # batches that are sorted by length together
_SHORTEST_PARAGRAPH, _LONGEST_PARAGRAPH = 45, 190  # words


@dataclass(frozen=True, slots=True)
class Batch:
    """English texts and their German translations, row by row."""

    kind: str
    english: list[str]
    german: list[str]


class Stream:
    """An endless, repeatable sequence of batches of one kind of example."""

    def __init__(self, kind: str, pairs: Sequence[Pair], tokenizer: Tokenizer, *, seed: int) -> None:
        self.kind = kind
        self._pairs = pairs
        self._seed = seed
        encodings = tokenizer.encode_batch_fast([german for _, german in pairs])
        self._lengths = np.array([len(encoding.ids) for encoding in encodings])
        self._epoch = -1
        self._batches: list[list[int]] = []
        self._first = 0

    def __len__(self) -> int:
        return len(self._pairs)

    def batch(self, number: int) -> Batch:
        """The batch of this number, counted from 0 over all epochs; cheap while numbers go up."""
        if number < self._first:
            self._epoch, self._batches, self._first = -1, [], 0
        while number >= self._first + len(self._batches):
            self._first += len(self._batches)
            self._epoch += 1
            self._batches = self._shuffled(self._epoch)
        rows = self._batches[number - self._first]
        return Batch(self.kind, [self._pairs[r][0] for r in rows], [self._pairs[r][1] for r in rows])

    def _shuffled(self, epoch: int) -> list[list[int]]:
        """One pass over the examples: pools drawn at random, cut into batches of like lengths."""
        draw = np.random.default_rng([self._seed, epoch])
        order = draw.permutation(len(self._pairs))
        pool = int(_POOL * PIECES_PER_BATCH / max(1.0, float(self._lengths.mean())))
        batches: list[list[int]] = []
        for start in range(0, len(order), pool):
            part = order[start : start + pool]
            part = part[np.argsort(self._lengths[part], kind="stable")]
            batches.extend(_cut(part, self._lengths))
        return [batches[place] for place in draw.permutation(len(batches))]


def _cut(rows: Iterable[int], lengths: np.ndarray[tuple[int], np.dtype[np.int64]]) -> list[list[int]]:
    """Rows in order of length to batches whose padded size is at most PIECES_PER_BATCH."""
    by_length: dict[int, list[int]] = {}
    for row in rows:
        by_length.setdefault(padded(int(lengths[row])), []).append(int(row))
    batches: list[list[int]] = []
    for length, found in by_length.items():
        most = PIECES_PER_BATCH // length
        batches.extend(found[start : start + most] for start in range(0, len(found), most))
    return [batch for batch in batches if len(batch) > 1]


def padded(length: int) -> int:
    """The length that a text of ``length`` pieces takes in a batch."""
    return -(-length // LENGTH_STEP) * LENGTH_STEP


def sentences(sources: Mapping[str, Sequence[Pair]]) -> list[Pair]:
    """Every sentence pair of every source."""
    return [pair for pairs in sources.values() for pair in pairs]


def paragraphs(sources: Mapping[str, Sequence[Pair]], *, seed: int) -> list[Pair]:
    """Neighbouring sentences of running texts joined, to lengths as passages have them."""
    draw = random.Random(f"paragraphs {seed}")  # noqa: S311 - a sample, not a secret
    found: list[Pair] = []
    for source in SOURCES:
        if not (source.running and source.name in sources):
            continue
        english: list[str] = []
        german: list[str] = []
        goal, size = draw.randint(_SHORTEST_PARAGRAPH, _LONGEST_PARAGRAPH), 0
        for left, right in sources[source.name]:
            english.append(left)
            german.append(right)
            size += len(right.split())
            if size >= goal:
                found.append((" ".join(english), " ".join(german)))
                english, german = [], []
                goal, size = draw.randint(_SHORTEST_PARAGRAPH, _LONGEST_PARAGRAPH), 0
    return found


def word_pairs(alignment: Alignment, glossary: Iterable[Entry]) -> list[Pair]:
    """Words and terms with their translations: the glossary's first two, and what the alignment is sure of."""
    found = {(english, german) for english, options in glossary for german in options[:2]}
    sure = (alignment.german_given_english >= 0.3) & (alignment.english_given_german >= 0.3) & (alignment.together >= 3)
    for row in np.flatnonzero(sure):
        found.add((alignment.english[alignment.left[row]], alignment.german[alignment.right[row]]))
    return sorted(found)
