"""`fundstelle eval new`."""

from __future__ import annotations

import argparse

from corpus.errors import SettingsError
from eval.new_suite import LISTING, start
from eval.suites.own import QUESTIONS
from service.output import Console

_SHOWN = 10  # documents left out that are named


def run(options: argparse.Namespace) -> int:
    """Start a suite from the user's own documents, and say what to do next."""
    if options.count < 1:
        raise SettingsError(f"--count: expected 1 or more, got {options.count}", field="count")
    console = Console()
    with console.progress("Reading", "documents") as bar:
        made = start(
            options.folder, articles=options.articles, data=options.data, lines=options.count, on_document=bar.step
        )
    for reason in made.unread[:_SHOWN]:
        console.note(f"Left out: {reason}")
    if len(made.unread) > _SHOWN:
        console.note(f"Left out: {len(made.unread) - _SHOWN:,} more")
    console.line(f"{made.folder}: {made.lines} lines over {made.documents:,} documents ({LISTING} lists them).")
    console.line(f"Next: write the questions into {made.folder / QUESTIONS}; README.md says how.")
    console.line(f"Then: fundstelle eval run {made.folder}")
    return 0
