"""Measured values as people read them, in the terminal and on the page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from eval.measures.catalogue import OURS, definition
from eval.report.markup import Content, Markup, tag
from eval.report.plots import Curve, Estimate, SliceRow
from eval.scores import CurvePoint, Scores, Value

# The order of groups in tables; ir-measures' own come first.
GROUPS = ("retrieval", "passages", "answers", "citations", "abstention", "languages", "latency")
LOOKED_AT_FIRST = (
    "passage_success@1",
    "right_answers",
    "citation_exact",
    "false_answers",
    "R@10",
    "RR@10",
    "Success@1",
)


def label(name: str) -> str:
    """A measure's name as people read it: ours without underscores, the field's own as they are."""
    return name.replace("_", " ") if name.partition("(")[0] in OURS else name


def written(value: float, name: str) -> str:
    """A value with the digits that its unit deserves."""
    unit = definition(name).unit
    if unit == "seconds":
        return milliseconds(value)
    return f"{value:.2f}" if unit == "count" else f"{value:.3f}"


def milliseconds(seconds: float) -> str:
    """Below ten with a decimal."""
    value = 1000 * seconds
    return f"{value:,.0f} ms" if value >= 10 else f"{value:.1f} ms"


def interval(value: Value, name: str) -> str:
    """The ends of the interval, or nothing."""
    if value.low is None or value.high is None:
        return ""
    return f"{written(value.low, name)} to {written(value.high, name)}"


def ordered(names: Sequence[str], primary: str = "") -> list[str]:
    """Measures by group, the primary one first."""
    places = {name: place for place, name in enumerate(OURS)}
    return sorted(
        names,
        key=lambda name: (
            GROUPS.index(definition(name).group),
            name != primary,
            places.get(name.partition("(")[0], 0),
            name,
        ),
    )


def grouped(names: Sequence[str], primary: str = "") -> Iterator[tuple[str, list[str]]]:
    """(group, its measures) in order."""
    listed = ordered(names, primary)
    for group in GROUPS:
        inside = [name for name in listed if definition(name).group == group]
        if inside:
            yield group, inside


def estimate(value: Value | None) -> Estimate | None:
    """For a plot."""
    return None if value is None else Estimate(value.value, value.low, value.high)


def slice_rows(runs: Sequence[Scores], dimension: str, measure: str) -> list[SliceRow]:
    """The slices of one dimension that any run has the measure for, the largest first."""
    found: dict[str, int] = {}
    for scores in runs:
        for name, values in scores.slices.get(dimension, {}).items():
            if measure in values:
                found[name] = max(found.get(name, 0), values[measure].count)
    names = sorted(found, key=lambda name: (-found[name], name))
    return [
        SliceRow(
            name,
            found[name],
            tuple(estimate(run.slices.get(dimension, {}).get(name, {}).get(measure)) for run in runs),
        )
        for name in names
    ]


def naturally(name: str) -> tuple[int, str]:
    """Sorts what begins with a number by it: "6-10 words" before "11-20 words"."""
    digits = re.match(r"\d*", name)
    return (int(digits[0]) if digits and digits[0] else 10**9, name)


def dimensions(runs: Sequence[Scores]) -> list[str]:
    """The dimensions that any run was sliced by, in order."""
    return list(dict.fromkeys(dimension for run in runs for dimension in run.slices))


def curve(scores: Scores, *, wrong: bool = False, name: str | None = None) -> Curve:
    """Risk over coverage; with ``wrong`` a first passage that is not right counts as a wrong answer too."""

    def place(point: CurvePoint) -> tuple[float, float]:
        return point.coverage, point.wrong if wrong else point.risk

    points = sorted(scores.curve, key=lambda point: point.coverage)
    operating = None
    if scores.threshold is not None:
        answered = [point for point in points if point.threshold >= scores.threshold]
        operating = place(answered[-1]) if answered else None
    return Curve(name or scores.run, tuple(place(point) for point in points), operating)


def pairs_table(head: tuple[str, str], values: Mapping[str, Content]) -> Markup:
    """Names and what they stand for, such as settings."""
    rows = [tag("tr", tag("th", name, scope="row"), tag("td", value)) for name, value in values.items()]
    heads = tag("thead", tag("tr", *(tag("th", each, scope="col") for each in head)))
    return tag("div", tag("table", heads, tag("tbody", *rows), class_="facts-table"), class_="scroll", tabindex="0")
