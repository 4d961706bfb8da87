"""Which documents and passages there are, narrowed by filters. The filters' meaning stands in corpus/documents.py."""

# ruff: noqa: S608 -- statements are put together from constants of these modules alone; every value is bound.

from __future__ import annotations

import json
import sqlite3
import unicodedata
from array import array
from collections.abc import Sequence

from corpus.documents import Filters
from corpus.reading import INFO_COLUMNS, info_of
from corpus.records import Counts, DocumentPage
from corpus.writing import storable


def documents(
    connection: sqlite3.Connection, filters: Filters, query: str | None, limit: int, offset: int
) -> DocumentPage:
    """A page of documents, the newest published first, undated ones last, then by doc_id. Needs a snapshot."""
    if limit < 0 or offset < 0:
        raise ValueError(f"limit and offset count from 0: got {limit} and {offset}")
    where, values = _where(filters)
    if query and query.strip():
        where += " AND (folds_in(?, d.title) OR folds_in(?, d.source))"
        values += [unicodedata.normalize("NFC", query.strip()).casefold()] * 2 if storable(query) else ["\0"] * 2
    total = connection.execute(f"SELECT count(*) FROM documents d WHERE {where}", values).fetchone()[0]
    rows = connection.execute(
        f"SELECT {INFO_COLUMNS} FROM documents d WHERE {where} ORDER BY d.published DESC, d.doc_id LIMIT ? OFFSET ?",
        [*values, limit, offset],
    )
    return DocumentPage(tuple(info_of(row) for row in rows), total)


def passage_ids(connection: sqlite3.Connection, filters: Filters) -> array[int]:
    """The ids of all passages of the documents that match, ascending."""
    # One row instead of one per passage: half the time, and one release of the interpreter lock instead of thousands.
    if filters:
        where, values = _where(filters)
        query = (
            "SELECT json_group_array(p.passage_id) FROM documents d"
            f" JOIN passages p ON p.document_no = d.document_no WHERE {where}"
        )
    else:
        query, values = "SELECT json_group_array(passage_id) FROM passages", []
    return array("q", sorted(json.loads(connection.execute(query, values).fetchone()[0])))


def sources(connection: sqlite3.Connection) -> list[tuple[str, int]]:
    """Named sources with their documents, the largest first."""
    return connection.execute(
        "SELECT source, count(*) AS documents FROM documents WHERE source IS NOT NULL"
        " GROUP BY source ORDER BY documents DESC, source"
    ).fetchall()


def counts(connection: sqlite3.Connection) -> Counts:
    """How much there is. Needs a snapshot."""
    documents, passages, embeddings, named = connection.execute(
        "SELECT (SELECT count(*) FROM documents), (SELECT count(*) FROM passages), (SELECT count(*) FROM embeddings),"
        " (SELECT count(DISTINCT source) FROM documents)"
    ).fetchone()
    languages = connection.execute("SELECT language, count(*) FROM documents GROUP BY language ORDER BY language")
    return Counts(documents, passages, embeddings, named, dict(languages))


def _where(filters: Filters) -> tuple[str, list[str | int]]:
    """A condition on documents ``d`` with its values."""
    conditions, values = ["1"], list[str | int]()
    alternatives = (("source", filters.sources), ("language", filters.languages), ("doc_id", filters.doc_ids))
    for column, allowed in alternatives:
        if allowed:
            conditions.append(f"d.{column} IN (SELECT value FROM json_each(?))")
            values.append(_json_list(allowed))
    for bound, comparison in ((filters.published_from, ">="), (filters.published_to, "<=")):
        if bound:
            # Plain text order is the order of ISO dates; a NULL fails every comparison.
            conditions.append(f"d.published {comparison} ?" if storable(bound) else "0")
            values.extend([bound] if storable(bound) else [])
    return " AND ".join(conditions), values


def _json_list(allowed: Sequence[str]) -> str:
    # What cannot have been stored cannot match; JSON in SQLite would cut it at the NUL and match something else.
    return json.dumps([value for value in allowed if storable(value)])
