"""How sure a mean is, and whether a difference is real: intervals, a paired test, and the correction for many.

Efron and Tibshirani, "An Introduction to the Bootstrap" (1993); Smucker, Allan and Carterette, "A Comparison of
Statistical Significance Tests for Information Retrieval Evaluation" (CIKM 2007); Holm, "A Simple Sequentially
Rejective Multiple Test Procedure" (1979); Wilson, "Probable Inference" (JASA 1927). Repeatable: the seed is fixed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

SEED = 20_260_101
RESAMPLES = 10_000
MOST_DRAWS = 20_000_000  # resamples times questions: with many questions fewer resamples do
FEWEST_RESAMPLES = 1_000
EXACT_QUESTIONS = 13  # with so few differences every way of flipping them is looked at
_Z = 1.959963984540054  # 97.5 % of the standard normal
_BLOCK = 2_000_000  # draws at once: bounds memory


def resamples(count: int, most: int = RESAMPLES) -> int:
    """How many resamples of ``count`` questions are drawn."""
    return min(most, max(FEWEST_RESAMPLES, MOST_DRAWS // max(1, count)))


def interval(values: Numbers, most: int = FEWEST_RESAMPLES) -> tuple[float, float]:
    """95 % of a mean: Wilson's where every value is 0 or 1, for there the bootstrap of few is no use; else percentiles.

    One value has no spread, so that its interval says nothing: it is the value itself.
    """
    if np.isin(values, (0.0, 1.0)).all():
        return wilson(int(values.sum()), len(values))
    means = np.concatenate([values[drawn].mean(axis=1) for drawn in _draws(len(values), most)])
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)


def wilson(successes: int, count: int) -> tuple[float, float]:
    """The 95 % score interval of a share."""
    share, weight = successes / count, _Z * _Z / count
    middle = share + weight / 2
    reach = _Z * math.sqrt(share * (1 - share) / count + weight / (4 * count))
    return max(0.0, (middle - reach) / (1 + weight)), min(1.0, (middle + reach) / (1 + weight))


def paired_interval(differences: Numbers) -> tuple[float, float]:
    """95 % of the mean of paired differences, by the percentiles of the bootstrap."""
    means = np.concatenate([differences[drawn].mean(axis=1) for drawn in _draws(len(differences), RESAMPLES)])
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)


def statistic_interval(
    count: int, statistic: Callable[[NDArray[np.int64]], float | None]
) -> tuple[float, float] | None:
    """95 % of what is no mean: ``statistic`` is given the questions drawn (indices), and may find it undefined (None).

    None where it is undefined in every resample.
    """
    found = [
        value for drawn in _draws(count, FEWEST_RESAMPLES) for row in drawn if (value := statistic(row)) is not None
    ]
    if not found:
        return None
    low, high = np.percentile(found, [2.5, 97.5])
    return float(low), float(high)


def randomisation(differences: Numbers) -> float:
    """Two-sided p of a mean of paired differences when each might as well have had the other sign.

    Exact where few differ from 0; else from random flips, with the one observed counted in, so that p is never 0.
    """
    nonzero = differences[differences != 0]
    if not len(nonzero):
        return 1.0
    observed = abs(nonzero.sum())
    tolerance = 1e-12 * np.abs(nonzero).sum()  # sums in another order differ in the last digits
    if len(nonzero) <= EXACT_QUESTIONS:
        ways = np.arange(2 ** len(nonzero))[:, None] >> np.arange(len(nonzero)) & 1
        return float((np.abs((1 - 2 * ways) @ nonzero) >= observed - tolerance).mean())
    generator = np.random.default_rng(SEED)
    total, extreme = resamples(len(nonzero)), 0
    for rows in _blocks(total, len(nonzero)):
        signs = generator.integers(0, 2, size=(rows, len(nonzero)), dtype=np.int8)
        sums = 2 * (signs @ nonzero) - nonzero.sum()
        extreme += int((np.abs(sums) >= observed - tolerance).sum())
    return (extreme + 1) / (total + 1)


def holm(p_values: Mapping[str, float]) -> dict[str, float]:
    """Each p corrected for there being several: Holm's step-down, which holds whatever the dependence."""
    corrected: dict[str, float] = {}
    highest = 0.0
    for position, (name, p) in enumerate(sorted(p_values.items(), key=lambda item: item[1])):
        highest = max(highest, min(1.0, (len(p_values) - position) * p))
        corrected[name] = highest
    return corrected


def _draws(count: int, most: int) -> Iterator[NDArray[np.int64]]:
    """Indices drawn with replacement, (rows, count) at a time."""
    generator = np.random.default_rng(SEED)
    for rows in _blocks(resamples(count, most), count):
        yield generator.integers(0, count, size=(rows, count))


def _blocks(total: int, count: int) -> Iterator[int]:
    size = max(1, _BLOCK // max(1, count))
    while total > 0:
        yield min(size, total)
        total -= size
