"""Retrieved passages against gold spans: whether the right passage, not only the right document, comes first."""

from __future__ import annotations

from collections.abc import Sequence

from eval.records import GoldQuote, Reply, Retrieved

CUTOFFS = (1, 3, 5)
DEPTH = 10


def score(reply: Reply, gold: Sequence[GoldQuote]) -> dict[str, float]:
    """Success at the cutoffs, and reciprocal rank; nothing where no gold has a span.

    A target that gives documents without places has found no passage, and scores nothing either.
    """
    spans = [each for each in gold if each.span is not None]
    if not spans or (reply.retrieved and all(found.start is None for found in reply.retrieved)):
        return {}
    rank = first_right(reply.retrieved, spans)
    values = {f"passage_success@{cutoff}": float(rank is not None and rank <= cutoff) for cutoff in CUTOFFS}
    values[f"passage_rr@{DEPTH}"] = 1 / rank if rank is not None and rank <= DEPTH else 0.0
    return values


def first_right(retrieved: Sequence[Retrieved], gold: Sequence[GoldQuote]) -> int | None:
    """The rank, from 1, of the first passage that holds a gold span."""
    ordered = sorted(retrieved, key=lambda found: found.rank)
    return next((rank for rank, found in enumerate(ordered, 1) if any(holds(found, each) for each in gold)), None)


def holds(found: Retrieved, gold: GoldQuote) -> bool:
    """Whether a passage has at least half of the gold span, or is at least half gold; the document, without a span."""
    if found.doc_id != gold.doc_id:
        return False
    if gold.span is None:
        return True
    if found.start is None or found.end is None:
        return False
    shared = min(found.end, gold.span.end) - max(found.start, gold.span.start)
    return shared > 0 and 2 * shared >= min(found.end - found.start, len(gold.span))
