"""`fundstelle search`."""

from __future__ import annotations

import argparse

from service import render
from service.commands.questions import filters_of, k_of, prepared, show_passages
from service.output import Console
from service.settings import Settings


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Show the passages nearest to a question."""
    console = Console()
    filters = filters_of(options)
    with prepared(settings, console) as engine:
        found = engine.search(options.question, k=k_of(options), filters=filters, language=options.language)
    if options.json:
        console.json(render.search(found))
    elif found.passages:
        show_passages(console, found.passages)
    else:
        console.line("Nothing found.")
    return 0
