"""Word documents -> their paragraphs, headings, list items and table rows."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any

from corpus.clutter import sort_lines
from corpus.documents import BlockKind
from corpus.errors import DocumentTooLarge, ExtractionFailed
from corpus.extract.pieces import Found, Pieces, Reading, merged
from corpus.extract.quiet import foreign_library
from corpus.limits import Limits

_ALWAYS_FINE = 4 * 1024 * 1024  # bytes unpacked: short documents pack well beyond any ratio
_MOST_MEMBERS = 10_000
_HEADING = re.compile(r"(?:heading|title|subtitle|überschrift|titel|untertitel|berschrift)", re.IGNORECASE)
_LIST = re.compile(r"list|aufzählung|bullet", re.IGNORECASE)
_HEADING_LENGTH = 120
_NAMESPACE = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_LEFT_OUT = {f"{_NAMESPACE}{name}" for name in ("del", "moveFrom", "txbxContent", "pPr", "instrText")}
_WRITTEN = {
    f"{_NAMESPACE}{name}": mark for name, mark in (("tab", " "), ("br", "\n"), ("cr", "\n"), ("noBreakHyphen", "-"))
}


def read_docx(data: bytes, limits: Limits) -> Reading:
    """The body of a document as it reads with all its tracked changes accepted.

    Raises DocumentTooLarge before anything is unpacked beyond the limits, ExtractionFailed for damaged files.
    """
    _check_expansion(data, limits)
    pieces = Pieces()
    with foreign_library("docx", "DOCX document"):
        import docx

        document = docx.Document(io.BytesIO(data))
        for kind, words, gap in _blocks(document):
            if kind is BlockKind.TEXT:
                pieces.add_paragraph(words, gap=gap)
            else:
                pieces.add(kind, words, gap=gap)
            limits.check("max_characters", pieces.length, "Characters of text")
        said = document.core_properties
        title, author, language = said.title, said.author, said.language
    return _reading(pieces, title, author, language)


def _reading(pieces: Pieces, title: str | None, author: str | None, language: str | None) -> Reading:
    """Where no paragraph has a heading's style, headings are found by their shape."""
    text, blocks, told = pieces.text, tuple(pieces.blocks), pieces.byline
    headings = [block.span.of(text) for block in blocks if block.kind is BlockKind.HEADING]
    shown = headings[0] if headings else ""
    if not headings:
        lines = sort_lines(text)
        blocks, told, shown = lines.blocks, merged(told, lines.byline), lines.title
    found = Found(
        title=title or shown or None,
        source=told.source,
        url=told.url,
        published=told.published,
        language=language or None,
        author=told.author or (author if author and author != "python-docx" else None),
    )
    return Reading(text, blocks, found, pieces.invisible_removed)


def _check_expansion(data: bytes, limits: Limits) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError) as error:
        raise ExtractionFailed(f"The DOCX document is damaged: {error}.") from error
    if any(member.flag_bits & 1 for member in members):
        raise ExtractionFailed("The DOCX document is encrypted.")
    unpacked = sum(member.file_size for member in members)
    limits.check("max_expanded_bytes", unpacked, "Bytes when unpacked")
    if unpacked > max(_ALWAYS_FINE, limits.max_expansion * len(data)) or len(members) > _MOST_MEMBERS:
        allowed = f"max_expansion = {limits.max_expansion} times its size"
        message = f"The DOCX document unpacks to {unpacked:,} bytes in {len(members):,} parts, over {allowed}."
        raise DocumentTooLarge(message, field="max_expansion", limit=limits.max_expansion)


def _blocks(document: Any) -> Iterator[tuple[BlockKind, str, str]]:  # noqa: ANN401 - python-docx has few types
    from docx.table import Table

    in_list = False
    for element in document.iter_inner_content():
        if isinstance(element, Table):
            yield from _rows(element)
            in_list = False
            continue
        words = _text(element._p)
        if not words.strip():
            continue
        style = (element.style.name if element.style is not None else None) or ""
        numbered = element._p.pPr is not None and element._p.pPr.numPr is not None
        if _HEADING.match(style) or _is_bold_line(element, words):
            yield BlockKind.HEADING, " ".join(words.split()), "\n\n"
            in_list = False
        elif numbered or _LIST.match(style):
            yield BlockKind.TEXT, f"- {words.strip()}", "\n" if in_list else "\n\n"
            in_list = True
        else:
            yield BlockKind.TEXT, words, "\n\n"
            in_list = False


def _rows(table: Any) -> Iterator[tuple[BlockKind, str, str]]:  # noqa: ANN401
    for number, row in enumerate(table._tbl.tr_lst):
        cells = (" ".join(" ".join(_text(paragraph) for paragraph in cell.p_lst).split()) for cell in row.tc_lst)
        yield BlockKind.TEXT, " | ".join(filter(None, cells)), "\n" if number else "\n\n"


def _is_bold_line(paragraph: Any, words: str) -> bool:  # noqa: ANN401
    short = len(words) <= _HEADING_LENGTH and not words.rstrip().endswith((".", ":", ";", ","))
    runs = [run for run in paragraph.runs if run.text.strip()] if short else []
    return bool(runs) and all(run.bold for run in runs)


def _text(element: Any) -> str:  # noqa: ANN401
    """What stands in an element: insertions and links included, deletions, field codes and text boxes not."""
    parts: list[str] = []
    for child in element:
        tag = child.tag
        if tag == f"{_NAMESPACE}t":
            parts.append(child.text or "")
        elif tag in _WRITTEN:
            parts.append(_WRITTEN[tag])
        elif isinstance(tag, str) and tag not in _LEFT_OUT and tag != _FALLBACK:
            parts.append(_text(child))
    return "".join(parts)
