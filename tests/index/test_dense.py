"""The dense index against brute force, ties and deletions included."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.dense import DenseSnapshot
from index.dense_segments import WANTED_RECALL, Segment, SegmentKind
from index.errors import IndexCorrupt, IndexMismatch

DIMENSION = 24


def unit_rows(count: int, seed: int = 0, dimension: int = DIMENSION) -> np.ndarray:
    rows = np.random.default_rng(seed).normal(size=(count, dimension)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def brute_force(ids, rows, question, depth, allowed=None, dead=()):
    """The ids by score, then by id: what every exact search must return."""
    scores = rows.astype(np.float64) @ question.astype(np.float64)
    found = [
        (-score, passage_id)
        for passage_id, score in zip(ids.tolist(), scores.tolist(), strict=True)
        if passage_id not in dead and (allowed is None or passage_id in allowed)
    ]
    return [passage_id for _, passage_id in sorted(found)[:depth]]


def ids_of(hits):
    return [hit.passage_id for hit in hits]


def corner_rows(count: int, seed: int) -> np.ndarray:
    """Vectors of four equal halves: scores are exact in any order of summation, and ties abound."""
    random = np.random.default_rng(seed)
    rows = np.zeros((count, DIMENSION), np.float32)
    for row in rows:
        row[random.choice(6, size=4, replace=False)] = random.choice([-0.5, 0.5], size=4)
    return rows


def in_segments(ids, rows, cuts) -> DenseSnapshot:
    snapshot = DenseSnapshot(rows.shape[1])
    for start, end in zip([0, *cuts], [*cuts, len(ids)], strict=True):
        snapshot = snapshot.extended(ids[start:end], rows[start:end])
    return snapshot


def test_every_search_equals_brute_force_across_segments_and_batches():
    ids = np.arange(900, dtype=np.int64) * 3 + 5
    rows = unit_rows(900)
    snapshot = in_segments(ids, rows, [10, 400, 401])
    questions = unit_rows(40, seed=1)
    assert snapshot.count == 900
    for depth in (1, 10, 137, 900, 2000):
        batch = snapshot.search(questions, depth)
        for question, hits in zip(questions, batch, strict=True):
            assert ids_of(hits) == brute_force(ids, rows, question, depth)
            assert snapshot.search(question[None], depth)[0] == hits  # bit for bit, whatever the batch


def test_scores_do_not_depend_on_how_the_passages_are_laid_out():
    ids = np.arange(500, dtype=np.int64)
    rows = unit_rows(500)
    question = unit_rows(1, seed=9)
    laid_out = [in_segments(ids, rows, cuts).search(question, 50) for cuts in ([], [1], [100, 200, 499])]
    assert laid_out[0] == laid_out[1] == laid_out[2]


@settings(max_examples=60, deadline=None)
@given(
    count=st.integers(1, 120),
    depth=st.integers(0, 130),
    seed=st.integers(0, 10_000),
    cuts=st.lists(st.integers(0, 120), max_size=4),
    removed=st.floats(0, 1),
    kept=st.none() | st.floats(0, 1),
    compact=st.booleans(),
)
def test_ties_go_by_id_whatever_was_removed_filtered_or_merged(count, depth, seed, cuts, removed, kept, compact):
    random = np.random.default_rng(seed)
    ids = np.sort(random.choice(1000, size=count, replace=False)).astype(np.int64)
    rows = corner_rows(count, seed)
    snapshot = in_segments(ids, rows, sorted(cut for cut in cuts if cut < count))
    dead = set(ids[random.random(count) < removed].tolist())
    snapshot = snapshot.without(np.array(sorted(dead), dtype=np.int64))
    snapshot = snapshot.compacted() if compact else snapshot
    allowed = None if kept is None else set(ids[random.random(count) < kept].tolist())
    question = corner_rows(1, seed + 1)
    given_ids = None if allowed is None else np.array([*allowed, 5000], dtype=np.int64)
    assert ids_of(snapshot.search(question, depth, given_ids)[0]) == brute_force(
        ids, rows, question[0], depth, allowed, dead
    )
    assert snapshot.ids.tolist() == [passage_id for passage_id in ids.tolist() if passage_id not in dead]


def test_a_thousand_equal_vectors_come_back_in_the_order_of_their_ids():
    ids = np.arange(1000, dtype=np.int64)[:, None].repeat(1, axis=1).ravel()
    rows = np.repeat(unit_rows(1), 1000, axis=0)
    hits = in_segments(ids, rows, [700]).search(rows[:1], 5)[0]
    assert ids_of(hits) == [0, 1, 2, 3, 4]
    assert len({hit.score for hit in hits}) == 1


def test_a_filter_is_filled_up_to_the_depth():
    ids = np.arange(2000, dtype=np.int64)
    rows = unit_rows(2000)
    snapshot = in_segments(ids, rows, [1500]).without(np.arange(0, 2000, 2, dtype=np.int64))
    allowed = np.array([1999, 3, 5, 7, 8, 11, 1501, 3], dtype=np.int64)
    hits = snapshot.search(unit_rows(1, seed=4), 10, allowed)[0]
    assert sorted(ids_of(hits)) == [3, 5, 7, 11, 1501, 1999]
    assert snapshot.search(unit_rows(1, seed=4), 10, np.empty(0, np.int64)) == [[]]


def test_an_empty_index_and_no_questions():
    empty = DenseSnapshot(DIMENSION)
    assert empty.search(unit_rows(2), 5) == [[], []]
    assert empty.count == 0
    assert empty.ids.tolist() == []
    assert empty.compacted() is empty
    assert empty.without(np.array([3], dtype=np.int64)) is empty
    full = empty.extended(np.array([4], dtype=np.int64), unit_rows(1))
    assert full.search(np.empty((0, DIMENSION), np.float32), 5) == []
    assert full.search(unit_rows(1), 0) == [[]]
    gone = full.without(full.ids)
    assert gone.count == 0
    assert gone.search(unit_rows(1), 3) == [[]]
    assert gone.compacted().segments == ()


def test_an_id_is_never_in_the_index_twice():
    snapshot = DenseSnapshot(DIMENSION).extended(np.array([1, 2], dtype=np.int64), unit_rows(2))
    with pytest.raises(ValueError, match="already"):
        snapshot.extended(np.array([2, 3], dtype=np.int64), unit_rows(2))
    with pytest.raises(ValueError, match="already"):
        snapshot.without(np.array([2], dtype=np.int64)).extended(np.array([2], dtype=np.int64), unit_rows(1))
    with pytest.raises(ValueError, match="ascend"):
        snapshot.extended(np.array([5, 5], dtype=np.int64), unit_rows(2))
    with pytest.raises(ValueError, match="ascend"):
        snapshot.extended(np.array([7, 6], dtype=np.int64), unit_rows(2))
    with pytest.raises(ValueError, match="3 ids came with 2"):
        snapshot.extended(np.array([7, 8, 9], dtype=np.int64), unit_rows(2))


def test_vectors_of_another_encoder_are_refused():
    snapshot = DenseSnapshot(DIMENSION).extended(np.array([1], dtype=np.int64), unit_rows(1))
    with pytest.raises(IndexMismatch, match="24 numbers, not of 7"):
        snapshot.search(unit_rows(1, dimension=7), 3)
    with pytest.raises(IndexMismatch):
        snapshot.extended(np.array([2], dtype=np.int64), unit_rows(1, dimension=25))


def test_vectors_come_back_in_the_order_asked_for():
    ids = np.arange(50, dtype=np.int64) * 2
    rows = unit_rows(50)
    snapshot = in_segments(ids, rows, [20]).without(np.array([4], dtype=np.int64))
    assert (snapshot.vectors(np.array([98, 0, 42], dtype=np.int64)) == rows[[49, 0, 21]]).all()
    for absent in (4, 3, 1000):
        with pytest.raises(KeyError, match=str(absent)):
            snapshot.vectors(np.array([0, absent], dtype=np.int64))


def test_an_old_snapshot_is_not_disturbed_by_a_new_one():
    ids = np.arange(300, dtype=np.int64)
    rows = unit_rows(300)
    old = in_segments(ids, rows, [])
    question = unit_rows(1, seed=2)
    before = old.search(question, 20)
    new = old.without(ids[:150]).extended(np.array([300], dtype=np.int64), question).compacted()
    assert new.search(question, 1)[0][0].passage_id == 300
    assert old.search(question, 20) == before
    assert (old.count, new.count) == (300, 151)


def test_searching_from_many_threads_gives_what_one_thread_gets():
    ids = np.arange(3000, dtype=np.int64)
    snapshot = in_segments(ids, unit_rows(3000), [1000]).without(np.arange(0, 3000, 7, dtype=np.int64))
    questions = unit_rows(64, seed=3)
    expected = [snapshot.search(question[None], 10, ids[::3])[0] for question in questions]
    wrong: list[int] = []

    def ask(first: int) -> None:
        for turn in range(128):
            row = (first + turn) % len(questions)
            if snapshot.search(questions[row : row + 1], 10, ids[::3])[0] != expected[row]:
                wrong.append(row)

    threads = [threading.Thread(target=ask, args=(first,)) for first in range(0, 64, 16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_small_additions_leave_large_segments_alone_and_segments_stay_few():
    rows = unit_rows(4000)
    snapshot = DenseSnapshot(DIMENSION).extended(np.arange(3000, dtype=np.int64), rows[:3000])
    large = snapshot.segments[0]
    written = 0
    for passage_id in range(3000, 3700):
        before = set(snapshot.segments)
        snapshot = snapshot.extended(np.array([passage_id], dtype=np.int64), rows[passage_id : passage_id + 1])
        snapshot = snapshot.compacted()
        written += sum(len(segment) for segment in snapshot.segments if segment not in before)
        assert large in snapshot.segments
        assert len(snapshot.segments) <= 8
    assert written < 700 * 40  # each passage is rewritten a few times per tier, not once per addition
    assert snapshot.ids.tolist() == list(range(3700))
    question = unit_rows(1, seed=5)
    assert ids_of(snapshot.search(question, 30)[0]) == brute_force(np.arange(3700), rows[:3700], question[0], 30)


def test_a_segment_with_many_dead_rows_is_written_again_without_them():
    snapshot = DenseSnapshot(DIMENSION).extended(np.arange(100, dtype=np.int64), unit_rows(100))
    few = snapshot.without(np.arange(20, dtype=np.int64)).compacted()
    assert few.segments == snapshot.segments
    assert len(few.dead) == 20
    many = few.without(np.array([20], dtype=np.int64)).compacted()
    assert [len(segment) for segment in many.segments] == [79]
    assert len(many.dead) == 0


def test_a_snapshot_survives_being_saved(tmp_path):
    ids = np.arange(400, dtype=np.int64) + 7
    snapshot = in_segments(ids, unit_rows(400), [300]).without(np.array([8, 390], dtype=np.int64))
    infos = snapshot.save(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {*(info.file for info in infos), "dead.npy"}
    loaded = DenseSnapshot.load(tmp_path, DIMENSION, infos)
    question = unit_rows(3, seed=6)
    assert loaded.search(question, 25) == snapshot.search(question, 25)
    assert (loaded.vectors(loaded.ids) == snapshot.vectors(snapshot.ids)).all()
    reused = DenseSnapshot.load(
        tmp_path, DIMENSION, infos, known={info.file: s for info, s in zip(infos, loaded.segments, strict=True)}
    )
    assert reused.segments == loaded.segments


def test_a_file_that_holds_something_else_is_refused(tmp_path):
    snapshot = DenseSnapshot(DIMENSION).extended(np.arange(10, dtype=np.int64), unit_rows(10))
    (info,) = snapshot.save(tmp_path)
    other = DenseSnapshot(DIMENSION).extended(np.arange(9, dtype=np.int64), unit_rows(9))
    other.segments[0].save(tmp_path / info.file)
    with pytest.raises(IndexCorrupt, match="10 vectors"):
        Segment.load(tmp_path / info.file, info)


@pytest.fixture(scope="module")
def inverted() -> tuple[np.ndarray, np.ndarray, DenseSnapshot]:
    """Six thousand passages in clusters, above a limit of five thousand."""
    random = np.random.default_rng(7)
    centres = unit_rows(60, seed=8)
    rows = centres[random.integers(0, 60, size=6000)] + 0.25 * unit_rows(6000, seed=9)
    rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    ids = np.arange(6000, dtype=np.int64) * 2
    snapshot = DenseSnapshot(DIMENSION, exact_limit=5000)
    for start in range(0, 6000, 1000):
        snapshot = snapshot.extended(ids[start : start + 1000], rows[start : start + 1000])
    return ids, rows, snapshot.compacted()


def test_above_the_limit_lists_are_probed_until_recall_is_as_wanted(inverted):
    ids, rows, snapshot = inverted
    (info,) = [segment.info for segment in snapshot.segments]
    assert info.kind is SegmentKind.IVF
    assert 1 <= info.probes < info.lists
    assert info.recall >= WANTED_RECALL
    found = snapshot.search(rows[::40], 10)
    exact = [brute_force(ids, rows, row, 10) for row in rows[::40]]
    shares = [len(set(ids_of(hits)) & set(wanted)) / 10 for hits, wanted in zip(found, exact, strict=True)]
    assert np.mean(shares) >= 0.97
    assert all(len(hits) == 10 for hits in found)


def test_filters_and_deletions_on_lists_are_exact_and_filled(inverted):
    ids, rows, snapshot = inverted
    dead = ids[::5]
    alive = snapshot.without(dead)
    allowed = ids[3::50]
    for question in unit_rows(10, seed=11):
        hits = alive.search(question[None], 10, allowed)[0]
        assert ids_of(hits) == brute_force(ids, rows, question, 10, set(allowed.tolist()), set(dead.tolist()))


def test_depth_beyond_the_probed_lists_is_still_filled(inverted):
    _, _, snapshot = inverted
    hits = snapshot.search(unit_rows(1, seed=12), 5500)[0]
    assert len({hit.passage_id for hit in hits}) == 5500


def test_lists_survive_being_saved_and_grow_by_small_exact_segments(inverted, tmp_path):
    _, rows, snapshot = inverted
    infos = snapshot.save(tmp_path)
    loaded = DenseSnapshot.load(tmp_path, DIMENSION, infos, exact_limit=5000)
    assert loaded.search(rows[:5], 10) == snapshot.search(rows[:5], 10)
    assert (loaded.vectors(loaded.ids[:9]) == rows[:9]).all()
    grown = loaded.extended(np.array([1], dtype=np.int64), rows[:1]).compacted()
    assert [segment.info.kind for segment in grown.segments] == [SegmentKind.IVF, SegmentKind.FLAT]
    assert ids_of(grown.search(rows[:1], 2)[0]) == [0, 1]


def test_a_filter_that_leaves_many_rows_probes_more_lists(inverted, monkeypatch):
    ids, rows, snapshot = inverted
    monkeypatch.setattr("index.dense_segments._EXACT_BELOW", 100)
    allowed = ids[::3]
    found = snapshot.search(rows[::60], 10, allowed)
    exact = [brute_force(ids, rows, row, 10, set(allowed.tolist())) for row in rows[::60]]
    shares = [len(set(ids_of(hits)) & set(wanted)) / 10 for hits, wanted in zip(found, exact, strict=True)]
    assert np.mean(shares) >= 0.97
    assert all(len(hits) == 10 for hits in found)
