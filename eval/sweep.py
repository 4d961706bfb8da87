"""Settings tried on a grid: one run for each combination, which wins, and whether the difference is real.

The winner is compared with every other combination by a paired randomisation test over the questions, corrected by
Holm for as many tests as there are. It was chosen on the same questions it is tested on, so that its own value is
somewhat too good to be true on others; the tests say how far the others lie from it, here.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from corpus.errors import SettingsError
from eval import resampling
from eval.compare import LEVEL, Difference, compare
from eval.errors import RunInvalid
from eval.measures.catalogue import definition
from eval.scores import Scores

MOST_POINTS = 500  # runs of one sweep; a grid beyond that was not meant


@dataclass(frozen=True, slots=True)
class Point:
    """One combination of values, by setting."""

    values: Mapping[str, str]

    @property
    def name(self) -> str:
        """What tables call it, and its folder."""
        return ",".join(f"{name}={value}" for name, value in self.values.items())

    @property
    def folder(self) -> str:
        """The name in characters that any file system takes."""
        return "".join(each if each.isalnum() or each in "-_.=," else "-" for each in self.name)


@dataclass(frozen=True, slots=True)
class Place:
    """A point with what it scored and how far it lies from the winner (None for the winner itself)."""

    point: Point
    scores: Scores
    value: float
    difference: float | None = None  # its value less the winner's
    low: float | None = None
    high: float | None = None
    p: float | None = None  # corrected

    @property
    def as_good(self) -> bool:
        """Whether chance may explain the distance to the winner."""
        if self.p is None:
            return self.low is None or self.high is None or self.low <= 0 <= self.high
        return self.p >= LEVEL


@dataclass(frozen=True, slots=True)
class Sweep:
    """Every point, the winner first."""

    measure: str
    places: tuple[Place, ...]

    @property
    def winner(self) -> Place:
        """The best value; of equal ones the one that stands first on the grid."""
        return self.places[0]

    def verdict(self) -> str:
        """What was found, in two sentences at most."""
        ties = [place.point.name for place in self.places[1:] if place.as_good]
        said = f"Best by {self.measure}: {self.winner.point.name}, {self.winner.value:.3f}."
        if len(self.places) == 1:
            return said
        if not ties:
            return f"{said} No other combination comes near enough for chance to explain the difference."
        shown = "; ".join(ties[:3]) + (f"; and {len(ties) - 3} more" if len(ties) > 3 else "")
        return f"{said} Chance may explain the difference to {shown}."

    def as_json(self) -> dict[str, Any]:
        """The whole for programs."""
        return {
            "measure": self.measure,
            "winner": dict(self.winner.point.values),
            "places": [
                {
                    "values": dict(place.point.values),
                    "run": str(place.scores.folder),
                    "value": place.value,
                    "interval": _interval(place, self.measure),
                    "difference": place.difference,
                    "low": place.low,
                    "high": place.high,
                    "p_holm": place.p,
                    "as_good_as_the_winner": place.as_good,
                    "latency": None if place.scores.latency is None else asdict(place.scores.latency),
                }
                for place in self.places
            ],
        }


def _interval(place: Place, measure: str) -> list[float | None]:
    measured = place.scores.measures[measure]
    return [measured.low, measured.high]


def grid(given: Sequence[str]) -> list[Point]:
    """All combinations of NAME=A,B,..., the last name varying fastest. Raises SettingsError naming what is wrong.

    A value that holds a comma itself is written with `|` between the values: NAME=a,b|c.
    """
    axes: dict[str, list[str]] = {}
    for each in given:
        name, equals, rest = each.partition("=")
        name = name.strip().lower().replace("-", "_")
        values = [value.strip() for value in rest.split("|" if "|" in rest else ",")]
        if not equals or not name or not all(values):
            raise SettingsError(f"{each!r}: expected NAME=A,B with a value or more", field="grid")
        if name in axes:
            raise SettingsError(f"{name}: named twice in the grid", field="grid")
        if len(set(values)) < len(values):
            raise SettingsError(f"{name}: a value stands there twice", field="grid")
        axes[name] = values
    points = [Point(dict(zip(axes, chosen, strict=True))) for chosen in itertools.product(*axes.values())]
    if len(points) > MOST_POINTS:
        raise SettingsError(f"the grid has {len(points):,} combinations, more than {MOST_POINTS}", field="grid")
    folders = {point.folder for point in points}
    if len(folders) < len(points):
        raise SettingsError("two combinations would share a folder: name values that differ in letters", field="grid")
    return points


def judge(found: Sequence[tuple[Point, Scores]], measure: str | None = None) -> Sweep:
    """Rank the points by a measure, and test the winner against each of the others.

    Raises RunInvalid where the measure was not taken, or has no values by question to compare.
    """
    if not found:
        raise RunInvalid("a sweep without a run has no winner")
    chosen = measure or found[0][1].primary
    for point, scores in found:
        if chosen not in scores.measures:
            raise RunInvalid(f"{chosen} was not measured in {point.name}; there are {', '.join(scores.measures)}")
    sign = -1.0 if definition(chosen).higher_is_better else 1.0
    ranked = sorted(found, key=lambda item: sign * item[1].measures[chosen].value)
    best, *others = ranked
    differences = {point.name: _difference(best[1], scores, chosen) for point, scores in others}
    corrected = resampling.holm({name: each.p for name, each in differences.items() if each.p is not None})
    return Sweep(chosen, tuple(_places(best, others, differences, corrected, chosen)))


def _difference(best: Scores, other: Scores, measure: str) -> Difference:
    for each in compare(best, other).measures:
        if each.measure == measure:
            return each
    raise RunInvalid(f"{measure} is no mean over questions, so that two runs cannot be compared by it")


def _places(
    best: tuple[Point, Scores],
    others: Sequence[tuple[Point, Scores]],
    differences: Mapping[str, Difference],
    corrected: Mapping[str, float],
    measure: str,
) -> Iterator[Place]:
    yield Place(best[0], best[1], best[1].measures[measure].value)
    for point, scores in others:
        found = differences[point.name]
        yield Place(
            point,
            scores,
            scores.measures[measure].value,
            found.difference,
            found.low,
            found.high,
            corrected.get(point.name),
        )
