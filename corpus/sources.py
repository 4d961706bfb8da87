"""Files, folders, JSON lines and standard input -> inputs, one by one, none of them fatal to the rest."""

from __future__ import annotations

import hashlib
import io
import os
import stat
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from corpus.errors import DocumentTooLarge, ExtractionFailed, FundstelleError, UnsupportedMediaType
from corpus.limits import Limits
from corpus.media import JSON, JSONL, is_known_name, media_type_of


@dataclass(frozen=True, slots=True)
class RawInput:
    """One input before anything is read out of it.

    ``uri`` is its identity. ``fields`` are those that the sender gave (doc_id, title, source, url, published, language:
    text; metadata: a mapping of text to text); they win over what is found in the document.
    """

    uri: str
    media_type: str | None
    data: bytes
    fields: Mapping[str, str | Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rejected:
    """An input that could not even be read, and why."""

    uri: str
    error: FundstelleError


def read_paths(paths: Iterable[Path], limits: Limits) -> Iterator[RawInput | Rejected]:
    """Every document under ``paths``: files, folders (recursive, sorted, hidden names skipped), "-" for standard input.

    What cannot be read is Rejected in its place. After ``limits.max_inputs`` one last Rejected says so.
    """
    inputs = (item for path in paths for item in _read_path(path, limits))
    for number, item in enumerate(inputs, start=1):
        if number > limits.max_inputs:
            message = f"More than max_inputs = {limits.max_inputs:,} inputs in one call; the rest is left out."
            yield Rejected(item.uri, DocumentTooLarge(message, field="max_inputs", limit=limits.max_inputs))
            return
        yield item


def expand(raw: RawInput, limits: Limits) -> Iterator[RawInput | Rejected]:
    """The documents of an input that was sent whole: each line of JSONL, each object of JSON, else the input itself.

    The sender's fields apply to every one of them where it has none of its own.
    """
    from corpus.json_lines import read_json, read_json_lines

    try:
        kind = media_type_of(raw.uri, raw.media_type, raw.data)
    except FundstelleError as error:
        yield Rejected(raw.uri, error)
        return
    if kind == JSONL:
        yield from read_json_lines(io.BytesIO(raw.data), raw.uri, limits, raw.fields)
    elif kind == JSON:
        yield from read_json(raw.data, raw.uri, limits, raw.fields)
    else:
        yield raw


def _read_path(path: Path, limits: Limits) -> Iterator[RawInput | Rejected]:
    if str(path) == "-":
        yield from _read_standard_input(limits)
        return
    try:
        resolved = path.resolve(strict=True)
        is_folder = resolved.is_dir()
    except (OSError, RuntimeError, ValueError) as error:
        yield Rejected(_uri(path.absolute()), ExtractionFailed(f"{path}: {_reason(error)}."))
        return
    if is_folder:
        for found in _walk(resolved):
            if isinstance(found, Rejected):
                yield found
            else:
                yield from _read_file(found, limits)
    else:
        yield from _read_file(resolved, limits)


def _walk(root: Path) -> Iterator[Path | Rejected]:
    """The files under ``root`` by name; links are followed nowhere, and refused where they lead outside."""
    waiting = [root]
    while waiting:
        folder = waiting.pop()
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name, reverse=True)
        except OSError as error:
            yield Rejected(_uri(folder), ExtractionFailed(f"{folder}: {_reason(error)}."))
            continue
        files: list[Path | Rejected] = []
        for entry in entries:
            path = Path(entry.path)
            if entry.name.startswith("."):
                continue
            if entry.is_symlink():
                refused = _refused_link(path, root)
                files.extend([refused] if refused else [])
            elif entry.is_dir(follow_symlinks=False):
                waiting.append(path)
            else:
                files.append(path)
        yield from reversed(files)


def _refused_link(path: Path, root: Path) -> Rejected | None:
    """None for a link to somewhere in the folder: what it points at is read where it stands."""
    try:
        inside = path.resolve(strict=True).is_relative_to(root)
    except (OSError, RuntimeError) as error:
        return Rejected(_uri(path), ExtractionFailed(f"{path}: {_reason(error)}."))
    return None if inside else Rejected(_uri(path), ExtractionFailed(f"{path}: the link leads out of the folder."))


def _read_file(path: Path, limits: Limits) -> Iterator[RawInput | Rejected]:
    from corpus.json_lines import read_json_lines

    uri = _uri(path)
    if not is_known_name(uri):
        message = f"{path.name}: no extractor reads {path.suffix} files."
        yield Rejected(uri, UnsupportedMediaType(message, field="media_type"))
        return
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            yield Rejected(uri, ExtractionFailed(f"{path}: not a regular file."))
            return
        with path.open("rb") as stream:
            if path.suffix.lower() in (".jsonl", ".ndjson"):
                yield from read_json_lines(stream, uri, limits, {})
                return
            data = _bounded(stream, limits, path.name)
    except OSError as error:
        yield Rejected(uri, ExtractionFailed(f"{path}: {_reason(error)}."))
    except FundstelleError as error:
        yield Rejected(uri, error)
    else:
        yield from expand(RawInput(uri, None, data), limits)


def _read_standard_input(limits: Limits) -> Iterator[RawInput | Rejected]:
    try:
        data = _bounded(sys.stdin.buffer, limits, "standard input")
    except (OSError, FundstelleError) as error:
        known = error if isinstance(error, FundstelleError) else ExtractionFailed(f"standard input: {_reason(error)}.")
        yield Rejected("stdin:", known)
        return
    uri = f"stdin:{hashlib.sha256(data).hexdigest()[:16]}"
    yield from expand(RawInput(uri, None, data), limits)


def _bounded(stream: BinaryIO, limits: Limits, name: str) -> bytes:
    data = stream.read(limits.max_bytes + 1)
    if len(data) > limits.max_bytes:
        message = f"{name}: more than max_bytes = {limits.max_bytes:,} bytes."
        raise DocumentTooLarge(message, field="max_bytes", limit=limits.max_bytes)
    return data


def _uri(path: Path) -> str:
    return path.as_uri()


def _reason(error: Exception) -> str:
    reason = error.strerror if isinstance(error, OSError) else None
    return (reason or str(error) or type(error).__name__).rstrip(".")
