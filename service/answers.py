"""Pure data: what the engine answers, before any door renders it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from corpus.documents import DocumentInfo, Span
from index.protocols import RetrievedPassage as RetrievedPassage


class Outcome(StrEnum):
    """The two ways a question ends. Both are results."""

    ANSWERED = "answered"
    ABSTAINED = "abstained"


@dataclass(frozen=True, slots=True)
class Citation:
    """Proof of one statement: ``document.text[span] == quote`` was checked before this left the engine."""

    number: int  # the [n] of the answer's text, from 1
    document: DocumentInfo
    passage_id: int
    span: Span
    quote: str
    score: float
    utf16: Span  # the same place in UTF-16 units, for browsers
    utf8: Span  # the same place in bytes of the UTF-8 text


@dataclass(frozen=True, slots=True)
class Answerability:
    """How sure we are that the articles answer: answered when ``score >= threshold``."""

    score: float  # probability, 0 to 1
    threshold: float
    signals: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """The whole reply to a question."""

    question: str
    language: str
    outcome: Outcome
    text: str  # '' when abstained
    reason: str | None  # why we abstained, or why the language model was not used
    citations: tuple[Citation, ...]
    passages: tuple[RetrievedPassage, ...]
    answerability: Answerability
    generator: str  # "extractive" or "language_model"
    dropped_citations: int  # statements that failed their proof and were left out
    revision: int  # of the store that was asked
    timings: Mapping[str, float]  # milliseconds by stage
