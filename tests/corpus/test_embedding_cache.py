from __future__ import annotations

import pytest

from corpus.documents import embedding_key
from corpus.store import CorpusStore
from tests.corpus.documents import cut, make


@pytest.fixture
def store(tmp_path):
    with CorpusStore.open(tmp_path) as opened:
        yield opened


def put(store, doc_id, *sentences, title="Titel"):
    """A document of one passage per sentence; returns their embedding keys."""
    size = max(len(sentence) for sentence in sentences)
    text = "".join(sentence.ljust(size, ".") for sentence in sentences)
    store.put(make(doc_id, text, title=title), cut(text, size))
    return [embedding_key(title, "", passage.text) for passage in store.passages_of(doc_id)]


def test_vectors_come_back_by_encoder_and_key(store):
    one, two = put(store, "a", "Eins", "Zwei")
    assert store.put_embeddings("klein", [(one, b"\x00k1"), (two, b"k2")]) == 2
    assert store.put_embeddings("gross", [(one, b"g1")]) == 1
    assert store.embeddings("klein", [two, one, b"?" * 32]) == {one: b"\x00k1", two: b"k2"}
    assert store.embeddings("gross", [one, two]) == {one: b"g1"}
    assert store.embeddings("nie", [one]) == {}
    assert store.embeddings("klein", []) == {}
    assert store.embedding_counts() == {"gross": 1, "klein": 2}


def test_a_vector_put_again_takes_the_place_of_the_old_one(store):
    (key,) = put(store, "a", "Eins")
    store.put_embeddings("f", [(key, b"alt")])
    store.put_embeddings("f", [(key, b"neu"), (key, b"neuer")])
    assert store.embeddings("f", [key]) == {key: b"neuer"}
    assert store.embedding_counts() == {"f": 1}


def test_what_no_passage_uses_is_not_kept(store):
    (key,) = put(store, "a", "Eins")
    assert store.put_embeddings("f", [(b"?" * 32, b"x"), (key, b"y")]) == 1
    assert store.embedding_counts() == {"f": 1}


def test_embeddings_do_not_change_the_revision(store):
    (key,) = put(store, "a", "Eins")
    store.put_embeddings("f", [(key, b"y")])
    store.forget_embeddings("f")
    assert store.revision == 1


def test_a_removed_passage_takes_its_embeddings_of_every_encoder_unless_another_uses_them(store):
    shared, alone = put(store, "a", "Gemeinsam", "Nur hier!")
    assert put(store, "b", "Gemeinsam", "Nur dort!")[0] == shared
    for fingerprint in ("f", "g"):
        store.put_embeddings(fingerprint, [(shared, b"s"), (alone, b"a")])
    store.remove("a")
    assert store.embeddings("f", [shared, alone]) == {shared: b"s"}
    assert store.embeddings("g", [shared, alone]) == {shared: b"s"}
    store.remove("b")
    assert store.embedding_counts() == {"f": 0, "g": 0}
    assert store.check() == []


def test_a_replaced_document_keeps_the_embeddings_of_what_stayed(store):
    stays, goes = put(store, "a", "Bleibt", "Geht..")
    store.put_embeddings("f", [(stays, b"s"), (goes, b"g")])
    again, new = put(store, "a", "Bleibt", "Kommt.")
    assert again == stays
    assert store.embeddings("f", [stays, goes, new]) == {stays: b"s"}


def test_other_encoders_are_forgotten(store):
    (key,) = put(store, "a", "Eins")
    for fingerprint in ("f", "g", "h"):
        store.put_embeddings(fingerprint, [(key, b"v")])
    assert store.forget_embeddings("g") == 2
    assert store.embedding_counts() == {"g": 1}
    assert store.forget_embeddings() == 1
    assert store.embedding_counts() == {}
    assert store.counts().embeddings == 0


def test_a_failing_source_of_vectors_keeps_none_of_them(store):
    (key,) = put(store, "a", "Eins")

    def vectors():
        yield key, b"v"
        raise RuntimeError("the encoder broke")

    with pytest.raises(RuntimeError, match="broke"):
        store.put_embeddings("f", vectors())
    assert store.embeddings("f", [key]) == {}
    assert store.put_embeddings("f", [(key, b"v")]) == 1
