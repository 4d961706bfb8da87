"""A small suite with runs of it, made up but whole: what reports, gates and comparisons are tested on.

Titles, questions and passages hold what must never become markup.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

from corpus.documents import Span
from eval.records import (
    Cited,
    Dropped,
    GoldQuote,
    Query,
    Reply,
    ReplyOutcome,
    Retrieved,
    Run,
    Suite,
    SuiteDocument,
)
from eval.scores import SCORES_FILE, CurvePoint, Latency, QuestionScores, Scores, Value

HOSTILE = '<script>window.broken = 1</script><img src="https://example.org/x" onerror="window.broken = 2">'
SHA = "5f" * 32
KINDS = ("fact", "number", "reason", "comparison")
GOLD = "baut die Leitung bis 2028"
TEXT = f"Die Stadt {HOSTILE} {GOLD}, sagt das Amt. " + "Der Rat hat dem Plan im Mai zugestimmt. " * 12


def documents(count: int = 6) -> tuple[SuiteDocument, ...]:
    return tuple(
        SuiteDocument(f"d{number}", TEXT, title=f"Artikel {number} {HOSTILE}", source="Bote", language="de")
        for number in range(count)
    )


def gold(number: int) -> GoldQuote:
    start = TEXT.index(GOLD)
    return GoldQuote(f"d{number % 6}", GOLD, Span(start, start + len(GOLD)))


def queries(count: int = 40) -> tuple[Query, ...]:
    """Every fifth cannot be answered; languages take turns."""
    return tuple(
        Query(
            f"q{number}",
            f"Frage {number}: Wann wird die Leitung gebaut? {HOSTILE if number == 0 else ''}".strip(),
            ("de", "en")[number % 2],
            KINDS[number % len(KINDS)],
            answerable=number % 5 != 4,
            gold=() if number % 5 == 4 else (gold(number),),
        )
        for number in range(count)
    )


def suite(count: int = 40) -> Suite:
    asked = queries(count)

    def read() -> Iterator[SuiteDocument]:
        return iter(documents())

    return Suite(
        name="example",
        origin="example/ (made up)",
        sha256=SHA,
        queries=asked,
        document_count=len(documents()),
        qrels={query.query_id: {each.doc_id: 1 for each in query.gold} for query in asked if query.gold},
        read_documents=read,
        dropped=(Dropped("questions.jsonl", 7, f"a duplicate judgement {HOSTILE}"),),
    )


def reply(query: Query, rank: int, draw: random.Random) -> Reply:
    """A reply whose right passage stands at ``rank``, or nowhere for 0."""
    sure = min(1.0, max(0.0, draw.gauss(0.75 if query.answerable and rank else 0.4, 0.2)))
    answered = sure >= 0.5
    wrong = [f"d{number}" for number in range(6) if f"d{number}" not in {each.doc_id for each in query.gold}]
    order = [*wrong[: rank - 1], query.gold[0].doc_id, *wrong[rank - 1 :]] if rank and query.gold else wrong
    found = tuple(Retrieved(name, 1.0 / place, place, place, 0, 320, TEXT[:320]) for place, name in enumerate(order, 1))
    start = TEXT.index(GOLD)
    cited = (Cited(order[0], start, start + len(GOLD), GOLD, 0),) if answered else ()
    return Reply(
        query.query_id,
        ReplyOutcome.ANSWERED if answered else ReplyOutcome.ABSTAINED,
        f"Sie {GOLD}. {HOSTILE}" if answered else "",
        (f"Sie {GOLD}.",) if answered else (),
        cited,
        found,
        sure,
        0.5,
        seconds=0.02 + draw.expovariate(60),
    )


def run(folder: Path, name: str = "before", skill: float = 0.6, count: int = 40) -> tuple[Run, Scores]:
    """A run in ``folder`` that finds the right passage first with probability ``skill``, with its scores."""
    draw = random.Random(f"{name} {skill}")
    folder.mkdir(parents=True, exist_ok=True)
    made = Run(name, SHA, "engine", {"encoder": "bundled", "k": "10"}, {"python": "3.12"}, folder)
    made.write()
    rows, replies = [], []
    for query in queries(count):
        rank = 1 if draw.random() < skill else draw.choice((0, 2, 3))
        replies.append(reply(query, rank, draw))
        rows.append(row(query, rank, replies[-1]))
    (folder / "replies.jsonl").write_text("".join(each.to_line() for each in replies), encoding="utf-8")
    import json
    from dataclasses import asdict

    lines = (json.dumps(asdict(each)) + "\n" for each in rows)
    (folder / SCORES_FILE).write_text("".join(lines), encoding="utf-8")
    scored = scores(folder, name, rows, replies)
    scored.write()
    return made, scored


def row(query: Query, rank: int, replied: Reply) -> QuestionScores:
    answered = replied.outcome is ReplyOutcome.ANSWERED
    values = {"false_answers": float(answered)}
    if query.answerable:
        values = {
            "nDCG@10": {0: 0.0, 1: 1.0, 2: 0.63, 3: 0.5}[rank],
            "passage_rr@10": 1 / rank if rank else 0.0,
            "passage_success@1": float(rank == 1),
            "right_answers": float(answered and rank == 1),
        }
    if answered:
        values["citation_exact"] = 1.0
    return QuestionScores(query.query_id, query.answerable, replied.outcome, replied.answerability, values)


def mean(rows: list[QuestionScores]) -> dict[str, Value]:
    names = dict.fromkeys(name for each in rows for name in each.values)
    found = {}
    for name in names:
        values = [each.values[name] for each in rows if name in each.values]
        middle = sum(values) / len(values)
        found[name] = Value(middle, len(values), max(0.0, middle - 0.1), min(1.0, middle + 0.1))
    return found


def scores(folder: Path, name: str, rows: list[QuestionScores], replies: list[Reply]) -> Scores:
    asked = {query.query_id: query for query in queries(len(rows))}
    sliced = {
        dimension: {
            value: mean([each for each in rows if getattr(asked[each.query_id], dimension) == value])
            for value in dict.fromkeys(getattr(query, dimension) for query in asked.values())
        }
        for dimension in ("language", "kind")
    }
    surest = sorted(rows, key=lambda each: -(each.answerability or 0.0))
    curve = []
    for place, each in enumerate(surest, 1):
        risk = sum(not other.answerable for other in surest[:place]) / place
        wrong = sum(other.values.get("passage_success@1", 0.0) < 1 for other in surest[:place]) / place
        curve.append(CurvePoint(each.answerability or 0.0, place / len(rows), risk, wrong, risk, risk))
    times = sorted(each.seconds for each in replies)
    latency = Latency(len(times), sum(times) / len(times), times[len(times) // 2], times[-2], times[-1], 21.5, 1, None)
    possible = sum(query.answerable for query in asked.values())
    return Scores(
        name,
        "example",
        SHA,
        "engine",
        {"encoder": "bundled", "k": "10"},
        {"python": "3.12"},
        len(rows),
        possible,
        len(rows) - possible,
        0,
        "nDCG@10",
        mean(rows),
        sliced,
        tuple(curve),
        latency,
        0.5,
        folder,
    )
