"""The schema of the truth, as steps that are applied once each, in order, every one in its own transaction.

A released step is never edited: what must change comes as the next step. ``PRAGMA user_version`` counts the steps a
file has seen.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence

from corpus.errors import SchemaTooNew

Migration = Callable[[sqlite3.Connection], None]

APPLICATION_ID = 0x46756E64  # "Fund": tells our files from other programs' SQLite files


def m001_initial(connection: sqlite3.Connection) -> None:
    """Documents, their text in parts, passages as spans, and embeddings by content and encoder.

    The text stands in parts of a fixed number of code points so that reading one passage of a long report does not
    read the whole report.
    """
    for statement in _INITIAL:
        connection.execute(statement)


_INITIAL = (
    "CREATE TABLE state (id INTEGER PRIMARY KEY CHECK (id = 1), revision INTEGER NOT NULL) STRICT",
    "INSERT INTO state (id, revision) VALUES (1, 0)",
    """
    CREATE TABLE documents (
        document_no INTEGER PRIMARY KEY AUTOINCREMENT,
        doc_id TEXT NOT NULL UNIQUE,
        title TEXT NOT NULL,
        uri TEXT NOT NULL,
        media_type TEXT NOT NULL,
        language TEXT NOT NULL,
        published TEXT,
        source TEXT,
        url TEXT,
        metadata TEXT NOT NULL,
        sha256 TEXT NOT NULL,
        characters INTEGER NOT NULL,
        passages INTEGER NOT NULL,
        ingested_at TEXT NOT NULL,
        blocks TEXT NOT NULL
    ) STRICT
    """,
    "CREATE INDEX documents_by_sha256 ON documents (sha256)",
    "CREATE INDEX documents_by_published ON documents (published DESC, doc_id)",
    "CREATE INDEX documents_by_source ON documents (source)",
    """
    CREATE TABLE document_parts (
        part_no INTEGER PRIMARY KEY,
        document_no INTEGER NOT NULL REFERENCES documents (document_no) ON DELETE CASCADE,
        start INTEGER NOT NULL,
        text TEXT NOT NULL,
        UNIQUE (document_no, start)
    ) STRICT
    """,
    """
    CREATE TABLE passages (
        passage_id INTEGER PRIMARY KEY AUTOINCREMENT,
        document_no INTEGER NOT NULL REFERENCES documents (document_no) ON DELETE CASCADE,
        ordinal INTEGER NOT NULL,
        span_start INTEGER NOT NULL,
        span_end INTEGER NOT NULL,
        heading TEXT NOT NULL,
        embedding_key BLOB NOT NULL,
        UNIQUE (document_no, ordinal),
        CHECK (0 <= span_start AND span_start < span_end)
    ) STRICT
    """,
    "CREATE INDEX passages_by_embedding_key ON passages (embedding_key)",
    "CREATE TABLE encoders (encoder_no INTEGER PRIMARY KEY, fingerprint TEXT NOT NULL UNIQUE) STRICT",
    """
    CREATE TABLE embeddings (
        embedding_no INTEGER PRIMARY KEY,
        embedding_key BLOB NOT NULL,
        encoder_no INTEGER NOT NULL REFERENCES encoders (encoder_no) ON DELETE CASCADE,
        vector BLOB NOT NULL,
        UNIQUE (embedding_key, encoder_no)
    ) STRICT
    """,
    "CREATE INDEX embeddings_by_encoder ON embeddings (encoder_no)",
)

MIGRATIONS: tuple[Migration, ...] = (m001_initial,)


def schema_version(connection: sqlite3.Connection) -> int:
    """How many migrations this file has seen."""
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version


def refuse_newer(connection: sqlite3.Connection, migrations: Sequence[Migration] | None = None) -> None:
    """Raise SchemaTooNew where the file has seen migrations that this version does not know."""
    known = len(MIGRATIONS if migrations is None else migrations)
    version = schema_version(connection)
    if version > known:
        raise SchemaTooNew(f"The store has schema {version}; this version of Fundstelle knows schemas up to {known}.")


def migrate(connection: sqlite3.Connection, migrations: Sequence[Migration] | None = None) -> int:
    """Apply what the file has not seen yet and return its schema version.

    The connection must be in autocommit mode. A step that fails is rolled back whole, and its error is raised.
    """
    steps = MIGRATIONS if migrations is None else migrations
    refuse_newer(connection, steps)
    while schema_version(connection) < len(steps):
        connection.execute("BEGIN IMMEDIATE")
        try:
            # Read again under the write lock: another process may have taken this step meanwhile.
            version = schema_version(connection)
            if version < len(steps):
                steps[version](connection)
                connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
                connection.execute(f"PRAGMA user_version = {version + 1}")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
    return schema_version(connection)
