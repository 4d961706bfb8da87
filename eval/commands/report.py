"""`fundstelle eval report`."""

from __future__ import annotations

import argparse

from eval.commands.asking import REPORT_FILE, Source, measures_of
from eval.records import Run
from eval.report import page
from eval.report.run_page import run_page
from eval.report.sweep_page import runs_page
from eval.scores import Scores
from eval.scoring import score
from service.output import Console


def run(options: argparse.Namespace) -> int:
    """Score the runs again and write their reports, and the page of all where one is asked for."""
    console = Console()
    suite = Source.of_run(options.runs[0], options.suite).load()
    every: list[Scores] = []
    for folder in options.runs:
        held = Run.open(folder)
        scores = score(suite, held, measures_of(options))
        page.write(folder / REPORT_FILE, run_page(suite, held, scores))
        console.line(str(folder / REPORT_FILE))
        every.append(scores)
    if options.out is not None:
        page.write(options.out, runs_page(suite, every))
        console.line(str(options.out))
    return 0
