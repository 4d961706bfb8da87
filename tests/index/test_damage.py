"""Damage and crashes: nothing damaged is ever used, nothing is encoded twice, never a mix of two generations."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from corpus.errors import FundstelleError, StoreFull
from corpus.store import CorpusStore
from index import durable
from index.errors import IndexNotBuilt
from index.sync import Generation, IndexSync
from tests.index.seeded import article, assert_holds_the_store, lexical_ids, put

FLIPPED_PER_FILE = 25


@pytest.fixture
def built(store, encoder, tmp_path) -> Path:
    """An index with several segments, dead rows, and two lexical segments, one of them with deletions."""
    folder = tmp_path / "index"
    sync = IndexSync(store, encoder, folder)
    put(store, *range(1, 21))
    sync.sync()
    store.remove("doc-4")
    put(store, 21)
    sync.sync()
    return folder


def derived_files(folder: Path) -> list[str]:
    """What the next process reads: CURRENT, the manifest, and all that the manifest lists."""
    found = (path for path in folder.rglob("*") if path.is_file() and not path.name.endswith(".lock"))
    return sorted(path.relative_to(folder).as_posix() for path in found)


def damages(size: int, seed: int) -> list[Callable[[bytearray], None]]:
    """Single bytes changed at seeded places, both ends included, and the file cut short or made longer."""

    def flip(position: int, mask: int) -> Callable[[bytearray], None]:
        def change(content: bytearray) -> None:
            content[position] ^= mask

        return change

    random = np.random.default_rng(seed)
    places = {0, size - 1, *random.integers(0, size, size=FLIPPED_PER_FILE).tolist()}
    flips = [flip(place, 1 << int(random.integers(0, 8))) for place in sorted(places)]
    cuts = [lambda content, kept=kept: content.__delitem__(slice(kept, None)) for kept in {0, size // 2, size - 1}]
    return [*flips, *cuts, lambda content: content.extend(b"\0")]


def test_every_changed_byte_of_every_file_is_detected_before_use(store, encoder, built, tmp_path):
    files = derived_files(built)
    assert {"CURRENT", "dead.npy", "manifest.json", "meta.json"} <= {Path(name).name for name in files}
    assert sum(name.endswith(".faiss") for name in files) == 2
    sound = IndexSync(store, encoder, built)
    assert sound.open() is not None
    tried = 0
    for seed, name in enumerate(files):
        original = (built / name).read_bytes()
        for damage in damages(len(original), seed):
            content = bytearray(original)
            damage(content)
            (built / name).write_bytes(content)
            assert IndexSync(store, encoder, built).verify() != [], name
            tried += 1
        (built / name).write_bytes(original)
    assert tried > 300
    assert IndexSync(store, encoder, built).verify() == []


def test_whatever_is_damaged_is_put_aside_and_built_again_without_encoding(store, encoder, built, tmp_path):
    encoded = encoder.encoded
    for seed, name in enumerate(derived_files(built)):
        folder = tmp_path / f"copy-{seed}"
        shutil.copytree(built, folder)
        content = bytearray((folder / name).read_bytes())
        content[np.random.default_rng(seed).integers(0, len(content))] ^= 0x10
        (folder / name).write_bytes(content)
        sync = IndexSync(store, encoder, folder)
        assert sync.open() is None
        assert len(sync.notes) == 1
        assert "built again from the store" in sync.notes[0]
        rebuilt = sync.sync()
        assert_holds_the_store(rebuilt, store, encoder)
        assert sync.verify() == []
        if name != "CURRENT":
            (aside,) = folder.glob("damaged-*")
            assert name.split("/", 1)[0] == aside.name.removeprefix("damaged-")
        assert len(list(folder.glob("gen-*"))) == 1
    assert encoder.encoded == encoded


@pytest.mark.parametrize("missing", ["CURRENT", "manifest.json", "dead.npy", "dense-*.faiss", "meta.json", "*.term"])
def test_missing_files_are_damage_too(store, encoder, built, missing):
    encoded = encoder.encoded
    next(built.rglob(missing)).unlink()
    sync = IndexSync(store, encoder, built)
    assert sync.open() is None
    assert_holds_the_store(sync.sync(), store, encoder)
    assert encoder.encoded == encoded
    assert len(list(built.glob("gen-*"))) == 1


def test_a_folder_deleted_at_will_is_built_again(store, encoder, built):
    sync = IndexSync(store, encoder, built)
    opened = sync.open()
    shutil.rmtree(built)
    assert sync.refresh(opened) is opened
    assert_holds_the_store(sync.sync(), store, encoder)
    assert encoder.encoded == 63


def test_a_damaged_newer_generation_does_not_replace_the_one_in_use(store, encoder, built):
    reader = IndexSync(store, encoder, built)
    held = reader.open()
    put(store, 30)
    published = IndexSync(store, encoder, built).sync()
    broken = published.directory / "dead.npy"
    broken.write_bytes(broken.read_bytes() + b"x")
    assert reader.refresh(held) is held
    assert reader.refresh(held) is held
    assert len(reader.notes) == 1
    assert "dead.npy has" in reader.notes[0]
    assert_holds_the_store(IndexSync(store, encoder, built).sync(), store, encoder)
    assert reader.refresh(held).count == len(store.passage_ids())


class Killed(BaseException):
    """The process is gone: no handler of ours may run as if it were still there."""


class Faults:
    """The os of index.durable, in which the n-th watched call fails."""

    watched = ("replace", "rename", "fsync", "link", "rmdir")

    def __init__(self, at: int, failure: Callable[[], BaseException]) -> None:
        self.calls = 0
        self._at = at
        self._failure = failure

    def __getattr__(self, name: str):
        real = getattr(os, name)
        if name not in self.watched:
            return real

        def call(*args, **kwargs):
            self.calls += 1
            if self.calls == self._at:
                raise self._failure()
            return real(*args, **kwargs)

        return call


def fail_at(monkeypatch, at: int, failure: Callable[[], BaseException]) -> Faults:
    faults = Faults(at, failure)
    monkeypatch.setattr(durable, "os", faults)
    return faults


def state(generation: Generation) -> tuple[int, list[int], set[int]]:
    return generation.revision, generation.dense.ids.tolist(), lexical_ids(generation, "Artikel")


def change(store: CorpusStore) -> None:
    store.remove("doc-2")
    put(store, 3, title="Anders")
    put(store, 40)


def test_a_kill_at_any_step_of_publishing_leaves_the_old_or_the_new_generation(
    store, encoder, built, tmp_path, monkeypatch
):
    old = state(IndexSync(store, encoder, built).open())
    change(store)
    encoded = encoder.encoded
    outcomes = []
    for at in range(1, 200):
        folder = tmp_path / f"kill-{at}"
        shutil.copytree(built, folder)
        faults = fail_at(monkeypatch, at, Killed)
        try:
            IndexSync(store, encoder, folder).sync()
            survived = True
        except Killed:
            survived = False
        monkeypatch.undo()
        after = IndexSync(store, encoder, folder)
        opened = after.open()
        assert after.notes == []
        assert opened is not None
        found = state(opened)
        repaired = after.sync()
        assert_holds_the_store(repaired, store, encoder)
        assert found in (old, state(repaired))
        assert {path.name for path in folder.iterdir()} == {"CURRENT", repaired.name}
        outcomes.append(found == old)
        if survived:
            assert faults.calls < at
            break
    else:
        pytest.fail("publishing never came to its end")
    assert len(outcomes) > 15
    assert outcomes == sorted(outcomes, reverse=True)  # old, old, ..., then new for good
    assert {True, False} == set(outcomes)
    assert encoder.encoded == encoded + 6


def outcome(action: Callable[[], object]) -> FundstelleError | None:
    try:
        action()
    except FundstelleError as error:
        return error
    return None


@pytest.mark.parametrize("first_build", [True, False])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_a_failing_disk_at_any_step_is_reported_and_loses_nothing(
    store, encoder, built, tmp_path, monkeypatch, code, first_build
):
    expected = StoreFull if code == errno.ENOSPC else IndexNotBuilt
    change(store)
    failed = 0
    for at in range(1, 200):
        folder = tmp_path / f"fail-{at}"
        if not first_build:
            shutil.copytree(built, folder)
        faults = fail_at(monkeypatch, at, lambda: OSError(code, os.strerror(code)))
        sync = IndexSync(store, encoder, folder)
        reported = outcome(sync.sync)
        monkeypatch.undo()
        if reported is not None:
            failed += 1
            assert type(reported) is expected
            assert os.strerror(code) in reported.detail
        assert_holds_the_store(sync.sync(), store, encoder)
        assert sync.verify() == []
        assert len(list(folder.glob("gen-*"))) == 1
        if faults.calls < at:
            break
    assert failed > 10


def test_file_systems_without_hard_links_get_copies(store, encoder, built, monkeypatch):
    def refuse(*args, **kwargs):
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(durable, "os", SimpleNamespace(**{**vars(os), "link": refuse}))
    put(store, 50)
    generation = IndexSync(store, encoder, built).sync()
    assert_holds_the_store(generation, store, encoder)
    assert all(path.stat().st_nlink == 1 for path in generation.directory.rglob("*") if path.is_file())
    assert IndexSync(store, encoder, built).verify() == []


def test_leftovers_of_a_crash_are_swept_and_numbers_not_used_twice(store, encoder, built):
    (built / "gen-000777" / "lexical").mkdir(parents=True)
    (built / "gen-000777" / "lexical" / "half.store").write_bytes(b"half")
    (built / "CURRENT.tmp").write_bytes(b"gen-000777")
    put(store, 60)
    generation = IndexSync(store, encoder, built).sync()
    assert {path.name for path in built.iterdir()} == {"CURRENT", generation.name}
    assert_holds_the_store(generation, store, encoder)


def test_readers_are_never_refused_while_a_writer_publishes(store, encoder, built):
    """Open as another process would, at every file operation of a publication."""
    seen: list[int] = []

    class Watching(Faults):
        def __getattr__(self, name: str):
            real = getattr(os, name)
            if name not in self.watched:
                return real

            def call(*args, **kwargs):
                opened = IndexSync(store, encoder, built).open()
                seen.append(opened.revision)
                opened.lexical.close()
                return real(*args, **kwargs)

            return call

    old = store.revision
    put(store, 70)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(durable, "os", Watching(0, Killed))
        IndexSync(store, encoder, built).sync()
    assert len(seen) > 15
    assert seen == sorted(seen)
    assert {seen[0], seen[-1]} == {old, store.revision}


def test_the_articles_of_these_tests_are_what_they_seem():
    document, drafts = article(7, passages=2)
    assert [draft.span.of(document.text).split()[0] for draft in drafts] == ["Meldung7", "Meldung7"]
