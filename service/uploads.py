"""Bodies of POST /v1/documents to inputs of an ingest. What is wrong with one document never spoils the others."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

import orjson
from pydantic import ValidationError

from corpus.errors import FundstelleError, InvalidDocument
from corpus.sources import RawInput, Rejected
from service.errors import InvalidJson
from service.problems import from_validation
from service.schemas import DocumentIn

PATH = "/v1/documents"
FORM_FIELDS = ("doc_id", "title", "source", "url", "published", "language", "metadata")
_OF_ONE = ("doc_id", "title", "url")  # fields that two files cannot share
Input = RawInput | Rejected


def from_json(body: bytes) -> list[Input]:
    """One object, or {"documents": [...]}. Raises InvalidJson or InvalidDocument where it is neither."""
    given = _loads(body)
    if not isinstance(given, dict):
        raise InvalidDocument('the body must be an object: a document, or {"documents": [...]}', field="documents")
    if "documents" not in given:
        return [_document(given, "body")]
    several = given["documents"]
    if not isinstance(several, list) or not several or len(given) > 1:
        raise InvalidDocument("documents must be a list with at least one document, and stand alone", field="documents")
    return [_document(each, f"documents[{number}]") for number, each in enumerate(several)]


def from_lines(body: bytes) -> list[Input]:
    """One JSON object a line; empty lines do not count. Raises InvalidDocument where there is none."""
    found: list[Input] = []
    for number, line in enumerate(body.split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            found.append(_document(_loads(line), f"line {number}"))
        except InvalidJson as error:
            found.append(Rejected(f"line {number}", InvalidDocument(error.detail, field=f"line {number}")))
    if not found:
        raise InvalidDocument("there is no document in the body", field="body")
    return found


def from_files(files: Sequence[tuple[str, str | None, bytes]], fields: Mapping[str, str]) -> list[Input]:
    """Files (name, media type, content) with the form's fields, which hold for every one of them."""
    if not files:
        raise InvalidDocument("there is no file in the form", field="files")
    for field in _OF_ONE:
        if len(files) > 1 and field in fields:
            raise InvalidDocument(f"{field} cannot hold for {len(files)} files at once", field=field)
    given: dict[str, str | Mapping[str, str]] = dict(fields)
    if "metadata" in fields:
        given["metadata"] = _metadata(fields["metadata"])
    return [RawInput(file_uri(name), media_type, content, given) for name, media_type, content in files]


def file_uri(name: str) -> str:
    """What an uploaded file is known by: sending a file of this name again replaces it."""
    base = PurePosixPath(name.replace("\\", "/")).name or "unnamed"
    return f"upload:{base}"


def only_error(inputs: Iterable[Input]) -> FundstelleError | None:
    """The error of a request whose one document was rejected before it was even read."""
    several = list(inputs)
    if len(several) == 1 and isinstance(several[0], Rejected):
        return several[0].error
    return None


def _document(given: object, where: str) -> Input:
    try:
        document = DocumentIn.model_validate(given)
    except ValidationError as error:
        return Rejected(where, from_validation([_at_body(each) for each in error.errors()], PATH))
    try:
        data = document.text.encode()
    except UnicodeEncodeError:
        return Rejected(where, InvalidDocument("text: holds half of a surrogate pair", field="text"))
    fields: dict[str, str | Mapping[str, str]] = {
        name: value for name, value in document.model_dump(exclude={"text", "media_type"}).items() if value is not None
    }
    return RawInput(_uri(document, data), f"{document.media_type or 'text/plain'}; charset=utf-8", data, fields)


def _uri(document: DocumentIn, data: bytes) -> str:
    """Its address, else its id, else its words: the same text sent twice is then one document."""
    if document.url:
        return document.url
    if document.doc_id:
        return f"doc:{document.doc_id}"
    digest = hashlib.sha256(f"{document.title or ''}\0".encode(errors="replace") + data).hexdigest()
    return f"text:{digest[:32]}"


def _loads(body: bytes) -> Any:  # noqa: ANN401 - whatever the caller sent
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InvalidJson(f"the body is not JSON: {error}") from None


def _metadata(text: str) -> dict[str, str]:
    try:
        given = orjson.loads(text)
    except orjson.JSONDecodeError:
        given = None
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        raise InvalidDocument("metadata must be a JSON object whose values are texts", field="metadata")
    return given


def _at_body(error: Any) -> Any:  # noqa: ANN401 - pydantic's dictionary
    return {**error, "loc": ("body", *error["loc"])}
