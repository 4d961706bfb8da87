"""Documents of a suite, one at a time: the field's JSONL and TSV, and whatever ingest reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import unquote

from corpus.documents import Block, BlockKind, Span
from corpus.errors import ExtractionFailed, FundstelleError
from corpus.extract import Extract, extract
from corpus.json_lines import from_object
from corpus.normalise import normalise
from corpus.sources import RawInput, Rejected, read_paths
from eval.records import SuiteDocument
from eval.suites.checks import LIMITS, Place, Row, lines_of, rows_of

ID_NAMES = ("_id", "doc_id", "docid", "docno", "id")
TEXT_NAMES = ("text", "contents", "content", "body")
_EMPTY = "it has no text"
_FINAL = ("doc_id", "text", "blocks", "title", "source", "published", "language", "url")


@dataclass(frozen=True, slots=True)
class Unread:
    """A document that has no text, and why."""

    doc_id: str
    reason: str


Placed: TypeAlias = tuple[Place, SuiteDocument | Unread]


def field_documents(paths: Sequence[Path], language: str | None) -> Iterator[Placed]:
    """Documents as BEIR, Anserini and MIRACL write them: an id, a text, perhaps a title. TSV: an id and a text.

    ``language`` holds for documents that name none. A document without text stands for its title.
    """
    for path in paths:
        if ".tsv" in path.suffixes:
            yield from _tsv_documents(path, language)
            continue
        for row in rows_of(path):
            yield row.place, _plain(row, language)


def _plain(row: Row, language: str | None) -> SuiteDocument | Unread:
    metadata = row.metadata()
    source, published, url = (row.maybe(name) or metadata.get(name) for name in ("source", "published", "url"))
    title = row.maybe("title")
    text = next((row.fields[name] for name in TEXT_NAMES if row.fields.get(name)), "")
    if not isinstance(text, str):
        raise row.place.wrong("text: expected text")
    words = _words(text)
    if not words and title:
        words, title = _words(title), None
    doc_id = row.words(*ID_NAMES)
    spoken = row.maybe("language", "lang") or metadata.get("language") or language
    return SuiteDocument(doc_id, words, title, source, published, spoken, url) if words else Unread(doc_id, _EMPTY)


def _words(text: str) -> str:
    return normalise(text).text.strip()


def _tsv_documents(path: Path, language: str | None) -> Iterator[Placed]:
    for number, line in lines_of(path):
        place = Place(path, number)
        doc_id, tab, text = line.partition("\t")
        if not tab or not doc_id.strip():
            raise place.wrong("expected a document's id, a tab and its text")
        words = _words(text)
        found = SuiteDocument(doc_id.strip(), words, language=language) if words else Unread(doc_id.strip(), _EMPTY)
        yield place, found


def article_documents(paths: Sequence[Path]) -> Iterator[Placed]:
    """Documents as `fundstelle ingest` reads them: files, folders, JSONL; their text is what ingest makes of them.

    In a folder a document is called by its path without the ending ("2025/baidu"), a file of a list by its name, an
    object of JSON by its doc_id.
    """
    for path in paths:
        if path.suffix.lower() in (".jsonl", ".ndjson", ".gz"):
            yield from _jsonl_documents(path)
            continue
        names = _names(path)
        for given in read_paths([path], LIMITS):
            doc_id, place = _called(given, path, names)
            yield place, _read(given, doc_id)


def _names(root: Path) -> Callable[[str], str]:
    """The id of a file by its path below ``root``: without the ending, unless two files differ in nothing else."""
    if not root.is_dir():
        return lambda name: Path(name).stem
    shared = Counter(path.with_suffix("") for path in root.rglob("*") if path.is_file())
    return lambda name: name if shared[(root / name).with_suffix("")] > 1 else Path(name).with_suffix("").as_posix()


def _called(given: RawInput | Rejected, root: Path, names: Callable[[str], str]) -> tuple[str, Place]:
    """The id of an input and the file it comes from."""
    said = given.fields.get("doc_id") if isinstance(given, RawInput) else None
    base = root.resolve()
    folder = base if base.is_dir() else base.parent
    below = given.uri.startswith(folder.as_uri() + "/")
    name, _, item = given.uri[len(folder.as_uri()) + 1 :].partition("#") if below else ("", "", "")
    path = folder / unquote(name) if name else base
    if isinstance(said, str):
        return said, Place(path, None)
    if not below:  # an object of JSON that has a URL of its own
        return given.uri, Place(path, None)
    called = names(unquote(name))
    return f"{called}#{item}" if item else called, Place(path, None)


def _jsonl_documents(path: Path) -> Iterator[Placed]:
    for row in rows_of(path):
        if "blocks" in row.fields:
            yield row.place, _final(row)
            continue
        line = row.place.line
        try:
            given = from_object(row.fields, f"{path.name}#{line}", path.name, LIMITS, {})
        except FundstelleError as error:
            raise row.place.wrong(error.detail) from error
        doc_id = row.maybe("doc_id") or f"{path.name.partition('.')[0]}#{line}"
        yield row.place, _read(given, doc_id)


def _final(row: Row) -> SuiteDocument | Unread:
    """A document whose blocks are given: its text has been extracted before and is taken as it is."""
    row.only(_FINAL)
    text = row.fields.get("text")
    if not isinstance(text, str) or normalise(text).text != text:
        raise row.place.wrong("text: expected normalised text, because blocks are given")
    blocks = tuple(_block(item, row, len(text)) for item in row.items("blocks"))
    doc_id = row.words("doc_id")
    if not text.strip():
        return Unread(doc_id, _EMPTY)
    title, source, published, language, url = map(row.maybe, ("title", "source", "published", "language", "url"))
    return SuiteDocument(doc_id, text, title, source, published, language, url, blocks=blocks)


def _block(item: Sequence[Any], row: Row, length: int) -> Block:
    try:
        kind, start, end = item
        block = Block(BlockKind(kind), Span(start, end))
    except (TypeError, ValueError) as error:
        raise row.place.wrong("blocks: expected lists of kind, start and end") from error
    if block.span.end > length:
        raise row.place.wrong(f"blocks: {block.span.end} is beyond the text's end at {length}")
    return block


def final_row(document: SuiteDocument) -> dict[str, Any]:
    """The object that `_final` reads as this document."""
    told = {name: getattr(document, name) for name in _FINAL if name != "blocks"}
    return {
        **{name: value for name, value in told.items() if value is not None},
        "blocks": [[block.kind.value, block.span.start, block.span.end] for block in document.blocks],
    }


def _read(given: RawInput | Rejected, doc_id: str) -> SuiteDocument | Unread:
    """What ingest would make of an input. The suite's id is not sent along: a target may have other rules for ids."""
    if isinstance(given, Rejected):
        return Unread(doc_id, given.error.detail)
    original = replace(given, fields={name: value for name, value in given.fields.items() if name != "doc_id"})
    try:
        read = _extracted(original)
    except FundstelleError as error:
        return Unread(doc_id, error.detail)
    document = read.document
    return SuiteDocument(
        doc_id,
        document.text,
        document.title,
        document.source,
        document.published,
        document.language,
        document.url,
        original,
        read.blocks,
    )


def _extracted(given: RawInput) -> Extract:
    try:
        return extract(given, LIMITS)
    except FundstelleError:
        raise
    except Exception as error:  # a library's, over a damaged file
        raise ExtractionFailed(f"the text could not be read: {type(error).__name__}: {error}") from error
