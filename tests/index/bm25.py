"""BM25 by brute force, and random entries in three languages to hold the lexical index against it."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Iterator

from index.analysis import terms
from index.lexical import PRIOR, LexicalEntry
from index.plan import LexicalQuestion, bundled_lexicon, compounds, plan

K1, B = 1.2, 0.75

VOCABULARY = {
    language: text.split()
    for language, text in {
        "de": "Chip Chips Exportkontrollen Handelskrieg Wirtschaftswachstum Baidu Sanktionen Strafen Strom Energie "
        "Europa Häuser Straße 10.000 5,5 USA Huawei Modell Modelle Unternehmen Krieg Handel Export Kontrolle und die",
        "en": "chip chips export controls trade war growth Baidu sanctions penalty power energy Europe houses street "
        "10,000 5.5 US Huawei model models company the and potato",
        "fr": "puces sanctions énergie Europe rue Baidu modèles guerre",
    }.items()
}


def entry(passage_id: int, text: str, language: str = "de", **fields: str | None) -> LexicalEntry:
    plain: dict[str, str | None] = {"doc_id": f"doc-{passage_id}", "source": None, "published": None}
    named = {"title": "", "heading": ""} | plain | fields
    return LexicalEntry(passage_id=passage_id, language=language, text=text, **named)  # type: ignore[arg-type]


def random_entry(passage_id: int, rng: random.Random) -> LexicalEntry:
    """At most 40 terms a field: up to there Tantivy keeps field lengths exactly."""
    language = rng.choice(["de", "de", "en", "fr"])
    some = VOCABULARY[language]
    return entry(
        passage_id,
        " ".join(rng.choices(some, k=rng.randint(1, 16))),
        language,
        doc_id=f"doc-{passage_id // 3}",
        source=rng.choice(["Nordblatt", "Südblatt 24", None]),
        published=rng.choice(["2024-12-31", "2025-01-01", "2025-05-21", None]),
        title=" ".join(rng.choices(some, k=rng.randint(0, 3))),
        heading=" ".join(rng.choices(some, k=rng.randint(0, 2))),
    )


def fields_of(held: LexicalEntry) -> dict[str, list[str]]:
    name = held.language if held.language in ("de", "en") else "xx"
    body = [term.stem for term in terms(held.text, name)]
    context = [term.stem for term in terms(f"{held.title}\n{held.heading}", name)]
    fields = {name: body, f"{name}_context": context}
    if name == "de":
        split = compounds().parts
        fields["de_parts"] = [part for word in body + context for part in split(word)]
    return fields


class BruteForce:
    """Okapi BM25 as Tantivy states it, over the entries of a field's language; a term takes the best of its options."""

    def __init__(self, entries: Iterable[LexicalEntry]) -> None:
        self.fields = {held.passage_id: fields_of(held) for held in entries}
        self.known: dict[tuple[str, str], dict[int, float]] = {}

    def bm25(self, field: str, stem: str) -> dict[int, float]:
        """Scores of the passages that have the stem in the field."""
        if (field, stem) not in self.known:
            column = {number: fields[field] for number, fields in self.fields.items() if field in fields}
            holders = [number for number, words in column.items() if stem in words]
            inverse = math.log(1 + (len(column) + PRIOR - len(holders) + 0.5) / (len(holders) + 0.5))
            average = sum(map(len, column.values())) / max(1, len(column))
            self.known[field, stem] = {
                number: inverse * (K1 + 1) * times / (times + K1 * (1 - B + B * len(column[number]) / average))
                for number in holders
                if (times := column[number].count(stem))
            }
        return self.known[field, stem]

    def scores(self, question: LexicalQuestion, dead: Iterable[int] = ()) -> dict[int, float]:
        found = {
            number: sum(
                max(option.boost * self.bm25(option.field, option.stem).get(number, 0.0) for option in options)
                for options in question.terms
            )
            for number in self.fields.keys() - set(dead)
        }
        return {number: score for number, score in found.items() if score > 0}


def random_questions(rng: random.Random, count: int) -> Iterator[LexicalQuestion]:
    for _ in range(count):
        asked = rng.choice(["de", "en"])
        words = rng.choices(
            [*VOCABULARY[asked], "Quibblewick", "Rechenzentrum", "Energieunternehmen"], k=rng.randint(1, 6)
        )
        yield plan(" ".join(words), asked, rng.choice(["de", "en", "xx"]), bundled_lexicon())
