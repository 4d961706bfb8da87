"""HTML pages -> the article on them, without what surrounds it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from corpus.bylines import site_of
from corpus.clutter import sort_lines
from corpus.documents import BlockKind
from corpus.errors import EmptyDocument
from corpus.extract.pieces import Found, Pieces, Reading
from corpus.extract.quiet import foreign_library
from corpus.language import UNDETERMINED, detect_document_language

_LANGUAGE = re.compile(r"<html\b[^>]*?\blang\s*=\s*[\"']?([A-Za-z]{2,3}(?:-[\w-]+)?)", re.IGNORECASE)
_XML_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")
_UNSAID = re.compile(r"\A(?:unknown|admin|author|n/?a|none|null)\Z", re.IGNORECASE)


def read_html(text: str) -> Reading:
    """The main text of a page with its headings, and the metadata that the page declares.

    Raises EmptyDocument where the page has no main text, ExtractionFailed where it cannot be parsed.
    """
    with foreign_library("trafilatura", "HTML"):
        page = _extracted(_XML_DECLARATION.sub("", text))
    if page is None or page.body is None:
        raise EmptyDocument("The page has no text of its own.")
    pieces = Pieces()
    for kind, words, gap in _walk(page.body):
        if kind is BlockKind.HEADING:
            pieces.add(kind, words, gap=gap)
        else:
            pieces.add_paragraph(words, gap=gap)
    return Reading(pieces.text, tuple(pieces.blocks), _found(page, pieces, text), pieces.invisible_removed)


def _extracted(text: str) -> Any:  # noqa: ANN401 - trafilatura has no types
    from trafilatura import bare_extraction

    options = {"original_date": True, "extensive_search": False}
    return bare_extraction(
        text, with_metadata=True, include_comments=False, include_tables=True, include_formatting=True,
        date_extraction_params=options,
    )  # fmt: skip


def _walk(body: Any) -> Iterator[tuple[BlockKind, str, str]]:  # noqa: ANN401
    """The blocks of trafilatura's tree: kind, words, and the gap that goes before them."""
    for element in body:
        tag = element.tag
        if tag == "head":
            yield BlockKind.HEADING, _words(element), "\n\n"
        elif tag == "list":
            yield from _items(element)
        elif tag == "table":
            for number, row in enumerate(element.iter("row")):
                cells = [_words(cell) for cell in row.iter("cell")]
                yield BlockKind.TEXT, " | ".join(filter(None, cells)), "\n" if number else "\n\n"
        elif tag in ("quote", "div") and any(child.tag in ("p", "list", "head", "quote") for child in element):
            if (element.text or "").strip():
                yield BlockKind.TEXT, " ".join(element.text.split()), "\n\n"
            yield from _walk(element)
        elif isinstance(tag, str) and tag != "graphic":
            yield BlockKind.TEXT, _words(element), "\n\n"
        if (element.tail or "").strip():
            yield BlockKind.TEXT, " ".join(element.tail.split()), "\n\n"


def _items(element: Any) -> Iterator[tuple[BlockKind, str, str]]:  # noqa: ANN401
    first = True
    for item in element.iter("item"):
        words = _words(item)
        if words:
            yield BlockKind.TEXT, f"- {words}", "\n\n" if first else "\n"
            first = False


def _words(element: Any) -> str:  # noqa: ANN401
    """An element's text: white space single, line breaks kept, nested items left to their own turn."""
    parts: list[str] = [element.text or ""]
    for child in element:
        if child.tag == "lb":
            parts.append("\n")
        elif child.tag not in ("list", "item", "graphic") and isinstance(child.tag, str):
            parts.append(_words(child))
        parts.append(child.tail or "")
    lines = (" ".join(line.split(" ")) for line in "".join(parts).replace("\t", " ").split("\n"))
    return "\n".join(re.sub(" {2,}", " ", line).strip() for line in lines).strip()


def _found(page: Any, pieces: Pieces, text: str) -> Found:  # noqa: ANN401
    declared = _LANGUAGE.search(text[:20_000])
    told = pieces.byline
    author = page.author if page.author and not _UNSAID.match(page.author) else told.author
    undetermined = declared is not None and detect_document_language(pieces.text) == UNDETERMINED
    return Found(
        title=page.title or sort_lines(pieces.text[:2_000]).title,
        source=page.sitename or told.source or site_of(page.url or ""),
        url=page.url or told.url,
        published=page.date or told.published,
        language=declared[1] if declared and undetermined else None,  # pages often declare their template's language
        author=author,
        metadata={"description": page.description} if page.description else {},
    )
