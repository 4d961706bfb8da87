"""Keep the derived indexes at the store's revision: open, sync, rebuild, verify.

Everything here can be had again from the store. A generation that fails its checksums is put aside and built again
without encoding anything; one of another encoder is refused, never mixed in.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path

import numpy as np

from corpus.errors import StoreFull
from corpus.store import CorpusStore
from index.dense import EXACT_LIMIT, DenseSnapshot
from index.embeddings import StoreChanged, cached_vectors, stored_vectors
from index.errors import IndexCorrupt, IndexMismatch, IndexNotBuilt
from index.generation import (
    CURRENT_FILE,
    LEXICAL_FOLDER,
    Generation,
    GenerationFolder,
    analysis_fingerprint,
    describe_files,
    take_over,
)
from index.lexical import LexicalEntry, LexicalSnapshot, update_lexical
from index.manifest import Manifest, Pointer, damaged_files
from index.protocols import Encoder, Ids, Progress

__all__ = ["Generation", "IndexSync"]

_ATTEMPTS = 3
_COMPARED = 64  # passages whose vectors are compared with the store's
_PASSAGES_AT_ONCE = 256
_NO_IDS: Ids = np.empty(0, np.int64)


class IndexSync:
    """The indexes of one store in one folder. ``notes`` says, in sentences, what was found and repaired.

    ``sync`` and ``rebuild`` are for the holder of the writer's lock; all else is for anyone at any time. ``encoder``
    may be a fingerprint where nothing has to be encoded.
    """

    def __init__(
        self, store: CorpusStore, encoder: Encoder | str, directory: Path, *, exact_limit: int = EXACT_LIMIT
    ) -> None:
        self._store = store
        self._encoder = encoder
        self._folder = GenerationFolder(directory)
        self._exact_limit = exact_limit
        self._current: Generation | None = None
        self._seen: tuple[int, ...] | None = None
        self._lock = threading.RLock()

    @property
    def fingerprint(self) -> str:
        """Of the encoder whose vectors belong here."""
        return self._encoder if isinstance(self._encoder, str) else self._encoder.fingerprint

    @property
    def notes(self) -> list[str]:
        """What happened that an operator should know, oldest first."""
        return self._folder.notes

    def open(self) -> Generation | None:
        """The published generation, all of it verified; None where there is none that can be used.

        A damaged one is put aside and noted; ``sync`` then builds it again. Raises IndexMismatch.
        """
        with self._lock:
            self._current = None
            return self.refresh(None)

    def refresh(self, current: Generation | None) -> Generation | None:
        """``current``, or what has been published since, by whatever process. Cheap where nothing has changed.

        Where the newer one is damaged, ``current`` stays. Raises IndexMismatch.
        """
        with self._lock:
            for _ in range(_ATTEMPTS):
                seen = self._signature()
                if current is not None and current is self._current and seen == self._seen:
                    return current
                pointer = self._pointer()
                found = self._current if _names(pointer, self._current) else current
                if pointer is not None and not _names(pointer, found):
                    try:
                        found = self._folder.load(pointer, self.fingerprint, self._exact_limit, known=found) or found
                    except IndexCorrupt as problem:
                        if self._pointer() != pointer:
                            continue  # the next one was published while this one was being read
                        self._folder.quarantine(pointer, problem)
                self._current, self._seen = found, seen
                return found
        raise IndexNotBuilt("The index is being replaced faster than it can be read.")

    def sync(self, progress: Progress | None = None) -> Generation:
        """Bring the indexes to the store's revision and publish them; nothing is written where they are there already.

        ``progress`` counts passages whose vector is at hand, of those that are new. Raises IndexMismatch, StoreFull,
        IndexNotBuilt where the folder cannot be written; the generation before then stays the current one.
        """
        return self._until_settled(lambda: self._sync(progress))

    def rebuild(self, *, encode_again: bool = False, progress: Progress | None = None) -> Generation:
        """Build everything from the store, whatever there is; vectors come from the store's cache unless told not to.

        Raises StoreFull, IndexNotBuilt.
        """

        def build() -> Generation:
            revision, ids = self._wanted()
            dense = self._dense(DenseSnapshot(0), ids, progress, encode_again=encode_again)
            return self._write(None, dense, revision, ids, _NO_IDS)

        return self._until_settled(build)

    def verify(self) -> list[str]:
        """What is wrong, in sentences, with checksums, passages and (by sample) vectors; changes nothing."""
        try:
            pointer = self._folder.pointer()
            if pointer is None:
                return ["There is no index yet."] if len(self._store.passage_ids()) else []
            manifest = self._folder.manifest(pointer)
            if problems := damaged_files(self._folder.directory / pointer.name, manifest.files):
                return [f"{pointer.name}: {problem}." for problem in problems]
            generation = self._folder.load(pointer, self.fingerprint, self._exact_limit)
        except (IndexCorrupt, IndexMismatch) as problem:
            return [problem.detail]
        if generation is None:
            return [f"{pointer.name} was built by another version."]
        try:
            return self._differences(generation)
        finally:
            generation.lexical.close()

    def _sync(self, progress: Progress | None) -> Generation:
        revision, ids = self._wanted()
        base = self._base()
        if base is not None and not self._same_history(base, revision, ids):
            self._folder.note("The store is not the one that the index was built from; the index is built again.")
            base = None
        held = base.dense.ids if base is not None else _NO_IDS
        added = np.setdiff1d(ids, held, assume_unique=True)
        removed = np.setdiff1d(held, ids, assume_unique=True)
        if base is not None and base.revision == revision and not len(added) and not len(removed):
            self._folder.tidy()
            return base
        dense = self._dense((base.dense if base else DenseSnapshot(0)).without(removed), added, progress)
        return self._write(base, dense, revision, added, removed)

    def _wanted(self) -> tuple[int, Ids]:
        """The store's revision and its passage ids; read in this order, the ids are never older than the revision."""
        revision = self._store.revision
        return revision, np.array(self._store.passage_ids(), dtype=np.int64)

    def _base(self) -> Generation | None:
        """The generation to build on: the published one, whole on disk."""
        base = self.refresh(self._current)
        if base is None or not _names(self._pointer(), base):
            return None
        return base if all((base.directory / name).is_file() for name in base.manifest.files) else None

    def _same_history(self, base: Generation, revision: int, ids: Ids) -> bool:
        """Whether passage ids mean what they meant: after a backup was put back, new passages may have got old ids.

        Ids are given in ascending order, so that of those in both, the newest are the ones that would differ.
        """
        if base.revision > revision:
            return False
        newest = np.intersect1d(ids, base.dense.ids, assume_unique=True)[-_COMPARED:]
        return not self._other_vectors(base, newest)

    def _other_vectors(self, generation: Generation, ids: Ids) -> list[int]:
        """Those of ``ids`` whose vector is another one than the store's cache holds."""
        cached = cached_vectors(self._store, self.fingerprint, ids)
        kept = np.array(sorted(cached), dtype=np.int64)
        vectors = generation.dense.vectors(kept)
        return [number for number, row in zip(kept.tolist(), vectors, strict=True) if (row != cached[number]).any()]

    def _dense(
        self, dense: DenseSnapshot, added: Ids, progress: Progress | None, *, encode_again: bool = False
    ) -> DenseSnapshot:
        if len(added):
            blocks = stored_vectors(self._store, self._encoder, added, encode_again=encode_again, progress=progress)
            first = next(blocks)
            if not dense.segments:
                dense = DenseSnapshot(first.shape[1], exact_limit=self._exact_limit)
            dense = dense.extended(added, chain([first], blocks))
        return dense.compacted()

    def _write(
        self, base: Generation | None, dense: DenseSnapshot, revision: int, added: Ids, removed: Ids
    ) -> Generation:
        folder = self._folder.begin()
        try:
            linked = take_over(base, folder, {segment.info.file for segment in dense.segments}) if base else {}
            segments = dense.save(folder)
            if base is None or len(added) or len(removed):
                update_lexical(folder / LEXICAL_FOLDER, self._entries(added), removed.tolist())
            lexical = LexicalSnapshot.open(folder / LEXICAL_FOLDER)
            if lexical.count != dense.count:
                raise StoreChanged
            manifest = Manifest(
                fingerprint=self.fingerprint,
                dimension=dense.dimension,
                revision=revision,
                passages=dense.count,
                analysis=analysis_fingerprint(),
                created=datetime.now(UTC).isoformat(timespec="seconds"),
                segments=segments,
                files=describe_files(folder, linked),
            )
            with self._lock:
                self._folder.publish(folder, manifest, linked)
                self._current = Generation(folder.name, folder, manifest, dense, lexical)
                self._seen = self._signature()
            return self._current
        except (
            OSError,
            ValueError,
            RuntimeError,
        ) as failed:  # faiss and tantivy report a full disk in ways of their own
            raise self._unwritten(failed) from failed

    def _unwritten(self, failed: Exception) -> StoreFull | IndexNotBuilt:
        """Free the room that was taken, and say what happened."""
        self._folder.tidy()
        if "No space left" in str(failed):
            return StoreFull(f"The documents are stored, but there is no room for their index: {failed}")
        return IndexNotBuilt(f"The index could not be written: {failed}")

    def _entries(self, ids: Ids) -> Iterator[LexicalEntry]:
        for start in range(0, len(ids), _PASSAGES_AT_ONCE):
            block = ids[start : start + _PASSAGES_AT_ONCE].tolist()
            found = self._store.passages(block)
            if len(found) != len(block):
                raise StoreChanged
            for passage, document in found.values():
                yield LexicalEntry(
                    passage_id=passage.passage_id,
                    doc_id=passage.doc_id,
                    language=document.language,
                    source=document.source,
                    published=document.published,
                    title=document.title,
                    heading=passage.heading,
                    text=passage.text,
                )

    def _differences(self, generation: Generation) -> list[str]:
        revision, ids = self._wanted()
        held = generation.dense.ids
        missing = np.setdiff1d(ids, held, assume_unique=True)
        ghosts = np.setdiff1d(held, ids, assume_unique=True)
        both = np.setdiff1d(held, ghosts, assume_unique=True)
        sample = both[:: max(1, len(both) // _COMPARED)]
        checks = (
            (
                len(missing),
                f"passages of the store are not in the index, which is at revision {generation.revision} of {revision}",
            ),
            (len(ghosts), "passages in the index are no longer in the store"),
            (len(self._other_vectors(generation, sample)), f"of {len(sample)} vectors differ from the store's"),
        )
        return [f"{count} {what}." for count, what in checks if count]

    def _until_settled(self, build: Callable[[], Generation]) -> Generation:
        for _ in range(_ATTEMPTS):
            try:
                return build()
            except StoreChanged:
                continue
        raise IndexNotBuilt("The store changes faster than it can be indexed.")

    def _pointer(self) -> Pointer | None:
        """What CURRENT names; None where it names nothing that is there."""
        for _ in range(_ATTEMPTS):
            try:
                pointer = self._folder.pointer()
            except IndexCorrupt as problem:
                self._folder.note(f"{problem.detail} The index is built again from the store.")
                return None
            if pointer is None or (self._folder.directory / pointer.name).is_dir():
                return pointer
        return None

    def _signature(self) -> tuple[int, ...] | None:
        try:
            found = (self._folder.directory / CURRENT_FILE).stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size


def _names(pointer: Pointer | None, generation: Generation | None) -> bool:
    """Whether CURRENT names this very generation."""
    return pointer is not None and generation is not None and pointer == generation.pointer
