"""The derived indexes follow the store through every kind of change."""

from __future__ import annotations

import json

import numpy as np
import pytest

from corpus.documents import Document, Filters, PassageDraft, Span
from index.dense_segments import SegmentKind
from index.sync import IndexSync
from tests.fakes import HashingEncoder
from tests.index.seeded import assert_holds_the_store, lexical_ids, put


def test_a_first_build_holds_every_passage(store, encoder, folder, sync):
    put(store, 1, 2, 3)
    assert sync.open() is None
    generation = sync.sync()
    assert_holds_the_store(generation, store, encoder)
    assert {path.name for path in folder.iterdir()} == {"CURRENT", generation.name}
    assert sync.verify() == []
    assert sync.notes == []
    again = IndexSync(store, encoder, folder).open()
    assert_holds_the_store(again, store, encoder)


def test_nothing_new_writes_nothing_and_gives_the_same_generation(store, sync, folder):
    put(store, 1)
    generation = sync.sync()
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    assert sync.sync() is generation
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


def test_additions_removals_replacements_and_all_of_them_at_once(store, encoder, sync):
    put(store, *range(1, 9))
    sync.sync()
    put(store, 9)
    assert_holds_the_store(sync.sync(), store, encoder)
    gone = store.remove("doc-3").passage_ids
    generation = sync.sync()
    assert_holds_the_store(generation, store, encoder)
    assert not set(gone) & lexical_ids(generation, "Meldung3")
    store.remove("doc-1")
    put(store, 2, title="Anders")
    put(store, 10, 11)
    assert_holds_the_store(sync.sync(), store, encoder)
    assert encoder.encoded == 3 * 12  # nine documents, one replaced, two more: each passage once
    for number in (2, 4, 5, 6, 7, 8, 9, 10, 11):
        store.remove(f"doc-{number}")
    generation = sync.sync()
    assert generation.count == 0
    assert generation.dense.search(encoder.encode_questions(["Chip"]), 3) == [[]]
    assert sync.verify() == []
    put(store, 12)
    assert_holds_the_store(sync.sync(), store, encoder)


def test_an_empty_store_has_an_empty_index_that_can_be_opened(store, encoder, folder, sync):
    generation = sync.sync()
    assert (generation.count, generation.revision) == (0, 0)
    assert generation.dense.search(encoder.encode_questions(["Chip"]), 3) == [[]]
    opened = IndexSync(store, encoder, folder).open()
    assert opened.count == 0
    assert IndexSync(store, HashingEncoder(name="other"), folder).open() is None  # nothing there that could be mixed


def test_a_revision_without_new_passages_is_published_too(store, encoder, sync):
    put(store, 1)
    first = sync.sync()
    put(store, 2)
    store.remove("doc-2")
    second = sync.sync()
    assert second.revision == store.revision > first.revision
    assert_holds_the_store(second, store, encoder)


def test_many_small_syncs_keep_few_files_and_write_only_what_is_new(store, encoder, folder, sync):
    put(store, 1, passages=60)
    generation = sync.sync()
    (large,) = generation.manifest.segments
    inode = (generation.directory / large.file).stat().st_ino
    for number in range(2, 14):
        put(store, number, passages=1)
        generation = sync.sync()
        assert large in generation.manifest.segments
        assert (generation.directory / large.file).stat().st_ino == inode
        assert len(generation.manifest.segments) <= 8
        assert len(list(folder.glob("*gen-*"))) == 1
    assert_holds_the_store(generation, store, encoder)
    assert encoder.encoded == 72


def test_a_vector_is_the_same_to_the_bit_fresh_cached_and_batched_otherwise(store, encoder, folder, sync):
    put(store, *range(1, 6))
    fresh = sync.sync()
    cached = IndexSync(store, encoder, folder.with_name("other")).sync()
    ids = fresh.dense.ids
    assert (fresh.dense.vectors(ids) == cached.dense.vectors(ids)).all()
    one_by_one = IndexSync(store, encoder, folder.with_name("third"))
    assert (one_by_one.sync().dense.vectors(ids[3:4]) == fresh.dense.vectors(ids[3:4])).all()
    assert encoder.encoded == 15


def test_equal_passages_are_encoded_once_and_found_in_the_order_of_their_ids(store, encoder, sync):
    for number in range(4):
        document = Document(
            f"d{number}", "Titel", f"Gleiche Worte.\nAnders {number}.", f"t:{number}", "text/plain", "de"
        )
        store.put(document, [PassageDraft(Span(0, 14)), PassageDraft(Span(15, len(document.text)))])
    generation = sync.sync()
    assert encoder.encoded == 5
    (hits,) = generation.dense.search(generation.dense.vectors(generation.dense.ids[:1]), 4)
    assert [hit.passage_id for hit in hits] == generation.dense.ids[::2].tolist()
    assert len({hit.score for hit in hits}) == 1


def test_embeddings_are_stored_block_by_block(store, encoder, folder, monkeypatch):
    monkeypatch.setattr("index.embeddings.BLOCK", 10)
    put(store, 1, passages=35)

    class Stopped(Exception):
        pass

    def stop(done: int, total: int) -> None:
        assert total == 35
        if done >= 20:
            raise Stopped

    with pytest.raises(Stopped):
        IndexSync(store, encoder, folder).sync(stop)
    assert store.embedding_counts() == {encoder.fingerprint: 10}  # the block at work is lost, those before are not
    assert not list(folder.glob("gen-*"))
    seen: list[tuple[int, int]] = []
    IndexSync(store, encoder, folder).sync(lambda done, total: seen.append((done, total)))
    assert encoder.encoded == 20 + 25
    assert seen[-1] == (35, 35)
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


def test_another_process_s_publication_is_seen_and_costs_no_second_copy(store, encoder, folder, sync):
    put(store, 1, passages=40)
    mine = IndexSync(store, encoder, folder)
    assert mine.refresh(None) is None
    sync.sync()
    seen = mine.refresh(None)
    assert seen is not None
    assert mine.refresh(seen) is seen
    put(store, 2, passages=1)
    published = sync.sync()
    newer = mine.refresh(seen)
    assert newer is not seen
    assert newer.name == published.name
    assert_holds_the_store(newer, store, encoder)
    assert newer.dense.segments[0] is seen.dense.segments[0]
    assert mine.refresh(newer) is newer
    assert mine.refresh(seen) is newer


def test_an_open_generation_stays_searchable_after_it_was_replaced(store, encoder, sync):
    put(store, 1, 2)
    old = sync.sync()
    before = lexical_ids(old, "Meldung1")
    hits = old.dense.search(encoder.encode_questions(["Meldung1"]), 5)
    store.remove("doc-1")
    new = sync.sync()
    assert not old.directory.exists()
    assert lexical_ids(old, "Meldung1") == before
    assert old.dense.search(encoder.encode_questions(["Meldung1"]), 5) == hits
    assert not before & lexical_ids(new, "Meldung1")


def test_filters_of_the_store_and_deletions_leave_k_hits(store, encoder, sync):
    put(store, *range(1, 20))
    sync.sync()
    for number in range(1, 19, 2):
        store.remove(f"doc-{number}")
    generation = sync.sync()
    allowed = np.array(store.passage_ids(Filters(doc_ids=("doc-2", "doc-19", "doc-3"))), dtype=np.int64)
    (hits,) = generation.dense.search(encoder.encode_questions(["Chip Handel"]), 10, allowed)
    assert sorted(hit.passage_id for hit in hits) == allowed.tolist()
    assert len(hits) == 6


def test_above_the_exact_limit_the_manifest_tells_lists_probes_and_recall(store, encoder, folder):
    put(store, 1, passages=700)
    sync = IndexSync(store, encoder, folder, exact_limit=500)
    generation = sync.sync()
    (info,) = generation.manifest.segments
    assert info.kind is SegmentKind.IVF
    assert info.lists > 1
    assert info.recall >= 0.99
    reopened = IndexSync(store, encoder, folder, exact_limit=500).open()
    assert reopened.manifest.segments == (info,)
    written = json.loads((generation.directory / "manifest.json").read_text())["segments"][0]
    assert (written["lists"], written["probes"], written["recall"]) == (info.lists, info.probes, info.recall)
    assert sync.verify() == []
