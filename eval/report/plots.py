"""The plots of the report, as SVG: score by slice, risk over coverage, latency, and one run against another.

Runs are told apart by colour and by shape, so that neither is needed. Shares are given from 0 to 1 and written as they
are; every mark says its values when it is pointed at.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from eval.report.axes import BOTTOM, LEFT, RIGHT, TOP, WIDTH, Scale, at, drawing, frame, line
from eval.report.markup import Content, Markup, joined, tag

MOST_SERIES = 4
MOST_POINTS = 400  # of a curve; more would weigh the file down and look the same
MARK = 4.5  # half the width of a mark
_ROW, _ROW_HEAD, _APART = 15.0, 20.0, 10.0
_HEIGHT = 260.0
_BINS_A_DECADE = 12
_NAME = 29  # letters of a slice that stand beside its figures
_CORNERS = (
    ((-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)),
    ((0.0, -1.4), (1.4, 0.0), (0.0, 1.4), (-1.4, 0.0)),
    ((0.0, -1.3), (1.2, 0.9), (-1.2, 0.9)),
)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A measured value with the ends of its confidence interval, where there is one."""

    value: float
    low: float | None = None
    high: float | None = None

    def __str__(self) -> str:
        within = "" if self.low is None or self.high is None else f" ({self.low:.3f} to {self.high:.3f})"
        return f"{self.value:.3f}{within}"


@dataclass(frozen=True, slots=True)
class SliceRow:
    """One slice: its name, how many questions it has, and what each run reached (None: not measured)."""

    name: str
    count: int
    values: tuple[Estimate | None, ...]


@dataclass(frozen=True, slots=True)
class Curve:
    """Risk over coverage of one run, (coverage, risk) by rising coverage; ``point`` is where it operates."""

    name: str
    points: tuple[tuple[float, float], ...]
    point: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Latencies:
    """Seconds of every question of one run."""

    name: str
    seconds: tuple[float, ...]


def mark(number: int, x: float, y: float, said: str, size: float = MARK) -> Markup:
    """The sign of the run with this number: circle, square, diamond, triangle."""
    css, title = f"mark series-{number}", tag("title", said)
    if number == 0:
        return tag("circle", title, cx=at(x), cy=at(y), r=at(size), class_=css)
    corners = _CORNERS[(number - 1) % len(_CORNERS)]
    points = " ".join(f"{at(x + dx * size * 0.9)},{at(y + dy * size * 0.9)}" for dx, dy in corners)
    return tag("polygon", title, points=points, class_=css)


def by_slice(title: str, rows: Sequence[SliceRow], measure: str) -> Markup:
    """A row for each slice: its name above, below on one common scale a mark for each run with its interval."""
    runs = max((len(row.values) for row in rows), default=1)
    tall = _ROW_HEAD + _ROW * runs + _APART
    height = TOP + tall * len(rows) + BOTTOM
    ends = [end for row in rows for each in row.values if each for end in (each.value, each.low, each.high)]
    top = max(1.0, *(end for end in ends if end is not None)) if ends else 1.0
    across = Scale(0.0, top, 8.0, WIDTH - RIGHT - 4)
    parts: list[Content] = []
    for tick in across.ticks():
        x = at(across(tick))
        parts.append(tag("line", x1=x, x2=x, y1=at(TOP), y2=at(height - BOTTOM), class_="grid"))
        parts.append(tag("text", f"{tick:.3g}", x=x, y=at(height - BOTTOM + 16), text_anchor="middle", class_="tick"))
    for number, row in enumerate(rows):
        parts.append(_slice(row, TOP + tall * number, across))
    parts.append(tag("text", measure, x=at(WIDTH / 2), y=at(height - 6), text_anchor="middle", class_="axis-name"))
    return drawing(height, title, *parts)


def _slice(row: SliceRow, top: float, across: Scale) -> Markup:
    baseline = top + 14
    first = row.values[0] if len(row.values) == 1 else None
    said = f"{row.count:,} asked" if first is None else f"{first.value:.3f} · {row.count:,} asked"
    name = clipped(row.name, _NAME)
    parts: list[Content] = [
        tag("text", tag("title", row.name), name, x=at(across.start), y=at(baseline), class_="label"),
        tag("text", said, x=at(across.end), y=at(baseline), text_anchor="end", class_="tick"),
    ]
    for number, each in enumerate(row.values):
        y = top + _ROW_HEAD + _ROW * (number + 0.5)
        if each is None:
            continue
        if each.low is not None and each.high is not None:
            parts.append(
                tag("line", x1=at(across(each.low)), x2=at(across(each.high)), y1=at(y), y2=at(y),
                    class_=f"interval series-{number}")
            )  # fmt: skip
        parts.append(mark(number, across(each.value), y, f"{row.name}: {each}"))
    return joined(parts)


def risk_coverage(title: str, curves: Sequence[Curve]) -> Markup:
    """How often an answer is wrong when only the surest share of questions is answered."""
    worst = max((risk for curve in curves for _, risk in curve.points), default=0.0)
    across = Scale(0.0, 1.0, LEFT, WIDTH - RIGHT)
    up = Scale(0.0, max(0.05, worst * 1.08), _HEIGHT - BOTTOM, TOP)
    parts: list[Content] = [frame(_HEIGHT, across, up, ("share of questions answered", "share answered wrongly"))]
    for number, curve in enumerate(curves):
        points = [(across(coverage), up(risk)) for coverage, risk in thinned(curve.points)]
        parts.append(line(points, f"curve series-{number}"))
    for number, curve in enumerate(curves):
        if curve.point is not None:
            coverage, risk = curve.point
            said = f"{curve.name}: answers {coverage:.1%}, wrong {risk:.1%}"
            parts.append(mark(number, across(coverage), up(risk), said, MARK + 1))
    return drawing(_HEIGHT, title, *parts)


def thinned(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """At most MOST_POINTS of a curve, the first and the last among them."""
    if len(points) <= MOST_POINTS:
        return list(points)
    step = (len(points) - 1) / (MOST_POINTS - 1)
    return [points[round(number * step)] for number in range(MOST_POINTS)]


def latency(title: str, runs: Sequence[Latencies], quantiles: tuple[float, ...] = (50, 95)) -> Markup:
    """How many questions took how long, in milliseconds on a logarithmic scale, with p50 and p95 as lines."""
    times = [[max(0.01, 1000 * each) for each in run.seconds] for run in runs]
    low, high = min(map(min, times)), max(map(max, times))
    first = math.floor(math.log10(low) * _BINS_A_DECADE)
    last = max(first + 4, math.floor(math.log10(high) * _BINS_A_DECADE) + 1)
    counts = [Counter(math.floor(math.log10(each) * _BINS_A_DECADE) for each in run) for run in times]
    shares = [{place: count / each.total() for place, count in each.items()} for each in counts]
    across = Scale(_edge(first), _edge(last), LEFT, WIDTH - RIGHT, logarithmic=True)
    up = Scale(0.0, max(max(each.values()) for each in shares) * 1.05, _HEIGHT - BOTTOM, TOP)
    parts: list[Content] = [frame(_HEIGHT, across, up, ("milliseconds", "share of questions"))]
    for number, (run, spread) in enumerate(zip(runs, shares, strict=True)):
        steps = [(across(_edge(first)), up(0))]
        for place in range(first, last):
            y = up(spread.get(place, 0.0))
            steps += [(across(_edge(place)), y), (across(_edge(place + 1)), y)]
        steps.append((across(_edge(last)), up(0)))
        parts.append(line(steps, f"steps series-{number}"))
        for quantile in quantiles:
            value = 1000 * percentile(run.seconds, quantile)
            x = at(across(value))
            said = tag("title", f"{run.name}: p{quantile:g} {value:,.1f} ms")
            parts.append(tag("line", said, x1=x, x2=x, y1=at(TOP), y2=at(up(0)), class_=f"quantile series-{number}"))
            if len(runs) == 1:
                parts.append(tag("text", f"p{quantile:g}", x=x, y=at(TOP - 2), text_anchor="middle", class_="tick"))
    return drawing(_HEIGHT, title, *parts)


def _edge(place: int) -> float:
    return float(10 ** (place / _BINS_A_DECADE))


def percentile(values: Sequence[float], share: float) -> float:
    """The value that ``share`` percent do not pass, between neighbours where it falls there (as numpy's `linear`)."""
    ordered = sorted(values)
    place = (len(ordered) - 1) * share / 100
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def scatter(title: str, pairs: Sequence[tuple[float, float]], names: tuple[str, str], measure: str) -> Markup:
    """Every question by what the first run reached (across) and the second (up); equal ones share a larger mark."""
    height = WIDTH
    top = max(1.0, *(max(pair) for pair in pairs)) if pairs else 1.0
    across = Scale(0.0, top, LEFT + 8, WIDTH - RIGHT - 8)
    up = Scale(0.0, top, height - BOTTOM - 8, TOP + 8)
    labels = (f"{measure}: {clipped(names[0])}", f"{measure}: {clipped(names[1])}")
    parts: list[Content] = [frame(height, across, up, labels)]
    parts.append(line([(across(0), up(0)), (across(top), up(top))], "diagonal"))
    counted = Counter((round(first, 2), round(second, 2)) for first, second in pairs)
    most = max(counted.values(), default=1)
    for (first, second), count in sorted(counted.items(), key=lambda item: -item[1]):
        side = "better" if second > first else "worse" if second < first else "same"
        said = f"{count} {'question' if count == 1 else 'questions'}: {first:.2f} before, {second:.2f} after"
        radius = 2.5 + 9.5 * math.sqrt(count / most) if most > 1 else 3.5
        x, y = at(across(first)), at(up(second))
        parts.append(tag("circle", tag("title", said), cx=x, cy=y, r=at(radius), class_=f"dot {side}"))
    return drawing(height, title, *parts)


def clipped(name: str, most: int = 30) -> str:
    """A name short enough for an axis; names that begin alike are told apart by their ends."""
    if len(name) <= most:
        return name
    kept = most - 1
    return f"{name[: kept - kept // 2].rstrip()}…{name[-(kept // 2) :].lstrip()}"


def legend(names: Sequence[str]) -> Markup:
    """Which run has which sign; nothing where there is one."""
    if len(names) < 2:
        return Markup("")
    items = []
    for number, name in enumerate(names):
        sign = tag("svg", mark(number, 8, 8, name), viewBox="0 0 16 16", class_="key", aria_hidden="true")
        items.append(tag("li", sign, name))
    return tag("ul", *items, class_="legend")
