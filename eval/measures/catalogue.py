"""The measures that are ours, by name: group, direction and definition. All others are ir-measures' own."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Definition:
    """What a measure says. ``unit`` is "share" (0 to 1), "count", "ratio" or "seconds"."""

    group: str
    about: str
    higher_is_better: bool = True
    unit: str = "share"
    neutral: bool = False  # more of it is neither better nor worse: no verdict, no floor of itself


OURS: dict[str, Definition] = {
    "passage_success@1": Definition(
        "passages", "The first passage holds a gold quote (or half of it, cut by a border)."
    ),
    "passage_success@3": Definition("passages", "One of the first three passages does."),
    "passage_success@5": Definition("passages", "One of the first five passages does."),
    "passage_rr@10": Definition("passages", "1 / rank of the first passage that does, within ten; else 0."),
    "right_answers": Definition("answers", "Answerable question answered with a citation that overlaps its gold."),
    "lost_answers": Definition("abstention", "Answerable question not answered.", higher_is_better=False),
    "false_answers": Definition("abstention", "Unanswerable question answered.", higher_is_better=False),
    "auroc": Definition(
        "abstention", "Chance that an answerable question has the higher answerability of a random pair."
    ),
    "aurc": Definition(
        "abstention", "Area under risk over coverage: mean share of answers without ground.", higher_is_better=False
    ),
    "citation_exact": Definition("citations", "Share of an answer's citations whose quote stands at their place."),
    "citation_precision": Definition("citations", "Share of an answer's citations that overlap gold and are exact."),
    "citation_recall": Definition("citations", "Share of a question's gold spans that an exact citation overlaps."),
    "citation_containment": Definition("citations", "Share of a question's gold spans that lie whole in a citation."),
    "sentences_cited": Definition("citations", "Share of an answer's sentences that an exact citation stands behind."),
    "distinct_sources": Definition(
        "citations", "Documents that an answer cites, different ones.", unit="count", neutral=True
    ),
    "own_language_first": Definition("languages", "First document found is in the question's language.", neutral=True),
    "own_language_share": Definition(
        "languages", "Share of the first ten documents in the question's language.", neutral=True
    ),
    "language_bias": Definition(
        "languages",
        "own_language_share less the share of that language among the relevant documents: 0 is none.",
        higher_is_better=False,
    ),
    "language_gap": Definition(
        "languages",
        "English over German questions with the same gold, of the primary measure: 1 is none.",
        unit="ratio",
    ),
    "seconds": Definition("latency", "From the intended start to the reply.", higher_is_better=False, unit="seconds"),
}


def definition(name: str) -> Definition:
    """Of a measure of ours, or of one that ir-measures computes; a gap may name its measure in brackets."""
    return OURS.get(name.partition("(")[0]) or Definition("retrieval", "Computed by ir-measures.")
