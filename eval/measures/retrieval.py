"""Retrieval by ir-measures (MacAvaney et al., ECIR 2022): any measure that it parses, per question, in batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import islice
from typing import Any

from eval.errors import MeasureInvalid, TargetUnavailable

DEFAULT = ("nDCG@10", "R@10", "RR@10", "Success@1", "Success@5", "AP")
BATCH = 500  # questions handed over at once: bounds memory

Qrels = Mapping[str, Mapping[str, int]]
Ranking = Sequence[str]  # document ids, best first, each once


def per_question(
    measures: Sequence[str], qrels: Qrels, rankings: Iterable[tuple[str, Ranking]]
) -> Iterator[tuple[str, dict[str, float]]]:
    """(query_id, value by measure) of every question with a relevant document; others have nothing to be found.

    The order of a ranking is what counts: it is handed over as falling scores, so that no tie can arise. Raises
    MeasureInvalid, and TargetUnavailable where ir-measures is not installed.
    """
    parsed = {name: parse(name) for name in measures}
    remaining = ((query, ranking) for query, ranking in rankings if relevant(qrels.get(query, {})))
    while batch := dict(islice(remaining, BATCH)):
        values: dict[str, dict[str, float]] = {query: dict.fromkeys(measures, 0.0) for query in batch}
        for query, name, value in _calculated(parsed, {query: qrels[query] for query in batch}, batch):
            values[query][name] = value
        yield from values.items()


def relevant(grades: Mapping[str, int]) -> set[str]:
    """The documents judged relevant: those of a grade above 0."""
    return {doc_id for doc_id, grade in grades.items() if grade > 0}


@cache
def parse(name: str) -> Any:  # noqa: ANN401 - ir-measures' own type
    """The measure that a name such as `nDCG@10` or `P(rel=2)@5` means. Raises MeasureInvalid."""
    ir = _ir_measures()
    try:
        measure = ir.parse_measure(name)
        measure.validate_params()
    except (ValueError, NameError, SyntaxError, TypeError, AssertionError) as error:
        raise MeasureInvalid(f"{name!r} is no measure that ir-measures parses, such as {', '.join(DEFAULT)}") from error
    if not ir.DefaultPipeline.supports(measure):
        raise MeasureInvalid(f"{name}: ir-measures needs a package for this that is not installed")
    return measure


def _calculated(
    parsed: Mapping[str, Any], qrels: Qrels, batch: Mapping[str, Ranking]
) -> Iterator[tuple[str, str, float]]:
    ir = _ir_measures()
    names: dict[Any, list[str]] = {}
    for name, measure in parsed.items():
        names.setdefault(measure, []).append(name)  # P@5 and Precision@5 are one
    # Some of the programs behind ir-measures take numbers for questions, and no white space in a document's id.
    numbers = {query: str(number) for number, query in enumerate(batch, 1)}
    queries = {number: query for query, number in numbers.items()}
    called: dict[str, str] = {}
    judged = {
        numbers[query]: {called.setdefault(doc_id, f"d{len(called)}"): grade for doc_id, grade in grades.items()}
        for query, grades in qrels.items()
    }
    run = {
        numbers[query]: {
            called.setdefault(doc_id, f"d{len(called)}"): float(-rank) for rank, doc_id in enumerate(ranking, 1)
        }
        for query, ranking in batch.items()
    }
    for metric in ir.iter_calc(list(names), judged, run):
        for name in names[metric.measure]:
            yield queries[metric.query_id], name, float(metric.value)


def _ir_measures() -> Any:  # noqa: ANN401 - a module
    try:
        import ir_measures
    except ImportError as error:
        raise TargetUnavailable("ir-measures is not installed: retrieval cannot be measured") from error
    return ir_measures
