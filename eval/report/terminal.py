"""Tables for the terminal: aligned, with the group of measures above its lines."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from eval.gate import Check
from eval.measures.catalogue import definition
from eval.report.values import dimensions, grouped, interval, milliseconds, slice_rows, written
from eval.scores import Latency, Scores

SHOWN_SLICES = 12  # of a dimension; the page has all


def width(text: str) -> int:
    """Columns a text takes in a terminal."""
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else not unicodedata.combining(each) for each in text)


def lines(heads: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: int = 1) -> Iterator[str]:
    """A table; columns from ``numbers`` on are aligned right."""
    body = [list(row) for row in rows]
    widths = [max(map(width, column)) for column in zip(heads, *body, strict=True)]

    def one(row: Sequence[str]) -> str:
        cells = []
        for number, (cell, wide) in enumerate(zip(row, widths, strict=True)):
            room = " " * (wide - width(cell))
            cells.append(room + cell if number >= numbers else cell + room)
        return "  ".join(cells).rstrip()

    yield one(heads)
    yield one(["-" * wide for wide in widths])
    yield from map(one, body)


def summary(scores: Scores) -> Iterator[str]:
    """What a run scored: measures by group, slices of the primary one, latency."""
    yield (
        f"{scores.suite}: {scores.questions:,} questions ({scores.answerable:,} answerable, "
        f"{scores.unanswerable:,} not) asked of {scores.target}"
    )
    if scores.failed:
        yield f"{scores.failed:,} questions failed and count as not answered."
    yield ""
    rows = []
    for _, names in grouped(list(scores.measures), scores.primary):
        for name in names:
            if name == "seconds" and scores.latency is not None:
                continue  # the line on latency says more
            value = scores.measures[name]
            better = "" if definition(name).higher_is_better else " (less is better)"
            rows.append([name + better, written(value.value, name), interval(value, name), f"{value.count:,}"])
    yield from lines(["measure", "value", "95 % interval", "questions"], rows)
    for dimension in dimensions([scores]):
        sliced = slice_rows([scores], dimension, scores.primary)
        if len(sliced) > 1:
            yield ""
            shown = [
                [row.name, f"{row.values[0].value:.3f}" if row.values[0] else "–", f"{row.count:,}"]
                for row in sliced[:SHOWN_SLICES]
            ]
            yield from lines([dimension, scores.primary, "questions"], shown)
            if len(sliced) > SHOWN_SLICES:
                yield f"and {len(sliced) - SHOWN_SLICES} more in the report"
    if scores.latency is not None:
        yield ""
        yield latency(scores.latency)


def latency(took: Latency) -> str:
    """One line on how long it took."""
    offered = "one after the other" if took.rate is None else f"{took.rate:g} a second offered"
    at_once = "" if took.concurrency == 1 else f", {took.concurrency} at the same time"
    through = "" if took.throughput is None else f"; {took.throughput:,.1f} a second answered"
    return f"latency p50 {milliseconds(took.p50)}, p95 {milliseconds(took.p95)} ({offered}{at_once}){through}"


def checks(found: Sequence[Check]) -> Iterator[str]:
    """Every floor with what was measured."""
    rows = [
        [
            check.floor.slice or "all",
            check.floor.measure,
            ("at most " if check.floor.most else "at least ") + f"{check.floor.bound:g}",
            f"{check.value:.4f}",
            "holds" if check.holds else "NOT REACHED",
        ]
        for check in found
    ]
    yield from lines(["questions", "measure", "floor", "measured", ""], rows, numbers=2)
