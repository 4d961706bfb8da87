"""Pure data of an evaluation: suites with their questions and documents, what a target replied, runs on disk.

Offsets count code points of a document's text, as everywhere. A suite's document ids are the suite's own and may hold
any character; what a target needs to call them is the target's affair.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from corpus.documents import Block, Span
from corpus.sources import RawInput
from eval.errors import RunInvalid

RUN_FILE = "run.json"
REPLIES_FILE = "replies.jsonl"


@dataclass(frozen=True, slots=True)
class GoldQuote:
    """Where an answer stands: words, their place, or neither for the whole document.

    Loaders fill in what follows from the other: with ``quote`` comes ``span`` and ``text[span] == quote``.
    """

    doc_id: str
    quote: str | None = None
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """One question. ``language`` is ISO 639-1 or None where the suite does not say; unanswerable ones have no gold.

    An answerable one without gold waits to be labelled: it is asked, but what is retrieved for it cannot be scored.
    """

    query_id: str
    text: str
    language: str | None = None
    kind: str | None = None  # fact, number, name, reason, comparison, disagreement, date, follow-up, ...
    answerable: bool = True
    gold: tuple[GoldQuote, ...] = ()
    follows: str | None = None  # query_id of the question before it in the conversation
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SuiteDocument:
    """One document as a suite holds it. ``text`` is normalised and final: gold spans count its code points.

    ``original`` is what the text was extracted from, where it was: ingesting it gives the same text again, so that a
    Fundstelle server that holds the article reports the SHA-256 of this text. ``blocks`` are those the extractor found;
    empty means one block of text. A target may store text and blocks as they are, or ingest the original.
    """

    doc_id: str
    text: str
    title: str | None = None
    source: str | None = None
    published: str | None = None
    language: str | None = None
    url: str | None = None
    original: RawInput | None = None
    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True, slots=True)
class Dropped:
    """What a loader left out, and why: a duplicate judgement, a query nobody judged, an empty document."""

    file: str
    line: int | None  # from 1
    reason: str


@dataclass(frozen=True, slots=True)
class Suite:
    """Questions, documents and judgements. Documents are read from disk anew on every call, one at a time."""

    name: str
    origin: str  # path and format
    sha256: str  # over documents, questions, golds and judgements, whatever their format: floors hold for these
    queries: tuple[Query, ...]
    document_count: int
    qrels: Mapping[str, Mapping[str, int]]  # query_id -> doc_id -> grade; above 0 is relevant
    read_documents: Callable[[], Iterator[SuiteDocument]]
    dropped: tuple[Dropped, ...] = ()
    documents_sha256: str = ""  # over the documents alone: a store and an index hold for these
    asked_sha256: str = ""  # over documents and questions: a run holds for these, however they are judged later

    def documents(self) -> Iterator[SuiteDocument]:
        """Every document in the suite's order. Memory: one document at a time."""
        return self.read_documents()


class ReplyOutcome(StrEnum):
    """What a target made of a question."""

    ANSWERED = "answered"
    ABSTAINED = "abstained"
    RETRIEVED = "retrieved"  # by a target that does not answer


@dataclass(frozen=True, slots=True)
class Retrieved:
    """A passage or document a target found; ``rank`` counts from 1, ``start`` and ``end`` are where it stands."""

    doc_id: str
    score: float
    rank: int
    passage_id: int | None = None
    start: int | None = None
    end: int | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Cited:
    """A claim of evidence: the document says ``quote`` at ``start`` to ``end``."""

    doc_id: str
    start: int
    end: int
    quote: str
    sentence: int  # of the reply's sentences the one it stands behind, from 0


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back for one question. ``seconds`` count from the intended start; ``error`` is None where none was."""

    query_id: str
    outcome: ReplyOutcome
    answer: str = ""
    sentences: tuple[str, ...] = ()
    citations: tuple[Cited, ...] = ()
    retrieved: tuple[Retrieved, ...] = ()
    answerability: float | None = None
    threshold: float | None = None
    seconds: float = 0.0
    error: str | None = None

    def to_line(self) -> str:
        """The reply as one line of JSON, its end included."""
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":")) + "\n"

    @classmethod
    def from_line(cls, line: str) -> Reply:
        """The reply that a line says. Raises ValueError, KeyError or TypeError where it is not one."""
        fields: dict[str, Any] = json.loads(line)
        fields["outcome"] = ReplyOutcome(fields["outcome"])
        fields["sentences"] = tuple(fields["sentences"])
        fields["citations"] = tuple(Cited(**cited) for cited in fields["citations"])
        fields["retrieved"] = tuple(Retrieved(**found) for found in fields["retrieved"])
        return cls(**fields)


@dataclass(frozen=True, slots=True)
class Run:
    """A run in its folder. ``suite_sha256`` is the suite's ``asked_sha256``: labels may be added later.

    The replies stay on disk and are read one at a time, in the order they came.
    """

    name: str
    suite_sha256: str
    target: str
    settings: Mapping[str, str]
    environment: Mapping[str, str]
    folder: Path

    def replies(self) -> Iterator[Reply]:
        """Every whole reply; a last line that a killed run left torn is none. Raises RunInvalid naming the line."""
        path = self.folder / REPLIES_FILE
        if not path.exists():
            return
        with path.open(encoding="utf-8", newline="\n") as stream:
            for number, line in enumerate(stream, 1):
                if not line.endswith("\n"):
                    return
                try:
                    yield Reply.from_line(line)
                except (ValueError, KeyError, TypeError) as error:
                    raise RunInvalid(f"{path}, line {number}: not a reply: {error}") from error

    def write(self) -> None:
        """Write run.json, whole or not at all."""
        header = {key: value for key, value in asdict(self).items() if key != "folder"}
        self.folder.mkdir(parents=True, exist_ok=True)
        partial = self.folder / (RUN_FILE + ".partial")
        partial.write_text(json.dumps(header, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        partial.replace(self.folder / RUN_FILE)

    @classmethod
    def open(cls, folder: Path) -> Run:
        """Read run.json from ``folder``. Raises RunInvalid where there is none or it is not one."""
        path = folder / RUN_FILE
        try:
            fields: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            return cls(folder=folder, **fields)
        except OSError as error:
            raise RunInvalid(f"{path}: {error.strerror}: expected the header of a run") from error
        except (ValueError, TypeError) as error:
            raise RunInvalid(f"{path}: not the header of a run: {error}") from error
