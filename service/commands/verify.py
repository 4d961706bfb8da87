"""`fundstelle verify`."""

from __future__ import annotations

import argparse

from service.engine import Engine
from service.output import Console
from service.settings import Settings


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Check the store and the index whole; 1 where something is wrong."""
    console = Console()
    with Engine.open(settings, prepare=False) as engine:
        whole = engine.verify()
        notes = engine.notes.all()
    if options.json:
        console.json({"sound": whole.sound, "store": whole.store, "index": whole.index, "notes": notes})
        return 0 if whole.sound else 1
    for name, problems in (("store", whole.store), ("index", whole.index)):
        console.line(f"{name}: sound" if not problems else f"{name}: {len(problems)} problems")
        for problem in problems:
            console.paragraph(problem, indent="  ")
    if whole.index:
        console.line("Run `fundstelle rebuild` to build the index anew from the store.")
    for note in notes:
        console.paragraph(f"Note: {note}")
    return 0 if whole.sound else 1
