"""`fundstelle eval run`."""

from __future__ import annotations

import argparse

from eval.commands.asking import REPORT_FILE, Asking, Source, ask, default_folder
from eval.report import terminal
from service.output import Console


def run(options: argparse.Namespace) -> int:
    """Ask a suite's questions, print the measures, write the report."""
    console = Console()
    asking = Asking.of(options)
    source = Source.of(options, options.suite)
    suite = source.load()
    folder = options.out or default_folder(suite, asking.kind)
    _, scores = ask(suite, source, asking, folder, console, again=options.again)
    if options.json:
        console.json(scores.as_json())
        return 0
    for line in terminal.summary(scores):
        console.line(line)
    console.line()
    console.line(f"Report: {folder / REPORT_FILE}")
    return 0
