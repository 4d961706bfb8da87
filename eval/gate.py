"""Floors that a suite's measures must not fall below: read, check, raise.

A file of floors, TOML or JSON, belongs to one suite by its hash:

    suite = "sample"
    sha256 = "9f2c..."

    [at_least]
    "nDCG@10" = 0.91

    [at_most]
    "false_answer_rate" = 0.4

    [slices."language=en".at_least]
    "nDCG@10" = 0.9

A bound is only ever tightened unless it is said that it may be loosened.
"""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from eval.errors import FloorsInvalid, RunInvalid

DIGITS = 4  # of a bound that is written; rounded to the side on which the measured value still holds
EVERYTHING = ""  # the slice of all questions
_SIDES = {"at_least": False, "at_most": True}

Measured = Mapping[str, Mapping[str, float]]  # slice -> measure -> value; EVERYTHING is all questions


@dataclass(frozen=True, slots=True)
class Floor:
    """One bound: ``measure`` over ``slice`` must reach ``bound``, or with ``most`` not pass it."""

    measure: str
    bound: float
    most: bool = False
    slice: str = EVERYTHING

    @property
    def key(self) -> tuple[str, str]:
        """What it is about."""
        return self.slice, self.measure

    def holds(self, value: float) -> bool:
        """Whether a value is on the right side; one that is not a number never is."""
        return value <= self.bound if self.most else value >= self.bound

    def __str__(self) -> str:
        of = f" ({self.slice})" if self.slice else ""
        return f"{self.measure}{of} {'at most' if self.most else 'at least'} {self.bound:g}"


@dataclass(frozen=True, slots=True)
class Floors:
    """The bounds of one suite, in the file's order. ``about`` says what they were measured on."""

    suite: str
    sha256: str
    floors: tuple[Floor, ...]
    about: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """A floor and what was measured."""

    floor: Floor
    value: float

    @property
    def holds(self) -> bool:
        """Whether the value is on the right side."""
        return self.floor.holds(self.value)

    def __str__(self) -> str:
        return f"{self.floor}: {self.value:.{DIGITS}f}{'' if self.holds else ', not reached'}"


def read_floors(path: Path) -> Floors:
    """Floors of a TOML or JSON file. Raises FloorsInvalid naming the file and what was expected."""
    try:
        text = path.read_text(encoding="utf-8")
        content = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except OSError as error:
        raise FloorsInvalid(f"{path}: {error.strerror}: expected a file of floors") from error
    except ValueError as error:  # of JSON, TOML and UTF-8 alike
        raise FloorsInvalid(f"{path}: not {'JSON' if path.suffix == '.json' else 'TOML'}: {error}") from error
    if not isinstance(content, dict):
        raise FloorsInvalid(f"{path}: expected a table, got {content!r:.60}")
    for key in ("suite", "sha256"):
        if not isinstance(content.get(key), str):
            raise FloorsInvalid(f"{path}: {key}: expected text, got {content.get(key)!r}")
    unknown = set(content) - {"suite", "sha256", "about", "slices", *_SIDES}
    if unknown:
        raise FloorsInvalid(f"{path}: {sorted(unknown)[0]}: expected at_least, at_most, slices or about")
    floors = tuple(_bounds(path, content))
    if not floors:
        raise FloorsInvalid(f"{path}: expected a bound under [at_least], [at_most] or a slice of [slices]")
    return Floors(content["suite"], content["sha256"], floors, str(content.get("about", "")))


def _bounds(path: Path, content: Mapping[str, Any]) -> Iterator[Floor]:
    slices = _table(path, "slices", content.get("slices", {}))
    for name, part in ((EVERYTHING, {side: content[side] for side in _SIDES if side in content}), *slices.items()):
        for side, bounds in _table(path, f"slices.{name}", part).items():
            if side not in _SIDES:
                raise FloorsInvalid(f"{path}: slices.{name}.{side}: expected at_least or at_most")
            for measure, bound in _table(path, side, bounds).items():
                if isinstance(bound, bool) or not isinstance(bound, int | float) or not math.isfinite(bound):
                    raise FloorsInvalid(f"{path}: {side}.{measure}: expected a number, got {bound!r}")
                yield Floor(measure, float(bound), _SIDES[side], name)


def _table(path: Path, key: str, value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise FloorsInvalid(f"{path}: {key}: expected a table, got {value!r:.60}")
    return value


def check(floors: Floors, suite_sha256: str, measured: Measured) -> tuple[Check, ...]:
    """Every floor with what was measured.

    Raises FloorsInvalid where the floors belong to another suite, RunInvalid where one of their measures was not taken.
    """
    if floors.sha256 != suite_sha256:
        raise FloorsInvalid(
            f"the floors belong to the suite with SHA-256 {floors.sha256[:12]}…, this is {suite_sha256[:12]}…: "
            "what they bound was measured on other questions or documents"
        )
    checks = []
    for floor in floors.floors:
        value = measured.get(floor.slice, {}).get(floor.measure)
        if value is None:
            raise RunInvalid(f"there is a floor, but no value in this run: {floor}")
        checks.append(Check(floor, value))
    return tuple(checks)


def tightened(floors: Floors, measured: Measured, *, lower: bool = False, margin: float = 0.0) -> Floors:
    """The floors with each bound moved to what was measured, ``margin`` aside, where that asks for more.

    With ``lower`` a bound is moved to where it is, even if that asks for less.
    """
    moved = []
    for floor in floors.floors:
        value = measured.get(floor.slice, {}).get(floor.measure)
        if value is None or not math.isfinite(value):
            moved.append(floor)
            continue
        bound = bound_for(value, floor.most, margin)
        asks_more = bound < floor.bound if floor.most else bound > floor.bound
        moved.append(replace(floor, bound=bound) if asks_more or lower else floor)
    return replace(floors, floors=tuple(moved))


def bound_for(value: float, most: bool, margin: float = 0.0) -> float:
    """A value with its margin as a bound that it holds."""
    factor = float(10**DIGITS)
    if most:
        return math.ceil(round((value + margin) * factor, 6)) / factor
    return math.floor(round((value - margin) * factor, 6)) / factor


def first_floors(suite: str, sha256: str, measured: Measured, most: Callable[[str], bool], margin: float) -> Floors:
    """Floors where there are none yet: every measure that was taken over all questions. ``most`` tells directions."""
    floors = tuple(
        Floor(name, bound_for(value, most(name), margin), most(name))
        for name, value in measured.get(EVERYTHING, {}).items()
        if math.isfinite(value)
    )
    return Floors(suite, sha256, floors)


def write_floors(path: Path, floors: Floors) -> None:
    """Write TOML, or JSON where the name ends so; whole or not at all."""
    text = _json(floors) if path.suffix == ".json" else _toml(floors)
    partial = path.with_name(path.name + ".partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)


def _json(floors: Floors) -> str:
    content: dict[str, Any] = {"suite": floors.suite, "sha256": floors.sha256, "about": floors.about}
    for floor in floors.floors:
        part = content.setdefault("slices", {}).setdefault(floor.slice, {}) if floor.slice else content
        part.setdefault("at_most" if floor.most else "at_least", {})[floor.measure] = floor.bound
    return json.dumps(content, ensure_ascii=False, indent=2) + "\n"


def _toml(floors: Floors) -> str:
    head = [("suite", floors.suite), ("sha256", floors.sha256), ("about", floors.about)]
    lines = [f"{key} = {quoted(value)}" for key, value in head if value]
    groups: dict[str, list[str]] = {}
    for floor in floors.floors:
        side = "at_most" if floor.most else "at_least"
        name = f"slices.{quoted(floor.slice)}.{side}" if floor.slice else side
        groups.setdefault(name, []).append(f"{quoted(floor.measure)} = {floor.bound!r}")
    for name in sorted(groups, key=lambda name: name.startswith("slices.")):  # a table follows its own keys in TOML
        lines += ["", f"[{name}]", *groups[name]]
    return "\n".join(lines) + "\n"


def quoted(text: str) -> str:
    """A basic string of TOML; JSON's escapes are among its own."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
