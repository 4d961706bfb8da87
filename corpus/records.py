"""What the store answers: outcomes of writes, pages of documents, counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from corpus.documents import DocumentInfo


class PutOutcome(StrEnum):
    """What became of a document that was handed to the store."""

    ADDED = "added"
    UNCHANGED = "unchanged"
    REPLACED = "replaced"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True)
class Put:
    """The receipt of a write: ``passages`` held for ``doc_id`` now, ``revision`` of the store after it."""

    outcome: PutOutcome
    doc_id: str
    duplicate_of: str | None
    passages: int
    revision: int


@dataclass(frozen=True, slots=True)
class Removed:
    """The receipt of a removal: the ids that must not be found again, ascending."""

    doc_id: str
    passage_ids: tuple[int, ...]
    revision: int


@dataclass(frozen=True, slots=True)
class DocumentPage:
    """One page of a listing; ``total`` counts the documents that match on all pages."""

    documents: tuple[DocumentInfo, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Counts:
    """How much the store holds. ``sources`` counts distinct named sources; ``languages`` maps to documents."""

    documents: int
    passages: int
    embeddings: int
    sources: int
    languages: Mapping[str, int]


class EmbeddingInput(NamedTuple):
    """What an index needs to know of a passage; ``embedding_key`` has 32 bytes."""

    passage_id: int
    embedding_key: bytes
    title: str
    heading: str
    text: str
    language: str
