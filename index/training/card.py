"""The pack's papers: the model card, in which every number is a fact of the training, and the checksums."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from index.training.sources import SOURCES

CARD = "README.md"
CHECKSUMS = "SHA256SUMS"


@dataclass(frozen=True, slots=True)
class Facts:
    """What there is to say of one training."""

    pieces: int
    parameters: int
    weights: int  # bytes
    pairs: Mapping[str, int]  # by source
    passages: int
    held_out: int
    glossary: int  # entries
    lexicon: int  # rows
    compounds: int
    steps: int
    seconds: float
    minutes: float  # the most it was allowed to take
    seed: int
    machine: str
    examples: Mapping[str, int]  # read so far, by kind, repeats counted
    distances: tuple[float, float]  # squared, of held-out sentences and passages to the teacher's vectors
    scores: str | None  # a Markdown table


def card(facts: Facts) -> str:
    """The model card as Markdown."""
    data = "\n".join(
        f"| {source.name} | {source.licence} | {facts.pairs[source.name]:,} |"
        for source in SOURCES
        if source.name in facts.pairs
    )
    return _CARD.format(
        facts=facts,
        megabytes=facts.weights / 1e6,
        millions=facts.parameters / 1e6,
        data=data,
        minutes=facts.seconds / 60,
        repeat=_repeat(facts),
        scores=facts.scores or "Not measured when this was made.",
    )


def _repeat(facts: Facts) -> str:
    if facts.minutes == float("inf"):
        return "Its length was set in steps, so that the same command on the same machine makes the same examples anew."
    return (
        f"Its length was bounded by the clock ({facts.minutes:g} minutes), by which the learning rate fell; "
        "another machine comes to other weights."
    )


def write_checksums(pack: Path) -> None:
    """SHA-256 of every file of the pack but its papers, in the form that ``sha256sum --check`` reads."""
    paths = sorted(path for path in pack.rglob("*") if path.is_file() and path.name not in (CARD, CHECKSUMS))
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(pack).as_posix()}\n" for path in paths
    ]
    (pack / CHECKSUMS).write_text("".join(lines), encoding="utf-8", newline="\n")


_CARD = """\
# The language pack

What lets Fundstelle answer English questions from German articles with nothing to download: an encoder and a
translation lexicon. `SHA256SUMS` says which bytes belong to it (`sha256sum --check SHA256SUMS`). This text was written
by `fundstelle-train`; docs/language-pack.md says more.

| file | what it is |
|---|---|
| `encoder/` | sentence-transformers folder: BERT, {facts.pieces:,} word pieces, {millions:.1f} million parameters; \
mean pooling, unit length; 256 pieces a text at most; no prompts. fp16 safetensors ({megabytes:.1f} MB). |
| `lexicon.tsv.zst` | {facts.lexicon:,} rows: English word or term, German word, p(de\\|en), p(en\\|de). |
| `compounds.txt.zst` | {facts.compounds:,} words that German compounds are made of. |

## Recipe

The encoder starts from all-MiniLM-L6-v2 (Apache-2.0), which is also its teacher. Its vocabulary keeps the English
pieces that the data needs and gains German ones; these start where a ridge regression puts them, so that the mean of a
German word's pieces is near the mean of its translations' English pieces. Then the German text's vector, and the
English one's, move to the teacher's vector of the English text (Reimers and Gurevych, EMNLP 2020), with an in-batch
contrastive term: sentences, running paragraphs, and words with their translations. What is shipped is the average of
the later steps' weights, half-way back to the teacher's where there is one (Wortsman et al., CVPR 2022).

{facts.steps:,} steps in {minutes:.0f} minutes on {facts.machine}, seed {facts.seed}; read were \
{facts.examples[sentence]:,} sentence pairs, {facts.examples[paragraph]:,} paragraphs and {facts.examples[word]:,} \
pairs of words, repeats counted. {repeat}

On {facts.held_out} passages held out, the mean squared distance to the teacher's vectors is \
{facts.distances[0]:.4f} for German sentences and {facts.distances[1]:.4f} for whole German passages (2 would be
unrelated, 0 the same).

The lexicon is IBM Model 1 on the same sentence pairs, both directions, mixed with the glossary.

## Data and licences

| source | licence | sentence pairs used |
|---|---|---|
{data}
| passages of our own | the project's | {facts.passages} passages |
| glossary of our own | the project's | {facts.glossary:,} entries |

The pack holds no sentence of them: it holds weights, words and probabilities. No XQuAD text was trained on.

## Scores

nDCG@10 of the encoder alone on XQuAD, exact search, as `python -m eval.dense FOLDER` prints it:

{scores}

The full pipeline's are in docs/quality.md.

## Limits

- Text beyond 256 word pieces is not read; passages are cut to fit.
- Knows German and English only. For other languages choose another encoder (`FUNDSTELLE_ENCODER`).
- It can only be as good as its English teacher, a small model, and its German comes from everyday talk, software
  manuals and a few hundred passages: law, medicine and dialect are a stretch.
- Two texts that share words but not facts look alike to it, as to every encoder of its size.
"""
