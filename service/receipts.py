"""Pure data: what the engine reports besides answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from corpus.documents import Span
from corpus.records import Counts
from service.answers import RetrievedPassage


@dataclass(frozen=True, slots=True)
class Found:
    """The passages nearest to a question, best first."""

    question: str
    language: str
    passages: tuple[RetrievedPassage, ...]
    revision: int  # of the store that was asked
    timings: Mapping[str, float]  # milliseconds by stage


@dataclass(frozen=True, slots=True)
class Verification:
    """Whether a quote stands where it is said to; ``found`` is what stands there, None without a place."""

    verified: bool
    doc_id: str
    sha256: str
    sha256_matches: bool | None  # None where no checksum was given
    found: str | None
    occurrences: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Removal:
    """Receipt of a deletion: how often its passages were found afterwards, which is never."""

    doc_id: str
    passages_removed: int
    revision: int
    dense_hits: int
    lexical_hits: int


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """A generation on disk, as its manifest describes it."""

    name: str
    revision: int
    passages: int
    dimension: int
    fingerprint: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Status:
    """What a data folder holds, found without loading a model or an index."""

    data: str
    revision: int
    counts: Counts
    store_bytes: int
    encoder: str  # as configured
    fingerprint: str | None  # None where the encoder is not there
    index: IndexStatus | None
    behind: int  # revisions of the store that the index has not seen
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Whole:
    """What is wrong with the store and with the index; nothing when both are whole."""

    store: tuple[str, ...]
    index: tuple[str, ...]

    @property
    def sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.store and not self.index


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must be in place before questions can be answered."""

    ok: bool
    detail: str
