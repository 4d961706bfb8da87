from __future__ import annotations

import hashlib
import threading
from pathlib import Path

import pytest

from corpus.store import CorpusStore, PutOutcome
from tests.corpus.documents import cut, make


@pytest.fixture
def store(tmp_path):
    with CorpusStore.open(tmp_path) as opened:
        yield opened


def test_another_store_on_the_same_file_sees_what_was_put(tmp_path):
    with CorpusStore.open(tmp_path) as first, CorpusStore.open(tmp_path) as second:
        first.put(make(), [])
        assert second.document("eins") == make()
        second.remove("eins")
        assert first.revision == 2
        assert first.documents().total == 0


def test_readers_see_every_passage_whole_while_it_is_replaced(store):
    versions = [make(text=f"Fassung {number}. " * 40, title=f"Titel {number}") for number in range(60)]
    store.put(versions[0], cut(versions[0].text))
    done = threading.Event()
    readers = [Reader(store, done, {version.title: version.text for version in versions}) for _ in range(3)]
    for reader in readers:
        reader.start()
    for version in versions[1:]:
        assert store.put(version, cut(version.text)).outcome is PutOutcome.REPLACED
    done.set()
    for reader in readers:
        reader.join()
        assert reader.failure is None
        assert reader.looks > 0


class Reader(threading.Thread):
    """Reads until it is done and keeps the first thing that was not right."""

    def __init__(self, store, done, texts):
        super().__init__()
        self.store, self.done, self.texts = store, done, texts
        self.looks, self.failure = 0, None

    def run(self):
        try:
            while not self.done.is_set():
                self.look()
                self.looks += 1
        except BaseException as error:  # noqa: BLE001 -- the test itself asserts that there was none
            self.failure = error

    def look(self):
        for passage, info in self.store.passages(self.store.passage_ids()).values():
            text = self.texts[info.title]
            assert passage.text == passage.span.of(text)
            assert info.sha256 == hashlib.sha256(text.encode()).hexdigest()
        document = self.store.document("eins")
        assert document.text == self.texts[document.title]


def test_two_threads_may_write(store):
    def write(name: str) -> None:
        for number in range(15):
            text = f"{name} schreibt {number}"
            store.put(make(f"{name}{number}", text), cut(text, 6))

    writers = [threading.Thread(target=write, args=(name,)) for name in ("a", "b")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert store.revision == 30
    assert store.documents().total == 30
    assert store.check() == []


def test_many_may_open_a_new_store_at_once(tmp_path):
    barrier = threading.Barrier(6)
    stores: list[CorpusStore] = []

    def open_one(path: Path) -> None:
        barrier.wait()
        stores.append(CorpusStore.open(path))

    threads = [threading.Thread(target=open_one, args=(tmp_path,)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(stores) == 6
    for store in stores:
        assert store.revision == 0
        store.close()
