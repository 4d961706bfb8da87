"""The generation that questions are answered from, kept up to date while they are."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.documents import Filters
from corpus.errors import FundstelleError
from corpus.store import CorpusStore
from index.errors import IndexMismatch, IndexNotBuilt
from index.protocols import Encoder, Progress
from service.notes import Notes

if TYPE_CHECKING:
    from index.sync import Generation, IndexSync

FOLDER = "index"
PROVED_BY = 50  # passages of a removed document whose words are asked for
_log = logging.getLogger("fundstelle.index")


class LiveIndex:
    """Opens, refreshes and replaces the generation; safe to use from many threads.

    The heavy libraries behind it are imported by ``open`` or the first other use, not before.
    """

    def __init__(self, store: CorpusStore, encoder: Encoder, data: Path, notes: Notes) -> None:
        self._store = store
        self._encoder = encoder
        self._directory = data / FOLDER
        self._notes = notes
        self._lock = threading.RLock()
        self._refreshing = threading.Lock()
        self._sync: IndexSync | None = None
        self._generation: Generation | None = None
        self._mismatch: IndexMismatch | None = None
        self._opened = False

    @property
    def generation(self) -> Generation | None:
        """The generation in memory, without looking whether there is a newer one."""
        return self._generation

    @property
    def opened(self) -> bool:
        """Whether it was looked for a generation."""
        return self._opened

    @property
    def mismatch(self) -> IndexMismatch | None:
        """Why nothing can be searched since the encoder was changed, or None."""
        return self._mismatch

    @property
    def behind(self) -> int:
        """Revisions of the store that the generation in memory has not seen."""
        generation = self._generation
        return self._store.revision - (generation.revision if generation else 0)

    def open(self) -> None:
        """Load the newest sound generation, once; what is unsound is noted and rebuilt by the next sync."""
        with self._lock:
            if self._opened:
                return
            sync = self._syncing()
            try:
                self._generation = sync.open()
            except IndexMismatch as error:
                self._mismatch = error
                self._notes.add(f"{error.detail} {error.remedy}")
            self._take_notes(sync)
            self._opened = True

    def current(self) -> Generation:
        """The newest generation, another process's included.

        Raises IndexMismatch after a change of the encoder, IndexNotBuilt where there is none yet.
        """
        self.refresh()
        if self._generation is None:
            if self._mismatch is not None:
                raise self._mismatch
            raise IndexNotBuilt("there is no index yet")
        return self._generation

    def refresh(self) -> None:
        """Take over what another process has published since."""
        self.open()
        if self._refreshing.acquire(blocking=False):  # the others go on with what they have
            try:
                self._refresh()
            finally:
                self._refreshing.release()

    def refuse_mismatch(self) -> None:
        """Raises IndexMismatch where what is about to be written could not be indexed."""
        self.open()
        if self._mismatch is not None:
            raise self._mismatch

    def sync(self, progress: Progress | None = None) -> Generation:
        """Bring the index to the store's revision; the caller holds the writer's lock."""
        self.refuse_mismatch()
        sync = self._syncing()
        generation = sync.sync(progress)
        self._take_notes(sync)
        with self._lock:
            self._generation = generation
        return generation

    def rebuild(self, progress: Progress | None = None, *, encode_again: bool = False) -> Generation:
        """Build everything anew from the store; embeddings of this encoder are used again unless told otherwise."""
        sync = self._syncing()
        generation = sync.rebuild(encode_again=encode_again, progress=progress)
        with self._lock:
            self._generation, self._mismatch, self._opened = generation, None, True
        return generation

    def hits_of(self, doc_id: str, passage_ids: Sequence[int], words: Sequence[tuple[str, str]]) -> tuple[int, int]:
        """How many of a removed document's passages the dense and the lexical index still find.

        ``words`` are the texts of its passages with their language: each is asked for, with the document as filter.
        """
        import numpy as np

        from index.plan import bundled_lexicon, field_language, plan

        generation = self._generation
        if generation is None:
            return 0, 0
        dense = int(np.isin(generation.dense.ids, np.asarray(passage_ids, dtype=np.int64)).sum())
        only = Filters(doc_ids=(doc_id,))
        lexical = 0
        for text, language in words[:PROVED_BY]:
            spoken = field_language(language)
            asked = plan(text, spoken, spoken, bundled_lexicon())
            lexical += len(generation.lexical.search(asked, len(words), only))
        return dense, lexical

    def verify(self) -> Sequence[str]:
        """What is wrong with the index on disk; [] when it is sound."""
        return self._syncing().verify()

    def _refresh(self) -> None:
        sync = self._syncing()
        known = self._generation
        try:
            newer = sync.refresh(known)
        except IndexMismatch as error:
            self._mismatch = error
            self._notes.add(f"{error.detail} {error.remedy}")
            return
        except FundstelleError as error:
            self._notes.add(f"a newer index could not be read: {error.detail}")
            return
        with self._lock:
            # A writer of this process may have published meanwhile: what it set is newer than what was read here.
            if newer is not None and newer is not known and self._generation is known:
                self._generation, self._mismatch = newer, None

    def _syncing(self) -> IndexSync:
        with self._lock:
            if self._sync is None:
                from index.sync import IndexSync

                self._sync = IndexSync(self._store, self._encoder, self._directory)
            return self._sync

    def _take_notes(self, sync: IndexSync) -> None:
        for note in sync.notes:
            self._notes.add(note)
