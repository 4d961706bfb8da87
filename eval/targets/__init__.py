"""What is evaluated: anything that is given a suite's documents and then asked its questions.

To run another system on a suite, write a class with the five members of `Target` and hand it to `eval.runner.run`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from corpus.errors import SettingsError
from eval.records import Query, Reply, Suite
from index.protocols import Progress
from service.settings import Settings


class Target(Protocol):
    """A system under evaluation. ``ask`` may be called from several threads at once."""

    @property
    def name(self) -> str:
        """What tables call it."""
        ...

    def settings(self) -> Mapping[str, str]:
        """Everything that changes its replies; complete once ``prepare`` has returned. No secrets."""
        ...

    def prepare(self, suite: Suite, progress: Progress) -> None:
        """Take in the suite's documents, or find those that an earlier run left. Raises TargetUnavailable."""
        ...

    def ask(self, query: Query, k: int) -> Reply:
        """The reply, with up to ``k`` documents retrieved, best first; its ``seconds`` are set by the runner.

        A FundstelleError counts as a failure on this question; TargetUnavailable ends the run.
        """
        ...

    def close(self) -> None:
        """Let go of everything; what a later run can use stays in the work folder."""
        ...


@dataclass(frozen=True, slots=True)
class Options:
    """What any of the targets may be told. ``settings`` are Fundstelle's own; its data folder lies in ``work``."""

    work: Path  # where stores and indexes are kept for the next run
    settings: Settings = field(default_factory=Settings)
    tell_language: bool = False  # send the question's language along, instead of letting it be detected
    passage_size: int | None = None  # code points; None takes what ingest takes
    url: str = ""
    key: str | None = None
    push: bool = False
    run_file: Path | None = None
    model: str = "bundled"  # of the targets that bring no encoder: `bundled`, a folder, or a hub name
    analysis: str = "defaults"  # of bm25: "defaults", "de" or "en"
    passages: bool = False  # whether the baselines index passages instead of whole documents


def _engine(options: Options, leg: str | None = None) -> Target:
    if leg is None:
        from eval.targets.engine import EngineTarget

        return EngineTarget(
            options.settings, options.work, tell_language=options.tell_language, passage_size=options.passage_size
        )
    from eval.targets.leg import LegTarget

    return LegTarget(
        leg,
        options.settings,
        options.work,
        tell_language=options.tell_language,
        passage_size=options.passage_size,
    )


def _http(options: Options) -> Target:
    from eval.targets.http import HttpTarget

    return HttpTarget(options.url, key=options.key, push=options.push, tell_language=options.tell_language)


def _trec_run(options: Options) -> Target:
    from eval.targets.trec_run import TrecRunTarget

    if options.run_file is None:
        raise SettingsError("the target trec_run needs a run file", field="run_file")
    return TrecRunTarget(options.run_file)


def _dense_only(options: Options) -> Target:
    from eval.targets.dense_only import DenseOnlyTarget

    return DenseOnlyTarget(options.model, options.work, passages=options.passages)


def _bm25(options: Options) -> Target:
    from eval.targets.bm25 import Bm25Target

    return Bm25Target(options.analysis, passages=options.passages)


def _txtai(options: Options) -> Target:
    from eval.targets.txtai_hybrid import TxtaiTarget

    return TxtaiTarget(options.model, passages=options.passages)


TARGETS: Mapping[str, Callable[[Options], Target]] = {
    "engine": _engine,
    "lexical": lambda options: _engine(options, "lexical"),  # one leg of the engine alone
    "dense": lambda options: _engine(options, "dense"),
    "http": _http,
    "trec_run": _trec_run,
    "dense_only": _dense_only,  # sentence-transformers and FAISS, nothing of ours
    "bm25": _bm25,
    "txtai": _txtai,
}


def open_target(kind: str, options: Options) -> Target:
    """The target that one of the names in ``TARGETS`` stands for. Raises SettingsError."""
    if kind not in TARGETS:
        raise SettingsError(f"target: expected one of {', '.join(TARGETS)}, got {kind[:50]!r}", field="target")
    return TARGETS[kind](options)
