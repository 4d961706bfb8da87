"""`fundstelle eval gate`."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import orjson

from corpus.errors import FundstelleError
from eval.commands.asking import GATE_FILE, JUNIT_FILE, Asking, Source, ask, default_folder, measures_of
from eval.errors import FloorsInvalid, RunInvalid
from eval.gate import (
    EVERYTHING,
    Check,
    Floors,
    Measured,
    check,
    first_floors,
    read_floors,
    tightened,
    write_floors,
)
from eval.junit import junit, junit_error, verdict
from eval.measures.catalogue import definition
from eval.records import RUN_FILE, Run, Suite
from eval.report import terminal
from eval.scores import Scores
from eval.scoring import score
from service.output import Console

HOLDS, REGRESSED = 0, 1
FLOORS_FILE = "floors.toml"


def run(options: argparse.Namespace) -> int:
    """Hold a run, or a suite that is run now, against its floors: 0 they hold, 1 one is not reached."""
    console = Console()
    try:
        return _gate(options, console)
    except FundstelleError as error:
        if options.junit is not None:
            options.junit.write_bytes(junit_error(options.path.name, error.code, error.detail))
        raise


def _gate(options: argparse.Namespace, console: Console) -> int:
    source, suite, scores = _scored(options, console)
    if scores.questions < len(suite.queries):
        raise RunInvalid(
            f"{scores.folder}: {scores.questions:,} of {len(suite.queries):,} questions are answered: run it to its end"
        )
    path = options.floors or beside(source.path)
    measured = measured_of(scores)
    if options.update:
        return _update(options, path, suite, scores, measured, console)
    floors = read_floors(path)
    found = check(floors, suite.sha256, measured)
    return _say(options, floors, found, scores, console)


def _scored(options: argparse.Namespace, console: Console) -> tuple[Source, Suite, Scores]:
    if (options.path / RUN_FILE).is_file():
        source = Source.of_run(options.path, options.suite)
        suite = source.load()
        return source, suite, score(suite, Run.open(options.path), measures_of(options))
    asking = Asking.of(options)
    source = Source.of(options, options.path)
    suite = source.load()
    folder = options.out or default_folder(suite, asking.kind)
    _, scores = ask(suite, source, asking, folder, console, again=options.again)
    return source, suite, scores


def beside(suite: Path) -> Path:
    """The floors that come with a suite."""
    return suite / FLOORS_FILE if suite.is_dir() else suite.with_name(f"{suite.stem}-{FLOORS_FILE}")


def measured_of(scores: Scores) -> Measured:
    """What floors can bound: measures over all and by slice, failures, latency."""
    whole = {name: value.value for name, value in scores.measures.items()}
    whole["failed"] = float(scores.failed)
    if scores.latency is not None:
        whole |= {"seconds_p50": scores.latency.p50, "seconds_p95": scores.latency.p95}
    measured = {EVERYTHING: whole}
    for dimension, slices in scores.slices.items():
        for name, values in slices.items():
            measured[f"{dimension}={name}"] = {measure: value.value for measure, value in values.items()}
    return measured


def less_is_better(name: str) -> bool:
    """The direction of a measure."""
    return name in ("failed", "seconds_p50", "seconds_p95") or not definition(name).higher_is_better


def _update(
    options: argparse.Namespace, path: Path, suite: Suite, scores: Scores, measured: Measured, console: Console
) -> int:
    about = f"{scores.target}, {scores.questions:,} questions"
    if not path.exists():
        stable = {EVERYTHING: {name: value for name, value in measured[EVERYTHING].items() if _bounded(name)}}
        floors = replace(first_floors(suite.name, suite.sha256, stable, less_is_better, options.margin), about=about)
        write_floors(path, floors)
        console.line(f"{len(floors.floors)} floors written to {path}")
        return HOLDS
    held = read_floors(path)
    if held.sha256 != suite.sha256 and not options.lower:
        raise FloorsInvalid(
            f"{path} belongs to the suite with SHA-256 {held.sha256[:12]}…, this is {suite.sha256[:12]}…; "
            "--lower takes the floors over to the suite as it is now"
        )
    moved = replace(
        tightened(held, measured, lower=options.lower, margin=options.margin),
        suite=suite.name,
        sha256=suite.sha256,
        about=about,
    )
    found = check(moved, suite.sha256, measured)
    write_floors(path, moved)
    changed = sum(old != new for old, new in zip(held.floors, moved.floors, strict=True))
    console.note(f"{changed} of {len(moved.floors)} floors moved in {path}")
    return _say(options, moved, found, scores, console)


def _bounded(name: str) -> bool:
    """Whether a measure gets a floor by itself: not where more is no better, nor where it tells of the machine."""
    return not name.startswith("seconds") and not definition(name).neutral


def _say(
    options: argparse.Namespace, floors: Floors, found: tuple[Check, ...], scores: Scores, console: Console
) -> int:
    seconds = 0.0 if scores.latency is None else scores.latency.mean * scores.latency.count
    written = verdict(floors, found)
    (options.junit or scores.folder / JUNIT_FILE).write_bytes(junit(floors, found, seconds))
    (scores.folder / GATE_FILE).write_bytes(
        orjson.dumps(written, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    )
    if options.json:
        console.json(written)
    else:
        for line in terminal.checks(found):
            console.line(line)
        failed = sum(not each.holds for each in found)
        console.line()
        console.line(
            f"{len(found)} floors hold." if not failed else f"{failed} of {len(found)} floors are not reached."
        )
    return HOLDS if written["holds"] else REGRESSED
