"""`fundstelle remove`."""

from __future__ import annotations

import argparse

from service import render
from service.engine import Engine
from service.output import Console
from service.settings import Settings


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Take documents out of the store and of every index, one after the other."""
    console = Console()
    receipts = []
    with Engine.open(settings, prepare=False) as engine:
        for doc_id in dict.fromkeys(options.doc_ids):
            receipt = engine.remove(doc_id)
            receipts.append(render.removal(receipt))
            if not options.json:
                console.line(f"removed {doc_id}: {receipt.passages_removed} passages, none of them found any more")
    if options.json:
        console.json({"removed": receipts})
    return 0
