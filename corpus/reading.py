"""Documents and passages as the store gives them back: exactly the words that were put in, at their spans."""

# ruff: noqa: S608 -- statements are put together from constants of these modules alone; every value is bound.

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from corpus.documents import Block, BlockKind, Document, DocumentInfo, Passage, Span, StoredPassage
from corpus.errors import DocumentNotFound
from corpus.records import EmbeddingInput
from corpus.writing import PART, storable

_PASSAGES_PER_QUERY = 512
_NO_METADATA = "{}"  # reading a hundred passages would parse it a hundred times
_Row = tuple[Any, ...]

INFO_COLUMNS = (
    "d.doc_id, d.title, d.uri, d.media_type, d.language, d.published, d.source, d.url, d.metadata, d.sha256,"
    " d.characters, d.passages, d.ingested_at"
)

# A passage's words in one row per stored part that it touches. SQLite counts code points, as Python does.
_WORDS = (
    "substr(t.text, max(p.span_start - t.start, 0) + 1, p.span_end - max(p.span_start, t.start))"
    " FROM passages p JOIN document_parts t ON t.document_no = p.document_no"
    f" AND t.start > p.span_start - {PART} AND t.start < p.span_end"
)


def info_of(row: _Row) -> DocumentInfo:
    """A DocumentInfo from the columns of INFO_COLUMNS."""
    doc_id, title, uri, media_type, language, published, source, url, metadata, *rest = row
    return DocumentInfo(
        doc_id,
        title,
        uri,
        media_type,
        language,
        published,
        source,
        url,
        json.loads(metadata) if metadata != _NO_METADATA else {},
        *rest,
    )


def document_no(connection: sqlite3.Connection, doc_id: str) -> int:
    """The number a document's rows share; raises DocumentNotFound."""
    row = None
    if storable(doc_id):
        row = connection.execute("SELECT document_no FROM documents WHERE doc_id = ?", (doc_id,)).fetchone()
    if row is None:
        raise DocumentNotFound(f"There is no document {doc_id!r}.", field="doc_id")
    number: int = row[0]
    return number


def info(connection: sqlite3.Connection, number: int) -> DocumentInfo:
    """What is known about one document."""
    row = connection.execute(f"SELECT {INFO_COLUMNS} FROM documents d WHERE document_no = ?", (number,)).fetchone()
    return info_of(row)


def text_of(connection: sqlite3.Connection, number: int) -> str:
    """A document's whole text."""
    parts = connection.execute("SELECT text FROM document_parts WHERE document_no = ? ORDER BY start", (number,))
    return "".join(part for (part,) in parts)


def document(connection: sqlite3.Connection, number: int) -> Document:
    """A document as it was put in."""
    known = info(connection, number)
    return Document(
        doc_id=known.doc_id,
        title=known.title,
        text=text_of(connection, number),
        uri=known.uri,
        media_type=known.media_type,
        language=known.language,
        published=known.published,
        source=known.source,
        url=known.url,
        metadata=known.metadata,
    )


def blocks_of(connection: sqlite3.Connection, number: int) -> list[Block]:
    """The headings, paragraphs and clutter that the extractor saw."""
    stored = connection.execute("SELECT blocks FROM documents WHERE document_no = ?", (number,)).fetchone()[0]
    return [Block(BlockKind(kind), Span(start, end)) for kind, start, end in json.loads(stored)]


def passages(connection: sqlite3.Connection, ids: Iterable[int]) -> dict[int, StoredPassage]:
    """Passages with their documents, ascending by id; ids that are not held are absent. Needs a snapshot."""
    wanted = json.dumps([int(number) for number in ids])
    rows = connection.execute(
        f"SELECT p.passage_id, p.document_no, p.ordinal, p.span_start, p.span_end, p.heading, {_WORDS}"
        " WHERE p.passage_id IN (SELECT value FROM json_each(?)) ORDER BY p.passage_id, t.start",
        (wanted,),
    ).fetchall()
    documents = json.dumps(list({row[1] for row in rows}))
    infos = {
        row[-1]: info_of(row[:-1])
        for row in connection.execute(
            f"SELECT {INFO_COLUMNS}, d.document_no FROM documents d"
            " WHERE d.document_no IN (SELECT value FROM json_each(?))",
            (documents,),
        )
    }
    return {
        row[0]: StoredPassage(_passage(infos[row[1]].doc_id, row, words), infos[row[1]]) for row, words in _joined(rows)
    }


def passages_of(connection: sqlite3.Connection, number: int, doc_id: str) -> list[Passage]:
    """A document's passages in reading order."""
    rows = connection.execute(
        f"SELECT p.passage_id, p.document_no, p.ordinal, p.span_start, p.span_end, p.heading, {_WORDS}"
        " WHERE p.document_no = ? ORDER BY p.ordinal, t.start",
        (number,),
    ).fetchall()
    return [_passage(doc_id, row, words) for row, words in _joined(rows)]


def blocks_of_ids(ids: Iterable[int]) -> Iterator[list[int]]:
    """Ids in blocks that one query takes."""
    remaining = iter(ids)
    while block := [int(number) for number in islice(remaining, _PASSAGES_PER_QUERY)]:
        yield block


def embedding_inputs(connection: sqlite3.Connection, ids: Sequence[int]) -> list[EmbeddingInput]:
    """One block of what indexes are built from, in the order of ``ids``; ids that are not held are absent."""
    rows = connection.execute(
        f"SELECT p.passage_id, p.embedding_key, d.title, p.heading, d.language, {_WORDS}"
        " JOIN documents d ON d.document_no = p.document_no"
        " WHERE p.passage_id IN (SELECT value FROM json_each(?)) ORDER BY p.passage_id, t.start",
        (json.dumps(ids),),
    ).fetchall()
    found = {row[0]: EmbeddingInput(row[0], row[1], row[2], row[3], words, row[4]) for row, words in _joined(rows)}
    return [found[number] for number in ids if number in found]


def _passage(doc_id: str, row: _Row, words: str) -> Passage:
    return Passage(row[0], doc_id, row[2], Span(row[3], row[4]), words, row[5])


def _joined(rows: list[_Row]) -> Iterator[tuple[_Row, str]]:
    """One row per passage, with its words from every part: rows of a passage follow each other, words stand last."""
    if not rows:
        return
    first, words = rows[0], rows[0][-1]
    for row in rows[1:]:
        if row[0] == first[0]:
            words += row[-1]
        else:
            yield first, words
            first, words = row, row[-1]
    yield first, words
