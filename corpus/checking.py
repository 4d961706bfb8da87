"""Is the truth whole? Every text against its checksum, every passage against its text, every link against its end."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator

from corpus.documents import DocumentInfo, embedding_key
from corpus.reading import info, text_of

_MOST_PROBLEMS = 100  # a ruined file need not be described in full


def check(connection: sqlite3.Connection) -> list[str]:
    """Sentences that say what is wrong; [] when the store is whole. Needs a snapshot; reads everything."""
    found: list[str] = []
    try:
        for problem in _problems(connection):
            found.append(problem)
            if len(found) == _MOST_PROBLEMS:
                found.append(f"Checking stopped after {_MOST_PROBLEMS} problems.")
                break
    except sqlite3.DatabaseError as error:
        found.append(f"The file cannot be read on: {error}.")
    return found


def _problems(connection: sqlite3.Connection) -> Iterator[str]:
    for (message,) in connection.execute("PRAGMA integrity_check").fetchall():
        if message != "ok":
            yield f"SQLite finds damage: {message}."
    for table, row, parent, _ in connection.execute("PRAGMA foreign_key_check").fetchall():
        yield f"Row {row} of {table} points at {parent} that is not there."
    unused = connection.execute(
        "SELECT count(*) FROM embeddings e WHERE NOT EXISTS"
        " (SELECT 1 FROM passages p WHERE p.embedding_key = e.embedding_key)"
    ).fetchone()[0]
    if unused:
        yield f"{unused} embeddings belong to no passage."
    numbers = connection.execute("SELECT document_no FROM documents ORDER BY document_no").fetchall()
    for (number,) in numbers:
        yield from _document_problems(connection, number, info(connection, number))


def _document_problems(connection: sqlite3.Connection, number: int, known: DocumentInfo) -> Iterator[str]:
    text = text_of(connection, number)
    if hashlib.sha256(text.encode()).hexdigest() != known.sha256:
        yield f"The text of {known.doc_id} does not have its checksum."
    if len(text) != known.characters:
        yield f"The text of {known.doc_id} has {len(text)} characters instead of {known.characters}."
    rows = connection.execute(
        "SELECT ordinal, span_start, span_end, heading, embedding_key FROM passages"
        " WHERE document_no = ? ORDER BY ordinal",
        (number,),
    ).fetchall()
    if [row[0] for row in rows] != list(range(known.passages)):
        yield f"{known.doc_id} does not have its {known.passages} passages."
    for ordinal, start, end, heading, key in rows:
        if not 0 <= start < end <= len(text):
            yield f"Passage {ordinal} of {known.doc_id} at {start}:{end} does not lie in its text."
        elif embedding_key(known.title, heading, text[start:end]) != key:
            yield f"Passage {ordinal} of {known.doc_id} does not have the words it was embedded by."
