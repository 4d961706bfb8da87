"""The report of several runs side by side: a sweep, or runs that someone names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from eval.records import Suite
from eval.report import plots as draw
from eval.report.compare_page import probability, signed
from eval.report.markup import Content, Markup, table, tag
from eval.report.page import figure, page, plots, section
from eval.report.plots import MOST_SERIES, Estimate, SliceRow
from eval.report.run_page import IN_SLICES, named, origins, slices
from eval.report.values import curve, dimensions, grouped, interval, label, milliseconds, slice_rows, written
from eval.scores import Scores
from eval.sweep import Place, Sweep

SHOWN = 40  # points of a plot


def sweep_page(suite: Suite, sweep: Sweep) -> str:
    """HTML, UTF-8."""
    about = f"{suite.name}: {len(sweep.places):,} combinations of settings, {len(suite.queries):,} questions each"
    by = label(sweep.measure)
    rows = [
        SliceRow(place.point.name, place.scores.measures[sweep.measure].count, (_estimate(place, sweep.measure),))
        for place in sweep.places[:SHOWN]
    ]
    drawn: list[Content] = [
        figure(f"{by} by setting", draw.by_slice(f"{by} of every combination", rows, by), about="With 95 % intervals.")
    ]
    for name, values in _marginals(sweep).items():
        title = f"{by}: {name}, the others averaged"
        drawn.append(figure(title, draw.by_slice(title, values, by)))
    best = [place.scores for place in sweep.places[:MOST_SERIES]]
    return page(
        f"{suite.name}: sweep",
        about,
        tag("p", sweep.verdict(), class_="verdict"),
        _places(sweep),
        section("At a glance", plots(*drawn)),
        side_by_side(best, "Measures of the best"),
        origins(best, suite),
    )


def runs_page(suite: Suite, runs: Sequence[Scores]) -> str:
    """Runs of one suite side by side, in the order given. HTML, UTF-8."""
    about = f"{suite.name}: {len(suite.queries):,} questions over {suite.document_count:,} documents"
    shown = runs[:MOST_SERIES]
    key, by = draw.legend([scores.run for scores in shown]), label(runs[0].primary)
    drawn: list[Content] = []
    for dimension in dimensions(shown):
        rows = slice_rows(shown, dimension, runs[0].primary)[:12]
        if len(rows) > 1:
            drawn.append(figure(f"{by} by {dimension}", draw.by_slice(f"{by} by {dimension}", rows, by), key))
    curves = [curve(scores) for scores in shown if len(scores.curve) > 1]
    if len(curves) == len(shown):
        said = "How often an answer is given to a question without one, by the share of questions answered"
        drawn.append(figure("Risk over coverage", draw.risk_coverage(said, curves), key))
    glance = section("At a glance", plots(*drawn), about=_left_out(runs)) if drawn else None
    return page(
        f"{suite.name}: {len(runs)} runs", about, glance, side_by_side(runs, "Measures"), slices(runs, IN_SLICES),
        origins(runs, suite),
    )  # fmt: skip


def _left_out(runs: Sequence[Scores]) -> str | None:
    return f"The first {MOST_SERIES} of {len(runs)} runs." if len(runs) > MOST_SERIES else None


def side_by_side(runs: Sequence[Scores], title: str) -> Markup:
    """A column for each run, a line for each measure that any of them has."""
    names = list(dict.fromkeys(name for scores in runs for name in scores.measures))
    rows: list[Sequence[Content]] = []
    for group, listed in grouped(names, runs[0].primary):
        rows.append([group.capitalize()])
        rows += [[named(name), *(_cell(scores, name) for scores in runs)] for name in listed]
    rows.append(["Latency"])
    for quantile in ("p50", "p95"):
        cells = [milliseconds(getattr(run.latency, quantile)) if run.latency else "–" for run in runs]
        rows.append([quantile, *cells])
    about = "With 95 % intervals; ↓ marks measures where less is better."
    return section(title, table(["measure", *(scores.run for scores in runs)], rows), about=about)


def _cell(scores: Scores, name: str) -> Content:
    value = scores.measures.get(name)
    if value is None:
        return "–"
    return tag("span", written(value.value, name), tag("small", interval(value, name)), class_="with-interval")


def _estimate(place: Place, measure: str) -> Estimate:
    value = place.scores.measures[measure]
    return Estimate(value.value, value.low, value.high)


def _marginals(sweep: Sweep) -> Mapping[str, list[SliceRow]]:
    """For each setting of several values, the mean of its values over all others."""
    found: dict[str, list[SliceRow]] = {}
    names = list(sweep.winner.point.values)
    for name in names if len(names) > 1 else []:
        values = sorted({place.point.values[name] for place in sweep.places})
        if len(values) < 2:
            continue
        held = {value: [place for place in sweep.places if place.point.values[name] == value] for value in values}
        found[name] = [
            SliceRow(
                f"{name}={value}",
                sum(place.scores.measures[sweep.measure].count for place in places),
                (Estimate(sum(place.value for place in places) / len(places)),),
            )
            for value, places in held.items()
        ]
    return found


def _places(sweep: Sweep) -> Markup:
    settings = list(sweep.winner.point.values)
    rows: list[Sequence[Content]] = []
    for rank, place in enumerate(sweep.places, 1):
        value = place.scores.measures[sweep.measure]
        latency = place.scores.latency
        behind = "" if place.difference is None else signed(place.difference, sweep.measure)
        rows.append(
            [
                f"{rank}",
                *(place.point.values[name] for name in settings),
                written(place.value, sweep.measure),
                interval(value, sweep.measure),
                behind,
                "" if place.difference is None else probability(place.p),
                "best" if place.difference is None else "as good" if place.as_good else "worse",
                "–" if latency is None else milliseconds(latency.p50),
            ]
        )
    heads = ["", *settings, label(sweep.measure), "95 % interval", "to the best", "p (Holm)", "", "p50"]
    about = (
        "Each is compared with the best over the same questions, by a paired randomisation test corrected for the "
        "number of combinations. The best was chosen on these questions: on others it will be a little less good."
    )
    return section("Combinations", table(heads, rows, numbers=1 + len(settings)), about=about)
