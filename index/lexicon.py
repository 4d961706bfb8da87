"""Word translations with probabilities: a question's English term becomes weighted German terms, and back.

The table is the pack's ``lexicon.tsv.zst`` (en, de, p(de|en), p(en|de), count of en), folded to stems when it is read:
probabilities of inflected forms add up, weighted by how often the English form was seen.
"""

from __future__ import annotations

import io
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from index.analysis import Term, fold, stem

PACK = Path(__file__).parent / "pack"
MOST_TRANSLATIONS = 8
KEPT_ITSELF = 0.3  # a term that has translations also stands for itself with this probability: names, loan words


class Translation(NamedTuple):
    """A stem of the other language; ``weight`` is 1 for the likeliest translation and falls with the square root."""

    stem: str
    weight: float


Table = Mapping[str, tuple[Translation, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class Lexicon:
    """Translations of stems in both directions, and the German stems seen, of which compounds are made."""

    to_german: Table
    to_english: Table
    german_stems: frozenset[str]

    def translations(self, term: Term, question_language: str, passage_language: str) -> tuple[Translation, ...]:
        """What to look up for a question's term in passages of another language, likeliest first.

        The term itself is always among them: alone where it has no translation (names, numbers).
        """
        if question_language == passage_language:
            return (Translation(term.stem, 1.0),)
        table = {("en", "de"): self.to_german, ("de", "en"): self.to_english}.get((question_language, passage_language))
        itself = stem(term.word, passage_language)
        found = table.get(term.stem, ()) if table is not None else ()
        if not found:
            return (Translation(itself, 1.0),)
        if any(option.stem == itself for option in found):
            return found
        return (*found, Translation(itself, KEPT_ITSELF**0.5))

    @staticmethod
    def load(path: Path = PACK / "lexicon.tsv.zst") -> Lexicon:
        """Read the pack's table. Raises OSError where it is missing."""
        import zstandard

        with path.open("rb") as packed, zstandard.ZstdDecompressor().stream_reader(packed) as stream:
            return Lexicon.from_rows(line.rstrip("\n").split("\t") for line in io.TextIOWrapper(stream, "utf-8"))

    @staticmethod
    def from_rows(rows: Iterable[list[str]]) -> Lexicon:
        """Fold rows of (en, de, p(de|en), p(en|de), count of en) to stems."""
        joint: dict[tuple[str, str], float] = defaultdict(float)
        seen: dict[tuple[str, str], float] = {}
        for english, german, given_english, _, count in rows:
            if not (english.isalnum() and german.isalnum()):
                continue
            pair = (stem(fold(english), "en"), stem(fold(german), "de"))
            joint[pair] += float(given_english) * float(count)
            seen[fold(english), pair[0]] = float(count)
        total: dict[str, float] = defaultdict(float)
        for (_, english_stem), occurrences in seen.items():
            total[english_stem] += occurrences
        return Lexicon(
            to_german=_table((e, d, p / total[e]) for (e, d), p in joint.items()),
            to_english=_table((d, e, p) for (e, d), p in joint.items()),
            german_stems=frozenset(d for _, d in joint),
        )


def _table(triples: Iterable[tuple[str, str, float]]) -> dict[str, tuple[Translation, ...]]:
    options: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for source, target, probability in triples:
        options[source].append((probability, target))
    table = {}
    for source, found in options.items():
        best = sorted(found, key=lambda option: (-option[0], option[1]))[:MOST_TRANSLATIONS]
        table[source] = tuple(Translation(target, (p / best[0][0]) ** 0.5) for p, target in best)
    return table
