"""`fundstelle eval compare`."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from corpus.errors import SettingsError
from eval.commands.asking import Asking, Source, ask, default_folder, measures_of, named_values
from eval.compare import Comparison, compare
from eval.errors import RunInvalid
from eval.records import Run, Suite
from eval.report import page, terminal
from eval.report.compare_page import compare_page, probability, reach, signed, verdict
from eval.report.values import grouped, written
from eval.scores import Scores
from eval.scoring import score
from eval.targets import TARGETS
from service.output import Console

Scored = tuple[Run, Scores]


def run(options: argparse.Namespace) -> int:
    """Print differences with intervals and corrected p-values, and write the page with the questions side by side."""
    console = Console()
    if options.suite is None:
        source = Source.of_run(Path(options.before))
        suite = source.load()
        first, second = (_scored(Path(name), suite, options) for name in (options.before, options.after))
    else:
        source = Source.of(options, options.suite)
        suite = source.load()
        first, second = (_asked(name, suite, source, options, console) for name in (options.before, options.after))
    comparison = compare(*_named_apart(first[1], second[1]), options.by)
    path = options.out or second[0].folder / f"compare-{first[0].folder.name}.html"
    page.write(path, compare_page(suite, comparison, (first[0], second[0])))
    if options.json:
        console.json(as_json(comparison))
        return 0
    for line in lines(comparison):
        console.line(line)
    console.line()
    console.line(f"Report: {path}")
    return 0


def _scored(folder: Path, suite: Suite, options: argparse.Namespace) -> Scored:
    """A run that is there, scored by the measures of this comparison."""
    held = Run.open(folder)
    return held, score(suite, held, measures_of(options))


def _asked(name: str, suite: Suite, source: Source, options: argparse.Namespace, console: Console) -> Scored:
    """A target with settings, asked now; or a run that is there."""
    kind, _, rest = name.partition(",")
    if kind not in TARGETS:
        if Path(name).is_dir():
            return _scored(Path(name), suite, options)
        raise SettingsError(
            f"{name!r}: expected a run's folder, or one of {', '.join(TARGETS)} with settings behind commas",
            field="target",
        )
    values = named_values(rest.split(",")) if rest else {}
    asking = Asking.of(options).changed({**values, "target": kind})
    return ask(suite, source, asking, default_folder(suite, name.replace(",", "-")), console)


def _named_apart(first: Scores, second: Scores) -> tuple[Scores, Scores]:
    """Two runs of one name are told apart by the folders they lie in."""
    if first.run != second.run:
        return first, second
    if first.folder.resolve() == second.folder.resolve():
        raise RunInvalid(f"{first.folder}: a run compared with itself; name two")
    return replace(first, run=str(first.folder)), replace(second, run=str(second.folder))


def lines(comparison: Comparison) -> Iterator[str]:
    """The comparison for the terminal."""
    differences = {each.measure: each for each in comparison.measures}
    rows = []
    for _, names in grouped(list(differences), comparison.primary):
        for name in names:
            found = differences[name]
            said = "" if found.better is None else "better" if found.better else "worse"
            rows.append(
                [
                    name,
                    written(found.first, name),
                    written(found.second, name),
                    signed(found.difference, name),
                    reach(found),
                    probability(found.p_holm),
                    f"{found.count:,}",
                    said,
                ]
            )
    heads = ["measure", "before", "after", "difference", "95 % interval", "p (Holm)", "questions", ""]
    yield f"before: {comparison.first.run}"
    yield f"after:  {comparison.second.run}"
    yield ""
    yield from terminal.lines(heads, rows)
    yield ""
    yield verdict(comparison)


def as_json(comparison: Comparison) -> dict[str, Any]:
    """The comparison for programs."""
    return {
        "before": comparison.first.run,
        "after": comparison.second.run,
        "suite": comparison.first.suite,
        "suite_sha256": comparison.first.suite_sha256,
        "primary": comparison.primary,
        "settings": {name: list(values) for name, values in comparison.settings.items()},
        "measures": [asdict(each) | {"better": each.better} for each in comparison.measures],
        "questions": [asdict(each) for each in comparison.questions],
        "only_before": comparison.only_first,
        "only_after": comparison.only_second,
    }
