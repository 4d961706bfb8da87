"""Where values lie on a plot: scales, their ticks, and the frame around them. All in units of the drawing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from eval.report.markup import Content, Markup, joined, tag

WIDTH = 360.0  # drawn at the width of the narrowest window, so that letters never shrink below their size
LEFT, RIGHT, TOP, BOTTOM = 44.0, 12.0, 12.0, 42.0


@dataclass(frozen=True, slots=True)
class Scale:
    """Maps ``low`` to ``high`` onto ``start`` to ``end``, evenly or by logarithm; values outside stop at the ends."""

    low: float
    high: float
    start: float
    end: float
    logarithmic: bool = False

    def __call__(self, value: float) -> float:
        """The place of a value."""
        share = (self._bent(value) - self._bent(self.low)) / (self._bent(self.high) - self._bent(self.low))
        return self.start + min(1.0, max(0.0, share)) * (self.end - self.start)

    def _bent(self, value: float) -> float:
        return math.log(max(value, self.low)) if self.logarithmic else value

    def ticks(self) -> list[float]:
        """Round values to be written at the axis, five or so."""
        if self.logarithmic:
            first, last = math.floor(math.log10(self.low)), math.ceil(math.log10(self.high))
            fine = [factor * 10.0**power for power in range(first, last + 1) for factor in (1, 2, 5)]
            coarse = [10.0**power for power in range(first, last + 1)]
            inside = [[tick for tick in each if self.low <= tick <= self.high] for each in (fine, coarse)]
            return inside[0] if len(inside[0]) <= 6 else inside[1]
        step = _round_step((self.high - self.low) / 5)
        first_tick = math.ceil(self.low / step - 1e-9)
        count = math.floor((self.high - first_tick * step) / step + 1e-9) + 1
        return [(first_tick + number) * step for number in range(count)]


def _round_step(least: float) -> float:
    power = 10.0 ** math.floor(math.log10(least))
    return next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= least * (1 - 1e-9))


def short(value: float) -> str:
    """A number with as few digits as tell it apart from its neighbours on an axis."""
    return f"{value:.3g}" if value < 1000 else f"{value:,.0f}"


def at(value: float) -> str:
    """A place in the drawing: a hundredth of a unit is finer than any screen."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def frame(
    height: float, across: Scale, up: Scale, labels: tuple[str, str], shown: tuple[str, str] = ("", "")
) -> Markup:
    """Grid, ticks and the names of both axes. ``shown`` are units that follow the ticks of each axis."""
    left, right, top, bottom = LEFT, WIDTH - RIGHT, TOP, height - BOTTOM
    parts: list[Content] = []
    for tick in up.ticks():
        y = at(up(tick))
        parts.append(tag("line", x1=at(left), x2=at(right), y1=y, y2=y, class_="grid"))
        label = short(tick) + shown[1]
        parts.append(tag("text", label, x=at(left - 6), y=y, dy="0.32em", text_anchor="end", class_="tick"))
    for tick in across.ticks():
        x = at(across(tick))
        parts.append(tag("line", x1=x, x2=x, y1=at(bottom), y2=at(bottom + 4), class_="axis"))
        label = short(tick) + shown[0]
        parts.append(tag("text", label, x=x, y=at(bottom + 17), text_anchor="middle", class_="tick"))
    parts.append(tag("line", x1=at(left), x2=at(right), y1=at(bottom), y2=at(bottom), class_="axis"))
    middle = at((left + right) / 2)
    parts.append(tag("text", labels[0], x=middle, y=at(height - 6), text_anchor="middle", class_="axis-name"))
    turned = f"translate(11 {at((top + bottom) / 2)}) rotate(-90)"
    parts.append(tag("text", labels[1], transform=turned, text_anchor="middle", class_="axis-name"))
    return joined(parts)


def drawing(height: float, title: str, *content: Content) -> Markup:
    """A plot. ``title`` says in words what a reader who does not see it should know."""
    return tag(
        "svg",
        tag("title", title),
        *content,
        viewBox=f"0 0 {at(WIDTH)} {at(height)}",
        role="img",
        aria_label=title,
        class_="plot",
    )


def line(points: Sequence[tuple[float, float]], css: str) -> Markup:
    """Straight from point to point."""
    return tag("polyline", points=" ".join(f"{at(x)},{at(y)}" for x, y in points), class_=css)
