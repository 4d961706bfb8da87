"""CorpusStore: the truth. Documents, their passages and the embeddings of these, in one SQLite file."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType

from corpus import checking, embedding_cache, listing, reading, writing
from corpus.database import Database
from corpus.documents import (
    Block,
    Document,
    DocumentInfo,
    Filters,
    Passage,
    PassageDraft,
    StoredPassage,
)
from corpus.errors import DocumentNotFound
from corpus.records import Counts, DocumentPage, EmbeddingInput, Put, PutOutcome, Removed

__all__ = ["STORE_FILE", "CorpusStore", "Counts", "DocumentPage", "EmbeddingInput", "Put", "PutOutcome", "Removed"]

STORE_FILE = "corpus.sqlite3"
_EVERYTHING = Filters()


class CorpusStore:
    """The store behind every door; a context manager, usable from many threads.

    What a method returns is on disk: a write has been synced when it returns. Every method may raise StoreLocked
    (another process writes), StoreFull (the write was undone), StoreCorrupt or StoreUnavailable.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    @classmethod
    def open(cls, path: Path) -> CorpusStore:
        """Open or create the store: a data folder, or a file ending in ``.sqlite3``. Folders are made.

        Raises StoreUnavailable, StoreCorrupt where the file is no store, and SchemaTooNew. A file that is not ours is
        left as it is.
        """
        is_file = path.suffix == Path(STORE_FILE).suffix or path.is_file()
        return cls(Database.open(path if is_file else path / STORE_FILE))

    def close(self) -> None:
        """Close every connection, whichever thread used it. A closed store answers StoreUnavailable."""
        self._database.close()

    def __enter__(self) -> CorpusStore:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def path(self) -> Path:
        """The file."""
        return self._database.path

    @property
    def revision(self) -> int:
        """How many changes the store has seen, this moment's, whichever process made them."""
        with self._database.reading() as connection:
            return writing.revision(connection)

    def put(self, document: Document, drafts: Sequence[PassageDraft], *, blocks: Sequence[Block] = ()) -> Put:
        """Add, replace, or find unchanged or duplicate, in one transaction.

        A document is unchanged where everything given equals what is held. A new doc_id whose text is held under
        another id is a duplicate and not stored. A replaced document keeps nothing of the old one; its passages have
        new ids, and its old words leave the disk with ``truncate_log`` or ``close``. Raises InvalidDocument for a
        passage outside the text and for text that SQLite would not give back.
        """
        writing.refuse_malformed(document, drafts)
        with self._database.writing() as connection:
            return writing.put(connection, document, drafts, blocks)

    def remove(self, doc_id: str) -> Removed:
        """Take a document out, its words gone from the disk too; raises DocumentNotFound.

        Where a reader holds up the cutting of the write-ahead log, the removal stands and the log is cut at the next
        write or at close.
        """
        if not writing.storable(doc_id):
            raise DocumentNotFound(f"There is no document {doc_id!r}.", field="doc_id")
        with self._database.writing() as connection:
            removed = writing.remove(connection, doc_id)
            self._database.expect_truncation()
        return removed

    def document(self, doc_id: str) -> Document:
        """A document with its text; raises DocumentNotFound."""
        with self._database.snapshot() as connection:
            return reading.document(connection, reading.document_no(connection, doc_id))

    def info(self, doc_id: str) -> DocumentInfo:
        """What is known about a document; raises DocumentNotFound."""
        with self._database.snapshot() as connection:
            return reading.info(connection, reading.document_no(connection, doc_id))

    def blocks_of(self, doc_id: str) -> list[Block]:
        """Headings, text and clutter as the extractor saw them; raises DocumentNotFound."""
        with self._database.snapshot() as connection:
            return reading.blocks_of(connection, reading.document_no(connection, doc_id))

    def documents(
        self, filters: Filters = _EVERYTHING, *, query: str | None = None, limit: int = 50, offset: int = 0
    ) -> DocumentPage:
        """A page of documents, the newest published first, undated ones last, then by doc_id.

        ``query`` is looked for in title and source, whatever its case.
        """
        with self._database.snapshot() as connection:
            return listing.documents(connection, filters, query, limit, offset)

    def sources(self) -> list[tuple[str, int]]:
        """Named sources with their numbers of documents, the largest first."""
        with self._database.reading() as connection:
            return listing.sources(connection)

    def counts(self) -> Counts:
        """How much is held."""
        with self._database.snapshot() as connection:
            return listing.counts(connection)

    def passage_ids(self, filters: Filters = _EVERYTHING) -> array[int]:
        """The ids of every passage of the documents that match, ascending."""
        with self._database.reading() as connection:
            return listing.passage_ids(connection, filters)

    def passages(self, ids: Iterable[int]) -> dict[int, StoredPassage]:
        """Passages with their documents, ascending by id, all of one revision; ids not held are absent."""
        with self._database.snapshot() as connection:
            return reading.passages(connection, ids)

    def passages_of(self, doc_id: str) -> list[Passage]:
        """A document's passages in reading order; raises DocumentNotFound."""
        with self._database.snapshot() as connection:
            return reading.passages_of(connection, reading.document_no(connection, doc_id), doc_id)

    def embedding_inputs(self, ids: Iterable[int]) -> Iterator[EmbeddingInput]:
        """What indexes are built from, in the order of ``ids``, read block by block; ids not held are absent.

        Blocks may be of different revisions; as passages never change, each is right in itself.
        """
        for block in reading.blocks_of_ids(ids):
            with self._database.reading() as connection:
                inputs = reading.embedding_inputs(connection, block)
            yield from inputs

    def embeddings(self, fingerprint: str, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """The vectors of this encoder that are held for these keys; keys not held are absent."""
        with self._database.snapshot() as connection:
            return embedding_cache.embeddings(connection, fingerprint, keys)

    def put_embeddings(self, fingerprint: str, items: Iterable[tuple[bytes, bytes]]) -> int:
        """Keep vectors in one transaction and return how many were kept: keys that no passage uses are passed over."""
        with self._database.writing() as connection:
            return embedding_cache.put_embeddings(connection, fingerprint, items)

    def forget_embeddings(self, except_fingerprint: str | None = None) -> int:
        """Drop the embeddings of every other encoder (of all, by default) and return how many went."""
        with self._database.writing() as connection:
            return embedding_cache.forget_embeddings(connection, except_fingerprint)

    def embedding_counts(self) -> dict[str, int]:
        """Embeddings held per encoder fingerprint."""
        with self._database.reading() as connection:
            return embedding_cache.embedding_counts(connection)

    def check(self) -> list[str]:
        """Read everything and say what is wrong with it; [] when the store is whole."""
        with self._database.snapshot() as connection:
            return checking.check(connection)

    def truncate_log(self) -> bool:
        """Cut the write-ahead log so that removed words leave the disk; False where a reader still needs it."""
        return self._database.truncate_log()
