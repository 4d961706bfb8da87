"""How fast, how large: `python -m eval.speed` measures this machine and prints a table, or writes it into the docs.

Every rate stands beside a baseline of the same run. Passages of the large corpora carry vectors made from their hash
instead of encoded ones (two cores encode 20,000 passages in ten minutes, and neither latency nor memory nor disk
depends on what a vector says); questions go through the real encoder, and ingest is measured with the real encoder.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from corpus.documents import retrieval_text
from corpus.ingest import ingest
from corpus.limits import Limits
from corpus.sentences import sentence_spans
from corpus.sources import RawInput
from corpus.store import CorpusStore, EmbeddingInput
from eval import speed_encoder, speed_report
from eval.probes import Serving, disk_use, help_milliseconds, machine, percentile, stopwatch
from eval.workload import Pool, articles, pools, questions, replayed
from index.encoder import load_encoder
from index.protocols import Encoder
from service.engine import Engine
from service.settings import Settings

STORE = "corpus.sqlite3"
BLOCK = 1000  # passages
ROUNDS = 4


def say(text: str) -> None:
    """Progress, on standard error: standard output is for results."""
    print(text, file=sys.stderr, flush=True)


def fill(store: CorpusStore, offered: Sequence[Pool], passages: int) -> list[RawInput]:
    """Reads benchmark articles into the store until it holds ``passages`` passages or a few more; returns them."""
    taken: list[RawInput] = []
    supply = articles(offered)
    told = 0
    while (held := store.counts().passages) < passages:
        batch = list(islice(supply, max(1, (passages - held) // 30)))
        ingest(store, batch, limits=Limits())
        taken += batch
        if (tenths := 10 * held // passages) > told:
            told = tenths
            say(f"  {held:,} of {passages:,} passages")
    return taken


def measure_ingest(encoder: Encoder, offered: Sequence[Pool], passages: int, folder: Path) -> dict[str, float]:
    """Articles to durable and searchable passages, and the encoder alone on the same texts, in turn.

    In rounds, so that whatever else the machine does falls on both alike.
    """
    say(f"ingest of {passages:,} passages with the real encoder")
    with CorpusStore.open(folder / "texts.sqlite3") as store:
        inputs = fill(store, offered, passages)
        rounds = [(part, _texts(store, part)) for part in (inputs[first::ROUNDS] for first in range(ROUNDS))]
    alone: dict[str, float] = {}
    whole: dict[str, float] = {}
    with Engine.open(Settings(data=folder / "ingest"), encoder=encoder) as engine:
        engine.ingest([_warming(offered)])
        for number, (part, texts) in enumerate(rounds):
            with stopwatch(alone, str(number)):
                encoder.encode_passages(texts)
            with stopwatch(whole, str(number)):
                engine.ingest(part)
    count = sum(len(texts) for _, texts in rounds)
    return {
        "passages": count,
        "per_second": count / sum(whole.values()),
        "encoder_per_second": count / sum(alone.values()),
        "share": sum(alone.values()) / sum(whole.values()),
    }


def _texts(store: CorpusStore, inputs: Sequence[RawInput]) -> list[str]:
    """What the encoder reads for the passages of these articles."""
    names = [str(raw.fields["doc_id"]) for raw in inputs]
    return [
        retrieval_text(store.info(name).title, passage.heading, passage.text)
        for name in names
        for passage in store.passages_of(name)
    ]


def _warming(offered: Sequence[Pool]) -> RawInput:
    text = " ".join(offered[0].sentences[:3])
    return RawInput("bench:warm", "text/plain", text.encode(), {"doc_id": "bench-warm", "title": "Warm"})


def build(encoder: Encoder, offered: Sequence[Pool], passages: int, data: Path) -> dict[str, float]:
    """A data folder of ``passages`` passages whose embeddings come from their hashes, with its index."""
    say(f"building {passages:,} passages")
    data.mkdir(parents=True)
    with CorpusStore.open(data / STORE) as store:
        fill(store, offered, passages)
        rows = iter(store.embedding_inputs(store.passage_ids()))
        while block := list(islice(rows, BLOCK)):
            store.put_embeddings(encoder.fingerprint, [_replayed(row, encoder.dimension) for row in block])
        held = store.counts().passages
    seconds: dict[str, float] = {}
    with stopwatch(seconds, "index"), Engine.open(Settings(data=data), encoder=encoder):
        say("  indexed")
    return {"passages": held, "index_per_second": held / seconds["index"], **disk_use(data, STORE)}


def _replayed(row: EmbeddingInput, dimension: int) -> tuple[bytes, bytes]:
    sentences = len(sentence_spans(row.text, row.language))
    return row.embedding_key, replayed(row.embedding_key, dimension, sentences)


def measure_questions(encoder: Encoder, data: Path, asked: Sequence[str], warming: Sequence[str]) -> dict[str, float]:
    """Milliseconds in this process and over HTTP, in turn, so that both see the same machine."""
    say(f"{len(asked)} questions, in process and over HTTP")
    inside: list[float] = []
    outside: list[float] = []
    with Serving(data) as first:  # calibrates the encoder, and remembers
        started_first = first.first_answer(warming[0])
    with Engine.open(Settings(data=data), encoder=encoder) as engine, Serving(data) as serving:
        started = serving.first_answer(warming[0])
        for text in warming:
            ask_inside(engine, text)
            serving.ask(text)
        for number, text in enumerate(asked):
            if number % 2:  # neither is always the one whose caches the other has warmed
                outside.append(serving.ask(text))
            inside.append(ask_inside(engine, text))
            if not number % 2:
                outside.append(serving.ask(text))
        memory = serving.memory()
    return {
        "first_start_seconds": started_first,
        "start_seconds": started,
        "inside_p50": 1000 * percentile(inside, 50),
        "inside_p95": 1000 * percentile(inside, 95),
        "http_p50": 1000 * percentile(outside, 50),
        "http_p95": 1000 * percentile(outside, 95),
        "http_adds": 1000 * (percentile(outside, 50) - percentile(inside, 50)),
        **memory,
    }


def ask_inside(engine: Engine, text: str) -> float:
    """Seconds until the engine of this process has answered."""
    seconds: dict[str, float] = {}
    with stopwatch(seconds, "ask"):
        engine.ask(text)
    return seconds["ask"]


def measure(options: argparse.Namespace, folder: Path) -> dict[str, object]:
    """Everything, in one dictionary that `speed_report` renders."""
    offered = pools()
    encoder = load_encoder()
    listed = questions(offered, options.questions + 10)
    result: dict[str, object] = {"machine": machine(), "help_ms": help_milliseconds()}
    say("the encoder alone, on every path")
    result["encoder"] = speed_encoder.measure(options.encoder_passages, min(options.questions, 40))
    result["questions"] = options.questions
    result["ingest"] = measure_ingest(encoder, offered, options.ingest_passages, folder)
    sizes = {}
    for size in options.sizes:
        data = folder / str(size)
        built = build(encoder, offered, size, data)
        sizes[str(size)] = {**built, **measure_questions(encoder, data, listed[10:], listed[:10])}
    result["sizes"] = sizes
    return result


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="eval.speed", description="Measure speed, memory and disk use.")
    parser.add_argument("--sizes", type=lambda text: [int(part) for part in text.split(",")], default=[1000, 20000])
    parser.add_argument("--questions", type=int, default=200, help="how many to time (default: 200)")
    parser.add_argument("--ingest-passages", type=int, default=600, help="how many to encode (default: 600)")
    parser.add_argument("--encoder-passages", type=int, default=64, help="how many for each path (default: 64)")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    parser.add_argument("--write", action="store_true", help="put the table into docs/benchmarks.md")
    parser.add_argument(
        "--folder", type=Path, default=Path(sys.prefix), help="disk to work on (default: that of Python)"
    )
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=options.folder) as folder:
        result = measure(options, Path(folder))
    table = speed_report.render(result)
    print(table)
    if options.json:
        options.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    if options.write:
        speed_report.write(table)


if __name__ == "__main__":
    main()
