"""Pure data: spans, documents, passages and the filters that choose among them.

Every offset in the project counts Unicode code points of ``Document.text``, half open. ``Document.text`` is
normalised (NFC, LF, invisible characters removed) exactly once, when a document is read, so that an offset means one
thing for ever.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A half-open range of code points of a document's text."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ValueError(f"a span runs forward from 0: got {self.start}:{self.end}")

    def __len__(self) -> int:
        return self.end - self.start

    def of(self, text: str) -> str:
        """The words that stand in ``text`` at this span."""
        return text[self.start : self.end]

    def shifted(self, by: int) -> Span:
        """The same range, ``by`` code points further on."""
        return Span(self.start + by, self.end + by)


class BlockKind(StrEnum):
    """What a stretch of a document is, as far as its extractor could tell."""

    HEADING = "heading"
    TEXT = "text"
    CLUTTER = "clutter"  # advertisements, captions, newsletter lines: kept in the text, never cited


@dataclass(frozen=True, slots=True)
class Block:
    """One heading, paragraph or piece of clutter of a document."""

    kind: BlockKind
    span: Span


@dataclass(frozen=True, slots=True)
class Document:
    """One article as we hold it. ``text`` is final; ``published`` is an ISO 8601 date (YYYY-MM-DD) or None."""

    doc_id: str
    title: str
    text: str
    uri: str
    media_type: str
    language: str  # ISO 639-1, "und" where undetermined
    published: str | None = None
    source: str | None = None
    url: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)

    @property
    def sha256(self) -> str:
        """SHA-256 of the UTF-8 text, in hexadecimal: what a citation is checked against."""
        return hashlib.sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class DocumentInfo:
    """What is known about a stored document without its text."""

    doc_id: str
    title: str
    uri: str
    media_type: str
    language: str
    published: str | None
    source: str | None
    url: str | None
    metadata: Mapping[str, str]
    sha256: str
    characters: int
    passages: int
    ingested_at: str  # UTC, ISO 8601 to the second


@dataclass(frozen=True, slots=True)
class PassageDraft:
    """A passage before the store has numbered it. ``heading`` is the nearest heading above it, or ''."""

    span: Span
    heading: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """The unit retrieved and cited: ``document.text[span] == text``. Passage ids are never used twice."""

    passage_id: int
    doc_id: str
    ordinal: int
    span: Span
    text: str
    heading: str


class StoredPassage(NamedTuple):
    """A passage with what its citation must say about the document around it."""

    passage: Passage
    document: DocumentInfo


@dataclass(frozen=True, slots=True)
class Filters:
    """Which documents count. Empty means all; values in one field are alternatives, fields must all hold.

    ``published_from`` and ``published_to`` are inclusive ISO dates; a document without a date fails either bound.
    """

    sources: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    doc_ids: tuple[str, ...] = ()
    published_from: str | None = None
    published_to: str | None = None

    def __bool__(self) -> bool:
        return bool(self.sources or self.languages or self.doc_ids or self.published_from or self.published_to)


def retrieval_text(title: str, heading: str, text: str) -> str:
    """What the encoder reads for a passage: its title and heading lend their words without being cited."""
    return "\n".join(part for part in (title, heading, text) if part)


def embedding_key(title: str, heading: str, text: str) -> bytes:
    """The cache key of a passage's embedding: SHA-256 of what the encoder reads (32 bytes)."""
    return hashlib.sha256(retrieval_text(title, heading, text).encode()).digest()


def passage_texts(document: Document, drafts: Sequence[PassageDraft]) -> list[str]:
    """The drafts' words, taken from the document and from nowhere else."""
    return [draft.span.of(document.text) for draft in drafts]
