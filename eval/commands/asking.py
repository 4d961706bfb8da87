"""From options to a suite, a target and a scored run: what run, compare, sweep and gate have in common."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from corpus.errors import SettingsError
from eval import run_folder, suites, trec_runs
from eval.errors import RunInvalid
from eval.load import Load
from eval.measures import retrieval
from eval.records import REPLIES_FILE, RUN_FILE, Run, Suite
from eval.report import page
from eval.report.run_page import run_page
from eval.runner import run
from eval.scores import MEASURES_FILE, SCORES_FILE, Scores
from eval.scoring import score
from eval.targets import Options, open_target
from service.output import Console
from service.settings import Settings

RUNS = Path("runs")
ASKED_FILE = "asked.json"  # where the suite lies, so that a report or a gate finds it again
REPORT_FILE = "report.html"
JUNIT_FILE = "junit.xml"
GATE_FILE = "gate.json"
_OURS = (
    RUN_FILE,
    REPLIES_FILE,
    run_folder.SESSIONS_FILE,
    trec_runs.TREC_FILE,
    MEASURES_FILE,
    SCORES_FILE,
    ASKED_FILE,
    REPORT_FILE,
    JUNIT_FILE,
    GATE_FILE,
)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a suite comes from, with the languages chosen of a parallel one."""

    path: Path
    question_language: str | None = None
    document_language: str | None = None

    def load(self) -> Suite:
        """Read it. Raises SuiteInvalid."""
        return suites.load_suite(self.path, self.question_language, self.document_language)

    def write(self, folder: Path) -> None:
        """Note it beside a run."""
        content = {
            "suite": str(self.path.resolve()),
            "question_language": self.question_language,
            "document_language": self.document_language,
        }
        (folder / ASKED_FILE).write_text(json.dumps(content, ensure_ascii=False) + "\n", encoding="utf-8")

    @classmethod
    def of(cls, options: argparse.Namespace, path: Path) -> Source:
        """As the options say."""
        return cls(located(path), options.question_language, options.document_language)

    @classmethod
    def of_run(cls, folder: Path, moved_to: Path | None = None) -> Source:
        """Of a run that is there. Raises RunInvalid where it does not say, and ``moved_to`` does not either."""
        Run.open(folder)
        path = folder / ASKED_FILE
        content: dict[str, Any] = {}
        if path.exists():
            try:
                content = dict(json.loads(path.read_text(encoding="utf-8")))
            except (ValueError, TypeError) as error:
                raise RunInvalid(f"{path}: not what a run writes there: {error}") from error
        elif moved_to is None:
            raise RunInvalid(f"{folder} does not say which suite was asked; name it with --suite")
        languages = content.get("question_language"), content.get("document_language")
        return cls(located(moved_to or Path(content["suite"])), *languages)


def located(path: Path) -> Path:
    """The path of a suite; the name of one that comes with the project stands for its folder."""
    shipped = Path(suites.__file__).parent / path
    return shipped if not path.exists() and (shipped / suites.MANIFEST).is_file() else path


@dataclass(frozen=True, slots=True)
class Asking:
    """A target by name with its options, and how it is asked."""

    kind: str
    options: Options
    k: int
    load: Load
    measures: tuple[str, ...]

    @classmethod
    def of(cls, options: argparse.Namespace) -> Asking:
        """As the options say. Raises SettingsError where they contradict each other."""
        said = {"--target": options.target, "--url": options.url, "--run-file": options.run_file}
        given = [flag for flag, value in said.items() if value is not None]
        if len(given) > 1:
            raise SettingsError(f"{' and '.join(given)}: expected one of them", field="target")
        kind = "http" if options.url else "trec_run" if options.run_file else options.target or "engine"
        settings = Settings.load(os.environ, named_values(options.settings))
        return cls(
            kind=kind,
            options=Options(
                work=options.work or RUNS / "work",
                settings=settings,
                tell_language=options.tell_language,
                passage_size=options.passage_size,
                url=options.url or "",
                key=options.key or settings.api_key,
                push=options.push,
                run_file=options.run_file,
                model=options.model or "bundled",
                analysis=options.analysis or "defaults",
                passages=options.passages,
            ),
            k=options.k,
            load=Load(options.concurrency, options.rate),
            measures=measures_of(options),
        )

    def changed(self, values: Mapping[str, str]) -> Asking:
        """The same with other values: of the target's name, its options, k, or Fundstelle's settings by name."""
        kind, k, chosen = values.get("target", self.kind), self.k, self.options
        rest: dict[str, str] = {}
        for name, value in values.items():
            if name == "k":
                k = whole(name, value)
            elif name == "passage_size":
                chosen = replace(chosen, passage_size=whole(name, value))
            elif name in ("model", "analysis"):
                chosen = replace(chosen, model=value) if name == "model" else replace(chosen, analysis=value)
            elif name in ("tell_language", "passages"):
                turned = switch(name, value)
                chosen = (
                    replace(chosen, passages=turned) if name == "passages" else replace(chosen, tell_language=turned)
                )
            elif name != "target":
                rest[name] = value
        if rest:
            known = {**_flags(self.options.settings), **rest}
            chosen = replace(chosen, settings=Settings.load({}, known))
        return replace(self, kind=kind, k=k, options=chosen)


def _flags(settings: Settings) -> dict[str, object]:
    """What was set, as flags: rows that differ from their default."""
    from service.settings import rows

    held = {row.name: getattr(settings, row.name) for row in rows() if getattr(settings, row.name) != row.default}
    return {name: ",".join(value) if isinstance(value, tuple) else value for name, value in held.items()}


def named_values(given: Sequence[str]) -> dict[str, str]:
    """NAME=VALUE of each. Raises SettingsError."""
    values = {}
    for each in given:
        name, equals, value = each.partition("=")
        if not equals or not name.strip():
            raise SettingsError(f"{each!r}: expected NAME=VALUE", field="set")
        values[name.strip().lower().replace("-", "_")] = value
    return values


def whole(name: str, value: str) -> int:
    """A whole number above 0. Raises SettingsError naming the setting."""
    if not value.strip().isascii() or not value.strip().isdigit() or int(value) < 1:
        raise SettingsError(f"{name}: expected a whole number above 0, got {value!r}", field=name)
    return int(value)


def switch(name: str, value: str) -> bool:
    """Yes or no. Raises SettingsError naming the setting."""
    if value.lower() not in ("true", "false"):
        raise SettingsError(f"{name}: expected true or false, got {value!r}", field=name)
    return value.lower() == "true"


def measures_of(options: argparse.Namespace) -> tuple[str, ...]:
    """The retrieval measures that were asked for, the first of which decides; else the usual ones."""
    return tuple(options.measures) if options.measures else retrieval.DEFAULT


def default_folder(suite: Suite, what: str) -> Path:
    """runs/SUITE-TARGET, in characters that any file system takes."""
    return RUNS / "".join(each if each.isalnum() or each in "-_." else "-" for each in f"{suite.name}-{what}")


def clear(folder: Path) -> None:
    """Drop what a run left in its folder, and nothing else."""
    for name in _OURS:
        (folder / name).unlink(missing_ok=True)


def ask(
    suite: Suite,
    source: Source,
    asking: Asking,
    folder: Path,
    console: Console,
    *,
    again: bool = False,
    keep: bool = False,
    quiet: bool = False,
) -> tuple[Run, Scores]:
    """Ask, score, and write the report into ``folder``.

    A run that was cut short there goes on. One that is finished is asked anew, for what answers may have changed,
    unless ``keep`` says that it stands, as those of a sweep do.
    """
    begun = _replied(folder, suite)
    if again or (begun >= len(suite.queries) > 0 and not keep):
        clear(folder)
    elif begun:
        console.note(f"Going on with {folder}: {begun:,} of {len(suite.queries):,} questions are answered.")
    target = open_target(asking.kind, asking.options)
    try:
        done = run(suite, target, folder, name=folder.name, k=asking.k, load=asking.load, quiet=quiet)
    finally:
        target.close()
    source.write(folder)
    scores = score(suite, done, asking.measures)
    page.write(folder / REPORT_FILE, run_page(suite, done, scores))
    return done, scores


def _replied(folder: Path, suite: Suite) -> int:
    """How many of the suite's questions have a reply in the folder."""
    if not (folder / RUN_FILE).exists():
        return 0
    held = Run.open(folder)
    asked = {query.query_id for query in suite.queries}
    return len({reply.query_id for reply in held.replies()} & asked)
