"""How long replies took: percentiles over every question, and what was got through in a second."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from eval.load import Session
from eval.scores import Latency


def latency(seconds: Sequence[float], sessions: Iterable[Session]) -> Latency | None:
    """None where nothing was timed. A run in several sessions has the throughput of all that were finished."""
    if not len(seconds):
        return None
    finished = list(sessions)
    spent = sum(session.seconds for session in finished)
    values = np.asarray(seconds, dtype=np.float64)
    middle, high = np.percentile(values, [50, 95])  # linear interpolation
    last = finished[-1] if finished else None
    return Latency(
        count=len(values),
        mean=float(values.mean()),
        p50=float(middle),
        p95=float(high),
        most=float(values.max()),
        throughput=sum(session.questions for session in finished) / spent if spent else None,
        concurrency=last.concurrency if last else 1,
        rate=last.rate if last else None,
    )
