from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest

from corpus import database
from corpus.errors import StoreCorrupt, StoreFull, StoreLocked, StoreUnavailable
from corpus.store import STORE_FILE, CorpusStore, PutOutcome
from tests.corpus.documents import cut, make


@pytest.fixture
def store(tmp_path):
    with CorpusStore.open(tmp_path) as opened:
        yield opened


def long_text(number: int, words: int = 900) -> str:
    return " ".join(f"wort{number}-{word}" for word in range(words))


def test_the_file_is_written_as_safely_as_sqlite_can(store):
    with store._database.writing() as connection:
        settings = {
            name: connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        }
    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}


def test_readers_cannot_write(store):
    with pytest.raises(StoreUnavailable, match="readonly"), store._database.reading() as connection:
        connection.execute("DELETE FROM documents")
    assert store.counts().documents == 0


@pytest.mark.parametrize("content", [b"x", b"not a database, but longer than a page header. " * 100])
def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path, content):
    (tmp_path / STORE_FILE).write_bytes(content)
    with pytest.raises(StoreCorrupt, match="not an SQLite database"):
        CorpusStore.open(tmp_path)
    assert (tmp_path / STORE_FILE).read_bytes() == content
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.parametrize("mark", ["CREATE TABLE theirs (a)", "PRAGMA application_id = 7"])
def test_another_programs_database_is_refused_and_left_alone(tmp_path, mark):
    with closing(sqlite3.connect(tmp_path / STORE_FILE)) as theirs:
        theirs.execute(mark)
        theirs.commit()
    before = (tmp_path / STORE_FILE).read_bytes()
    with pytest.raises(StoreCorrupt, match="another program"):
        CorpusStore.open(tmp_path)
    assert (tmp_path / STORE_FILE).read_bytes() == before


def test_an_empty_file_becomes_a_store(tmp_path):
    (tmp_path / STORE_FILE).touch()
    with CorpusStore.open(tmp_path) as store:
        store.put(make(), [])
        assert store.check() == []


def test_a_folder_that_cannot_be_made_is_unavailable(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StoreUnavailable, match="cannot be made"):
        CorpusStore.open(tmp_path / "file" / "data" / STORE_FILE)


def test_a_folder_in_the_place_of_the_file_is_unavailable(tmp_path):
    (tmp_path / STORE_FILE).mkdir()
    with pytest.raises(StoreUnavailable, match="Is a directory"):
        CorpusStore.open(tmp_path)


def test_damage_inside_the_file_is_store_corrupt(tmp_path):
    with CorpusStore.open(tmp_path) as store:
        for number in range(20):
            store.put(make(f"d{number}", long_text(number)), cut(long_text(number), 300))
    content = bytearray((tmp_path / STORE_FILE).read_bytes())
    content[8192:] = b"\xa5" * (len(content) - 8192)
    (tmp_path / STORE_FILE).write_bytes(content)
    with CorpusStore.open(tmp_path) as store:
        with pytest.raises(StoreCorrupt, match="malformed"):
            store.documents()
        assert store.check() != []


def test_another_writer_in_the_way_is_store_locked(tmp_path, monkeypatch):
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.05)
    with CorpusStore.open(tmp_path) as store, CorpusStore.open(tmp_path) as other:
        with other._database.writing(), pytest.raises(StoreLocked):
            store.put(make(), [])
        assert store.put(make(), []).outcome is PutOutcome.ADDED


def test_a_full_disk_refuses_the_write_and_loses_nothing(store):
    first = make("a", long_text(1))
    store.put(first, cut(first.text, 300))
    with store._database.writing() as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages + 2}")
    second = make("b", long_text(2, 5000))
    for _ in range(2):
        with pytest.raises(StoreFull):
            store.put(second, cut(second.text, 300))
        assert store.document("a") == first
        assert (store.revision, store.documents().total) == (1, 1)
        assert store.check() == []
    with store._database.writing() as connection:
        connection.execute("PRAGMA max_page_count = 1000000")
    assert store.put(second, cut(second.text, 300)).outcome is PutOutcome.ADDED
    assert store.document("b") == second
    assert store.check() == []


FILL_A_SMALL_DISK = """
import sys
from pathlib import Path
from corpus.errors import StoreFull
from corpus.store import CorpusStore
from tests.corpus.documents import cut, make
from tests.corpus.test_database import long_text

folder = Path(sys.argv[1])
ballast = folder / "ballast"
ballast.write_bytes(b"x" * 2_500_000)
documents = [make(f"d{number}", long_text(number)) for number in range(200)]
stored = 0
with CorpusStore.open(folder) as store:
    try:
        for document in documents:
            store.put(document, cut(document.text, 300))
            stored += 1
    except StoreFull as full:
        print(full.code)
    assert 0 < stored < 200, stored
    for document in documents[:stored]:
        assert store.document(document.doc_id) == document
    assert store.documents().total == store.revision == stored
    ballast.unlink()
    store.put(documents[stored], cut(documents[stored].text, 300))
    assert store.document(f"d{stored}") == documents[stored]
    assert store.check() == []
with CorpusStore.open(folder) as store:
    assert store.documents().total == stored + 1
    assert store.check() == []
print("whole")
"""


def _can_mount() -> bool:
    unshare = shutil.which("unshare")
    if unshare is None:
        return False
    probe = [unshare, "--user", "--map-root-user", "--mount", "sh", "-c", "mount -t tmpfs -o size=64k none /mnt"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


def test_a_disk_that_is_really_full_serves_reads_and_recovers(tmp_path):
    if not _can_mount():
        pytest.skip("a small disk needs user namespaces with mounts, which this machine does not allow")
    script = f'mount -t tmpfs -o size=4m none "{tmp_path}" && exec "$0" -W error -c "$1" "{tmp_path}"'
    ran = subprocess.run(
        ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", script, sys.executable, FILL_A_SMALL_DISK],
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONPATH": "."},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.stdout.split(), ran.stderr, ran.returncode) == (["store_full", "whole"], "", 0)


def on_disk(folder: Path, words: str) -> list[str]:
    """The store's files that hold these words."""
    return sorted(path.name for path in folder.iterdir() if words.encode() in path.read_bytes())


SECRET = "Der Vertrag mit der Bank Rotkehlchen wurde gekündigt."


@pytest.mark.parametrize("padding", [0, 30, 3000, 60_000])
def test_removed_words_are_gone_from_the_disk(store, tmp_path, padding):
    for number in range(12):
        text = long_text(number, 1 + number * 60)
        store.put(make(f"d{number}", text), cut(text, 300))
    text = "a" * padding + SECRET + "z" * padding
    fields = {name: f"{SECRET} {name}" for name in ("title", "uri", "source", "url")}
    document = make("geheim", text, **fields, metadata={SECRET: SECRET})
    store.put(document, cut(text, 300, heading=SECRET))
    assert on_disk(tmp_path, SECRET) != []
    store.remove("d3")
    store.remove("geheim")
    assert on_disk(tmp_path, SECRET) == []
    assert (tmp_path / (STORE_FILE + "-wal")).stat().st_size == 0
    assert store.check() == []


def test_replaced_words_are_gone_from_the_disk_when_the_log_is_cut(store, tmp_path):
    store.put(make("a", SECRET), cut(SECRET))
    store.put(make("a", "Etwas anderes."), [])
    assert store.truncate_log()
    assert on_disk(tmp_path, SECRET) == []


def test_a_reader_in_the_way_delays_the_cut_but_not_the_removal(store, tmp_path, monkeypatch):
    monkeypatch.setattr(database, "CHECKPOINT_BUSY_MS", 1)
    store.put(make("a", SECRET), cut(SECRET))
    store.put(make("b", "Bleibt stehen."), [])
    with store._database.snapshot() as reader:
        assert reader.execute("SELECT count(*) FROM documents").fetchone() == (2,)
        store.remove("a")
        assert store.documents().total == 1
        assert reader.execute("SELECT count(*) FROM documents").fetchone() == (2,)
        assert on_disk(tmp_path, SECRET) != []
        assert not store.truncate_log()
    store.put(make("c", "Kommt danach."), [])
    assert on_disk(tmp_path, SECRET) == []
    with store._database.writing() as connection:
        assert connection.execute("PRAGMA busy_timeout").fetchone() == (database.BUSY_SECONDS * 1000,)


def test_a_cut_that_was_missed_is_made_up_for_at_the_next_start(tmp_path):
    with CorpusStore.open(tmp_path / "first") as store:
        store.put(make("a", SECRET), cut(SECRET))
        store.put(make("a", "Etwas anderes."), [])
        # What a killed process leaves behind: the file and a log that was never cut.
        shutil.copytree(tmp_path / "first", tmp_path / "second", ignore=shutil.ignore_patterns("*-shm"))
    assert on_disk(tmp_path / "second", SECRET) != []
    with CorpusStore.open(tmp_path / "second") as store:
        store.put(make("b", "Noch eines."), [])
        assert on_disk(tmp_path / "second", SECRET) == []
        assert store.document("a").text == "Etwas anderes."


def test_readers_are_kept_for_the_next_and_no_more_than_a_few(store, monkeypatch):
    monkeypatch.setattr(database, "IDLE_READERS", 2)
    barrier = threading.Barrier(5)

    def read() -> None:
        with store._database.reading() as connection:
            barrier.wait()
            connection.execute("SELECT 1").fetchone()

    threads = [threading.Thread(target=read) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(store._database._idle) == 2
