"""The encoder alone: passages a second and milliseconds a question, on every path beside the plain library.

    python -m eval.speed_encoder [--passages 64] [--questions 40] [--json FILE]

All paths are measured in one process, in turn and in rounds; the best round of each counts, so that whatever else the
machine does is mostly left out. The baseline is `SentenceTransformer.encode` in 32 bits with its defaults. Start is the
time of a new process from nothing to its first vector.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from eval.probes import machine, stopwatch
from eval.workload import Pool, pools, questions
from index.backends import TORCH
from index.backends.compiled import offered
from index.backends.reference import load_reference
from index.encoder import load_encoder
from index.model_folder import BUNDLED, locate

LEAST, MOST = 150, 250  # tokens of a passage
ROUNDS = 3
SEED = 20_260_701
PLAIN = "sentence-transformers, as it comes"
STARTS = {
    "the plain library": (
        "from sentence_transformers import SentenceTransformer; "
        "SentenceTransformer({folder!r}, device='cpu').encode(['Wer?'])"
    ),
    "the remembered path": (
        "from pathlib import Path; from index.encoder import load_encoder; "
        "load_encoder(memory=Path({memory!r})).encode_questions(['Wer?'])"
    ),
}

Encode = Callable[[Sequence[str]], object]


def passages(offered_pools: Sequence[Pool], count: int, tokens: Callable[[str], int]) -> list[str]:
    """Sentences of the sample articles, drawn until a passage has 150 to 250 tokens; no two passages are alike."""
    draw = random.Random(SEED)  # noqa: S311 - repeatable on purpose
    made: dict[str, None] = {}
    while len(made) < count:
        pool = draw.choice(offered_pools)
        text = ""
        while tokens(text) < LEAST:
            text = f"{text} {draw.choice(pool.sentences)}".strip()
        if tokens(text) <= MOST:
            made.setdefault(text)
    return list(made)


def measure(passage_count: int, question_count: int) -> dict[str, Any]:
    """Every path's figures under its name, what `auto` chose, and the seconds of a start."""
    with tempfile.TemporaryDirectory() as folder:
        memory = Path(folder) / "calibration.json"
        choice = load_encoder(memory=memory).choice
        starts = {name: _start(program, memory) for name, program in STARTS.items()}
    model = load_reference(locate(BUNDLED))
    paths: dict[str, tuple[Encode, Encode]] = {PLAIN: (_plain(model.encode), _plain(model.encode))}
    for backend in (TORCH, *offered()):
        encoder = load_encoder(backend=backend)
        paths[backend] = (encoder.encode_passages, encoder.encode_questions)
    own = pools()
    counted = model.tokenizer
    texts = passages(own, passage_count, lambda text: len(counted(text)["input_ids"]))
    asked = questions(own, question_count)
    spent: dict[str, list[float]] = {name: [] for name in paths}
    waited: dict[str, list[float]] = {name: [] for name in paths}
    for _ in range(ROUNDS):
        for name, (read, ask) in paths.items():
            spent[name].append(_seconds(read, texts))
            ask(asked[:1])
            waited[name].append(statistics.median(_seconds(ask, [text]) for text in asked))
    return {
        "chosen": str(choice),
        "passages": len(texts),
        "questions": len(asked),
        "paths": {
            name: {"passages_per_second": len(texts) / min(spent[name]), "question_ms": 1000 * min(waited[name])}
            for name in paths
        },
        "starts": starts,
    }


def render(result: Mapping[str, Any]) -> str:
    """A Markdown table; factors are against the plain library in the same run."""
    base = result["paths"][PLAIN]
    measured = f"{result['passages']} passages of {LEAST} to {MOST} tokens, {result['questions']} questions one by one"
    lines = [
        f"| the encoder alone: {measured} | passages/s | times as many | ms a question | times as fast |",
        "|---|---|---|---|---|",
    ]
    for name, at in result["paths"].items():
        more = at["passages_per_second"] / base["passages_per_second"]
        quicker = base["question_ms"] / at["question_ms"]
        lines.append(
            f"| {name} | {at['passages_per_second']:.1f} | {more:.1f} | {at['question_ms']:.1f} | {quicker:.1f} |"
        )
    lines += ["", "| a new process, from nothing to its first vector | seconds |", "|---|---|"]
    lines += [f"| {name} | {seconds:.1f} |" for name, seconds in result["starts"].items()]
    lines += ["", f"Chosen by the calibration: {result['chosen']}."]
    return "\n".join(lines)


def _plain(encode: Callable[..., object]) -> Encode:
    return lambda texts: encode(list(texts), show_progress_bar=False)


def _seconds(encode: Encode, texts: Sequence[str]) -> float:
    taken: dict[str, float] = {}
    with stopwatch(taken, "all"):
        encode(texts)
    return taken["all"]


def _start(program: str, memory: Path) -> float:
    """Seconds of a process, the better of two; what the first one brought into the disk's cache helps the second."""
    words = [sys.executable, "-c", program.format(folder=str(locate(BUNDLED)), memory=str(memory))]
    taken: dict[str, float] = {}
    for run in range(2):
        with stopwatch(taken, str(run)):
            subprocess.run(words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603 - our own words
    return min(taken.values())


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="eval.speed_encoder", description="Measure the encoder on every path.")
    parser.add_argument("--passages", type=int, default=64, help="how many to encode in a round (default: 64)")
    parser.add_argument("--questions", type=int, default=40, help="how many to time in a round (default: 40)")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    options = parser.parse_args(arguments)
    result = measure(options.passages, options.questions)
    on = machine()
    print(f"Measured on {on['cores']} cores of {on['processor']}, {on['system']}, Python {on['python']}.\n")
    print(render(result))
    if options.json:
        options.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
