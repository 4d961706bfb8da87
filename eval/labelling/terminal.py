"""Judging in the terminal: one key a document; without a terminal, one line."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from eval.labelling.labels import IN_PART, NO, WORDS
from eval.labelling.pool import Item
from eval.labelling.session import Session
from eval.suites.assemble import YES
from service.output import Console

GRADES = {"y": YES, "m": IN_PART, "n": NO}
_HELP = "Does this answer the question?  y yes · m in part · n no · s skip · b back · q quit"
_SAID = {key: WORDS[grade] for key, grade in GRADES.items()} | {"s": "skipped", "b": "back"}
_GOLDS = 2  # shown of what is known to answer
_KNOWN = 300  # code points of such a quote
_END = "\x04"


def judge(session: Session, console: Console, keys: TextIO | None = None) -> None:
    """Ask about every item until the end or until q (or the end of the input)."""
    with _keys(keys or sys.stdin) as key:
        while (item := session.item) is not None:
            _show(item, session, console)
            said = _understood(key, console)
            if said == "q":
                return
            if said == "s":
                session.skip()
            elif said == "b":
                session.back()
            else:
                session.judge(GRADES[said])


def _understood(key: Callable[[], str], console: Console) -> str:
    console.line(_HELP)
    while True:
        said = key()
        if said in ("", _END, "q"):
            return "q"
        if said in _SAID:
            console.line(f"  {_SAID[said]}")
            return said
        console.line(_HELP)


def _show(item: Item, session: Session, console: Console) -> None:
    number, questions = session.question_number()
    console.line()
    console.line(f"── {session.at + 1} of {len(session.items)} · question {number} of {questions} ──")
    language = f" ({item.query.language})" if item.query.language else ""
    console.paragraph(f"{item.query.text}{language}")
    if not item.query.answerable:
        console.line("  marked unanswerable")
    for gold in item.query.gold[:_GOLDS]:
        if gold.quote:
            words = gold.quote if len(gold.quote) <= _KNOWN else gold.quote[:_KNOWN] + "…"
            console.paragraph(f"known answer, from {gold.doc_id}: {words}", indent="  ")
    console.line()
    console.paragraph(item.title)
    if item.about:
        console.line(item.about)
    for passage in item.passages:
        console.line()
        for line in filter(str.strip, passage.split("\n")):
            console.paragraph(line, indent="  ")
    console.line()
    if session.grade is not None:
        console.line(f"You said: {WORDS[session.grade]}")


@contextmanager
def _keys(stream: TextIO) -> Iterator[Callable[[], str]]:
    """What reads the next key: at once on a terminal, else the first letter of the next line, "" at the end."""
    if not stream.isatty():
        yield lambda: _first_letter(stream)
        return
    try:
        import termios
        import tty
    except ImportError:  # Windows: lines it is
        yield lambda: _first_letter(stream)
        return
    before = termios.tcgetattr(stream)
    try:
        tty.setcbreak(stream)
        yield lambda: stream.read(1).lower()
    finally:
        termios.tcsetattr(stream, termios.TCSADRAIN, before)


def _first_letter(stream: TextIO) -> str:
    line = stream.readline()
    return line.strip().lower()[:1] or ("?" if line else "")
