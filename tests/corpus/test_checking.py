from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from corpus.documents import embedding_key
from corpus.store import STORE_FILE, CorpusStore
from tests.corpus.documents import cut, make

KEY = embedding_key("Titel", "", "Baidu baut eigene Chips. ")

DAMAGE = [
    (
        "UPDATE document_parts SET text = replace(text, 'eigene', 'fremde')",
        "does not have its checksum",
    ),
    ("UPDATE document_parts SET text = text || '!'", "has 49 characters instead of 48"),
    ("DELETE FROM document_parts", "has 0 characters instead of 48"),
    ("UPDATE documents SET sha256 = 'abc'", "The text of eins does not have its checksum"),
    ("DELETE FROM passages WHERE ordinal = 0", "does not have its 2 passages"),
    ("UPDATE passages SET ordinal = 7 WHERE ordinal = 1", "does not have its 2 passages"),
    ("UPDATE passages SET span_end = 99 WHERE ordinal = 1", "Passage 1 of eins at 25:99 does not lie in its text"),
    ("UPDATE passages SET span_start = 24 WHERE ordinal = 1", "Passage 1 of eins does not have the words"),
    ("UPDATE documents SET title = 'Anders'", "Passage 0 of eins does not have the words"),
    ("DELETE FROM documents", "points at documents that is not there"),
    ("UPDATE passages SET embedding_key = x'00' WHERE ordinal = 0", "1 embeddings belong to no passage"),
    ("DELETE FROM encoders", "points at encoders that is not there"),
]


def damaged(folder, statement):
    with CorpusStore.open(folder) as store:
        store.put(make(), cut(make().text))
        store.put_embeddings("f", [(KEY, b"v")])
        assert store.check() == []
    with closing(sqlite3.connect(folder / STORE_FILE)) as connection:
        assert connection.execute(statement).rowcount > 0
        connection.commit()


@pytest.mark.parametrize(("statement", "problem"), DAMAGE, ids=[problem for _, problem in DAMAGE])
def test_damage_is_found_and_named(tmp_path, statement, problem):
    damaged(tmp_path, statement)
    with CorpusStore.open(tmp_path) as store:
        assert any(problem in found for found in store.check()), store.check()


def test_a_ruined_store_is_not_described_without_end(tmp_path):
    text = "Wort " * 300
    with CorpusStore.open(tmp_path) as store:
        store.put(make(text=text), cut(text, 5))
    with closing(sqlite3.connect(tmp_path / STORE_FILE)) as connection:
        connection.execute("UPDATE documents SET title = 'Anders'")
        connection.commit()
    with CorpusStore.open(tmp_path) as store:
        found = store.check()
    assert len(found) == 101
    assert found[-1] == "Checking stopped after 100 problems."


def test_an_index_that_lost_a_row_is_found(tmp_path):
    damaged(tmp_path, "UPDATE documents SET source = 'X'")
    with closing(sqlite3.connect(tmp_path / STORE_FILE)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("DELETE FROM sqlite_schema WHERE name = 'documents_by_source'")
        connection.commit()
    with CorpusStore.open(tmp_path) as store:
        assert any("SQLite finds damage" in found for found in store.check())
