"""From inputs to the store. Every input ends in exactly one line of the ledger, whatever it was."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import TypeVar

from corpus.chunking import chunk
from corpus.documents import PassageDraft
from corpus.errors import (
    EmptyDocument,
    ExtractionFailed,
    FundstelleError,
    SchemaTooNew,
    StoreCorrupt,
    StoreFull,
    StoreLocked,
    StoreUnavailable,
)
from corpus.extract import Extract, extract
from corpus.limits import Limits
from corpus.sources import RawInput, Rejected
from corpus.store import CorpusStore, PutOutcome

_Result = TypeVar("_Result")

_LOG = logging.getLogger(__name__)

_STORE_ERRORS = (SchemaTooNew, StoreCorrupt, StoreFull, StoreLocked, StoreUnavailable)


class LedgerOutcome(StrEnum):
    """What became of an input."""

    ADDED = "added"
    UNCHANGED = "unchanged"
    REPLACED = "replaced"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One input's line. ``code`` and ``reason`` say why it was rejected; what is not known is None or 0."""

    uri: str
    outcome: LedgerOutcome
    doc_id: str | None = None
    duplicate_of: str | None = None
    passages: int = 0
    code: str | None = None
    reason: str | None = None
    invisible_removed: int = 0
    title: str | None = None
    language: str | None = None
    field: str | None = None  # the field and the limit that a rejected input is at fault with, where there is one
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Ledger:
    """All lines in the order of the inputs."""

    entries: tuple[LedgerEntry, ...] = ()

    @property
    def counts(self) -> Mapping[LedgerOutcome, int]:
        """Inputs per outcome, every outcome named; they add up to the number of inputs."""
        counted = Counter(entry.outcome for entry in self.entries)
        return {outcome: counted[outcome] for outcome in LedgerOutcome}

    @property
    def changed(self) -> bool:
        """Whether the store holds anything now that it did not hold before."""
        counts = self.counts
        return counts[LedgerOutcome.ADDED] + counts[LedgerOutcome.REPLACED] > 0


def ingest(
    store: CorpusStore,
    inputs: Iterable[RawInput | Rejected],
    *,
    limits: Limits,
    on_entry: Callable[[LedgerEntry], None] | None = None,
    default_source: str | None = None,
) -> Ledger:
    """Read, cut and store every input, one transaction each.

    ``on_entry`` hears of an entry once its transaction is on disk: that is the acknowledgement. What is wrong with one
    input becomes a rejected entry. What is wrong with the store (StoreFull, StoreLocked, StoreCorrupt,
    StoreUnavailable) is reported as the rejected entry of the input at hand and then raised; the inputs after it were
    not looked at, everything acknowledged before stays.
    """
    entries: list[LedgerEntry] = []

    def report(entry: LedgerEntry) -> None:
        entries.append(entry)
        if on_entry is not None:
            on_entry(entry)

    try:
        for given in inputs:
            entry, trouble = _ingest_one(store, given, limits, default_source)
            report(entry)
            if isinstance(trouble, _STORE_ERRORS):
                raise trouble
    finally:
        if any(entry.outcome is LedgerOutcome.REPLACED for entry in entries):
            store.truncate_log()
    return Ledger(tuple(entries))


def _ingest_one(
    store: CorpusStore, given: RawInput | Rejected, limits: Limits, default_source: str | None
) -> tuple[LedgerEntry, FundstelleError | None]:
    """The input's line, and what was wrong with it."""
    if isinstance(given, Rejected):
        return _rejected(given.uri, given.error), None
    read: Extract | None = None
    try:
        read = _unless_it_fails(given.uri, lambda: extract(given, limits, default_source=default_source))
        drafts = _unless_it_fails(given.uri, partial(_cut, read))
        receipt = store.put(read.document, drafts, blocks=read.blocks)
    except FundstelleError as error:
        return _rejected(given.uri, error, read), error
    entry = LedgerEntry(
        uri=given.uri,
        outcome=_OUTCOMES[receipt.outcome],
        doc_id=receipt.doc_id,
        duplicate_of=receipt.duplicate_of,
        passages=receipt.passages,
        invisible_removed=read.invisible_removed,
        title=read.document.title,
        language=read.document.language,
    )
    return entry, None


def _cut(read: Extract) -> list[PassageDraft]:
    document = read.document
    drafts = chunk(document.text, read.blocks, document.language, title=document.title)
    if not drafts:
        raise EmptyDocument("The document has no text that could be cited.")
    return drafts


def _unless_it_fails(uri: str, step: Callable[[], _Result]) -> _Result:
    """Run a step on one input; what a library raises over it, of whatever kind, becomes ExtractionFailed."""
    try:
        return step()
    except FundstelleError:
        raise
    except Exception as error:
        _LOG.debug("Unexpected failure while reading %s", uri, exc_info=True)
        raise ExtractionFailed(f"The text could not be read: {type(error).__name__}: {error}") from error


_OUTCOMES = {outcome: LedgerOutcome(outcome.value) for outcome in PutOutcome}


def _rejected(uri: str, error: FundstelleError, read: Extract | None = None) -> LedgerEntry:
    return LedgerEntry(
        uri=uri,
        outcome=LedgerOutcome.REJECTED,
        doc_id=read.document.doc_id if read else None,
        code=error.code,
        reason=error.detail,
        invisible_removed=read.invisible_removed if read else 0,
        title=read.document.title if read else None,
        language=read.document.language if read else None,
        field=error.field,
        limit=error.limit,
    )
