"""Documents: put in, list, read, take out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.responses import Response

from corpus.errors import DocumentTooLarge, FundstelleError, InvalidDocument
from service import examples, render, uploads
from service.errors import InvalidJson, InvalidRequest, UnsupportedContentType
from service.guard import DOCUMENTS_PATH
from service.problems import error_from_code
from service.questions import checked_filters
from service.routes.common import At, Service, content_type, documented, reply
from service.schemas import (
    DocumentsResponse,
    DocumentWithText,
    IngestResponse,
    RemovalResponse,
)

if TYPE_CHECKING:
    from corpus.ingest import Ledger

MAX_PAGE = 500
MAX_FIELDS = 20
MAX_FIELD_BYTES = 64 * 1024
_LINES = frozenset({"application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines"})
router = APIRouter(prefix=DOCUMENTS_PATH, tags=["documents"])
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "oneOf": [
                        {"$ref": "#/components/schemas/DocumentIn"},
                        {"$ref": "#/components/schemas/DocumentsIn"},
                    ]
                },
                "example": examples.DOCUMENT_IN,
            },
            "application/x-ndjson": {
                "schema": {"type": "string", "description": "One document a line."},
            },
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["files"],
                    "properties": {
                        "files": {"type": "array", "items": {"type": "string", "format": "binary"}},
                        **{name: {"type": "string"} for name in uploads.FORM_FIELDS},
                    },
                }
            },
        },
    }
}


@router.post(
    "",
    response_model=None,
    responses=documented(IngestResponse, examples.INGEST_RESPONSE, 400, 409, 413, 415, 422, 503, 507)
    | documented(IngestResponse, examples.INGEST_RESPONSE, status=201, description="At least one was added."),
    openapi_extra=_BODY,
)
async def ingest(service: At, request: Request) -> Response:
    """Read, store and index documents: one ledger line for each, and all searchable when this answers.

    A single document that is rejected answers with its own problem; among several it is a line of the ledger.
    """
    inputs = await _inputs(service, request)
    if error := uploads.only_error(inputs):
        service.telemetry.inputs({"rejected": 1})
        raise error
    ledger = await service.writing.run(lambda: service.engine.ingest(inputs))
    service.telemetry.inputs({outcome.value: count for outcome, count in ledger.counts.items()})
    if len(ledger.entries) == 1 and ledger.entries[0].outcome.value == "rejected":
        only = ledger.entries[0]
        code = only.code or FundstelleError.code
        raise error_from_code(code, only.reason or "rejected", field=only.field, limit=only.limit)
    status = 201 if any(entry.outcome.value == "added" for entry in ledger.entries) else 200
    return reply(_receipt(service, ledger), status=status)


@router.get("", response_model=None, responses=documented(DocumentsResponse, examples.DOCUMENTS_RESPONSE, 422))
def listed(
    service: At,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE, description="Documents on this page.")] = 50,
    offset: Annotated[int, Query(ge=0, le=10**9, description="Documents before this page.")] = 0,
    q: Annotated[str | None, Query(max_length=200, description="Part of a title or source.")] = None,
    source: Annotated[list[str] | None, Query(description="May be repeated.")] = None,
    language: Annotated[list[str] | None, Query(description="May be repeated.")] = None,
    published_from: Annotated[str | None, Query(description="First day, YYYY-MM-DD.")] = None,
    published_to: Annotated[str | None, Query(description="Last day, YYYY-MM-DD.")] = None,
) -> Response:
    """List documents, the newest first."""
    filters = checked_filters(
        sources=source or (),
        languages=language or (),
        published_from=published_from,
        published_to=published_to,
        prefix="",
        kind=InvalidRequest,
    )
    page = service.engine.documents(filters, query=q or None, limit=limit, offset=offset)
    documents = [render.info(each) for each in page.documents]
    return reply({"documents": documents, "total": page.total, "limit": limit, "offset": offset})


@router.get(
    "/{doc_id}",
    response_model=None,
    responses=documented(DocumentWithText, examples.DOCUMENT_WITH_TEXT, 404, 422),
)
def read(
    service: At,
    doc_id: str,
    passages: Annotated[bool, Query(description="Also say where its passages stand.")] = False,
) -> Response:
    """Read one document: the text that citations are checked against."""
    known, document, parts = service.engine.document(doc_id)
    return reply(render.document(known, document, parts if passages else None))


@router.delete(
    "/{doc_id}",
    response_model=None,
    responses=documented(RemovalResponse, examples.REMOVAL_RESPONSE, 404, 409, 503),
)
async def remove(service: At, doc_id: str) -> Response:
    """Take a document out of the store and of every index, before this answers."""
    receipt = await service.writing.run(lambda: service.engine.remove(doc_id))
    service.telemetry.removed()
    return reply(render.removal(receipt))


async def _inputs(service: Service, request: Request) -> list[uploads.Input]:
    kind, limits = content_type(request), service.settings.limits
    if kind == "multipart/form-data":
        return await _files(service, request)
    if kind == "application/json":
        return await run_in_threadpool(uploads.from_json, await request.body(), limits)
    if kind in _LINES:
        return await run_in_threadpool(uploads.from_lines, await request.body(), limits)
    expected = "application/json, application/x-ndjson or multipart/form-data"
    raise UnsupportedContentType(f"expected {expected}, got {kind[:100] or 'no content type'}", field="Content-Type")


async def _files(service: Service, request: Request) -> list[uploads.Input]:
    most = service.settings.max_files
    try:
        form = await request.form(max_files=most, max_fields=MAX_FIELDS, max_part_size=MAX_FIELD_BYTES)
    except HTTPException as error:
        if error.status_code != 400:
            raise
        if "Too many files" in str(error.detail):
            raise DocumentTooLarge(f"more than {most} files", field="files", limit=most) from error
        raise InvalidJson(f"the form cannot be read: {error.detail}") from error
    try:
        fields = _fields(form)
        files = [
            (value.filename or "", value.content_type, await value.read())
            for _, value in form.multi_items()
            if isinstance(value, UploadFile)
        ]
    finally:
        await form.close()
    return await run_in_threadpool(uploads.from_files, files, fields, service.settings.limits)


def _fields(form: FormData) -> Mapping[str, str]:
    fields: dict[str, str] = {}
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            continue
        if name not in uploads.FORM_FIELDS or name in fields:
            known = ", ".join(uploads.FORM_FIELDS)
            raise InvalidDocument(f"{name[:50]}: unknown or given twice; expected {known}", field=name[:50])
        if value:
            fields[name] = value
    return fields


def _receipt(service: Service, ledger: Ledger) -> dict[str, Any]:
    return render.ledger(ledger) | {"revision": service.engine.store.revision}
