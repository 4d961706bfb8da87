"""How much evaluation itself takes: `python -m eval.speed_eval`, a part of `make bench`.

Makes BEIR folders from the sample articles' sentences: ten thousand questions over a hundred thousand passages, and a
tenth of both. Every step runs in a process of its own, so that its peak of memory is its own. The target is BM25, which
holds its index in memory; with ``--engine`` ours is run too, with vectors drawn instead of encoded.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from eval.probes import machine, memory_of, stopwatch
from eval.records import REPLIES_FILE, Reply, Run
from eval.workload import FORMS, SUBJECT, Pool, pools

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"
BEGIN = "<!-- evaluation: begin (written by `make bench BENCH=--write`) -->"
END = "<!-- evaluation: end -->"
SENTENCES = (5, 8)  # of a passage, least and most
SEED = 20_260_001

Figures = Mapping[str, Any]
Json = dict[str, Any]


def say(text: str) -> None:
    """Progress, on standard error: standard output is for results."""
    print(text, file=sys.stderr, flush=True)


def make_suite(folder: Path, documents: int, questions: int, offered: Sequence[Pool]) -> None:
    """A BEIR folder whose every question names two subjects of the one passage that is relevant to it."""
    draw = random.Random(SEED)  # noqa: S311 - repeatable on purpose
    known = [pool for pool in offered if pool.language in FORMS]
    asked = set(draw.sample(range(documents), questions))
    (folder / "qrels").mkdir(parents=True)
    with (
        (folder / "corpus.jsonl").open("w", encoding="utf-8") as corpus,
        (folder / "queries.jsonl").open("w", encoding="utf-8") as queries,
        (folder / "qrels" / "test.tsv").open("w", encoding="utf-8") as qrels,
    ):
        qrels.write("query-id\tcorpus-id\tscore\n")
        for number in range(documents):
            pool = draw.choice(known)
            sentences = draw.sample(pool.sentences, k=min(draw.randint(*SENTENCES), len(pool.sentences)))
            text = f"{' '.join(sentences)} ({number})"  # no two are alike
            corpus.write(json.dumps({"_id": f"d{number}", "title": "", "text": text}) + "\n")
            if number in asked:
                names = sorted({name for sentence in sentences for name in SUBJECT.findall(sentence)}) or ["Strom"]
                subjects = draw.choices(names, k=2)
                question = draw.choice(FORMS[pool.language]).format(*subjects)
                queries.write(json.dumps({"_id": f"q{number}", "text": f"{question} ({number})"}) + "\n")
                qrels.write(f"q{number}\td{number}\t1\n")


def load(folder: Path) -> int:
    """Read and check the suite; returns its documents."""
    from eval.suites import load_suite

    return load_suite(folder / "suite").document_count


def ask(folder: Path) -> int:
    """Run BM25; returns the questions asked."""
    from eval.runner import run
    from eval.suites import load_suite
    from eval.targets.bm25 import Bm25Target

    suite = load_suite(folder / "suite")
    run(suite, Bm25Target("de"), folder / "run", name="bm25")
    return len(suite.queries)


def ask_engine(folder: Path) -> int:
    """Run the engine, over vectors that are drawn; returns the questions asked."""
    from eval.drawn import DrawnEncoder
    from eval.runner import run
    from eval.suites import load_suite
    from eval.targets.engine import EngineTarget
    from service.settings import Settings

    suite = load_suite(folder / "suite")
    target = EngineTarget(Settings(), folder / "work", encoder=DrawnEncoder())
    try:
        run(suite, target, folder / "engine", name="engine")
    finally:
        target.close()
    return len(suite.queries)


def read(folder: Path) -> int:
    """Only read the replies, without scoring them: the baseline of the next."""
    return sum(1 for _ in Run.open(folder / "run").replies())


def judge(folder: Path) -> int:
    """Score the run, with every slice and interval; returns its questions."""
    from eval.scoring import score
    from eval.suites import load_suite

    return score(load_suite(folder / "suite"), Run.open(folder / "run")).questions


def judge_engine(folder: Path) -> int:
    """Score the engine's run, citations against the documents included; returns its questions."""
    from eval.scoring import score
    from eval.suites import load_suite

    return score(load_suite(folder / "suite"), Run.open(folder / "engine")).questions


STEPS: Mapping[str, Callable[[Path], int]] = {
    "load": load,
    "ask": ask,
    "read": read,
    "judge": judge,
    "ask_engine": ask_engine,
    "judge_engine": judge_engine,
}


def measure_step(name: str, folder: Path) -> Json:
    """Run a step in a process of its own: what it did, its seconds, its peak of memory."""
    say(f"  {name}")
    command = [sys.executable, "-m", "eval.speed_eval", "--step", name, "--folder", str(folder)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own words
    result: Json = json.loads(done.stdout)
    return result


def step(name: str, folder: Path) -> Json:
    """What a process of its own says about a step."""
    seconds: dict[str, float] = {}
    with stopwatch(seconds, name):
        count = STEPS[name](folder)
    return {"count": count, "seconds": seconds[name], **memory_of(os.getpid())}


def measure(sizes: Sequence[tuple[int, int]], folder: Path, *, engine: bool) -> Json:
    """Every step at every size (documents, questions)."""
    result: Json = {"machine": machine(), "sizes": []}
    offered = pools()
    names = ["load", "ask", "read", "judge", *(["ask_engine", "judge_engine"] if engine else [])]
    for documents, questions in sizes:
        say(f"{questions:,} questions over {documents:,} passages")
        at = folder / str(documents)
        make_suite(at / "suite", documents, questions, offered)
        steps = {name: measure_step(name, at) for name in names}
        result["sizes"].append({"documents": documents, "questions": questions, "steps": steps})
        replies = at / "run" / REPLIES_FILE
        with replies.open(encoding="utf-8") as stream:
            Reply.from_line(stream.readline())  # a run without replies would make every figure a lie
    return result


ROWS: tuple[tuple[str, Callable[[Mapping[str, Figures]], str]], ...] = (
    ("suite read and checked", lambda steps: _rate(steps["load"], "passages")),
    ("BM25 indexed and asked", lambda steps: _rate(steps["ask"], "questions")),
    ("run scored, with slices and intervals", lambda steps: _rate(steps["judge"], "questions")),
    (
        "scoring takes, of the time to read the replies alone",
        lambda steps: f"{steps['judge']['seconds'] / max(steps['read']['seconds'], 1e-9):.1f} times",
    ),
    ("most memory: reading the suite", lambda steps: _peak(steps["load"])),
    ("most memory: asking, BM25's index included", lambda steps: _peak(steps["ask"])),
    ("most memory: scoring", lambda steps: _peak(steps["judge"])),
)
ENGINE_ROWS: tuple[tuple[str, Callable[[Mapping[str, Figures]], str]], ...] = (
    ("the engine: documents taken in and questions asked", lambda steps: _rate(steps["ask_engine"], "questions")),
    ("most memory: asking, the engine included", lambda steps: _peak(steps["ask_engine"])),
    ("most memory: scoring the engine's run, citations included", lambda steps: _peak(steps["judge_engine"])),
)


def _rate(at: Figures, unit: str) -> str:
    return f"{at['count'] / max(at['seconds'], 1e-9):,.0f} {unit}/s"


def _peak(at: Figures) -> str:
    return f"{at['rss_peak_bytes'] / 1e6:,.0f} MB" if "rss_peak_bytes" in at else "not told by this system"


def render(result: Figures) -> str:
    """A table with what it was measured on."""
    on, sizes = result["machine"], result["sizes"]
    heads = [f"{at['questions']:,} questions over {at['documents']:,} passages" for at in sizes]
    rows = [*ROWS, *(ENGINE_ROWS if "ask_engine" in sizes[0]["steps"] else ())]
    return "\n".join(
        [
            f"Measured on {on['cores']} cores of {on['processor']}, {on['system']}, Python {on['python']}.",
            "",
            f"| evaluation | {' | '.join(heads)} |",
            "|---|" + "---|" * len(sizes),
            *(f"| {name} | {' | '.join(show(at['steps']) for at in sizes)} |" for name, show in rows),
        ]
    )


def write(table: str, page: Path = PAGE) -> None:
    """Replaces what stands between the two markers of ``page``. Raises ValueError where they are missing."""
    text = page.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{page} lacks the markers {BEGIN!r} and {END!r}")
    page.write_text(f"{before}{BEGIN}\n{table}\n{END}{after}", encoding="utf-8")


def _sizes(text: str) -> list[tuple[int, int]]:
    return [(10 * int(part), int(part)) for part in text.split(",")]


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="eval.speed_eval", description="Measure what evaluation takes.")
    parser.add_argument(
        "--questions", type=_sizes, default=_sizes("1000,10000"), help="how many, over ten times the passages"
    )
    parser.add_argument("--engine", action="store_true", help="run the engine as well: ten minutes more")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--write", action="store_true", help="put the table into docs/benchmarks.md")
    parser.add_argument(
        "--folder", type=Path, default=Path(sys.prefix), help="disk to work on (default: that of Python)"
    )
    parser.add_argument("--step", choices=STEPS, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.step:
        print(json.dumps(step(options.step, options.folder)))
        return
    with tempfile.TemporaryDirectory(prefix="bench-", dir=options.folder) as folder:
        result = measure(options.questions, Path(folder), engine=options.engine)
    table = render(result)
    print(table)
    if options.json:
        options.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    if options.write:
        write(table)


if __name__ == "__main__":
    main()
