"""A run's folder: opened for new replies, cut where a killed run left a torn line, resumed where it stopped.

run.json        what was asked of whom, under which settings
replies.jsonl   one reply a line, flushed as it comes
sessions.jsonl  one line for every stretch of asking that was not cut off, for the throughput
run.trec        the rankings, as TREC writes them
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import IO

from eval.errors import RunInvalid
from eval.load import Session
from eval.records import REPLIES_FILE, RUN_FILE, Run

SESSIONS_FILE = "sessions.jsonl"


def begin(run: Run) -> set[str]:
    """Write the header, or find the same one there; returns the questions that have a reply already.

    Raises RunInvalid where the folder holds a run of another suite, target or setting.
    """
    if (run.folder / RUN_FILE).exists():
        held = Run.open(run.folder)
        for name, old, new in (
            ("suite", held.suite_sha256[:12], run.suite_sha256[:12]),
            ("target", held.target, run.target),
            ("settings", _shown(held.settings), _shown(run.settings)),
        ):
            if old != new:
                raise RunInvalid(f"{run.folder} holds a run with another {name}: {old}; this one has {new}")
    else:
        run.write()
    cut_torn_line(run.folder / REPLIES_FILE)
    return {reply.query_id for reply in run.replies()}


def cut_torn_line(path: Path) -> None:
    """Cut off what stands after the last line end: a killed run was writing it."""
    if not path.exists():
        return
    with path.open("rb+") as stream:
        end = stream.seek(0, 2)
        position = end
        while position:
            step = min(position, 1 << 16)
            position = stream.seek(position - step)
            found = stream.read(step).rfind(b"\n")
            if found >= 0:
                position += found + 1
                break
        if position != end:
            stream.truncate(position)


@contextmanager
def appending(run: Run) -> Iterator[IO[str]]:
    """The file of replies, to write whole lines to; each is on its way to the disk when it has been flushed."""
    with (run.folder / REPLIES_FILE).open("a", encoding="utf-8", newline="\n") as stream:
        yield stream


def note_session(folder: Path, session: Session) -> None:
    """Add a stretch of asking that ended by itself."""
    with (folder / SESSIONS_FILE).open("a", encoding="utf-8", newline="\n") as stream:
        stream.write(json.dumps(asdict(session)) + "\n")


def sessions(folder: Path) -> list[Session]:
    """All of them; none where nothing was finished. Raises RunInvalid naming the line."""
    path = folder / SESSIONS_FILE
    if not path.exists():
        return []
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        try:
            found.append(Session(**json.loads(line)))
        except (ValueError, TypeError) as error:
            raise RunInvalid(f"{path}, line {number}: not a session: {error}") from error
    return found


def _shown(settings: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={value}" for name, value in sorted(settings.items()))
