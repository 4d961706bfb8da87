"""Kill a writing process at any moment, again and again over one store: nothing acknowledged is lost, nothing haunts.

FUNDSTELLE_CRASH_ROUNDS sets the number of rounds.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from corpus.errors import DocumentNotFound
from corpus.store import CorpusStore
from index.sync import IndexSync
from tests.corpus.crash_child import DOCUMENTS, FINGERPRINT, article, vector
from tests.fakes import HashingEncoder

ROUNDS = int(os.environ.get("FUNDSTELLE_CRASH_ROUNDS", "20"))
ROOT = Path(__file__).parents[2]
LONGEST, SHORTEST = 0.3, 0.01  # seconds from a child's first sign of life to its end, at most


known_article = cache(article)


@dataclass
class Expected:
    """What must be there: the version of every document, those whose embeddings are kept, and the revision."""

    versions: dict[str, int] = field(default_factory=dict)
    embedded: set[str] = field(default_factory=set)
    revision: int = 0

    def apply(self, action: str, doc_id: str, version: int) -> None:
        if action == "index":
            return
        if action == "embed":
            self.embedded.add(doc_id)
            return
        self.revision += 1
        self.embedded.discard(doc_id)
        if action == "put":
            self.versions[doc_id] = version
        else:
            del self.versions[doc_id]


def run_and_kill(data: Path, log: Path, seed: int, dice: random.Random) -> list[str]:
    """Start a child, kill it at a random moment, and return the lines that it completed."""
    with log.open("wb") as out:
        child = subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "tests.corpus.crash_child", str(data), str(seed)],
            cwd=ROOT,
            stdout=out,
        )
    while not log.stat().st_size:
        assert child.poll() is None, "the child ended by itself"
        time.sleep(0.002)
    # Every fourth child dies while it opens the store, which is when it repairs what the one before left.
    time.sleep(dice.uniform(0, LONGEST if dice.random() < 0.75 else SHORTEST))
    child.send_signal(signal.SIGKILL)
    assert child.wait() == -signal.SIGKILL
    return log.read_text(encoding="utf-8").splitlines(keepends=True)


def follow(lines: list[str], expected: Expected) -> tuple[str, str, int] | None:
    """Apply what was acknowledged; return the step that was begun and not acknowledged, if there is one."""
    begun = None
    for line in lines:
        if not line.endswith("\n") or line == "opening\n":
            continue
        word, action, doc_id, version = line.split()
        step = (action, doc_id, int(version))
        if word == "done":
            assert begun == step
            expected.apply(*step)
            begun = None
        else:
            begun = step
    return begun


def settle(begun: tuple[str, str, int] | None, expected: Expected, store: CorpusStore) -> None:
    """A step that nobody acknowledged may have happened or not: the revision says which."""
    if begun is not None and begun[0] != "embed" and store.revision == expected.revision + 1:
        expected.apply(*begun)


def assert_whole(store: CorpusStore, expected: Expected) -> None:
    assert store.check() == []
    assert store.revision == expected.revision
    there = {info.doc_id for info in store.documents(limit=1000).documents}
    assert there == set(expected.versions)
    passages = 0
    for doc_id, version in expected.versions.items():
        document, drafts = known_article(doc_id, version)
        assert store.document(doc_id) == document
        held = store.passages_of(doc_id)
        assert [(p.span, p.heading, p.text) for p in held] == [
            (draft.span, draft.heading, draft.span.of(document.text)) for draft in drafts
        ]
        passages += len(held)
    assert len(store.passage_ids()) == passages
    assert_embeddings(store, expected)


def assert_embeddings(store: CorpusStore, expected: Expected) -> None:
    owners = {p.passage_id: d for d in expected.versions for p in store.passages_of(d)}
    keys = {entry.embedding_key: owners[entry.passage_id] for entry in store.embedding_inputs(owners)}
    held = store.embeddings(FINGERPRINT, list(keys))
    assert all(held[key] == vector(key) for key in held)
    assert {key for key, owner in keys.items() if owner in expected.embedded} <= set(held)


def assert_indexed(store: CorpusStore, directory: Path) -> None:
    """After a kill the published index is whole or rebuilt, and one sync brings it to exactly the store's passages."""
    sync = IndexSync(store, HashingEncoder(), directory)
    sync.open()
    generation = sync.sync()
    assert generation.dense.ids.tolist() == list(store.passage_ids())
    assert generation.lexical.count == len(store.passage_ids())
    assert sync.verify() == []
    assert sync.notes == []
    generation.lexical.close()


def test_a_killed_writer_loses_nothing_acknowledged_and_leaves_no_ghost(tmp_path):
    dice = random.Random(2024)
    expected = Expected()
    acknowledged = 0
    for seed in range(1, ROUNDS + 1):
        lines = run_and_kill(tmp_path / "data", tmp_path / "log", seed, dice)
        acknowledged += sum(line.startswith("done") for line in lines)
        begun = follow(lines, expected)
        with CorpusStore.open(tmp_path / "data") as store:
            settle(begun, expected, store)
            assert_whole(store, expected)
            assert_indexed(store, tmp_path / "data" / "index")
    assert acknowledged > ROUNDS, "the children were killed before they did anything"


def test_the_watcher_would_notice(tmp_path):
    """A lost document, a ghost, a foreign text and a lost embedding each fail the check above."""
    with CorpusStore.open(tmp_path) as store:
        first, second = DOCUMENTS[:2]
        store.put(*article(first, 1))
        good = Expected({first: 1}, set(), 1)
        assert_whole(store, good)
        wrong = [
            Expected({first: 1, second: 1}, set(), 1),
            Expected({}, set(), 1),
            Expected({first: 2}, set(), 1),
            Expected({first: 1}, {first}, 1),
            Expected({first: 1}, set(), 2),
        ]
        for expectation in wrong:
            assert not _passes(store, expectation)


def _passes(store: CorpusStore, expected: Expected) -> bool:
    try:
        assert_whole(store, expected)
    except (AssertionError, DocumentNotFound):
        return False
    return True


def test_a_step_in_doubt_is_settled_by_the_revision(tmp_path):
    document, drafts = article("d0", 7)
    lines = ["opening\n", "try put d0 7\n", "done put"]
    with CorpusStore.open(tmp_path) as store:
        expected = Expected()
        settle(follow(lines, expected), expected, store)
        assert expected.versions == {}
        store.put(document, drafts)
        settle(follow(lines, expected), expected, store)
        assert expected.versions == {"d0": 7}
        assert_whole(store, expected)
