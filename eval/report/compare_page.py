"""The report of two runs side by side."""

from __future__ import annotations

from collections.abc import Sequence

from eval.compare import Comparison, Difference, QuestionDifference
from eval.records import Query, Run, Suite
from eval.report import plots as draw
from eval.report.markup import Content, Markup, joined, table, tag
from eval.report.page import cards, figure, page, plots, section
from eval.report.questions import Case, Known, card, reached
from eval.report.run_page import IN_SLICES, named, origins, slices
from eval.report.values import curve, dimensions, grouped, label, slice_rows, written
from eval.report.worst import MOST, replies_of


def verdict(comparison: Comparison) -> str:
    """What the measure that decides says, in one sentence."""
    before, after = comparison.first.run, comparison.second.run
    found = next(each for each in comparison.measures if each.measure == comparison.primary)
    amount = f"{label(found.measure)} {signed(found.difference, found.measure)} ({reach(found)}"
    p = probability(found.p_holm)
    sure = f"{amount})" if found.p_holm is None else f"{amount}, p {p})" if p.startswith("<") else f"{amount}, p = {p})"
    if found.better is None:
        return f"No difference between {before} and {after} that chance does not explain: {sure}."
    return f"{after} is {'better' if found.better else 'worse'} than {before}: {sure}."


def signed(value: float, measure: str) -> str:
    """A difference with its sign."""
    shown = written(abs(value), measure)
    if shown == written(0.0, measure):
        return shown
    return f"{'+' if value > 0 else '−'}{shown}"


def reach(found: Difference) -> str:
    """The interval of a difference."""
    return f"{signed(found.low, found.measure)} to {signed(found.high, found.measure)}"


def probability(p: float | None) -> str:
    """A p-value as papers print it."""
    if p is None:
        return "–"
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def compare_page(suite: Suite, comparison: Comparison, runs: tuple[Run, Run]) -> str:
    """HTML, UTF-8. The suite's documents and each run's replies are read once or twice."""
    names = (comparison.first.run, comparison.second.run)
    lost = [each for each in comparison.questions if each.gain < 0][:MOST]
    won = [each for each in reversed(comparison.questions) if each.gain > 0][:MOST]
    cases = _cases(suite, comparison, runs, [*lost, *won])
    known = Known.of(suite, cases.values())

    def shown(found: Sequence[QuestionDifference]) -> Markup:
        return cards([card(cases[each.query_id], known, names, suite.qrels.get(each.query_id, ())) for each in found])

    about = f"{suite.name}: {comparison.first.questions:,} questions over {suite.document_count:,} documents"
    lost_of = sum(each.gain < 0 for each in comparison.questions)
    won_of = sum(each.gain > 0 for each in comparison.questions)
    by = label(comparison.primary)
    return page(
        f"{names[0]} and {names[1]}",
        about,
        tag("p", verdict(comparison), class_="verdict"),
        _partial(comparison),
        _measures(comparison),
        _drawings(comparison, runs),
        slices([comparison.first, comparison.second], IN_SLICES),
        section(
            "Lost",
            shown(lost),
            about=f"{len(lost):,} of {lost_of:,} questions that did worse by {by}, the worst first.",
        )
        if lost
        else None,
        section("Won", shown(won), about=f"{len(won):,} of {won_of:,} questions that did better, the best first.")
        if won
        else None,
        _settings(comparison),
        origins([comparison.first, comparison.second], suite),
    )


def _partial(comparison: Comparison) -> Content:
    if not comparison.only_first and not comparison.only_second:
        return None
    said = f"Left out: {comparison.only_first:,} questions that only {comparison.first.run} was asked and "
    said += f"{comparison.only_second:,} that only {comparison.second.run} was."
    return tag("p", said, class_="notice")


def _cases(
    suite: Suite, comparison: Comparison, runs: tuple[Run, Run], chosen: Sequence[QuestionDifference]
) -> dict[str, Case]:
    wanted = [each.query_id for each in chosen]
    before, after = (replies_of(run, wanted) for run in runs)
    queries: dict[str, Query] = {query.query_id: query for query in suite.queries}
    by = label(comparison.primary)
    return {
        each.query_id: Case(
            queries[each.query_id],
            (before.get(each.query_id), after.get(each.query_id)),
            (f"{reached(by, each.first)} → {each.second:.2f}",),
        )
        for each in chosen
    }


def _measures(comparison: Comparison) -> Markup:
    differences = {each.measure: each for each in comparison.measures}
    rows: list[Sequence[Content]] = []
    for group, names in grouped(list(differences), comparison.primary):
        rows.append([group.capitalize()])
        rows += [_row(differences[name]) for name in names]
    heads = [
        "measure",
        comparison.first.run,
        comparison.second.run,
        "difference",
        "95 % interval",
        "p (Holm)",
        "questions",
    ]
    about = (
        "Paired over questions: intervals by bootstrap, p by randomisation, corrected for all measures by Holm. "
        "Coloured is what chance does not explain; ↓ marks measures where less is better."
    )
    return section("Measures", table(heads, rows), about=about)


def _row(found: Difference) -> list[Content]:
    css = None if found.better is None else "better" if found.better else "worse"
    sign = "" if found.better is None else "\N{NO-BREAK SPACE}▲" if found.better else "\N{NO-BREAK SPACE}▼"
    return [
        named(found.measure),
        written(found.first, found.measure),
        written(found.second, found.measure),
        tag("span", signed(found.difference, found.measure) + sign, class_=css),
        reach(found),
        probability(found.p_holm),
        f"{found.count:,}",
    ]


def _drawings(comparison: Comparison, runs: tuple[Run, Run]) -> Markup:
    both = [comparison.first, comparison.second]
    names = [scores.run for scores in both]
    by, key = label(comparison.primary), draw.legend([scores.run for scores in both])
    found = next(each for each in comparison.measures if each.measure == comparison.primary)
    pairs = [(each.first, each.second) for each in comparison.questions]
    equal = found.count - len(pairs)
    dots = draw.scatter(f"{by} of every question in both runs", pairs, (names[0], names[1]), by)
    drawn: list[Content] = [
        figure(
            f"{by}, question by question",
            dots,
            about=f"Above the line the second run has more. {equal:,} questions without a difference are left out.",
        )
    ]
    for dimension in dimensions(both):
        rows = slice_rows(both, dimension, comparison.primary)[:12]
        if len(rows) > 1:
            drawn.append(figure(f"{by} by {dimension}", draw.by_slice(f"{by} by {dimension}", rows, by), key))
    if all(len(scores.curve) > 1 for scores in both):
        said = "How often an answer is given to a question without one, by the share of questions answered"
        drawn.append(figure("Risk over coverage", draw.risk_coverage(said, [curve(each) for each in both]), key))
    times = [draw.Latencies(run.name, tuple(reply.seconds for reply in run.replies())) for run in runs]
    if all(each.seconds for each in times) and all(scores.latency for scores in both):
        drawn.append(figure("Latency", draw.latency("Latency of the questions", times), key))
    return section("At a glance", plots(joined(drawn)))


def _settings(comparison: Comparison) -> Content:
    if not comparison.settings:
        return section("What was changed", tag("p", "Nothing that the runs say of themselves."))
    rows: list[Sequence[Content]] = [
        [name, before or "–", after or "–"] for name, (before, after) in comparison.settings.items()
    ]
    heads = ["setting", comparison.first.run, comparison.second.run]
    return section("What was changed", table(heads, rows, numbers=3))
