"""Ask a target every question of a suite, and keep every reply.

A run goes on where it was killed: replies are on disk as they come, and questions that have one are not asked again.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from tqdm import tqdm

from corpus.errors import FundstelleError
from eval import run_folder, trec_runs
from eval.environment import environment
from eval.errors import RunInvalid, TargetUnavailable
from eval.load import Load, put
from eval.records import Query, Reply, ReplyOutcome, Run, Suite
from eval.targets import Target

DEFAULT_K = 10  # documents a question
_ONE_AT_A_TIME = Load()
_log = logging.getLogger("fundstelle.eval")


def run(
    suite: Suite,
    target: Target,
    folder: Path,
    *,
    name: str | None = None,
    k: int = DEFAULT_K,
    load: Load = _ONE_AT_A_TIME,
    limit: int | None = None,
    quiet: bool = False,
) -> Run:
    """Prepare the target, ask it, write replies and run.trec into ``folder``; returns the finished run.

    ``limit`` asks the first questions only. A question that the target fails on has a reply with its error.
    TargetUnavailable ends the run, what came before stays; so does RunInvalid, where the folder holds another run.
    The caller closes the target.
    """
    if k < 1:
        raise RunInvalid(f"k: expected 1 or more, got {k}")
    with _bar(f"{target.name}: documents", "documents", quiet) as bar:
        target.prepare(suite, lambda done, total: _show(bar, done, total))
    begun = Run(
        name=name or f"{suite.name}-{target.name}",
        suite_sha256=suite.asked_sha256,
        target=target.name,
        settings={**target.settings(), "k": str(k)},
        environment=environment(),
        folder=folder,
    )
    done = run_folder.begin(begun)
    asked = suite.queries if limit is None else suite.queries[:limit]
    waiting = [query for query in asked if query.query_id not in done]
    _ask(begun, target, waiting, k, load, len(asked), quiet)
    trec_runs.write(folder / trec_runs.TREC_FILE, begun.replies(), begun.name)
    return begun


def _ask(begun: Run, target: Target, waiting: list[Query], k: int, load: Load, total: int, quiet: bool) -> None:
    if not waiting:
        return
    with run_folder.appending(begun) as stream, _bar(f"{target.name}: questions", "questions", quiet) as bar:
        bar.total = total
        bar.update(total - len(waiting))

        def work(query: Query) -> Callable[[float], None]:
            reply = reply_to(target, query, k)

            def finish(seconds: float) -> None:
                stream.write(replace(reply, seconds=seconds).to_line())
                stream.flush()
                bar.update()

            return finish

        session = put(waiting, load, work)
    run_folder.note_session(begun.folder, session)


def reply_to(target: Target, query: Query, k: int) -> Reply:
    """The target's reply, or one that holds the error. Raises TargetUnavailable."""
    try:
        return target.ask(query, k)
    except TargetUnavailable:
        raise
    except FundstelleError as error:
        _log.warning("%s: %s", query.query_id, error.detail)
        return Reply(query.query_id, ReplyOutcome.ABSTAINED, error=f"{error.code}: {error.detail}")


def _bar(about: str, unit: str, quiet: bool) -> tqdm[NoReturn]:
    return tqdm(desc=about, unit=f" {unit}", file=sys.stderr, disable=True if quiet else None)


def _show(bar: tqdm[NoReturn], done: int, total: int) -> None:
    bar.total = total
    bar.update(done - bar.n)
