"""The stages from parallel text to a pack, in order, each going on from what the work folder already holds."""

from __future__ import annotations

import hashlib
import math
import os
import platform
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, TypeVar

from index.training import recipe
from index.training.alignment import Alignment
from index.training.card import CARD, Facts, card, write_checksums
from index.training.save import save_encoder
from index.training.translations import build, lexicon_bytes, packed
from index.training.vocabulary import english_tokenizer
from index.training.weights import finished
from index.training.workplace import Workplace

if TYPE_CHECKING:
    from tokenizers import Tokenizer

    from index.training.distil import Training
    from index.training.examples import Stream

_TEACHER_FILES = ("config.json", "model.safetensors", "tokenizer.json")
_XQUAD_FILES = ("xquad.de.json", "xquad.en.json")

T = TypeVar("T")


class Unusable(Exception):
    """Something that was asked for or given cannot be used; the message says what, and what to do."""


class Stopped(Exception):
    """The training was asked to stop; its checkpoint is written."""


@dataclass(frozen=True, slots=True)
class Order:
    """What to make, from what, where. ``score`` is the folder with XQuAD, where the result is to be measured."""

    folder: Path
    out: Path
    work: Path
    teacher: Path
    steps: int
    minutes: float
    seed: int
    pieces: int
    precision: str
    score: Path | None = None


def make_pack(order: Order) -> bool:
    """Go through all stages; gives whether the scores that were asked for could be measured.

    Raises Unusable where something given is missing, damaged or of another training, and Stopped after a signal.
    """
    _look(order)
    with _stage("read"), _usable():
        material = recipe.read(order.folder, seed=order.seed)
    _say(
        f"{len(material.pairs):,} sentence pairs, {len(material.passages)} passages, {len(material.glossary):,} entries"
    )
    with _usable():
        work = Workplace(order.work)
        work.claim(_inputs(order, material))
    alignment = _kept("align", work.alignment, lambda: recipe.aligned(material), work.keep_alignment)
    english = english_tokenizer(order.teacher)
    tokenizer = _kept(
        "vocabulary",
        work.tokenizer,
        lambda: recipe.tokenizer_for(material, english, order.pieces),
        work.keep_tokenizer,
    )
    training = _begun(order, work, material, alignment, english, tokenizer)
    with _stage("examples"):
        streams = recipe.streams(material, alignment, tokenizer, seed=order.seed)
    _say(", ".join(f"{len(stream):,} {kind}s" for kind, stream in streams.items()))
    with _stage("distil"):
        _distil(training, streams, order.work)
    with _stage("save"):
        weights, _, _ = finished(order.work, tokenizer, order.teacher)
        save_encoder(order.out / "encoder", order.teacher, weights, tokenizer)
        training.become(weights)
    with _stage("lexicon"):
        rows, parts = build(material.pairs, material.glossary)
        (order.out / "lexicon.tsv.zst").write_bytes(lexicon_bytes(rows))
        (order.out / "compounds.txt.zst").write_bytes(packed(parts))
    write_checksums(order.out)
    scores = _scores(order)
    facts = _facts(order, material, training, streams, (len(rows), len(parts)), scores)
    (order.out / CARD).write_text(card(facts), encoding="utf-8", newline="\n")
    _say(f"the pack is in {order.out}")
    return order.score is None or scores is not None


def _look(order: Order) -> None:
    """Find out before the work whether something that it ends with is missing."""
    for name in _TEACHER_FILES:
        if not (order.teacher / name).is_file():
            raise Unusable(f"{order.teacher} holds no {name}: is it the folder of all-MiniLM-L6-v2?")
    for name in _XQUAD_FILES if order.score is not None else ():
        if order.score is not None and not (order.score / name).is_file():
            raise Unusable(f"{order.score} holds no {name}")
    with _usable():
        order.out.mkdir(parents=True, exist_ok=True)


def _inputs(order: Order, material: recipe.Material) -> dict[str, str | int]:
    """What the work folder's contents follow from; steps and minutes are the checkpoint's to compare."""
    with (order.teacher / "model.safetensors").open("rb") as weights:
        teacher = hashlib.file_digest(weights, "sha256").hexdigest()
    return {
        "seed": order.seed,
        "pieces": order.pieces,
        "precision": order.precision,
        "teacher": teacher[:16],
        "text": material.digest()[:16],
    }


def _begun(
    order: Order,
    work: Workplace,
    material: recipe.Material,
    alignment: Alignment,
    english: Tokenizer,
    tokenizer: Tokenizer,
) -> Training:
    """The training as its checkpoint left it, or at its start."""
    import torch

    from index.training.distil import Training
    from index.training.plan import Plan
    from index.training.student import load_bert, start_table

    teacher, student = load_bert(order.teacher), load_bert(order.teacher)
    old = teacher.embeddings.word_embeddings.weight.data.numpy()
    table = _kept(
        "start",
        work.table,
        lambda: start_table(old, english, tokenizer, alignment, material.glossary, seed=order.seed),
        work.keep_table,
    )
    plan = Plan(steps=order.steps, minutes=order.minutes, seed=order.seed)
    dtype = {"bfloat16": torch.bfloat16, "float32": torch.float32}[order.precision]
    training = Training(teacher, english, student, tokenizer, table, plan, dtype=dtype)
    with _usable():
        if training.load(order.work):
            _say(f"the checkpoint is at step {training.done:,}")
    return training


def _distil(training: Training, streams: dict[str, Stream], folder: Path) -> None:
    from index.training.distil import run

    began, first = time.monotonic(), training.done
    plan = training.plan

    def report(done: int, distances: dict[str, float]) -> None:
        rate = (done - first) / (time.monotonic() - began)
        left = min((plan.steps - done) / rate / 60, plan.minutes - training.seconds / 60)
        shown = ", ".join(f"{kind} {distance:.4f}" for kind, distance in sorted(distances.items()))
        _say(f"step {done:,} of {plan.steps:,}, {rate:.2f}/s, {left:.0f} min left; distances: {shown}")

    with _signals() as asked:
        run(training, streams, folder, report=report, stopped=lambda: bool(asked))
    if asked and training.progress < 1:
        raise Stopped


def _facts(
    order: Order,
    material: recipe.Material,
    training: Training,
    streams: dict[str, Stream],
    lexicon: tuple[int, int],
    scores: str | None,
) -> Facts:
    from index.training.plan import examples_read

    weights = order.out / "encoder" / "model.safetensors"
    sentences = [pair for passage in material.held_out for pair in passage.sentences]
    return Facts(
        pieces=len(training.rows.table),
        parameters=_parameters(weights),
        weights=weights.stat().st_size,
        pairs={name: len(pairs) for name, pairs in material.sources.items()},
        passages=len(material.passages),
        held_out=len(material.held_out),
        glossary=len(material.glossary),
        lexicon=lexicon[0],
        compounds=lexicon[1],
        steps=training.done,
        seconds=training.seconds,
        minutes=training.plan.minutes,
        seed=order.seed,
        machine=_machine(training.device.type == "cuda"),
        examples=examples_read(streams, training.plan, training.done),
        distances=(training.distance(sentences), training.distance([p.whole for p in material.held_out])),
        scores=scores,
    )


def _scores(order: Order) -> str | None:
    """The table that ``eval.dense`` prints. It is another process's, since nothing here may import eval."""
    if order.score is None:
        return None
    command = [
        sys.executable,
        "-m",
        "eval.dense",
        str(order.score),
        "--encoder",
        str((order.out / "encoder").resolve()),
    ]
    with _stage("score"):
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)  # noqa: S603 - our own module
    if done.returncode:
        _say(f"the scores could not be measured: {' '.join(command)} ended with {done.returncode}")
        return None
    _say(done.stdout.strip())
    return done.stdout.strip()


def _parameters(weights: Path) -> int:
    from safetensors import safe_open

    with safe_open(weights, "numpy") as held:
        return sum(math.prod(held.get_slice(name).get_shape()) for name in held.keys())  # noqa: SIM118


def _machine(on_gpu: bool) -> str:
    if on_gpu:
        import torch

        return torch.cuda.get_device_name()
    information = Path("/proc/cpuinfo")
    lines = information.read_text(encoding="utf-8").splitlines() if information.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{os.cpu_count()} cores of {names[0] if names else platform.processor() or platform.machine()}"


def _kept(name: str, held: Callable[[], T | None], make: Callable[[], T], keep: Callable[[T], None]) -> T:
    """What an earlier run kept, or made now and kept for the next."""
    with _usable():
        found = held()
    if found is None:
        with _stage(name):
            found = make()
            keep(found)
    else:
        _say(f"{name}: from the work folder")
    return found


@contextmanager
def _usable() -> Iterator[None]:
    """What readers raise about files becomes a message to the user."""
    try:
        yield
    except (OSError, ValueError) as failed:
        raise Unusable(str(failed)) from failed


@contextmanager
def _stage(name: str) -> Iterator[None]:
    began = time.monotonic()
    _say(f"{name} ...")
    yield
    _say(f"{name}: {time.monotonic() - began:.0f} s")


@contextmanager
def _signals() -> Iterator[list[int]]:
    """Collect Ctrl-C and requests to end instead of falling out of the middle of a step."""
    asked: list[int] = []

    def note(number: int, _: FrameType | None) -> None:
        asked.append(number)

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
