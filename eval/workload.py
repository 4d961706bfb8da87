"""What the benchmark reads and asks: articles and questions built from the sample articles, the same on every run.

Sentences of the sample articles are drawn in random order, so that passages have real words at real lengths and no
two are alike. Words repeat far more than in a newspaper of the same size: postings are long, the lexical leg
works hard.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import corpus
from corpus.documents import BlockKind
from corpus.extract import extract
from corpus.limits import Limits
from corpus.sentences import sentence_spans
from corpus.sources import RawInput, Rejected, read_paths
from index.embedding import pack

SAMPLE_ARTICLES = Path(corpus.__file__).parent / "articles"
PARAGRAPHS = 10
SENTENCES = (6, 8)  # of a paragraph, least and most
FIRST_SEED = 20_260_000
SUBJECT = re.compile(r"\b[A-ZÄÖÜ][\w-]{3,}\b")

FORMS = {
    "de": ("Was ist über {} und {} bekannt?", "Wie hängen {} und {} zusammen?", "Welche Rolle spielt {} für {}?"),
    "en": ("What is known about {} and {}?", "How are {} and {} connected?", "Which part does {} play for {}?"),
}


@dataclass(frozen=True, slots=True)
class Pool:
    """The sentences and titles of one language."""

    language: str
    titles: tuple[str, ...]
    sentences: tuple[str, ...]


def pools(folder: Path = SAMPLE_ARTICLES) -> tuple[Pool, ...]:
    """What the articles in ``folder`` offer, one pool for each language; captions and other clutter stay out.

    Raises the error of the first article that cannot be read.
    """
    titles: dict[str, list[str]] = {}
    sentences: dict[str, list[str]] = {}
    for raw in read_paths([folder], Limits()):
        if isinstance(raw, Rejected):
            raise raw.error
        found = extract(raw, Limits())
        language = found.document.language
        titles.setdefault(language, []).append(found.document.title)
        for block in found.blocks:
            if block.kind is BlockKind.TEXT:
                text = block.span.of(found.document.text)
                sentences.setdefault(language, []).extend(span.of(text) for span in sentence_spans(text, language))
    return tuple(Pool(name, tuple(titles[name]), tuple(sentences.get(name, ()))) for name in sorted(titles))


def articles(offered: Sequence[Pool]) -> Iterator[RawInput]:
    """Articles without end, each different, in the languages' shares among the sample articles."""
    number = 0
    while True:
        number += 1
        draw = random.Random(FIRST_SEED + number)  # noqa: S311 - repeatable on purpose
        pool = draw.choices(offered, weights=[len(pool.sentences) for pool in offered])[0]
        yield _article(draw, pool, number)


def _article(draw: random.Random, pool: Pool, number: int) -> RawInput:
    lengths = [draw.randint(*SENTENCES) for _ in range(PARAGRAPHS)]
    chosen = iter(draw.sample(pool.sentences, k=min(sum(lengths), len(pool.sentences))))
    paragraphs = [" ".join(sentence for _, sentence in zip(range(length), chosen, strict=False)) for length in lengths]
    fields = {
        "doc_id": f"bench-{number:06}",
        "title": f"{draw.choice(pool.titles)} ({number})",
        "source": "benchmark",
        "published": f"2026-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}",
        "language": pool.language,
    }
    text = "\n\n".join(paragraph for paragraph in paragraphs if paragraph)
    return RawInput(f"bench:{number}", "text/plain", text.encode(), fields)


def questions(offered: Sequence[Pool], count: int) -> list[str]:
    """``count`` different questions about subjects that the articles name, German and English in turn."""
    asked: dict[str, None] = {}
    draw = random.Random(FIRST_SEED)  # noqa: S311 - repeatable on purpose
    subjects = {pool.language: _subjects(pool) for pool in offered if pool.language in FORMS}
    while len(asked) < count:
        for language, names in subjects.items():
            asked.setdefault(draw.choice(FORMS[language]).format(*draw.sample(names, k=2)))
    return list(asked)[:count]


def _subjects(pool: Pool) -> list[str]:
    """Names and nouns that do not open a sentence."""
    return sorted({name for sentence in pool.sentences for name in SUBJECT.findall(sentence.partition(" ")[2])})


def replayed(key: bytes, dimension: int, sentences: int) -> bytes:
    """What the embedding cache keeps for a passage of so many sentences, its unit vectors drawn from the key alone."""
    drawn = np.random.default_rng(np.frombuffer(key, dtype=np.uint32))
    rows = drawn.standard_normal((1 + sentences, dimension), dtype=np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return pack(rows[0], rows[1:])
