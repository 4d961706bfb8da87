from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from corpus import migrations
from corpus.errors import SchemaTooNew
from corpus.migrations import APPLICATION_ID, MIGRATIONS, m001_initial, migrate, schema_version
from corpus.store import STORE_FILE, CorpusStore
from tests.corpus.documents import cut, make


@pytest.fixture
def connection():
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as opened:
        yield opened


def add_note(connection):
    connection.execute("ALTER TABLE documents ADD COLUMN note TEXT")


def fill_note(connection):
    connection.execute("UPDATE documents SET note = upper(title)")


def fail_halfway(connection):
    connection.execute("CREATE TABLE half (a)")
    connection.execute("INSERT INTO nowhere VALUES (1)")


def tables(connection):
    return {name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}


def test_a_new_file_gets_every_step_and_our_mark(connection):
    assert migrate(connection) == len(MIGRATIONS) == schema_version(connection)
    assert connection.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
    assert {"state", "documents", "document_parts", "passages", "encoders", "embeddings"} <= tables(connection)


def test_each_step_is_applied_once_and_in_order(connection):
    applied = []
    steps = tuple(lambda connection, name=name: applied.append(name) for name in ("a", "b", "c"))
    migrate(connection, steps[:1])
    migrate(connection, steps)
    migrate(connection, steps)
    assert applied == ["a", "b", "c"]


def test_a_failing_step_leaves_the_state_of_the_step_before(connection):
    with pytest.raises(sqlite3.OperationalError, match="nowhere"):
        migrate(connection, (m001_initial, add_note, fail_halfway, fill_note))
    assert schema_version(connection) == 2
    assert "half" not in tables(connection)
    assert not connection.in_transaction
    migrate(connection, (m001_initial, add_note, fill_note))
    assert schema_version(connection) == 3


def test_a_store_of_an_older_version_is_brought_forward_with_its_documents(tmp_path, monkeypatch):
    with CorpusStore.open(tmp_path) as store:
        store.put(make(), cut(make().text))
        ids = list(store.passage_ids())
    monkeypatch.setattr(migrations, "MIGRATIONS", (*MIGRATIONS, add_note, fill_note))
    with CorpusStore.open(tmp_path) as store:
        assert store.document("eins") == make()
        assert list(store.passage_ids()) == ids
        assert store.check() == []
    with closing(sqlite3.connect(tmp_path / STORE_FILE)) as connection:
        assert connection.execute("SELECT note FROM documents").fetchall() == [("TITEL",)]


def test_a_store_of_a_newer_version_is_refused_and_left_alone(tmp_path, monkeypatch):
    with monkeypatch.context() as newer:
        newer.setattr(migrations, "MIGRATIONS", (*MIGRATIONS, add_note))
        CorpusStore.open(tmp_path).close()
    before = (tmp_path / STORE_FILE).read_bytes()
    with pytest.raises(SchemaTooNew, match=f"schema {len(MIGRATIONS) + 1}"):
        CorpusStore.open(tmp_path)
    assert (tmp_path / STORE_FILE).read_bytes() == before
