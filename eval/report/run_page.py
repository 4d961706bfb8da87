"""The report of one run."""

from __future__ import annotations

from collections.abc import Sequence

from eval.measures.catalogue import definition
from eval.records import Run, Suite
from eval.report import plots as draw
from eval.report.markup import Content, Markup, joined, table, tag
from eval.report.page import cards, figure, figures, page, plots, section
from eval.report.questions import Case, Known, card
from eval.report.values import (
    LOOKED_AT_FIRST,
    curve,
    dimensions,
    grouped,
    interval,
    label,
    milliseconds,
    naturally,
    ordered,
    pairs_table,
    slice_rows,
    written,
)
from eval.report.worst import JUDGED_BY, Looked, worst
from eval.scores import Scores

SHOWN_DROPPED = 20
SHOWN_FIGURES = 5
IN_SLICES = ("passage_success@1", "right_answers", "lost_answers", "false_answers", "citation_precision")


def run_page(suite: Suite, run: Run, scores: Scores) -> str:
    """HTML, UTF-8. The suite's documents and the run's replies are read once each."""
    looked = worst(suite, run, scores)
    every = [*looked.did_badly, *looked.answered_falsely, *looked.failed]
    known = Known.of(suite, every)
    about = (
        f"{scores.questions:,} questions ({scores.answerable:,} answerable, {scores.unanswerable:,} not) over "
        f"{suite.document_count:,} documents, asked of {scores.target}"
    )
    return page(
        f"{scores.suite}: {scores.run}",
        about,
        _failures(scores),
        _figures(scores),
        _drawings(run, scores),
        _measures(scores),
        slices([scores], IN_SLICES),
        _questions(suite, scores, looked, known),
        origins([scores], suite),
    )


def _failures(scores: Scores) -> Content:
    if not scores.failed:
        return None
    return tag("p", f"{scores.failed:,} questions failed; they count as not answered.", class_="notice")


def _figures(scores: Scores) -> Markup:
    candidates = dict.fromkeys((scores.primary, *LOOKED_AT_FIRST))
    names = [name for name in candidates if name in scores.measures][:SHOWN_FIGURES]
    cells = [
        (label(name), written(scores.measures[name].value, name), interval(scores.measures[name], name))
        for name in names
    ]
    if scores.latency is not None:
        cells.append(("latency, median", milliseconds(scores.latency.p50), f"p95 {milliseconds(scores.latency.p95)}"))
    return figures(*cells)


def _drawings(run: Run, scores: Scores) -> Markup:
    primary = label(scores.primary)
    drawn = []
    for dimension in dimensions([scores]):
        rows = slice_rows([scores], dimension, scores.primary)[:12]
        if len(rows) > 1:
            plot = draw.by_slice(f"{primary} by {dimension}", rows, primary)
            drawn.append(figure(f"{primary} by {dimension}", plot, about="With 95 % intervals, the largest first."))
    if len(scores.curve) > 1:
        drawn.append(_risk(scores))
    seconds = tuple(reply.seconds for reply in run.replies())
    if scores.latency is not None and seconds:
        plot = draw.latency("Latency of the questions", [draw.Latencies(scores.run, seconds)])
        drawn.append(figure("Latency", plot, about="From the intended start to the reply; median and p95 are marked."))
    return section("At a glance", plots(*drawn))


def _risk(scores: Scores) -> Markup:
    names = ("no answer in the documents", "or the first passage is not right")
    curves = [curve(scores, name=names[0]), curve(scores, wrong=True, name=names[1])]
    about = "Answering the surest questions first; the mark is where the target's threshold puts it."
    return figure(
        "Risk over coverage",
        draw.risk_coverage("How often an answer is wrong, by the share of questions answered", curves),
        draw.legend(names),
        about,
    )


def _measures(scores: Scores) -> Markup:
    rows: list[Sequence[Content]] = []
    for group, names in grouped(list(scores.measures), scores.primary):
        rows.append([group.capitalize()])
        for name in names:
            value = scores.measures[name]
            rows.append([named(name), written(value.value, name), interval(value, name), f"{value.count:,}"])
    heads = ["measure", "value", "95 % interval", "questions"]
    return section("Measures", table(heads, rows), about="↓ marks those where less is better.")


def named(name: str) -> Markup:
    """A measure with its definition, which those of the field need no more."""
    meaning = definition(name)
    ours = meaning.group != "retrieval"
    less = "" if meaning.higher_is_better else " ↓"
    return joined([name + less, tag("small", meaning.about) if ours else None])


def slices(runs: Sequence[Scores], extra: Sequence[str]) -> Content:
    """Every slice with the measures that tell most, one table for each dimension."""
    primary = runs[0].primary
    parts: list[Content] = []
    for dimension in dimensions(runs):
        sliced = [values for run in runs for values in run.slices.get(dimension, {}).values()]
        names = [name for name in (primary, *extra) if any(name in values for values in sliced)]
        rows = []
        for value in sorted({name for run in runs for name in run.slices.get(dimension, {})}, key=naturally):
            for run in runs:
                held = run.slices.get(dimension, {}).get(value, {})
                asked = max((each.count for each in held.values()), default=0)
                cells = [written(held[name].value, name) if name in held else "–" for name in names]
                rows.append([f"{value} · {run.run}" if len(runs) > 1 else value, f"{asked:,}", *cells])
        if len(rows) > len(runs):
            heads = [dimension, "questions", *map(label, names)]
            parts += [tag("h3", f"By {dimension}"), table(heads, rows)]
    return section("Slices", *parts) if parts else None


def _questions(suite: Suite, scores: Scores, looked: Looked, known: Known) -> Markup:
    names = [scores.run]

    def shown(found: Sequence[Case]) -> Markup:
        return cards([card(case, known, names, suite.qrels.get(case.query.query_id, ())) for case in found])

    by = ", ".join(label(name) for name in (scores.primary, *JUDGED_BY) if name in scores.measures)
    did_badly = f"{len(looked.did_badly):,} of {looked.below_best:,} that could have done better, by the mean of {by}."
    parts: list[Content] = []
    if looked.failed:
        said = f"{len(looked.failed):,} of {looked.failures:,}."
        parts.append(section("Questions that failed", shown(looked.failed), about=said))
    if looked.did_badly:
        parts.append(section("Worst questions", shown(looked.did_badly), about=did_badly))
    if looked.answered_falsely:
        said = f"{len(looked.answered_falsely):,} of {looked.falsely:,}, the surest first."
        parts.append(section("Answered without an answer there", shown(looked.answered_falsely), about=said))
    return joined(parts)


def origins(runs: Sequence[Scores], suite: Suite) -> Markup:
    """Where the numbers come from: suite, settings, machine."""
    held = {"name": suite.name, "from": suite.origin, "SHA-256": suite.sha256, "documents": f"{suite.document_count:,}"}
    parts: list[Content] = [tag("h3", "Suite"), pairs_table(("suite", "value"), held)]
    if suite.dropped:
        lines = [
            tag("li", each.file, "" if each.line is None else f", line {each.line}", f": {each.reason}")
            for each in suite.dropped[:SHOWN_DROPPED]
        ]
        more = len(suite.dropped) - SHOWN_DROPPED
        if more > 0:
            lines.append(tag("li", f"and {more:,} more"))
        parts += [tag("h3", f"Left out: {len(suite.dropped):,}"), tag("ul", *lines)]
    for title, chosen in (
        ("Settings", [run.settings for run in runs]),
        ("Environment", [run.environment for run in runs]),
    ):
        keys = list(dict.fromkeys(key for each in chosen for key in each))
        rows = [[key, *(each.get(key, "–") for each in chosen)] for key in keys]
        heads = [title.lower(), *(run.run for run in runs)]
        parts += [tag("h3", title), table(heads, rows, numbers=len(heads))]
    return section("Where the numbers come from", *parts)


def measure_names(runs: Sequence[Scores]) -> list[str]:
    """Those that every run has, in order."""
    return ordered([name for name in runs[0].measures if all(name in run.measures for run in runs)], runs[0].primary)
