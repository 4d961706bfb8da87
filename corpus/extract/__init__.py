"""One extractor per media type: bytes in, text with blocks and metadata out."""

from __future__ import annotations

from dataclasses import dataclass

from corpus.documents import Block, BlockKind, Document
from corpus.errors import EmptyDocument, UnsupportedMediaType
from corpus.extract.decode import charset_of, decode
from corpus.extract.fields import Given, check_given, make_doc_id, usable
from corpus.extract.pieces import Found, Reading
from corpus.language import detect_document_language
from corpus.limits import Limits
from corpus.media import DOCX, HTML, JSON, JSONL, MARKDOWN, PDF, file_name, media_type_of
from corpus.sources import RawInput

_LANGUAGE_SAMPLE = 4_000  # code points


@dataclass(frozen=True, slots=True)
class Extract:
    """A document ready to be cut into passages. ``blocks`` are ordered, disjoint spans of its text."""

    document: Document
    blocks: tuple[Block, ...]
    invisible_removed: int
    encoding: str | None  # None where the format brings its own


def extract(raw: RawInput, limits: Limits, *, default_source: str | None = None) -> Extract:
    """Read one input. What its sender said wins over what is found in it.

    Raises UnsupportedMediaType, DocumentTooLarge (naming the limit), ExtractionFailed, EmptyDocument, and
    InvalidDocument (naming the field).
    """
    given = check_given(raw.fields, limits)
    limits.check("max_bytes", len(raw.data), "Bytes")
    if not raw.data.strip():
        raise EmptyDocument("The input is empty.")
    media_type = media_type_of(raw.uri, raw.media_type, raw.data)
    reading, encoding = _read(raw, media_type, limits)
    limits.check("max_characters", len(reading.text), "Characters of text")
    if not any(block.kind is BlockKind.TEXT for block in reading.blocks):
        raise EmptyDocument("No text is left once headings, captions and page furniture are set aside.")
    document = _document(raw.uri, media_type, reading, given, usable(reading.found, limits), default_source)
    return Extract(document, reading.blocks, reading.invisible_removed, encoding)


def _read(raw: RawInput, media_type: str, limits: Limits) -> tuple[Reading, str | None]:
    if media_type in (JSON, JSONL):
        raise UnsupportedMediaType("JSON holds documents, it is none: send its objects one by one.", field="media_type")
    if media_type == PDF:
        from corpus.extract.pdf import read_pdf

        return read_pdf(raw.data, limits), None
    if media_type == DOCX:
        from corpus.extract.docx import read_docx

        return read_docx(raw.data, limits), None
    text, encoding = decode(raw.data, charset_of(raw.media_type), html=media_type == HTML)
    if media_type == HTML:
        from corpus.extract.html import read_html

        return read_html(text), encoding
    limits.check("max_characters", len(text), "Characters")
    if media_type == MARKDOWN:
        from corpus.extract.markdown import read_markdown

        return read_markdown(text), encoding
    from corpus.extract.plain import read_plain

    return read_plain(text), encoding


def _document(
    uri: str, media_type: str, reading: Reading, given: Given, found: Found, default_source: str | None
) -> Document:
    metadata = {**({"author": found.author} if found.author else {}), **found.metadata, **given.metadata}
    return Document(
        doc_id=given.doc_id or make_doc_id(uri),
        title=given.title or found.title or file_name(uri),
        text=reading.text,
        uri=uri,
        media_type=media_type,
        language=given.language or found.language or detect_document_language(_prose(reading)),
        published=given.published or found.published,
        source=given.source or found.source or default_source,
        url=given.url or found.url,
        metadata=metadata,
    )


def _prose(reading: Reading) -> str:
    """The first words that are neither headings nor clutter: those may be in another language."""
    parts: list[str] = []
    length = 0
    for block in reading.blocks:
        if block.kind is BlockKind.TEXT:
            parts.append(block.span.of(reading.text))
            length += len(block.span)
            if length >= _LANGUAGE_SAMPLE:
                break
    return "\n".join(parts)
