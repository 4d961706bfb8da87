"""What a pack is made of and in which shares: the one place where material becomes vocabulary and examples."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from index.training.alignment import Alignment, align
from index.training.examples import Stream, paragraphs, sentences, word_pairs
from index.training.glossary import Entry, read_glossary
from index.training.passages import Passage, read_passages
from index.training.sources import Pair, read_all
from index.training.vocabulary import build_tokenizer, word_weights

if TYPE_CHECKING:
    from tokenizers import Tokenizer

PIECES = 68_000
_LONGEST_ALIGNED = 40  # words on either side; the words of longer sentences have too many to choose from
_MOST_SIGHTINGS = 60  # of a word that count for the vocabulary
# How often the project's own passages count, so that a few thousand sentences are heard among hundreds of thousands.
_OWN_IN_VOCABULARY = 3
_OWN_SENTENCES = 4
_OWN_PARAGRAPHS = 6


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """All text that a training learns from, and the passages held out to see how far it has come."""

    sources: dict[str, list[Pair]]
    passages: list[Passage]
    held_out: list[Passage]
    glossary: list[Entry]

    @property
    def own(self) -> list[Pair]:
        """Sentences and questions of the project's own passages."""
        return [pair for passage in self.passages for pair in passage.sentences + passage.questions]

    @property
    def pairs(self) -> list[Pair]:
        """Every sentence pair that is not the project's own."""
        return sentences(self.sources)

    def digest(self) -> str:
        """Hexadecimal digits that change with any word of it."""
        found = hashlib.sha256()
        for name, pairs in self.sources.items():
            found.update(f"\n{name}\n".encode())
            found.update("\n".join(f"{english}\t{german}" for english, german in pairs).encode())
        found.update(repr((self.passages, self.held_out, self.glossary)).encode())
        return found.hexdigest()


def read(folder: Path, *, seed: int) -> Material:
    """The folder's parallel text, and what is the project's own.

    Raises OSError where something is missing and ValueError, with the line, where something is out of form.
    """
    passages, held_out = read_passages()
    return Material(read_all(folder, seed=seed), passages, held_out, read_glossary())


def aligned(material: Material) -> Alignment:
    """Which word translates which, in the sources' sentences."""
    return align(pair for pair in material.pairs if all(len(side.split()) <= _LONGEST_ALIGNED for side in pair))


def tokenizer_for(material: Material, english: Tokenizer, pieces: int) -> Tokenizer:
    """The word pieces of both languages that the material asks for."""
    pairs = material.pairs + material.own * _OWN_IN_VOCABULARY
    weights = word_weights((german for _, german in pairs), material.glossary, most=_MOST_SIGHTINGS)
    used = [left for left, _ in pairs] + [left for left, _ in material.glossary]
    return build_tokenizer(english, used, weights, pieces)


def streams(material: Material, alignment: Alignment, tokenizer: Tokenizer, *, seed: int) -> dict[str, Stream]:
    """The three kinds of example, each in an order of its own that follows from ``seed``."""
    kinds: dict[str, Callable[[], list[Pair]]] = {
        "sentence": lambda: material.pairs + material.own * _OWN_SENTENCES,
        "paragraph": lambda: (
            paragraphs(material.sources, seed=seed) + [passage.whole for passage in material.passages] * _OWN_PARAGRAPHS
        ),
        "word": lambda: word_pairs(alignment, material.glossary),
    }
    return {
        kind: Stream(kind, pairs(), tokenizer, seed=len(kinds) * seed + number)
        for number, (kind, pairs) in enumerate(kinds.items(), start=1)
    }
