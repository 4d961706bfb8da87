"""`fundstelle rebuild`."""

from __future__ import annotations

import argparse

from service.commands import status
from service.engine import Engine
from service.output import Console
from service.settings import Settings


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Build the index anew from the store, with the encoder that is configured now."""
    console = Console()
    with Engine.open(settings, prepare=False) as engine:
        with console.progress("Indexing", "passages") as bar:
            built = engine.rebuild(bar.advance, encode_again=options.encode_again)
        if options.json:
            console.json(status.as_json(built))
        else:
            status.show(console, built)
    return 0
