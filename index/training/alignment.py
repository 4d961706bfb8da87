"""Which word translates which: IBM Model 1 (Brown et al., Computational Linguistics 1993) on sentence pairs.

Words are taken as they come, folded to lower case; both directions are estimated by expectation maximisation from the
same list of word pairs seen together, so a whole corpus fits in a few arrays.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.training.sources import Pair

_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")

Numbers = NDArray[np.int64]
Probabilities = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Alignment:
    """Word pairs that translate each other; row i says so of ``english[left[i]]`` and ``german[right[i]]``.

    ``german_given_english`` and ``english_given_german`` are (rows,) probabilities; ``together`` is (rows,), how often
    the two are expected to have been aligned; ``english_count`` and ``german_count`` are how often each word was seen.
    """

    english: list[str]
    german: list[str]
    left: Numbers
    right: Numbers
    german_given_english: Probabilities
    english_given_german: Probabilities
    together: Probabilities
    english_count: Numbers
    german_count: Numbers


def words(text: str) -> list[str]:
    """The words of a sentence, folded to lower case; a hyphenated word is one word."""
    return _WORD.findall(text.casefold().replace("ß", "ss"))


def align(
    pairs: Iterable[Pair],
    *,
    rounds: int = 6,
    least_count: int = 2,
    least_probability: float = 0.01,
    split: Callable[[str], list[str]] = words,
) -> Alignment:
    """Estimate both directions in ``rounds`` steps of expectation maximisation.

    Words seen fewer than ``least_count`` times count as not there. Pairs below ``least_probability`` in both directions
    are dropped from the result. The result does not depend on anything but the arguments.
    """
    sentences = [(split(english), split(german)) for english, german in pairs]
    english, english_count = _vocabulary((side for side, _ in sentences), least_count)
    german, german_count = _vocabulary((side for _, side in sentences), least_count)
    links = _Links.between(sentences, english, german)
    forward = links.estimate(links.left, links.english_place, links.german_place, rounds)
    backward = links.estimate(links.right, links.german_place, links.english_place, rounds)
    # A link counts as much as the two directions agree on (their geometric mean): one-sided guesses fall away.
    agreed = np.sqrt(forward.posterior * backward.posterior)
    together = np.asarray(np.bincount(links.key, weights=agreed, minlength=links.rows), dtype=np.float64)
    kept = (forward.probability >= least_probability) | (backward.probability >= least_probability)
    return Alignment(
        english=list(english),
        german=list(german),
        left=links.left[kept],
        right=links.right[kept],
        german_given_english=forward.probability[kept],
        english_given_german=backward.probability[kept],
        together=together[kept],
        english_count=english_count,
        german_count=german_count,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Estimate:
    probability: Probabilities  # (rows,) of the target word given the source word
    posterior: Probabilities  # (links,) that this occurrence of the target came from this occurrence of the source


@dataclass(frozen=True, slots=True, eq=False)
class _Links:
    """Every occurrence of an English word beside every German word of its sentence."""

    key: Numbers  # (links,) row of the word pair
    english_place: Numbers  # (links,) number of the English word's occurrence in the corpus
    german_place: Numbers
    left: Numbers  # (rows,)
    right: Numbers

    @property
    def rows(self) -> int:
        return len(self.left)

    @staticmethod
    def between(
        sentences: Sequence[tuple[list[str], list[str]]], english: dict[str, int], german: dict[str, int]
    ) -> _Links:
        pairs, english_places, german_places = [], [], []
        first_english = first_german = 0
        for left_words, right_words in sentences:
            left = np.array([english[word] for word in left_words if word in english], dtype=np.int64)
            right = np.array([german[word] for word in right_words if word in german], dtype=np.int64)
            pairs.append((left[:, None] * len(german) + right[None, :]).ravel())
            english_places.append(np.repeat(np.arange(len(left), dtype=np.int32), len(right)) + np.int32(first_english))
            german_places.append(np.tile(np.arange(len(right), dtype=np.int32), len(left)) + np.int32(first_german))
            first_english += len(left)
            first_german += len(right)
        seen, key = np.unique(np.concatenate(pairs), return_inverse=True)
        return _Links(
            key=key,
            english_place=np.concatenate(english_places),
            german_place=np.concatenate(german_places),
            left=seen // len(german),
            right=seen % len(german),
        )

    def estimate(self, source: Numbers, source_place: Numbers, target_place: Numbers, rounds: int) -> _Estimate:
        """Expectation maximisation of p(target | source), from even chances."""
        probability = np.ones(self.rows)
        posterior = probability[self.key]
        for _ in range(rounds):
            chance = probability[self.key]
            posterior = chance / np.bincount(target_place, weights=chance)[target_place]
            expected = np.bincount(self.key, weights=posterior, minlength=self.rows)
            probability = expected / np.bincount(source, weights=expected)[source]
        return _Estimate(probability, posterior)


def _vocabulary(sides: Iterable[list[str]], least_count: int) -> tuple[dict[str, int], Numbers]:
    counts = Counter(word for side in sides for word in side)
    kept = sorted((word for word, count in counts.items() if count >= least_count), key=lambda w: (-counts[w], w))
    return {word: number for number, word in enumerate(kept)}, np.array([counts[w] for w in kept], dtype=np.int64)
