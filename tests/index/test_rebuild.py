"""Other encoders, other code, other histories: what is refused, what is built again, what verify says."""

from __future__ import annotations

import shutil

import pytest

from corpus.store import CorpusStore
from index.errors import EncoderUnavailable, IndexMismatch
from index.sync import IndexSync
from tests.fakes import HashingEncoder
from tests.index.seeded import assert_holds_the_store, put


def test_another_encoder_is_refused_until_a_rebuild(store, encoder, folder, sync):
    put(store, 1, 2)
    built = sync.sync()
    other = HashingEncoder(dimension=32, name="other")
    switched = IndexSync(store, other, folder)
    for attempt in (switched.open, switched.sync, lambda: switched.refresh(None)):
        with pytest.raises(IndexMismatch, match=r"hashing-64.*other-32"):
            attempt()
    assert switched.verify() == [
        f"The index was built with the encoder {encoder.fingerprint}; the one set is other-32."
    ]
    assert other.encoded == 0
    assert (folder / built.name).is_dir()
    rebuilt = switched.rebuild()
    assert (rebuilt.dense.dimension, rebuilt.manifest.fingerprint) == (32, "other-32")
    assert_holds_the_store(rebuilt, store, other)
    with pytest.raises(IndexMismatch):
        sync.refresh(built)
    back = IndexSync(store, encoder, folder).rebuild()
    assert_holds_the_store(back, store, encoder)
    assert encoder.encoded == 6  # its embeddings were still in the store


def test_rebuild_uses_the_cache_unless_it_is_told_to_encode_again(store, encoder, sync):
    put(store, 1, 2)
    first = sync.sync()
    second = sync.rebuild()
    assert second.name != first.name
    assert encoder.encoded == 6
    assert_holds_the_store(second, store, encoder)
    third = sync.rebuild(encode_again=True)
    assert encoder.encoded == 12
    assert_holds_the_store(third, store, encoder)
    assert sync.verify() == []


def test_a_fingerprint_is_enough_where_nothing_must_be_encoded(store, encoder, folder, sync):
    put(store, 1)
    sync.sync()
    without = IndexSync(store, encoder.fingerprint, folder)
    assert without.open() is not None
    assert_holds_the_store(without.rebuild(), store, encoder)
    put(store, 2)
    with pytest.raises(EncoderUnavailable, match="3 passages"):
        without.sync()


def test_a_backup_put_back_is_noticed_even_at_the_same_revision(tmp_path, encoder, folder):
    with CorpusStore.open(tmp_path / "a.sqlite3") as store:
        put(store, 1)
    shutil.copy(tmp_path / "a.sqlite3", tmp_path / "backup.sqlite3")
    with CorpusStore.open(tmp_path / "a.sqlite3") as store:
        put(store, 2, 3)
        IndexSync(store, encoder, folder).sync()
    shutil.copy(tmp_path / "backup.sqlite3", tmp_path / "a.sqlite3")
    with CorpusStore.open(tmp_path / "a.sqlite3") as store:
        behind = IndexSync(store, encoder, folder)
        assert behind.verify() == ["6 passages in the index are no longer in the store."]
        assert_holds_the_store(behind.sync(), store, encoder)
        assert behind.notes == ["The store is not the one that the index was built from; the index is built again."]
        IndexSync(store, encoder, folder).rebuild()
        put(store, 2, 3)
        IndexSync(store, encoder, folder).sync()
    shutil.copy(tmp_path / "backup.sqlite3", tmp_path / "a.sqlite3")
    with CorpusStore.open(tmp_path / "a.sqlite3") as store:
        put(store, 5, 6)  # the ids and the revision of 2 and 3
        IndexSync(store, encoder, tmp_path / "elsewhere").sync()  # their vectors are in the cache
        diverged = IndexSync(store, encoder, folder)
        assert diverged.verify() == ["6 of 9 vectors differ from the store's."]
        assert_holds_the_store(diverged.sync(), store, encoder)
        assert diverged.verify() == []


def test_code_that_analyses_otherwise_builds_the_index_again(store, encoder, folder, sync, monkeypatch):
    put(store, 1)
    sync.sync()
    monkeypatch.setattr("index.generation.analysis_fingerprint", lambda: "other")
    monkeypatch.setattr("index.sync.analysis_fingerprint", lambda: "other")
    later = IndexSync(store, encoder, folder)
    assert later.open() is None
    assert later.notes == ["Texts are analysed in another way since the index was built; it is built again."]
    assert_holds_the_store(later.sync(), store, encoder)
    assert encoder.encoded == 3
    assert IndexSync(store, encoder, folder).open() is not None


def test_an_index_of_another_format_is_built_again_and_not_called_damaged(store, encoder, folder, sync, monkeypatch):
    put(store, 1)
    sync.sync()
    monkeypatch.setattr("index.manifest.FORMAT", 2)
    later = IndexSync(store, encoder, folder)
    assert later.open() is None
    assert later.notes == ["The index has format 1; this version writes 2. It is built again from the store."]
    assert not list(folder.glob("damaged-*"))
    assert encoder.encoded == 3


def test_verify_tells_ghosts_from_missing_passages(store, encoder, folder, sync):
    assert sync.verify() == []
    put(store, 1)
    assert sync.verify() == ["There is no index yet."]
    sync.sync()
    put(store, 2)
    store.remove("doc-1")
    assert sync.verify() == [
        "3 passages of the store are not in the index, which is at revision 1 of 3.",
        "3 passages in the index are no longer in the store.",
    ]
    sync.sync()
    assert sync.verify() == []
