"""Two legs and a second look become one score. Pure functions.

Each part is absolute, comparable between questions, languages and corpora of any size, where standard scores and
ranks are not: the share of what the question's words could reach in the passage's language (a word that the lexicon
cannot translate lowers it), and cosines, measured from what the encoder gives unrelated texts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

PASSAGE_WEIGHT = 0.5
SENTENCE_WEIGHT = 0.5
SAME_DOCUMENT_COST = 0.03  # what another passage of an article already shown gives up to one of a new article


@dataclass(frozen=True, slots=True)
class Scale:
    """Maps an encoder's cosines to the scale that the weights were chosen on: (cosine - zero) * slope."""

    zero: float = 0.0
    slope: float = 1.0

    def __call__(self, cosine: float) -> float:
        """The cosine on the common scale."""
        return (cosine - self.zero) * self.slope


BUNDLED_SCALE = Scale()


def coverage(score: float, attainable: float) -> float:
    """The share, 0 to 1, of the lexical score that the question's terms could reach."""
    return min(1.0, score / attainable) if attainable > 0 else 0.0


def fuse(covered: float, passage_cosine: float, sentence_cosine: float, scale: Scale = BUNDLED_SCALE) -> float:
    """One score: lexical coverage, the passage's cosine, and its best sentence's."""
    return covered + PASSAGE_WEIGHT * scale(passage_cosine) + SENTENCE_WEIGHT * scale(sentence_cosine)


def spread(scores: Sequence[float], documents: Sequence[str]) -> list[tuple[int, float]]:
    """Order so that articles take turns where relevance allows.

    Takes scores best first with their documents; returns (position, score) in the new order. A passage pays
    SAME_DOCUMENT_COST for each better one of its document, and no more.
    """
    seen: dict[str, int] = {}
    paid = []
    for position, (score, document) in enumerate(zip(scores, documents, strict=True)):
        earlier = seen.get(document, 0)
        seen[document] = earlier + 1
        paid.append((position, score - SAME_DOCUMENT_COST * earlier))
    return sorted(paid, key=lambda item: (-item[1], item[0]))
