"""The one object behind every door: ask, search, ingest, remove, verify, rebuild."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from corpus.documents import Document, DocumentInfo, Filters, Passage
from corpus.errors import FundstelleError, StoreLocked
from corpus.locking import WriterLock
from corpus.store import STORE_FILE, CorpusStore, DocumentPage
from index.errors import IndexCorrupt
from index.protocols import Encoder, Progress
from service.answering import Answering
from service.answers import Answer
from service.citations import occurrences, verify_quote
from service.errors import InvalidRequest, Overloaded
from service.inspection import readiness, status_of
from service.language_model import LanguageModel
from service.lazy_encoder import LazyEncoder
from service.live_index import FOLDER, LiveIndex
from service.notes import Notes
from service.questions import DEFAULT_K, question
from service.receipts import Check, Found, Removal, Status, Verification, Whole
from service.settings import Settings

if TYPE_CHECKING:
    from corpus.ingest import Ledger, LedgerEntry
    from corpus.sources import RawInput, Rejected
    from index.lexicon import Lexicon

_log = logging.getLogger("fundstelle.engine")
_EVERYTHING = Filters()
SHOWN = 200  # characters shown beyond the length of the quote that was asked for


class Engine:
    """Holds the store, the index and the encoder of one data folder. Safe to use from many threads; close it."""

    def __init__(self, settings: Settings, store: CorpusStore, encoder: Encoder) -> None:
        self.settings = settings
        self.store = store
        self.notes = Notes()
        self._encoder = encoder
        self._index = LiveIndex(store, encoder, settings.data, self.notes)
        self._lock = WriterLock(settings.data)
        self._writing = threading.RLock()
        self._closing = threading.Event()
        self._failure: FundstelleError | None = None
        self._prepared = False
        self._model = _language_model(settings)
        self._answering = Answering(
            store,
            self._index,
            encoder,
            model=self._model,
            threshold=settings.abstain_threshold,
            lexicon=lambda: _lexicon(settings),
        )

    @classmethod
    def open(cls, settings: Settings, *, encoder: Encoder | None = None, prepare: bool = True) -> Engine:
        """Open the data folder, creating it where it is missing, and bring its index up to date.

        With ``prepare=False`` nothing but the store is opened: `prepare` may then run in another thread, or the first
        question loads what it needs. Raises the errors of the store, EncoderUnavailable and IndexCorrupt; a changed
        encoder is noted, and raised as IndexMismatch by whatever needs the index.
        """
        store = CorpusStore.open(settings.data / STORE_FILE)
        engine = cls(settings, store, encoder or LazyEncoder(settings))
        if prepare:
            try:
                engine.prepare()
            except BaseException:
                engine.close()
                raise
        return engine

    def __enter__(self) -> Engine:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def stop(self) -> None:
        """Let what is being indexed end at its next step; the next start goes on with it."""
        self._closing.set()

    def close(self) -> None:
        """Stop, and close the store."""
        self.stop()
        if self._model is not None:
            self._model.close()
        self.store.close()

    def prepare(self, progress: Progress | None = None, *, warm: bool = False) -> None:
        """Open the index and catch up with the store; ``warm`` loads the encoder too. What fails shows in readiness."""
        try:
            self._index.open()
            if warm and isinstance(self._encoder, LazyEncoder):
                self._encoder.load()
            self.catch_up(progress)
            if warm:
                self._answering.warm()
        except FundstelleError as error:
            self._failure = error
            raise
        self._failure, self._prepared = None, True

    def catch_up(self, progress: Progress | None = None) -> bool:
        """Index what the store holds and the index lacks; False where there was nothing to do or another writes."""
        self._index.refresh()
        if self._index.mismatch is not None or not self._index.behind:
            return False
        try:
            with self._writer():
                self._index.sync(self._stoppable(progress))
        except StoreLocked as locked:
            _log.info("the index is %d revisions behind: %s", self._index.behind, locked.detail)
            return False
        return True

    def ask(
        self, text: str, *, k: int = DEFAULT_K, filters: Filters | None = None, language: str | None = None
    ) -> Answer:
        """Answer a question with citations that hold, or abstain. Raises InvalidQuestion, RetrievalError."""
        return self._answering.ask(question(self.settings, text, k=k, filters=filters, language=language))

    def search(
        self, text: str, *, k: int = DEFAULT_K, filters: Filters | None = None, language: str | None = None
    ) -> Found:
        """The ``k`` passages nearest to a question. Raises InvalidQuestion, RetrievalError."""
        return self._answering.search(question(self.settings, text, k=k, filters=filters, language=language))

    def ingest(
        self,
        inputs: Iterable[RawInput | Rejected],
        *,
        on_entry: Callable[[LedgerEntry], None] | None = None,
        progress: Progress | None = None,
        default_source: str | None = None,
    ) -> Ledger:
        """Read, store and index; every input ends in one ledger entry, and is searchable when this returns.

        ``on_entry`` is called once an input is on disk, ``progress`` with the passages encoded. Raises StoreLocked
        where another process writes, IndexMismatch before anything is written, StoreFull.
        """
        from corpus.ingest import ingest

        with self._writer():
            self._index.refuse_mismatch()
            ledger = ingest(
                self.store, inputs, limits=self.settings.limits, on_entry=on_entry, default_source=default_source
            )
            if self._index.behind or self._index.generation is None:
                self._index.sync(self._stoppable(progress))
        return ledger

    def remove(self, doc_id: str) -> Removal:
        """Take a document out of the store and of every index, and prove it. Raises DocumentNotFound, StoreLocked."""
        with self._writer():
            self._index.refuse_mismatch()
            words = [(each.text, self.store.info(doc_id).language) for each in self.store.passages_of(doc_id)]
            removed = self.store.remove(doc_id)
            self._index.sync(self._stoppable(None))
            dense, lexical = self._index.hits_of(doc_id, removed.passage_ids, words)
        if dense or lexical:
            raise IndexCorrupt(f"{doc_id} is out of the store, but {dense + lexical} of its passages are still indexed")
        return Removal(doc_id, len(removed.passage_ids), removed.revision, dense, lexical)

    def verify_quote(
        self, doc_id: str, quote: str, start: int | None = None, end: int | None = None, *, sha256: str | None = None
    ) -> Verification:
        """Whether a document says ``quote`` at ``start`` to ``end`` (code points); anywhere, where no place is given.

        With ``sha256`` the document's text must also be the one that was cited. Raises DocumentNotFound.
        """
        if (start is None) != (end is None):
            raise InvalidRequest("give both start and end, or neither", field="end" if end is None else "start")
        stored = self.store.document(doc_id)
        places = tuple(occurrences(stored.text, quote))
        found = None
        there = bool(places)
        if start is not None and end is not None:
            there = verify_quote(stored.text, quote, start, end)
            found = stored.text[start : min(end, start + len(quote) + SHOWN)]
        matches = None if sha256 is None else sha256.lower() == stored.sha256
        return Verification(there and matches is not False, doc_id, stored.sha256, matches, found, places)

    def documents(
        self, filters: Filters = _EVERYTHING, *, query: str | None = None, limit: int = 50, offset: int = 0
    ) -> DocumentPage:
        """A page of documents, the newest first; ``query`` is looked for in title and source."""
        return self.store.documents(filters, query=query, limit=limit, offset=offset)

    def document(self, doc_id: str) -> tuple[DocumentInfo, Document, list[Passage]]:
        """A document as it is now, all three of one version. Raises DocumentNotFound."""
        while True:
            before = self.store.revision
            parts = self.store.info(doc_id), self.store.document(doc_id), self.store.passages_of(doc_id)
            if self.store.revision == before:
                return parts

    def status(self) -> Status:
        """What is held and how far the index is, without loading a model or an index."""
        return status_of(self.settings, self.store, self._encoder, self.notes)

    def readiness(self) -> Mapping[str, Check]:
        """Whether store, encoder and index are in place, and what is missing."""
        return readiness(self.store, self._encoder, self._index, self._failure, prepared=self._prepared)

    @property
    def behind(self) -> int:
        """Revisions of the store that the index in memory has not seen."""
        return self._index.behind

    def verify(self) -> Whole:
        """Read the store and the index whole, and say what is wrong with them."""
        store = tuple(self.store.check())
        return Whole(store, tuple(self._index.verify()))

    def rebuild(self, progress: Progress | None = None, *, encode_again: bool = False) -> Status:
        """Build the index anew from the store; stored embeddings of this encoder are used unless told otherwise."""
        with self._writer():
            self._index.rebuild(self._stoppable(progress), encode_again=encode_again)
        self._failure = None
        return self.status()

    @contextmanager
    def _writer(self) -> Iterator[None]:
        with self._writing, self._lock:
            yield

    def _stoppable(self, progress: Progress | None) -> Progress:
        def advance(done: int, total: int) -> None:
            if self._closing.is_set():
                raise Overloaded("the service is stopping; the next start goes on with it", retry_after=10)
            if progress is not None:
                progress(done, total)

        return advance


def _lexicon(settings: Settings) -> Lexicon:
    from index.dictionary import lexicon_for

    return lexicon_for(settings.dictionary, settings.data / FOLDER)


def _language_model(settings: Settings) -> LanguageModel | None:
    if not settings.llm_url or not settings.llm_model:
        return None
    return LanguageModel(settings.llm_url, settings.llm_model, key=settings.llm_key, timeout=settings.llm_timeout)
