"""A process that changes a store without end until it is killed. Run: python -m tests.corpus.crash_child DATA SEED

It says what it is about to do (``try put d3 41``) and, once that is on disk, that it is done (``done put d3 41``).
Every document is known from its id and version alone, so that whoever watches knows what must be there.
Each step of STEPS takes a Worker; a further kind of step is one more entry there and one more check in the watcher.
"""

from __future__ import annotations

import hashlib
import random
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from corpus.chunking import chunk
from corpus.documents import Document, PassageDraft
from corpus.extract import extract
from corpus.ingest import LedgerEntry, LedgerOutcome, ingest
from corpus.limits import Limits
from corpus.sources import RawInput
from corpus.store import CorpusStore
from index.sync import IndexSync
from tests.corpus.documents import cut, make
from tests.fakes import HashingEncoder

FINGERPRINT = "crash"
LIMITS = Limits()
DOCUMENTS = [f"d{number}" for number in range(25)]
_WORDS = ("Baidu", "Chips", "Fördergeld", "Zölle 😀", "„Strom“", "Müller-Straße", "5,3 Mrd.", "e\u0301tat")


def raw_article(doc_id: str, version: int) -> RawInput:
    """The one file that this id and version stand for."""
    words = random.Random(f"{doc_id} {version}")
    paragraphs = [" ".join(words.choices(_WORDS, k=40)).capitalize() + "." for _ in range(words.choice((1, 5, 30)))]
    text = "\n\n".join([f"# {doc_id} in Fassung {version}", *paragraphs])
    fields = {"doc_id": doc_id, "language": "de", "metadata": {"version": str(version)}}
    return RawInput(f"file:///{doc_id}.md", "text/markdown", text.encode(), fields)


def article(doc_id: str, version: int) -> tuple[Document, list[PassageDraft]]:
    """The one document that this id and version stand for: of a few words up to some tens of pages.

    Even versions are read from a file, odd ones are made here.
    """
    if version % 2 == 0:
        read = extract(raw_article(doc_id, version), LIMITS)
        return read.document, chunk(read.document.text, read.blocks, "de", title=read.document.title)
    words = random.Random(f"{doc_id} {version}")
    text = f"{doc_id} in Fassung {version}. " + " ".join(words.choices(_WORDS, k=words.choice((5, 60, 400, 3000))))
    document = make(
        doc_id,
        text,
        title=f"{doc_id} {version}",
        source=words.choice(("X", "Y", None)),
        metadata={"version": str(version)},
    )
    return document, cut(text, 300, heading=words.choice(("", "Lage")))


def vector(embedding_key: bytes) -> bytes:
    """The bytes that stand for this key's embedding."""
    return hashlib.sha512(embedding_key).digest() * 4


def say(*words: object) -> None:
    """One line, out of this process before anything else happens."""
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


class Worker:
    """The store, the dice, and the next version that was never used."""

    def __init__(self, data: Path, seed: int) -> None:
        self.random = random.Random(seed)
        self.version = seed * 1_000_000
        self.store = CorpusStore.open(data)
        self.sync = IndexSync(self.store, HashingEncoder(), data / "index")
        # Frequent checkpoints, so that some processes are killed in the middle of one.
        with self.store._database.writing() as connection:
            connection.execute("PRAGMA wal_autocheckpoint = 25")


def put(worker: Worker) -> None:
    """Add a document, or replace it by its next version."""
    worker.version += 1
    doc_id = worker.random.choice(DOCUMENTS)
    if worker.version % 2 == 0:
        raw = raw_article(doc_id, worker.version)
        say("try", "put", doc_id, worker.version)
        ingest(worker.store, [raw], limits=LIMITS, on_entry=lambda entry: acknowledge(worker, entry))
    else:
        document, drafts = article(doc_id, worker.version)
        say("try", "put", doc_id, worker.version)
        worker.store.put(document, drafts)
        say("done", "put", doc_id, worker.version)


def acknowledge(worker: Worker, entry: LedgerEntry) -> None:
    """Say that an input is in the store."""
    if entry.outcome not in (LedgerOutcome.ADDED, LedgerOutcome.REPLACED):
        raise AssertionError(entry)
    say("done", "put", entry.doc_id, worker.version)


def remove(worker: Worker) -> None:
    """Remove a document."""
    doc_id = _one_that_is_there(worker)
    if doc_id is not None:
        say("try", "remove", doc_id, 0)
        worker.store.remove(doc_id)
        say("done", "remove", doc_id, 0)


def embed(worker: Worker) -> None:
    """Keep the embeddings of one document's passages."""
    doc_id = _one_that_is_there(worker)
    if doc_id is not None:
        ids = [passage.passage_id for passage in worker.store.passages_of(doc_id)]
        keys = [entry.embedding_key for entry in worker.store.embedding_inputs(ids)]
        say("try", "embed", doc_id, 0)
        worker.store.put_embeddings(FINGERPRINT, [(key, vector(key)) for key in keys])
        say("done", "embed", doc_id, 0)


def index(worker: Worker) -> None:
    """Bring the derived indexes to the store's revision and publish them."""
    say("try", "index", "-", 0)
    worker.sync.sync()
    say("done", "index", "-", 0)


def _one_that_is_there(worker: Worker) -> str | None:
    there = worker.store.documents(limit=1000).documents
    return worker.random.choice(there).doc_id if there else None


STEPS: Sequence[tuple[Callable[[Worker], None], float]] = ((put, 5), (remove, 2), (embed, 2), (index, 2))


def main(data: Path, seed: int) -> None:
    """Take step after step until killed."""
    say("opening")
    worker = Worker(data, seed)
    steps, weights = zip(*STEPS, strict=True)
    while True:
        worker.random.choices(steps, weights)[0](worker)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
