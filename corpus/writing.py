"""What happens to the tables when a document comes, changes or goes. Every function runs inside a transaction."""

# ruff: noqa: S608 -- statements are put together from constants of these modules alone; every value is bound.

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from corpus.documents import Block, Document, PassageDraft, embedding_key, passage_texts
from corpus.embedding_cache import forget_unused
from corpus.errors import DocumentNotFound, InvalidDocument
from corpus.records import Put, PutOutcome, Removed

PART = 8192  # code points per stored part of a text


@dataclass(frozen=True, slots=True)
class _Row:
    """A document as its row holds it, without what the store adds."""

    title: str
    uri: str
    media_type: str
    language: str
    published: str | None
    source: str | None
    url: str | None
    metadata: str
    sha256: str
    characters: int
    blocks: str


_COLUMNS = tuple(_Row.__slots__)


def storable(text: str) -> bool:
    """Whether SQLite gives the words back as they were: no NUL, no lone surrogates."""
    if "\0" in text:
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def refuse_malformed(document: Document, drafts: Sequence[PassageDraft]) -> None:
    """Raise InvalidDocument, naming the field, where the store could not give back what it was given."""
    for name, value in _texts(document, drafts):
        if not storable(value):
            raise InvalidDocument(f"{name} holds a NUL or half of a surrogate pair.", field=name)
    if not document.doc_id:
        raise InvalidDocument("doc_id is empty.", field="doc_id")
    if document.published is not None and not _is_iso_date(document.published):
        raise InvalidDocument(f"published is not a date (YYYY-MM-DD): {document.published!r}.", field="published")
    for draft in drafts:
        if not draft.span.start < draft.span.end <= len(document.text):
            raise InvalidDocument(
                f"A passage at {draft.span.start}:{draft.span.end} does not lie in the text of "
                f"{len(document.text)} characters.",
                field="passages",
            )


def put(
    connection: sqlite3.Connection, document: Document, drafts: Sequence[PassageDraft], blocks: Sequence[Block]
) -> Put:
    """Add or replace, or find that nothing is to be done."""
    row = _row(document, blocks)
    held = connection.execute(
        f"SELECT document_no, {', '.join(_COLUMNS)} FROM documents WHERE doc_id = ?", (document.doc_id,)
    ).fetchone()
    if held is None:
        twin = connection.execute(
            "SELECT doc_id FROM documents WHERE sha256 = ? ORDER BY document_no LIMIT 1", (row.sha256,)
        ).fetchone()
        if twin is not None:
            return Put(PutOutcome.DUPLICATE, document.doc_id, twin[0], 0, revision(connection))
        return _add(connection, document, drafts, row)
    if held[1:] == _values(row) and _same_drafts(connection, held[0], drafts):
        return Put(PutOutcome.UNCHANGED, document.doc_id, None, len(drafts), revision(connection))
    return _replace(connection, held[0], document, drafts, row)


def remove(connection: sqlite3.Connection, doc_id: str) -> Removed:
    """Take a document out, with its passages and the embeddings that only they used."""
    held = connection.execute("SELECT document_no FROM documents WHERE doc_id = ?", (doc_id,)).fetchone()
    if held is None:
        raise DocumentNotFound(f"There is no document {doc_id!r}.", field="doc_id")
    passages = _passages(connection, held[0])
    connection.execute("DELETE FROM documents WHERE document_no = ?", held)
    forget_unused(connection, {key for _, key in passages})
    return Removed(doc_id, tuple(sorted(number for number, _ in passages)), _advance(connection))


def revision(connection: sqlite3.Connection) -> int:
    """The number of changes the store has seen."""
    number: int = connection.execute("SELECT revision FROM state").fetchone()[0]
    return number


def _advance(connection: sqlite3.Connection) -> int:
    number: int = connection.execute("UPDATE state SET revision = revision + 1 RETURNING revision").fetchone()[0]
    return number


def _add(connection: sqlite3.Connection, document: Document, drafts: Sequence[PassageDraft], row: _Row) -> Put:
    columns = ("doc_id", *_COLUMNS, "passages", "ingested_at")
    cursor = connection.execute(
        f"INSERT INTO documents ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})",
        (document.doc_id, *_values(row), len(drafts), _now()),
    )
    if cursor.lastrowid is None:
        raise sqlite3.InternalError("SQLite did not say where the document was inserted")
    _insert_text(connection, cursor.lastrowid, document, drafts)
    return Put(PutOutcome.ADDED, document.doc_id, None, len(drafts), _advance(connection))


def _replace(
    connection: sqlite3.Connection, document_no: int, document: Document, drafts: Sequence[PassageDraft], row: _Row
) -> Put:
    before = _passages(connection, document_no)
    connection.execute("DELETE FROM passages WHERE document_no = ?", (document_no,))
    connection.execute("DELETE FROM document_parts WHERE document_no = ?", (document_no,))
    connection.execute(
        f"UPDATE documents SET {', '.join(f'{name} = ?' for name in _COLUMNS)}, passages = ?, ingested_at = ?"
        " WHERE document_no = ?",
        (*_values(row), len(drafts), _now(), document_no),
    )
    _insert_text(connection, document_no, document, drafts)
    forget_unused(connection, {key for _, key in before})
    return Put(PutOutcome.REPLACED, document.doc_id, None, len(drafts), _advance(connection))


def _insert_text(
    connection: sqlite3.Connection, document_no: int, document: Document, drafts: Sequence[PassageDraft]
) -> None:
    connection.executemany(
        "INSERT INTO document_parts (document_no, start, text) VALUES (?, ?, ?)",
        ((document_no, start, document.text[start : start + PART]) for start in range(0, len(document.text), PART)),
    )
    connection.executemany(
        "INSERT INTO passages (document_no, ordinal, span_start, span_end, heading, embedding_key)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (
            (document_no, ordinal, draft.span.start, draft.span.end, draft.heading, key)
            for ordinal, (draft, key) in enumerate(zip(drafts, _keys(document, drafts), strict=True))
        ),
    )


def _keys(document: Document, drafts: Sequence[PassageDraft]) -> Iterable[bytes]:
    for draft, text in zip(drafts, passage_texts(document, drafts), strict=True):
        yield embedding_key(document.title, draft.heading, text)


def _passages(connection: sqlite3.Connection, document_no: int) -> list[tuple[int, bytes]]:
    return connection.execute(
        "SELECT passage_id, embedding_key FROM passages WHERE document_no = ?", (document_no,)
    ).fetchall()


def _same_drafts(connection: sqlite3.Connection, document_no: int, drafts: Sequence[PassageDraft]) -> bool:
    held = connection.execute(
        "SELECT span_start, span_end, heading FROM passages WHERE document_no = ? ORDER BY ordinal", (document_no,)
    ).fetchall()
    return held == [(draft.span.start, draft.span.end, draft.heading) for draft in drafts]


def _row(document: Document, blocks: Sequence[Block]) -> _Row:
    return _Row(
        title=document.title,
        uri=document.uri,
        media_type=document.media_type,
        language=document.language,
        published=document.published,
        source=document.source,
        url=document.url,
        metadata=json.dumps(dict(document.metadata), ensure_ascii=False, sort_keys=True, separators=(",", ":")),
        sha256=document.sha256,
        characters=len(document.text),
        blocks=json.dumps([[b.kind.value, b.span.start, b.span.end] for b in blocks], separators=(",", ":")),
    )


def _values(row: _Row) -> tuple[str | int | None, ...]:
    return tuple(getattr(row, name) for name in _COLUMNS)


def _texts(document: Document, drafts: Sequence[PassageDraft]) -> Iterator[tuple[str, str]]:
    for name in ("doc_id", "title", "text", "uri", "media_type", "language"):
        yield name, getattr(document, name)
    for name in ("published", "source", "url"):
        if getattr(document, name) is not None:
            yield name, getattr(document, name)
    for key, value in document.metadata.items():
        yield "metadata", key
        yield "metadata", value
    for draft in drafts:
        yield "heading", draft.heading


def _is_iso_date(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
