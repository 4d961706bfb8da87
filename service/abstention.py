"""Do the articles answer the question at all? A probability, calibrated on questions with and without an answer.

A logistic model over a handful of signals of the evidence; its numbers stand in abstention.json, fitted by
``python -m eval.calibrate``, which says on what data and how well. Signals are absolute (shares and cosines), so that
one model serves corpora of any size.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from index.evidence import PassageEvidence

MODEL_FILE = Path(__file__).parent / "abstention.json"


def signals(evidence: Sequence[PassageEvidence], coverages: Mapping[int, float]) -> dict[str, float]:
    """What the model looks at, by name, for the passages in their order; {} where nothing was found."""
    if not evidence:
        return {}
    top = evidence[0]
    return {
        "fused": top.found.score,
        "lexical": coverages.get(top.found.passage.passage_id, 0.0),
        "sentence_cosine": max(sentence.cosine for sentence in top.sentences),
        "passage_covered": top.covered,
        "sentence_covered": max(sentence.covered for sentence in top.sentences),
        "sentence_both": max(sentence.covered + sentence.cosine for sentence in top.sentences),
        "missing_term": top.missing,
    }


@dataclass(frozen=True, slots=True)
class Calibration:
    """A fitted model for one pair of languages: probability = 1 / (1 + exp(-(bias + sum of weight * signal)))."""

    bias: float
    weights: Mapping[str, float]

    def probability(self, found: Mapping[str, float]) -> float:
        """How likely it is that the articles answer, 0 to 1; 0 where nothing was found."""
        if not found:
            return 0.0
        logit = self.bias + sum(weight * found[name] for name, weight in self.weights.items())
        return 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, logit))))


@dataclass(frozen=True, slots=True)
class AbstentionModel:
    """Calibrations by "question language-passage language", the fallback "any", and the shipped threshold."""

    threshold: float
    calibrations: Mapping[str, Calibration]

    def probability(self, found: Mapping[str, float], question_language: str, passage_language: str) -> float:
        """The calibrated probability for the languages at hand."""
        pair = f"{question_language}-{passage_language}"
        return self.calibrations.get(pair, self.calibrations["any"]).probability(found)


@cache
def bundled_model(path: Path = MODEL_FILE) -> AbstentionModel:
    """The model that ships. Raises OSError or ValueError where the file is missing or damaged."""
    data = json.loads(path.read_text(encoding="utf-8"))
    return AbstentionModel(
        float(data["threshold"]),
        {pair: Calibration(float(c["bias"]), dict(c["weights"])) for pair, c in data["calibrations"].items()},
    )
