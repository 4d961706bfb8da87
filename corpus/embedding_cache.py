"""Embeddings kept by what was encoded and by which encoder, so that nothing is encoded twice.

Only what some passage uses is kept: a deleted passage takes its embeddings of every encoder with it. Vectors are
opaque bytes here.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence


def embeddings(connection: sqlite3.Connection, fingerprint: str, keys: Sequence[bytes]) -> dict[bytes, bytes]:
    """The vectors that are held for these keys; a key that is not held is absent."""
    encoder = connection.execute("SELECT encoder_no FROM encoders WHERE fingerprint = ?", (fingerprint,)).fetchone()
    if encoder is None:
        return {}
    found = {}
    query = "SELECT vector FROM embeddings WHERE embedding_key = ? AND encoder_no = ?"
    for key in keys:
        row = connection.execute(query, (key, encoder[0])).fetchone()
        if row is not None:
            found[key] = row[0]
    return found


def put_embeddings(connection: sqlite3.Connection, fingerprint: str, items: Iterable[tuple[bytes, bytes]]) -> int:
    """Keep vectors; what no passage uses (any more) is passed over. Returns how many were kept."""
    connection.execute("INSERT INTO encoders (fingerprint) VALUES (?) ON CONFLICT DO NOTHING", (fingerprint,))
    encoder = connection.execute("SELECT encoder_no FROM encoders WHERE fingerprint = ?", (fingerprint,)).fetchone()[0]
    cursor = connection.executemany(
        "INSERT INTO embeddings (embedding_key, encoder_no, vector)"
        " SELECT :key, :encoder, :vector WHERE EXISTS (SELECT 1 FROM passages WHERE embedding_key = :key)"
        " ON CONFLICT (embedding_key, encoder_no) DO UPDATE SET vector = excluded.vector",
        ({"key": key, "encoder": encoder, "vector": vector} for key, vector in items),
    )
    return cursor.rowcount


def forget_unused(connection: sqlite3.Connection, keys: Iterable[bytes]) -> None:
    """Drop these keys' embeddings, of every encoder, where no passage uses them any more."""
    connection.executemany(
        "DELETE FROM embeddings WHERE embedding_key = :key"
        " AND NOT EXISTS (SELECT 1 FROM passages WHERE embedding_key = :key)",
        ({"key": key} for key in keys),
    )


def forget_embeddings(connection: sqlite3.Connection, except_fingerprint: str | None) -> int:
    """Drop the embeddings of every other encoder (of all, given None). Returns how many went."""
    gone = connection.execute(
        "DELETE FROM embeddings WHERE encoder_no NOT IN (SELECT encoder_no FROM encoders WHERE fingerprint IS ?)",
        (except_fingerprint,),
    ).rowcount
    connection.execute("DELETE FROM encoders WHERE fingerprint IS NOT ?", (except_fingerprint,))
    return gone


def embedding_counts(connection: sqlite3.Connection) -> dict[str, int]:
    """Embeddings held per encoder fingerprint."""
    return dict(
        connection.execute(
            "SELECT fingerprint, (SELECT count(*) FROM embeddings e WHERE e.encoder_no = encoders.encoder_no)"
            " FROM encoders ORDER BY fingerprint"
        )
    )
