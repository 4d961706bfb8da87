"""`fundstelle ingest`."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from corpus.ingest import Ledger, LedgerEntry, LedgerOutcome
from corpus.sources import RawInput, Rejected, read_paths
from service import render
from service.engine import Engine
from service.output import Console
from service.settings import Settings

SOME_REJECTED = 3


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Read files and folders into the store and the index; 3 where some were rejected."""
    console = Console()
    inputs = read_paths([Path(path) for path in options.paths], settings.limits)
    with Engine.open(settings, prepare=False) as engine:
        ledger = ingest_shown(
            engine, in_language(inputs, options.language), console, source=options.source, quiet=options.json
        )
        revision = engine.store.revision
    if options.json:
        console.json(render.ledger(ledger) | {"revision": revision})
    else:
        console.line(summary(ledger))
    return SOME_REJECTED if ledger.counts[LedgerOutcome.REJECTED] else 0


def ingest_shown(
    engine: Engine,
    inputs: Iterable[RawInput | Rejected],
    console: Console,
    *,
    source: str | None = None,
    quiet: bool = False,
) -> Ledger:
    """Ingest with a line for every input and progress for the encoding."""
    with console.progress("Reading", "documents") as reading, console.progress("Indexing", "passages") as encoding:

        def acknowledged(entry: LedgerEntry) -> None:
            if not quiet:
                reading.above(partial(console.line, described(entry)))
            reading.step()

        def encoded(done: int, total: int) -> None:
            reading.close()
            encoding.advance(done, total)

        return engine.ingest(inputs, on_entry=acknowledged, progress=encoded, default_source=source)


def in_language(inputs: Iterable[RawInput | Rejected], language: str | None) -> Iterator[RawInput | Rejected]:
    """The inputs, said to be in ``language`` unless that is None."""
    for each in inputs:
        if language is None or isinstance(each, Rejected):
            yield each
        else:
            yield replace(each, fields={**each.fields, "language": language})


def described(entry: LedgerEntry) -> str:
    """One line of the ledger for people."""
    outcome = f"{entry.outcome.value:<9}"
    if entry.outcome is LedgerOutcome.REJECTED:
        return f"{outcome} {entry.uri}: {entry.reason} ({entry.code})"
    if entry.outcome is LedgerOutcome.DUPLICATE:
        return f"{outcome} {entry.uri}: the same text as {entry.duplicate_of}"
    details = f"{entry.passages} passages, {entry.language}"
    if entry.invisible_removed:
        details += f", {entry.invisible_removed} invisible characters removed"
    return f"{outcome} {entry.doc_id}: {entry.title} ({details})"


def summary(ledger: Ledger) -> str:
    """How many inputs ended how."""
    counts = ", ".join(f"{count} {outcome.value}" for outcome, count in ledger.counts.items() if count)
    total = len(ledger.entries)
    return f"{total} {'input' if total == 1 else 'inputs'}: {counts or 'nothing to read'}."
