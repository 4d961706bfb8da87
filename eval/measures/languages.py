"""Between languages: whether English questions find what German ones find, and whether one's own is favoured."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set

from eval.records import Query

DEPTH = 10
ASKED, BASE = "en", "de"  # the gap is that of questions in ASKED over those in BASE

Gold = frozenset[tuple[str, int, int]]


def gold_key(query: Query, grades: Mapping[str, int]) -> Gold:
    """What answers a question, so that the questions of two languages with one answer can be brought together."""
    if query.gold:
        return frozenset(
            (each.doc_id, each.span.start if each.span else -1, each.span.end if each.span else -1)
            for each in query.gold
        )
    return frozenset((doc_id, -1, -1) for doc_id, grade in grades.items() if grade > 0)


def gap(values: Iterable[tuple[str | None, Gold, float]]) -> tuple[float, int] | None:
    """(ratio, pairs): the mean in ASKED over the mean in BASE, over gold that is asked for in both languages.

    Takes a question's language, gold and value. Each gold counts once, with the mean of its questions in a language.
    None where no gold is asked for in both, or nothing is found in BASE.
    """
    by_gold: dict[Gold, dict[str, list[float]]] = {}
    for language, gold, value in values:
        if gold and language in (ASKED, BASE):
            by_gold.setdefault(gold, {}).setdefault(language, []).append(value)
    pairs = [found for found in by_gold.values() if len(found) == 2]
    below = sum(_mean(found[BASE]) for found in pairs)
    return (sum(_mean(found[ASKED]) for found in pairs) / below, len(pairs)) if below else None


def bias(
    language: str | None, ranking: Sequence[str], relevant: Set[str], languages: Mapping[str, str]
) -> dict[str, float]:
    """How much a ranking favours the question's own language; nothing unless what is relevant is in both.

    ``languages`` holds each document's. Where the right answer is there in one language alone, to show that language
    is no bias, so that only questions with relevant documents in their own and in another language tell.
    """
    own = sum(languages.get(doc_id) == language for doc_id in relevant)
    if language is None or not ranking or not 0 < own < len(relevant):
        return {}
    first = [languages.get(doc_id) == language for doc_id in ranking[:DEPTH]]
    share = sum(first) / len(first)
    return {
        "own_language_first": float(first[0]),
        "own_language_share": share,
        "language_bias": share - own / len(relevant),
    }


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def gap_of_runs(asked: Mapping[str, float], base: Mapping[str, float]) -> tuple[float, int] | None:
    """(ratio, questions) of two runs whose questions have the same ids in two languages, as parallel suites have.

    Takes one measure's value by query id. None where they share no question, or nothing is found in ``base``.
    """
    both = [query_id for query_id in asked if query_id in base]
    below = sum(base[query_id] for query_id in both)
    return (sum(asked[query_id] for query_id in both) / below, len(both)) if below else None
