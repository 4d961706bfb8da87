"""`fundstelle status`."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from service.engine import Engine
from service.output import Console
from service.receipts import Status
from service.settings import Settings


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Say what is held, and whether the index is up to date."""
    console = Console()
    with Engine.open(settings, prepare=False) as engine:
        status = engine.status()
    if options.json:
        console.json(as_json(status))
    else:
        show(console, status)
    return 0


def as_json(status: Status) -> dict[str, object]:
    """The status as plain data."""
    return asdict(status)


def show(console: Console, status: Status) -> None:
    """The status for people."""
    counts = status.counts
    languages = ", ".join(f"{count} {name}" for name, count in sorted(counts.languages.items()))
    lines = [
        ("Data", status.data),
        ("Store", f"revision {status.revision}, {_size(status.store_bytes)}"),
        ("Documents", f"{counts.documents:,}" + (f" ({languages})" if languages else "")),
        ("Passages", f"{counts.passages:,}, {counts.embeddings:,} embeddings kept"),
        ("Encoder", f"{status.encoder} ({status.fingerprint or 'not available'})"),
        ("Index", _index(status)),
    ]
    for name, value in lines:
        console.line(f"{name:<10} {value}")
    for note in status.notes:
        console.paragraph(f"Note: {note}")


def _index(status: Status) -> str:
    index = status.index
    if index is None:
        return "none yet" if status.counts.passages else "none yet, and nothing to index"
    state = "up to date" if not status.behind else f"{status.behind} revisions behind"
    return f"{index.name} at revision {index.revision}, {index.passages:,} passages, {_size(index.bytes)}, {state}"


def _size(count: int) -> str:
    size = float(count)
    for unit in ("bytes", "KiB", "MiB"):
        if size < 1024:
            return f"{size:,.0f} {unit}" if unit == "bytes" else f"{size:,.1f} {unit}"
        size /= 1024
    return f"{size:,.1f} GiB"
