"""Quality against size and against speed: the language pack beside published encoders, as a table and a plot.

    python -m eval.pack_plot --alone SCORE --pipeline SCORE --speedup FACTOR --speeds FILE [--write FILE.svg]

SCORE is nDCG@10 x 100 on XQuAD, German on German: ``python -m eval.dense`` and ``python -m eval.retrieval`` print them.
FACTOR is how much faster than plain sentence-transformers the encoder reads passages here (``eval.speed_encoder``).
Other encoders' weights are not needed: speed depends on a network's shape alone, so that stand-ins of the same shape
with random weights are timed, all in one run, and kept in FILE.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.report.axes import BOTTOM, LEFT, RIGHT, TOP, WIDTH, Scale, at, frame
from eval.report.markup import Content, Markup, joined, tag

TOKENS, BATCH, ROUNDS = 200, 8, 5
_HEIGHT = 330.0
_GAP = 16.0


@dataclass(frozen=True, slots=True)
class Shape:
    """What decides a BERT's speed, the table of words apart."""

    layers: int
    hidden: int

    def __str__(self) -> str:
        return f"{self.layers} x {self.hidden}"


@dataclass(frozen=True, slots=True)
class Model:
    """An encoder: millions of parameters, nDCG@10 x 100 on XQuAD (de-de), and its shape where it is a plain BERT's."""

    name: str
    parameters: float
    score: float
    shape: Shape | None


SMALL = Shape(6, 384)

# Scores: embeddings-benchmark/results at f4cc6c8b (XQuADRetrieval, validation, deu-deu). Sizes: mteb at a9055237.
PUBLISHED = (
    Model("all-MiniLM-L6-v2", 23, 70.3, SMALL),
    Model("granite-107m", 107, 93.4, SMALL),
    Model("MiniLM-L12", 118, 84.0, Shape(12, 384)),
    Model("mpnet-base", 278, 86.7, Shape(12, 768)),
    Model("e5-base", 278, 95.8, Shape(12, 768)),
    Model("gte-base", 305, 94.1, None),
    Model("arctic-m-v2", 305, 95.6, None),
    Model("LaBSE", 471, 84.3, Shape(12, 768)),
    Model("e5-large", 560, 97.0, Shape(24, 1024)),
)
NAMES = {
    "granite-107m": "granite-embedding-107m-multilingual",
    "MiniLM-L12": "paraphrase-multilingual-MiniLM-L12-v2",
    "mpnet-base": "paraphrase-multilingual-mpnet-base-v2",
    "e5-base": "multilingual-e5-base",
    "gte-base": "gte-multilingual-base",
    "arctic-m-v2": "snowflake-arctic-embed-m-v2.0",
    "e5-large": "multilingual-e5-large",
}
BM25 = 92.5  # the same results' bm25s baseline, with English stop words and stems
OURS = "this pack"


@dataclass(frozen=True, slots=True)
class Pack:
    """The pack: millions of parameters, its encoder alone and the full pipeline, passages a second."""

    parameters: float
    alone: float
    pipeline: float
    speed: float


def measure(shapes: Sequence[Shape]) -> dict[str, float]:
    """Passages of TOKENS tokens a second by shape, in torch and fp32; rounds take turns, the median counts."""
    import torch
    from transformers import BertConfig, BertModel

    ids = torch.randint(0, 100, (BATCH, TOKENS), generator=torch.Generator().manual_seed(0))
    models = {}
    for shape in shapes:
        heads = shape.hidden // (32 if shape.hidden == SMALL.hidden else 64)
        config = BertConfig(
            vocab_size=100,
            hidden_size=shape.hidden,
            num_hidden_layers=shape.layers,
            num_attention_heads=heads,
            intermediate_size=4 * shape.hidden,
        )
        models[str(shape)] = BertModel(config, add_pooling_layer=False).train(False)
    seconds: dict[str, list[float]] = {name: [] for name in models}
    with torch.inference_mode():
        for _ in range(ROUNDS + 1):
            for name, model in models.items():
                began = time.perf_counter()
                model(input_ids=ids)
                seconds[name].append(time.perf_counter() - began)
    return {name: BATCH / statistics.median(taken[1:]) for name, taken in seconds.items()}


def table(pack: Pack, speeds: Mapping[str, float]) -> str:
    """All encoders by size, in Markdown."""
    rows = [
        (pack.parameters, f"**{OURS}, the encoder alone**", pack.alone, pack.speed),
        (pack.parameters, f"**{OURS}, full pipeline**", pack.pipeline, pack.speed),
        *(
            (model.parameters, NAMES.get(model.name, model.name), model.score, speeds.get(str(model.shape)))
            for model in PUBLISHED
        ),
    ]
    lines = ["| encoder | parameters | XQuAD de-de | passages/s here |", "|---|---|---|---|"]
    for parameters, name, score, speed in sorted(rows, key=lambda row: (row[0], row[2])):
        shown = "" if speed is None else f"{speed:.0f}" if speed >= 10 else f"{speed:.1f}"
        lines.append(f"| {name} | {parameters:.0f} M | {score:.1f} | {shown} |")
    return "\n".join(lines)


def plot(pack: Pack, speeds: Mapping[str, float]) -> str:
    """Two panels side by side, as an SVG file that is readable on light and dark pages."""
    sized = [(model.name, model.parameters, model.score) for model in PUBLISHED]
    timed = [(model.name, speeds[str(model.shape)], model.score) for model in PUBLISHED if str(model.shape) in speeds]
    fastest = max(pack.speed, *(speed for _, speed, _ in timed))
    slowest = min(speed for _, speed, _ in timed)
    panels = [
        _panel("millions of parameters", (15.0, 900.0), sized, (pack.parameters, pack)),
        _panel("passages of 200 tokens a second", (slowest / 1.6, fastest * 2.2), timed, (pack.speed, pack)),
    ]
    said = (
        f"XQuAD nDCG@10, German questions and paragraphs, against size and speed. The pack's encoder of "
        f"{pack.parameters:.0f} million parameters reaches {pack.alone:.1f} alone, {pack.pipeline:.1f} in the pipeline."
    )
    moved = [
        tag("g", panel, transform=f"translate({at(number * (WIDTH + _GAP))} 0)") for number, panel in enumerate(panels)
    ]
    whole = tag(
        "svg",
        tag("title", said),
        Markup(f"<style>{_STYLE}</style>"),
        *moved,
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {at(2 * WIDTH + _GAP)} {at(_HEIGHT)}",
        role="img",
    )
    return f"{whole}\n"


def _panel(
    label: str, ends: tuple[float, float], points: Sequence[tuple[str, float, float]], ours: tuple[float, Pack]
) -> Markup:
    across = Scale(*ends, LEFT + 8, WIDTH - RIGHT - 8, logarithmic=True)
    up = Scale(68.0, 100.0, _HEIGHT - BOTTOM - 8, TOP + 8)
    parts: list[Content] = [frame(_HEIGHT, across, up, (label, "XQuAD de-de, nDCG@10"))]
    level = up(BM25)
    parts.append(tag("line", x1=at(LEFT), x2=at(WIDTH - RIGHT), y1=at(level), y2=at(level), class_="baseline"))
    parts.append(tag("text", "plain BM25", x=at(LEFT + 4), y=at(level), dy="1.2em", class_="baseline-name"))
    x, pack = ours
    middle, low, high = across(x), up(pack.alone), up(pack.pipeline)
    parts.append(tag("line", x1=at(middle), x2=at(middle), y1=at(low), y2=at(high), class_="reach"))
    dots = [("Fundstelle", middle, high, "our-"), ("encoder alone", middle, low, "our-")]
    alike: dict[tuple[float, float], list[str]] = {}
    for name, value, score in points:
        alike.setdefault((value, score), []).append(name)
    dots += [(", ".join(names), across(value), up(score), "") for (value, score), names in alike.items()]
    taken = [_Box(x - 5, y - 5, x + 5, y + 5) for _, x, y, _ in dots]
    taken += [_Box(middle - 2, high, middle + 2, low), _Box(LEFT, level, LEFT + 66, level + 14)]
    for name, x, y, whose in dots:
        parts.append(tag("circle", cx=at(x), cy=at(y), r="5.5" if whose else "4", class_=f"{whose}dot"))
        box = next(
            (each for each in _Box.beside(x, y, (6.2 if whose else 5.6) * len(name)) if each.is_free(taken)), None
        )
        if box is None:
            raise ValueError(f"there is no room for the name {name!r}")
        taken.append(box)
        middle_of = {"x": at((box.left + box.right) / 2), "y": at((box.top + box.bottom) / 2)}
        parts.append(tag("text", name, **middle_of, dy="0.33em", text_anchor="middle", class_=f"{whose}name"))
    return joined(parts)


@dataclass(frozen=True, slots=True)
class _Box:
    """What a mark or a name covers."""

    left: float
    top: float
    right: float
    bottom: float

    @staticmethod
    def beside(x: float, y: float, width: float) -> Iterator[_Box]:
        """Where a name may stand: right, left, above, below, and then farther away."""
        for away in (8.0, 18.0, 28.0):
            for rise in (0.0, -6.0, 6.0):
                yield _Box(x + away, y + rise - 6, x + away + width, y + rise + 6)
                yield _Box(x - away - width, y + rise - 6, x - away, y + rise + 6)
            yield _Box(x - width / 2, y - away - 9, x + width / 2, y - away + 3)
            yield _Box(x - width / 2, y + away - 3, x + width / 2, y + away + 9)

    def is_free(self, taken: Sequence[_Box]) -> bool:
        """Whether it lies within the panel and over none of the others."""
        inside = self.left >= LEFT and self.right <= WIDTH - 4 and self.top >= 0 and self.bottom <= _HEIGHT - BOTTOM
        return inside and not any(
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
            for other in taken
        )


_STYLE = """
svg { font: 10px system-ui, sans-serif; --ink: #24292f; --soft: #6e7781; --grid: #d8dee4; --ours: #0a66c2 }
@media (prefers-color-scheme: dark) {
  svg { --ink: #e6edf3; --soft: #9198a1; --grid: #30363d; --ours: #58a6ff } }
text { fill: var(--ink) } .tick, .axis-name, .baseline-name { fill: var(--soft) }
.grid { stroke: var(--grid) } .axis { stroke: var(--soft) }
.baseline { stroke: var(--soft); stroke-dasharray: 4 3 }
.dot { fill: var(--soft) } .our-dot { fill: var(--ours) } .reach { stroke: var(--ours); stroke-width: 2 }
.our-name { fill: var(--ours); font-weight: 600 }
"""


def _parameters(weights: Path) -> float:
    """Millions of numbers in a safetensors file, the pooler's apart, which nothing reads."""
    import math

    from safetensors import safe_open

    with safe_open(weights, "numpy") as held:
        names = [name for name in held.keys() if not name.startswith("pooler.")]  # noqa: SIM118
        return float(sum(math.prod(held.get_slice(name).get_shape()) for name in names)) / 1e6


def main() -> None:
    """Parse, time the stand-ins unless they were, print the table, write the plot."""
    parser = argparse.ArgumentParser(prog="python -m eval.pack_plot", description=__doc__.splitlines()[0])
    parser.add_argument("--alone", type=float, required=True, metavar="SCORE", help="of the encoder alone")
    parser.add_argument("--pipeline", type=float, required=True, metavar="SCORE", help="of the full pipeline")
    parser.add_argument("--speedup", type=float, required=True, metavar="FACTOR", help="over plain fp32, on passages")
    parser.add_argument("--speeds", type=Path, required=True, metavar="FILE", help="JSON; measured where it is missing")
    parser.add_argument("--pack", type=Path, default=Path("index/pack"), help="the language pack")
    parser.add_argument("--write", type=Path, metavar="FILE", help="the plot as SVG")
    chosen = parser.parse_args()
    if not chosen.speeds.is_file():
        shapes = list(dict.fromkeys(model.shape for model in PUBLISHED if model.shape is not None))
        chosen.speeds.write_text(json.dumps(measure(shapes), indent=2) + "\n", encoding="utf-8")
    speeds = json.loads(chosen.speeds.read_text(encoding="utf-8"))
    size = _parameters(chosen.pack / "encoder" / "model.safetensors")
    pack = Pack(size, chosen.alone, chosen.pipeline, chosen.speedup * speeds[str(SMALL)])
    print(table(pack, speeds))
    if chosen.write is not None:
        chosen.write.write_text(plot(pack, speeds), encoding="utf-8", newline="\n")
        print(f"{chosen.write} written", file=sys.stderr)


if __name__ == "__main__":
    main()
