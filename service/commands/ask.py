"""`fundstelle ask`."""

from __future__ import annotations

import argparse

from service import render
from service.commands.questions import filters_of, k_of, prepared, show_answer
from service.output import Console
from service.settings import Settings


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Answer one question. An abstention is a result: exit status 0."""
    console = Console()
    filters = filters_of(options)
    with prepared(settings, console) as engine:
        answer = engine.ask(options.question, k=k_of(options), filters=filters, language=options.language)
    if options.json:
        console.json(render.answer(answer))
    else:
        show_answer(console, answer)
    return 0
