"""`fundstelle settings`."""

from __future__ import annotations

import argparse
import os

from service.output import Console
from service.settings import Settings, origin, rows, unknown_variables


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Print the table: each setting with the value in force and where that came from; secrets are masked."""
    console = Console()
    flags = vars(options)
    shown = [(row, row.shown(getattr(settings, row.name)), origin(row, os.environ, flags)) for row in rows()]
    unknown = unknown_variables(os.environ)
    if options.json:
        table = [
            {
                "name": row.variable,
                "value": value,
                "origin": where,
                "default": row.shown(row.default),
                "expected": row.kind.expected,
                "help": row.help,
                "secret": row.secret,
            }
            for row, value, where in shown
        ]
        console.json({"settings": table, "unknown": unknown})
        return 0
    for row, value, where in shown:
        console.line(f"{row.variable} = {value or '(not set)'}" + ("" if where == "default" else f"   [{where}]"))
        console.paragraph(row.help, indent="    ")
    for name in unknown:
        console.note(f"fundstelle: {name} is set, but there is no such setting")
    return 0
