"""`fundstelle eval sweep`."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

from eval.commands.asking import REPORT_FILE, Asking, Source, ask, default_folder
from eval.report import page, terminal
from eval.report.compare_page import probability, signed
from eval.report.sweep_page import sweep_page
from eval.report.values import interval, label, milliseconds, written
from eval.scores import Scores
from eval.sweep import Point, Sweep, grid, judge
from service.output import Console

SWEEP_FILE = "sweep.json"


def run(options: argparse.Namespace) -> int:
    """Run every combination that has not been, say which wins and whether the difference is real."""
    console = Console()
    points = grid(options.grid)
    asking = Asking.of(options)
    planned = [(point, asking.changed(point.values)) for point in points]  # every value is checked before any is run
    source = Source.of(options, options.suite)
    suite = source.load()
    folder: Path = options.out or default_folder(suite, "sweep")
    found: list[tuple[Point, Scores]] = []
    for number, (point, chosen) in enumerate(planned, 1):
        console.note(f"{number} of {len(planned)}: {point.name}")
        _, scores = ask(
            suite, source, chosen, folder / point.folder, console, again=options.again, keep=not options.again
        )
        found.append((point, scores))
    sweep = judge(found, options.by)
    (folder / SWEEP_FILE).write_text(json.dumps(sweep.as_json(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    page.write(folder / REPORT_FILE, sweep_page(suite, sweep))
    if options.json:
        console.json(sweep.as_json())
        return 0
    for line in lines(sweep):
        console.line(line)
    console.line()
    console.line(f"Report: {folder / REPORT_FILE}")
    return 0


def lines(sweep: Sweep) -> Iterator[str]:
    """The sweep for the terminal."""
    rows = []
    for place in sweep.places:
        latency = place.scores.latency
        rows.append(
            [
                place.point.name,
                written(place.value, sweep.measure),
                interval(place.scores.measures[sweep.measure], sweep.measure),
                "" if place.difference is None else signed(place.difference, sweep.measure),
                "" if place.difference is None else probability(place.p),
                "–" if latency is None else milliseconds(latency.p50),
                "best" if place.difference is None else "as good" if place.as_good else "worse",
            ]
        )
    yield from terminal.lines(
        ["settings", label(sweep.measure), "95 % interval", "to the best", "p (Holm)", "p50", ""], rows
    )
    yield ""
    yield sweep.verdict()
