"""The lexical index: Tantivy over terms of our own making. The only importer of tantivy.

Every language has an index of its own, ``de``, ``en`` and ``xx`` for all others: an English and a German stem that
look alike are two words, and how rare a word or how long a passage is says something only among its like. The fields
are the body; for German the compound parts, which count half; the context (title and heading), which is searched but
never cited. Scoring is BM25 (k1 1.2, b 0.75) per field, its idf smoothed by PRIOR; a question term takes the best of
its fields and translations, never their sum (disjunction-max), so that a word with eight translations is still one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import tantivy

from corpus.documents import Filters
from index.analysis import Compounds, terms
from index.lexicon import Translation
from index.plan import FIELDS, LexicalQuestion, Option, compounds, field_language
from index.protocols import Hit
from index.spelling import nearest, openings

NEAR_BOOST = 0.8  # of a word that is spelled alike
PRIOR = 300  # passages assumed beside those there are: in a small corpus a word's df says little about its weight
K1 = 1.2  # Tantivy's constant: a term reaches at most (K1 + 1) * idf
WRITER_HEAP_BYTES = 64_000_000


class LexicalEntry(NamedTuple):
    """What the index is told of a passage."""

    passage_id: int
    doc_id: str
    language: str
    source: str | None
    published: str | None
    title: str
    heading: str
    text: str


@cache
def _schema() -> Any:  # noqa: ANN401 - tantivy has no types
    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("passage_id", indexed=True, fast=True)
    builder.add_integer_field("published", indexed=True, fast=True)
    for field in ("doc_id", "language", "source"):
        builder.add_text_field(field, tokenizer_name="raw", index_option="basic")
    for language in FIELDS:
        for field in (language, f"{language}_context"):
            builder.add_text_field(field, tokenizer_name="terms", index_option="freq")
    builder.add_text_field("de_parts", tokenizer_name="terms", index_option="freq")
    return builder.build()


def _open(directory: Path) -> Any:  # noqa: ANN401
    index = tantivy.Index(_schema(), path=str(directory), reuse=True)
    index.register_tokenizer("terms", tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())
    return index


def _day(published: str | None) -> int:
    return int(published.replace("-", "")) if published else 0


def _document(entry: LexicalEntry, splitter: Compounds) -> Any:  # noqa: ANN401
    fields = field_language(entry.language)
    body = [term.stem for term in terms(entry.text, fields)]
    context = [term.stem for term in terms(f"{entry.title}\n{entry.heading}", fields)]
    document = tantivy.Document()
    document.add_integer("passage_id", entry.passage_id)
    document.add_integer("published", _day(entry.published))
    document.add_text("doc_id", entry.doc_id)
    document.add_text("language", entry.language)
    if entry.source:
        document.add_text("source", entry.source)
    document.add_text(fields, " ".join(body))
    document.add_text(f"{fields}_context", " ".join(context))
    if fields == "de":
        parts = [part for word in (*body, *context) for part in splitter.parts(word)]
        document.add_text("de_parts", " ".join(parts))
    return document


def update_lexical(directory: Path, added: Iterable[LexicalEntry], removed: Sequence[int]) -> None:
    """Create or continue the indexes in ``directory``; all is committed and merges have ended when this returns."""
    directory.mkdir(parents=True, exist_ok=True)
    splitter = compounds()
    writers = {name: _writer(directory / name) for name in FIELDS if (directory / name).is_dir() and removed}
    for writer in writers.values():
        for passage_id in removed:
            writer.delete_documents_by_term("passage_id", passage_id)
    for entry in added:
        name = field_language(entry.language)
        if name not in writers:
            writers[name] = _writer(directory / name)
        writers[name].add_document(_document(entry, splitter))
    for writer in writers.values():
        writer.commit()
        writer.wait_merging_threads()


def _writer(directory: Path) -> Any:  # noqa: ANN401
    directory.mkdir(exist_ok=True)
    return _open(directory).writer(heap_size=WRITER_HEAP_BYTES, num_threads=1)


class LexicalSnapshot:
    """One committed state of the indexes, searchable from many threads; later commits do not change it."""

    def __init__(self, directory: Path) -> None:
        self._schema = _schema()
        self._searchers = {name: _open(directory / name).searcher() for name in FIELDS if (directory / name).is_dir()}
        held = [dict(searcher.terms_with_prefix("language", "")) for searcher in self._searchers.values()]
        self.count: int = sum(searcher.num_docs for searcher in self._searchers.values())
        self.languages = tuple(sorted({language for each in held for language in each}))
        # Tantivy's own N: deleted passages weigh until a merge drops them.
        self._weighed = {name: sum(each.values()) for name, each in zip(self._searchers, held, strict=True)}
        self._inverse: dict[tuple[str, str], float] = {}
        self._near: dict[tuple[str, str], tuple[Translation, ...]] = {}

    @classmethod
    def open(cls, directory: Path) -> LexicalSnapshot:
        """Open what ``update_lexical`` left in ``directory``."""
        return cls(directory)

    def close(self) -> None:
        """Let go of the files."""
        self._searchers = {}

    def inverse_frequency(self, field: str, found: str) -> float:
        """The idf of a stem in a field, smoothed: ln(1 + (N + PRIOR - df + 0.5) / (df + 0.5)).

        N and df are those of the field's language.
        """
        known = self._inverse.get((field, found))
        if known is None:
            frequency = self._frequency(field, found)
            known = self._inverse_of(self._weighed.get(field[:2], 0), frequency)
            if len(self._inverse) < 100_000:
                self._inverse[field, found] = known
        return known

    def contains(self, field: str, found: str) -> bool:
        """Whether any passage has the stem in the field."""
        return bool(self._frequency(field, found))

    def near(self, field: str, word: str) -> tuple[Translation, ...]:
        """Stems of the field that are spelled like ``word``, likest first; () where the field has the word itself."""
        known = self._near.get((field, word))
        if known is None:
            known = () if self.contains(field, word) else self._nearest(field, word)
            if len(self._near) < 10_000:
                self._near[field, word] = known
        return known

    def _nearest(self, field: str, word: str) -> tuple[Translation, ...]:
        searcher = self._searchers.get(field[:2])
        if searcher is None:
            return ()
        held = {found for opening in openings(word) for found, _ in searcher.terms_with_prefix(field, opening)}
        return tuple(Translation(found, NEAR_BOOST * likeness) for found, likeness in nearest(word, held))

    @staticmethod
    def _inverse_of(passages: int, frequency: int, prior: int | None = None) -> float:
        return math.log(1 + (passages + (PRIOR if prior is None else prior) - frequency + 0.5) / (frequency + 0.5))

    def _frequency(self, field: str, found: str) -> int:
        searcher = self._searchers.get(field[:2])
        return int(searcher.doc_freq(field, found)) if searcher is not None else 0

    def weights(self, question: LexicalQuestion) -> tuple[float, ...]:
        """Per term, the most it could add to a passage's score; their sum is what coverage is measured against.

        A term that no passage has counts as rare as a term can be, so that questions about absent things score low.
        """
        return tuple(self._weight(options) for options in question.terms)

    def _weight(self, options: tuple[Option, ...]) -> float:
        if not options:
            return 0.0
        reachable = [option for option in options if self.contains(option.field, option.stem)]
        if not reachable:
            return self._inverse_of(self._weighed.get(options[0].field[:2], 0), 0) * (K1 + 1)
        return max(option.boost * self.inverse_frequency(option.field, option.stem) for option in reachable) * (K1 + 1)

    def search(self, question: LexicalQuestion, depth: int, filters: Filters | None = None) -> list[Hit]:
        """Up to ``depth`` passages of the question's language fields, best first, ties by passage id."""
        searcher = self._searchers.get(question.language)
        clauses = [self._term(options) for options in question.terms if options]
        if searcher is None or not searcher.num_docs or not clauses or depth < 1:
            return []
        query = tantivy.Query.boolean_query([(tantivy.Occur.Should, clause) for clause in clauses])
        if filters:
            query = tantivy.Query.boolean_query([(tantivy.Occur.Must, query), *self._filters(filters)])
        found = searcher.search(query, limit=min(depth, searcher.num_docs), count=False).hits
        ids = searcher.fast_field_values("passage_id", [address for _, address in found])
        hits = [Hit(passage_id, score) for passage_id, (score, _) in zip(ids, found, strict=True)]
        return sorted(hits, key=lambda hit: (-hit.score, hit.passage_id))

    def _term(self, options: tuple[Option, ...]) -> Any:  # noqa: ANN401
        queries = [
            tantivy.Query.boost_query(
                tantivy.Query.term_query(self._schema, option.field, option.stem, "freq"),
                option.boost * self._smoothing(option.field, option.stem),
            )
            for option in options
        ]
        return queries[0] if len(queries) == 1 else tantivy.Query.disjunction_max_query(queries)

    def _smoothing(self, field: str, found: str) -> float:
        """What turns Tantivy's idf of a stem into ours."""
        bare = self._inverse_of(self._weighed.get(field[:2], 0), self._frequency(field, found), prior=0)
        return self.inverse_frequency(field, found) / bare

    def _filters(self, filters: Filters) -> list[tuple[Any, Any]]:
        must: list[Any] = []
        for field, values in (
            ("source", filters.sources),
            ("language", filters.languages),
            ("doc_id", filters.doc_ids),
        ):
            if values:
                must.append(tantivy.Query.term_set_query(self._schema, field, list(values)))
        if filters.published_from or filters.published_to:
            first = max(_day(filters.published_from), 1)
            last = _day(filters.published_to) or 99_999_999
            must.append(tantivy.Query.range_query(self._schema, "published", tantivy.FieldType.Integer, first, last))
        return [(tantivy.Occur.Must, tantivy.Query.const_score_query(query, 0.0)) for query in must]
