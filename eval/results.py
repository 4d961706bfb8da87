"""The tables of docs/evaluation.md: run what they show, print them, put them into the page.

    python -m eval.results [--xquad FOLDER] [--impossible FOLDER] [--work DIR] [--write]

Runs are kept in the work folder and go on where they stopped; one that was made with other settings, another encoder
or another suite is made anew. A table whose data is not given stays as it is.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.errors import RunInvalid
from eval.records import Suite
from eval.runner import run
from eval.scores import Scores, Value
from eval.scoring import score
from eval.suites import load_suite
from eval.targets import Options, open_target

PAGE = Path(__file__).parents[1] / "docs" / "evaluation.md"
BEGIN = "<!-- {name}: begin (written by `python -m eval.results --write`) -->"
END = "<!-- {name}: end -->"
PAIRS = (("de", "de"), ("en", "de"), ("de", "en"), ("en", "en"))
NOT_TAKEN = "–"

SYSTEMS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "Fundstelle": ("engine", {}),
    "its dense leg alone": ("dense", {}),
    "its lexical leg alone": ("lexical", {}),
    "sentence-transformers + FAISS, the same encoder": ("dense_only", {}),
    "txtai, hybrid, the same encoder": ("txtai", {}),
    "bm25s, its defaults": ("bm25", {}),
    "bm25s, German stems and stop words": ("bm25", {"analysis": "de"}),
}
SAMPLE = ("nDCG@10", "Success@1", "passage_success@1", "passage_success@3", "language_gap(nDCG@10)")
ANSWERS = ("right_answers", "citation_precision", "citation_recall", "lost_answers", "false_answers", "auroc")
XQUAD = ("nDCG@10", "Success@1", "R@10")
IMPOSSIBLE = ("nDCG@10", "right_answers", "lost_answers", "false_answers", "auroc", "aurc")


@dataclass(frozen=True, slots=True)
class Bench:
    """Where runs are kept. ``scores`` makes one, or takes the one that is there."""

    work: Path

    def scores(self, suite: Suite, system: str) -> Scores:
        """One of ``SYSTEMS`` on a suite. Raises what targets raise."""
        kind, told = SYSTEMS[system]
        target = open_target(kind, Options(self.work / "stores", **told))  # type: ignore[arg-type] # text for text
        folder = self.work / "runs" / "-".join((suite.name, kind, *told.values()))
        try:
            try:
                made = run(suite, target, folder)
            except RunInvalid:  # of another suite, encoder or setting
                shutil.rmtree(folder)
                made = run(suite, target, folder)
        finally:
            target.close()
        return score(suite, made)


def sample_tables(bench: Bench, suite: Suite) -> str:
    """Ours beside others on the sample suite, then ours by kind of question and by language."""
    every = {system: bench.scores(suite, system) for system in SYSTEMS}
    ours = every["Fundstelle"]
    return "\n\n".join(
        [
            _counted(ours),
            _table("system", SAMPLE, {system: scores.measures for system, scores in every.items()}),
            _table("Fundstelle answers", ANSWERS, {"all": ours.measures, **_slices(ours, "language")}),
            _table("by kind", ("passage_success@3", *ANSWERS[:-1]), _slices(ours, "kind")),
        ]
    )


def xquad_table(bench: Bench, folder: Path) -> str:
    """Every pair of languages, ours beside others."""
    lines: dict[str, Mapping[str, Value]] = {}
    for questions, paragraphs in PAIRS:
        suite = load_suite(folder, questions, paragraphs)
        systems = [system for system in SYSTEMS if paragraphs == "de" or "German" not in system]
        for system in systems:
            lines[f"{questions}-{paragraphs}: {system}"] = bench.scores(suite, system).measures
    return _table("questions-paragraphs: system", XQUAD, lines)


def impossible_table(bench: Bench, folder: Path) -> str:
    """Ours on English questions about German paragraphs, many of which have no answer there."""
    scores = bench.scores(load_suite(folder, "en", "de"), "Fundstelle")
    return _counted(scores) + "\n\n" + _table("", IMPOSSIBLE, {"Fundstelle": scores.measures})


def _counted(scores: Scores) -> str:
    threshold = f", threshold {scores.threshold:g}" if scores.threshold is not None else ""
    return (
        f"{scores.answerable:,} questions with an answer, {scores.unanswerable:,} without; {scores.failed:,} failed"
        f"{threshold}; suite {scores.suite_sha256[:12]}."
    )


def _slices(scores: Scores, dimension: str) -> Mapping[str, Mapping[str, Value]]:
    return scores.slices.get(dimension, {})


def _table(head: str, measures: Sequence[str], lines: Mapping[str, Mapping[str, Value]]) -> str:
    shown = [[head, *measures], ["---"] * (1 + len(measures))]
    shown += [[name, *(_shown(values.get(measure)) for measure in measures)] for name, values in lines.items()]
    return "\n".join("| " + " | ".join(line) + " |" for line in shown)


def _shown(value: Value | None) -> str:
    if value is None:
        return NOT_TAKEN
    if value.low is None or value.high is None:
        return f"{value.value:.3f}"
    return f"{value.value:.3f} [{value.low:.3f}, {value.high:.3f}]"


def write(name: str, table: str, page: Path = PAGE) -> None:
    """Replace what stands between the markers of ``name``. Raises ValueError where they are missing."""
    begin, end = BEGIN.format(name=name), END.format(name=name)
    text = page.read_text(encoding="utf-8")
    before, found, rest = text.partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"{page} lacks the markers {begin!r} and {end!r}")
    page.write_text(f"{before}{begin}\n{table}\n{end}{after}", encoding="utf-8")


def main() -> None:
    """Parse, run, print; with ``--write`` put the tables into the page."""
    parser = argparse.ArgumentParser(prog="python -m eval.results", description=__doc__.splitlines()[0])
    parser.add_argument("--xquad", type=Path, metavar="FOLDER", help="xquad.de.json and xquad.en.json")
    parser.add_argument("--impossible", type=Path, metavar="FOLDER", help="a suite in which questions lack an answer")
    parser.add_argument("--work", type=Path, metavar="DIR", help="stores and runs, kept for the next time")
    parser.add_argument("--write", action="store_true", help="put the tables into docs/evaluation.md")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        bench = Bench(chosen.work or Path(temporary))
        tables = {"sample": sample_tables(bench, load_suite(Path("sample")))}
        if chosen.xquad:
            tables["xquad"] = xquad_table(bench, chosen.xquad)
        if chosen.impossible:
            tables["impossible"] = impossible_table(bench, chosen.impossible)
    for name, table in tables.items():
        print(f"{name}\n\n{table}\n")
        if chosen.write:
            write(name, table)


if __name__ == "__main__":
    main()
