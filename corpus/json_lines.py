"""JSON objects with text and fields -> inputs: one a line in JSONL, one or a list of them in JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import BinaryIO
from urllib.parse import quote

from corpus.errors import DocumentTooLarge, ExtractionFailed, FundstelleError, InvalidDocument
from corpus.limits import Limits
from corpus.media import HTML, MARKDOWN, PLAIN
from corpus.sources import RawInput, Rejected

Fields = Mapping[str, str | Mapping[str, str]]

_FIELDS = ("doc_id", "title", "source", "url", "published", "language")
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[\]{}]', re.DOTALL)
_TEXT_TYPES = (PLAIN, MARKDOWN, HTML)


def read_json_lines(stream: BinaryIO, uri: str, limits: Limits, fields: Fields) -> Iterator[RawInput | Rejected]:
    """One input per line that is not blank; a bad line is Rejected under its number. Memory: one line at a time."""
    number = 0
    while line := stream.readline(limits.max_bytes + 1):
        number += 1
        place = f"{uri}#{number}"
        if len(line) > limits.max_bytes:
            _skip_line(stream, line)
            message = f"Line {number}: more than max_bytes = {limits.max_bytes:,} bytes."
            yield Rejected(place, DocumentTooLarge(message, field="max_bytes", limit=limits.max_bytes))
        elif line.strip(b"\xef\xbb\xbf \t\r\n"):
            yield _read_object(line, place, f"Line {number}", uri, limits, fields)


def read_json(data: bytes, uri: str, limits: Limits, fields: Fields) -> Iterator[RawInput | Rejected]:
    """The one object of a JSON file, or each of the objects in its list."""
    try:
        value = _parse(data, limits)
    except FundstelleError as error:
        yield Rejected(uri, error)
        return
    if not isinstance(value, list):
        yield _checked(value, uri, "The file", uri, limits, fields)
        return
    for number, item in enumerate(value, start=1):
        yield _checked(item, f"{uri}#{number}", f"Item {number}", uri, limits, fields)


def from_object(value: object, place: str, uri: str, limits: Limits, fields: Fields) -> RawInput:
    """The input that an object {text, doc_id?, title?, source?, url?, published?, language?, metadata?} means.

    ``place`` is its identity unless it has a doc_id or url. Other plain values go into the metadata. Raises
    InvalidDocument naming the field.
    """
    if not isinstance(value, Mapping):
        raise InvalidDocument(f"expected an object with text, got {_kind(value)}.", field="text")
    text = value.get("text")
    if not isinstance(text, str) or not text.strip():
        raise InvalidDocument(f"text must be text and not empty, got {_kind(text)}.", field="text")
    media_type = value.get("media_type") or PLAIN
    if media_type not in _TEXT_TYPES:
        raise InvalidDocument(f"media_type must be one of {', '.join(_TEXT_TYPES)}.", field="media_type")
    given = dict(fields)
    given.update((name, _plain(name, value[name])) for name in _FIELDS if value.get(name) not in (None, ""))
    metadata = _metadata(value, limits)
    if metadata:
        sent = fields.get("metadata")
        given["metadata"] = {**(sent if isinstance(sent, Mapping) else {}), **metadata}
    return RawInput(
        uri=_identity(given, place, uri),
        media_type=f"{media_type}; charset=utf-8",
        data=text.encode("utf-8", "ignore"),  # half a surrogate pair has no bytes
        fields=given,
    )


def _skip_line(stream: BinaryIO, line: bytes) -> None:
    while line and not line.endswith(b"\n"):
        line = stream.readline(1 << 20)


def _read_object(line: bytes, place: str, name: str, uri: str, limits: Limits, fields: Fields) -> RawInput | Rejected:
    try:
        value = _parse(line, limits)
    except FundstelleError as error:
        return Rejected(place, type(error)(f"{name}: {error.detail}", field=error.field, limit=error.limit))
    return _checked(value, place, name, uri, limits, fields)


def _checked(value: object, place: str, name: str, uri: str, limits: Limits, fields: Fields) -> RawInput | Rejected:
    try:
        return from_object(value, place, uri, limits, fields)
    except InvalidDocument as error:
        return Rejected(place, InvalidDocument(f"{name}: {error.detail}", field=error.field, limit=error.limit))


def _parse(data: bytes, limits: Limits) -> object:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ExtractionFailed(f"not UTF-8 at byte {error.start}.") from error
    depth = deepest = 0
    for match in _BRACKETS.finditer(text):
        if match[0] in "{[":
            depth += 1
            deepest = max(deepest, depth)
        elif match[0] in "}]":
            depth -= 1
    limits.check("max_nesting", deepest, "Brackets within brackets")
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidDocument(f"not JSON: {error}.", field="json") from error


def _plain(name: str, value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise InvalidDocument(f"{name} must be text, got {_kind(value)}.", field=name)
    return str(value)


def _metadata(value: Mapping[str, object], limits: Limits) -> dict[str, str]:
    """The metadata given, and every further plain value: nothing that fits is lost."""
    known = {*_FIELDS, "text", "metadata", "media_type"}
    extra = {key: _shown(item) for key, item in value.items() if key not in known and _is_plain(item)}
    kept = {key: item for key, item in extra.items() if 0 < len(item) <= limits.max_field_characters}
    given = value.get("metadata") or {}
    if not isinstance(given, Mapping):
        raise InvalidDocument(f"metadata must be an object, got {_kind(given)}.", field="metadata")
    for key, item in given.items():
        if not _is_plain(item):
            raise InvalidDocument(f"metadata.{key} must be text, got {_kind(item)}.", field="metadata")
    room = max(0, limits.max_metadata - len(given))
    return {**dict(list(kept.items())[:room]), **{key: _shown(item) for key, item in given.items()}}


def _is_plain(value: object) -> bool:
    return isinstance(value, str | int | float)


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _identity(fields: Fields, place: str, uri: str) -> str:
    url, doc_id = fields.get("url"), fields.get("doc_id")
    if isinstance(url, str):
        return url
    return f"{uri}#{quote(doc_id, safe='')}" if isinstance(doc_id, str) else place


def _kind(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "text", bool: "true or false", type(None): "nothing"}
    return names.get(type(value), "a number")
