import os
import sys

import numpy as np
import pytest

from eval.probes import disk_use, machine, memory_of, percentile, stopwatch


@pytest.mark.parametrize("rank", [5, 50, 95, 99])
def test_percentiles_are_those_of_numpy(rank):
    values = np.random.default_rng(7).gamma(2.0, 5.0, size=201).tolist()
    assert percentile(values, rank) == pytest.approx(np.percentile(values, rank))


def test_disk_use_parts_the_store_from_the_index_and_counts_a_file_once(tmp_path):
    (tmp_path / "corpus.sqlite3").write_bytes(b"a" * 1000)
    (tmp_path / "corpus.sqlite3-wal").write_bytes(b"b" * 20)
    generation = tmp_path / "index" / "gen-000001"
    generation.mkdir(parents=True)
    (generation / "dense-0.faiss").write_bytes(b"c" * 300)
    os.link(generation / "dense-0.faiss", generation / "dense-1.faiss")
    assert disk_use(tmp_path, "corpus.sqlite3") == {"store_bytes": 1020, "index_bytes": 300}


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells the memory of a process in /proc")
def test_memory_is_that_of_the_process():
    before = memory_of(os.getpid())
    block = np.ones(4_000_000)
    after = memory_of(os.getpid())
    assert after["rss_bytes"] - before["rss_bytes"] > 0.8 * block.nbytes
    assert after["rss_peak_bytes"] >= after["rss_bytes"] * 0.99


def test_a_stopwatch_notes_its_body():
    seconds = {}
    with stopwatch(seconds, "body"):
        sum(range(1000))
    assert seconds["body"] > 0


def test_the_machine_is_named():
    assert all(machine()[key] for key in ("processor", "cores", "python", "system"))
