"""The one tree of errors. Each class has a stable code, an HTTP status, an exit status and a remedy.

FundstelleError
├── SettingsError
├── CorpusError       DocumentNotFound · UnsupportedMediaType · DocumentTooLarge · ExtractionFailed · EmptyDocument ·
│                     InvalidDocument · StoreLocked · StoreUnavailable · StoreCorrupt · SchemaTooNew · StoreFull
├── RetrievalError    (index/errors.py)
└── AnswerError       (service/errors.py)
"""

from __future__ import annotations

from typing import ClassVar


class FundstelleError(Exception):
    """The root. ``code`` is stable for scripts; ``remedy`` is one sentence that says what to do."""

    code: ClassVar[str] = "internal_error"
    status: ClassVar[int] = 500
    exit_status: ClassVar[int] = 1
    title: ClassVar[str] = "Internal error"
    remedy: ClassVar[str] = "Report this with the log around it."

    def __init__(self, detail: str, *, field: str | None = None, limit: int | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.field = field
        self.limit = limit


class SettingsError(FundstelleError):
    """A setting has no usable value."""

    code = "invalid_setting"
    status = 500
    exit_status = 2
    title = "Invalid setting"
    remedy = "Correct the named setting; `fundstelle settings` lists them all."


class CorpusError(FundstelleError):
    """Something is wrong with a document or with the store."""


class DocumentNotFound(CorpusError):
    """No document has this id."""

    code = "document_not_found"
    status = 404
    title = "Document not found"
    remedy = "List the documents to see which ids there are."


class UnsupportedMediaType(CorpusError):
    """The input is of a kind that no extractor reads."""

    code = "unsupported_media_type"
    status = 415
    title = "Unsupported media type"
    remedy = "Send Markdown, plain text, HTML, PDF, DOCX or JSONL."


class DocumentTooLarge(CorpusError):
    """An input passes a limit on bytes, pages, characters or expansion."""

    code = "document_too_large"
    status = 413
    title = "Document too large"
    remedy = "Split the document, or raise the named limit."


class ExtractionFailed(CorpusError):
    """The input is damaged, encrypted or not what it says it is."""

    code = "extraction_failed"
    status = 422
    title = "Text could not be read"
    remedy = "Check that the file opens elsewhere and is not encrypted."


class EmptyDocument(CorpusError):
    """Nothing is left to cite once clutter is set aside."""

    code = "empty_document"
    status = 422
    title = "Empty document"
    remedy = "Send a document that has text; scanned pages need text recognition first."


class InvalidDocument(CorpusError):
    """A field given with a document is malformed."""

    code = "invalid_document"
    status = 422
    title = "Invalid document"
    remedy = "Correct the named field."


class StoreLocked(CorpusError):
    """Another process is writing."""

    code = "store_locked"
    status = 409
    title = "Another writer is at work"
    remedy = "Wait until it has finished, then try again."


class StoreUnavailable(CorpusError):
    """The store cannot be opened or answered too late."""

    code = "store_unavailable"
    status = 503
    title = "Store unavailable"
    remedy = "Check that the data folder exists and may be read and written."


class StoreCorrupt(CorpusError):
    """The store fails its own integrity check."""

    code = "store_corrupt"
    status = 503
    title = "Store damaged"
    remedy = "Restore corpus.sqlite3 from a backup; the indexes rebuild themselves."


class SchemaTooNew(CorpusError):
    """The store was written by a newer Fundstelle."""

    code = "schema_too_new"
    status = 503
    title = "Store is from a newer version"
    remedy = "Use the version that wrote it, or a later one."


class StoreFull(CorpusError):
    """The disk has no room for the write; nothing of it was kept."""

    code = "store_full"
    status = 507
    title = "No space left"
    remedy = "Free disk space and send it again; reading goes on."
