"""`fundstelle eval label`."""

from __future__ import annotations

import argparse

from corpus.errors import SettingsError
from eval.commands.asking import ASKED_FILE, Source
from eval.labelling import terminal
from eval.labelling.labels import Labels
from eval.labelling.pool import pool
from eval.labelling.session import Session
from eval.suites import labels_of
from service.output import Console


def run(options: argparse.Namespace) -> int:
    """Let a person judge what runs found and nobody has judged; every judgement is on disk before the next."""
    if options.depth < 1:
        raise SettingsError(f"--depth: expected 1 or more, got {options.depth}", field="depth")
    console = Console()
    source = _source(options)
    suite = source.load()
    found = pool(suite, options.runs, options.depth)
    if not found.items:
        console.line(f"Nothing to judge: all {found.judged:,} documents that these runs found have been judged.")
        return 0
    console.note(f"{len(found.items):,} documents to judge; {found.judged:,} have been judged before.")
    if found.left:
        console.note(f"{found.left:,} more come when these are done.")
    with Labels(labels_of(source.path)) as labels:
        session = Session(found.items, labels)
        try:
            if options.web:
                from eval.labelling.web import judge

                judge(session, suite.name, lambda url: console.note(f"Judge on {url} (Ctrl-C ends it here)."))
            else:
                terminal.judge(session, console)
        finally:
            console.line()
            for line in session.summary():
                console.line(line)
    return 0


def _source(options: argparse.Namespace) -> Source:
    """The suite, in the languages that the runs asked it in."""
    for path in options.runs:
        if (path / ASKED_FILE).is_file():
            return Source.of_run(path, moved_to=options.suite)
    return Source.of(options, options.suite)
