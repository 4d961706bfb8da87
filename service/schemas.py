"""The wire, in pydantic: what requests must look like and what responses promise.

Requests are validated by these models. Responses are built by service/render.py and sent as bytes; the models below
describe them in OpenAPI, and the tests hold every kind of live response against them.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictInt

from service.questions import DEFAULT_K


class Wire(BaseModel):
    """Unknown fields are refused, so that a misspelled filter is not silently ignored."""

    model_config = ConfigDict(extra="forbid")


def _as_list(given: Any) -> Any:  # noqa: ANN401 - whatever the caller sent
    return [] if given is None else [given] if isinstance(given, str) else given


Several = Annotated[list[str], BeforeValidator(_as_list)]


class FiltersIn(Wire):
    """Which documents count: values of one kind are alternatives, and every kind given must hold.

    A single text may stand for a list.
    """

    sources: Several = Field(default_factory=list, description="Sources, exactly as stored.")
    source: Several = Field(default_factory=list, description="The same as `sources`.")
    languages: Several = Field(default_factory=list, description="ISO 639-1 codes of documents.")
    language: Several = Field(default_factory=list, description="The same as `languages`.")
    doc_ids: Several = Field(default_factory=list)
    doc_id: Several = Field(default_factory=list, description="The same as `doc_ids`.")
    published_from: str | None = Field(None, description="First day that counts, YYYY-MM-DD.")
    published_to: str | None = Field(None, description="Last day that counts, YYYY-MM-DD.")


class SearchRequest(Wire):
    """A question, and how many passages to return for it."""

    question: str = Field(description="German or English; at most FUNDSTELLE_MAX_QUESTION_CHARACTERS characters.")
    k: StrictInt = Field(DEFAULT_K, ge=1, description="Passages to return, at most FUNDSTELLE_MAX_K.")
    filters: FiltersIn | None = None
    language: Literal["de", "en"] | None = Field(None, description="Of the question; detected when left out.")


class AskRequest(SearchRequest):
    """A question to be answered with citations."""


class VerifyRequest(Wire):
    """A quote and the place where it is said to stand; without a place it may stand anywhere."""

    doc_id: str = Field(min_length=1, max_length=200)
    quote: str = Field(min_length=1, max_length=100_000)
    start: StrictInt | None = Field(None, ge=0, description="Code points from the start of the text.")
    end: StrictInt | None = Field(None, ge=0, description="Exclusive.")
    sha256: str | None = Field(None, description="Of the text that was cited, to notice a replaced document.")


class DocumentIn(BaseModel):
    """One document. Fields given here win over what is found in the text; further plain values become metadata."""

    model_config = ConfigDict(extra="allow")

    text: str = Field(description="The article; Markdown, plain text or HTML, see `media_type`.")
    doc_id: str | None = Field(None, description="Letters, digits and . _ : - (1 to 200); sending it again replaces.")
    title: str | None = None
    source: str | None = None
    url: str | None = None
    published: str | None = Field(None, description="YYYY-MM-DD.")
    language: str | None = Field(None, description="ISO 639-1; detected when left out.")
    metadata: dict[str, str] | None = None
    media_type: Literal["text/plain", "text/markdown", "text/html"] | None = None


class DocumentsIn(Wire):
    """Several documents at once."""

    documents: Annotated[list[DocumentIn], Field(min_length=1)]


class SpanOut(Wire):
    """A half-open range."""

    start: int
    end: int


class CitationOut(Wire):
    """Proof of one statement: the document's text[start:end] is the quote, counted in code points."""

    number: int = Field(description="The [n] in the answer.")
    doc_id: str
    title: str
    source: str | None
    url: str | None
    published: str | None
    language: str
    quote: str
    start: int
    end: int
    utf16_start: int = Field(description="The same place in UTF-16 code units (JavaScript, Java).")
    utf16_end: int
    byte_start: int = Field(description="The same place in bytes of the UTF-8 text.")
    byte_end: int
    sha256: str = Field(description="Of the document's UTF-8 text.")
    passage_id: int
    score: float


class PassageOut(Wire):
    """A retrieved passage: the document's text[start:end] is its text."""

    rank: int
    score: float
    passage_id: int
    doc_id: str
    title: str
    url: str | None
    source: str | None
    published: str | None
    language: str
    heading: str
    text: str
    start: int
    end: int
    dense: float | None = Field(description="Cosine, where the dense leg found it.")
    lexical: float | None = Field(description="BM25, where the lexical leg found it.")


class AnswerabilityOut(Wire):
    """How sure we are that the articles answer: answered from `threshold` on."""

    score: float
    threshold: float
    signals: dict[str, float]


class AskResponse(Wire):
    """The answer, or an abstention with the nearest passages and a reason."""

    question: str
    language: str
    outcome: Literal["answered", "abstained"]
    answer: str
    reason: str | None
    citations: list[CitationOut]
    passages: list[PassageOut]
    answerability: AnswerabilityOut
    generator: Literal["extractive", "language_model"]
    dropped_citations: int
    revision: int
    timings: dict[str, float] = Field(description="Milliseconds by stage.")


class SearchResponse(Wire):
    """Passages, best first."""

    question: str
    language: str
    passages: list[PassageOut]
    revision: int
    timings: dict[str, float] = Field(description="Milliseconds by stage.")


class VerifyResponse(Wire):
    """Whether the quote is there, and where else it stands."""

    verified: bool
    doc_id: str
    sha256: str
    sha256_matches: bool | None
    found: str | None = Field(description="The words that stand at the place asked for.")
    occurrences: list[SpanOut] = Field(description="Up to ten places of the quote.")


class LedgerEntryOut(Wire):
    """What became of one input."""

    uri: str
    outcome: Literal["added", "unchanged", "replaced", "duplicate", "rejected"]
    doc_id: str | None
    duplicate_of: str | None
    passages: int
    code: str | None
    reason: str | None
    field: str | None
    limit: int | None
    invisible_removed: int
    title: str | None
    language: str | None


class IngestResponse(Wire):
    """One line for every input; the counts add up to `inputs`."""

    ledger: list[LedgerEntryOut]
    counts: dict[str, int]
    revision: int


class DocumentOut(Wire):
    """What is known about a document."""

    doc_id: str
    title: str
    uri: str
    url: str | None
    source: str | None
    published: str | None
    language: str
    media_type: str
    sha256: str
    characters: int
    passage_count: int
    ingested_at: str
    metadata: dict[str, str]


class PassageSpanOut(Wire):
    """Where a passage of the document stands."""

    passage_id: int
    ordinal: int
    heading: str
    start: int
    end: int


class DocumentWithText(DocumentOut):
    """A document with its text, and with the places of its passages where asked for."""

    text: str
    passages: list[PassageSpanOut] | None = None


class DocumentsResponse(Wire):
    """One page of documents."""

    documents: list[DocumentOut]
    total: int
    limit: int
    offset: int


class RemovalResponse(Wire):
    """Receipt of a deletion: nothing of the document was found in any index afterwards."""

    doc_id: str
    passages_removed: int
    revision: int
    dense_hits: int
    lexical_hits: int


class HealthResponse(Wire):
    """The process is alive."""

    status: Literal["ok"]


class CheckOut(Wire):
    """One thing that must be in place before questions can be answered."""

    ok: bool
    detail: str


class ReadyResponse(Wire):
    """Whether questions can be answered, and why not."""

    ready: bool
    checks: dict[str, CheckOut]
    notes: list[str]


class CodeOut(Wire):
    """What a problem's code means."""

    code: str
    status: int
    title: str
    remedy: str


class CodesResponse(Wire):
    """Every code there is."""

    problems: list[CodeOut]


class ProblemOut(BaseModel):
    """RFC 9457 problem document."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    remedy: str
    field: str | None = None
    limit: int | None = None
    instance: str | None = None
    request_id: str | None = None
