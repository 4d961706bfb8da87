"""The few measures that choosing settings needs; the exact definitions are stated so that others can check them."""

from __future__ import annotations

import math
from collections.abc import Sequence, Set

import numpy as np
from numpy.typing import NDArray


def ndcg(ranking: Sequence[str], relevant: Set[str], k: int = 10) -> float:
    """nDCG@k with binary gains (Järvelin & Kekäläinen 2002): discounts 1 / log2(rank + 1)."""
    gain = sum(1 / math.log2(rank + 1) for rank, doc_id in enumerate(ranking[:k], 1) if doc_id in relevant)
    ideal = sum(1 / math.log2(rank + 1) for rank in range(1, min(k, len(relevant)) + 1))
    return gain / ideal if ideal else 0.0


def auroc(positive: Sequence[float] | NDArray[np.float64], negative: Sequence[float] | NDArray[np.float64]) -> float:
    """The chance that a random positive scores above a random negative; ties count half (Mann-Whitney U)."""
    if not len(positive) or not len(negative):
        raise ValueError("AUROC needs both classes")
    low = np.sort(np.asarray(negative, dtype=np.float64))
    high = np.asarray(positive, dtype=np.float64)
    below = np.searchsorted(low, high, side="left")
    equal = np.searchsorted(low, high, side="right") - below
    return float((below + 0.5 * equal).sum() / (len(high) * len(low)))
