"""Bodies of POST /v1/documents to inputs of an ingest. What is wrong with one document never spoils the others."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from corpus.errors import FundstelleError, InvalidDocument
from corpus.json_lines import from_object
from corpus.limits import Limits
from corpus.sources import RawInput, Rejected, expand
from service.errors import InvalidJson

FORM_FIELDS = ("doc_id", "title", "source", "url", "published", "language", "metadata")
_OF_ONE = ("doc_id", "title", "url")  # fields that two files cannot share
_SENDER = "api:documents"
Input = RawInput | Rejected


def from_json(body: bytes, limits: Limits) -> list[Input]:
    """One object, or {"documents": [...]}. Raises InvalidJson or InvalidDocument where it is neither."""
    given = _loads(body)
    if not isinstance(given, dict):
        raise InvalidDocument('the body must be an object: a document, or {"documents": [...]}', field="documents")
    if "documents" not in given:
        return [_document(given, "body", limits)]
    several = given["documents"]
    if not isinstance(several, list) or not several or len(given) > 1:
        raise InvalidDocument("documents must be a list with at least one document, and stand alone", field="documents")
    _check_count(len(several), limits)
    return [_document(each, f"documents[{number}]", limits) for number, each in enumerate(several)]


def from_lines(body: bytes, limits: Limits) -> list[Input]:
    """One JSON object a line; empty lines do not count. Raises InvalidDocument where there is none."""
    lines = [(number, line) for number, line in enumerate(body.split(b"\n"), start=1) if line.strip()]
    if not lines:
        raise InvalidDocument("there is no document in the body", field="body")
    _check_count(len(lines), limits)
    found: list[Input] = []
    for number, line in lines:
        place = f"line {number}"
        try:
            found.append(_document(_loads(line), place, limits))
        except InvalidJson as error:
            found.append(Rejected(place, InvalidDocument(f"{place}: {error.detail}", field=place)))
    return found


def from_files(
    files: Sequence[tuple[str, str | None, bytes]], fields: Mapping[str, str], limits: Limits
) -> list[Input]:
    """Files (name, media type, content) with the form's fields, which hold for every one of them."""
    if not files:
        raise InvalidDocument("there is no file in the form", field="files")
    given: dict[str, str | Mapping[str, str]] = dict(fields)
    if "metadata" in fields:
        given["metadata"] = _metadata(fields["metadata"])
    found = [
        each
        for name, media_type, content in files
        for each in expand(RawInput(file_uri(name), media_type, content, given), limits)
    ]
    for field in _OF_ONE:
        if len(found) > 1 and field in fields:
            raise InvalidDocument(f"{field} cannot hold for {len(found)} documents at once", field=field)
    return found


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


def _document(given: object, where: str, limits: Limits) -> Input:
    try:
        return from_object(given, _identity(given), _SENDER, limits, {})
    except FundstelleError as error:
        return Rejected(where, error)


def _identity(given: object) -> str:
    """Of a document with neither id nor address: its words, so that the same text sent twice is one document."""
    parts = (given.get("title"), given.get("text")) if isinstance(given, dict) else (given,)
    words = "\0".join(part for part in parts if isinstance(part, str))
    return f"text:{hashlib.sha256(words.encode(errors='replace')).hexdigest()[:32]}"


def _check_count(count: int, limits: Limits) -> None:
    limits.check("max_inputs", count, "Documents in one request")


def _loads(body: bytes) -> Any:  # noqa: ANN401 - whatever the caller sent
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise InvalidJson(f"not JSON: {error}") from None


def _metadata(text: str) -> dict[str, str]:
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        raise InvalidDocument("metadata must be a JSON object whose values are texts", field="metadata")
    return given
