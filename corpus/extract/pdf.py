"""PDF -> the lines of its pages, put together again."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from corpus.clutter import sort_lines
from corpus.errors import DocumentTooLarge, EmptyDocument, ExtractionFailed
from corpus.extract.pieces import Found, Reading
from corpus.extract.quiet import foreign_library
from corpus.limits import Limits
from corpus.normalise import normalise
from corpus.wrapping import unwrap

if TYPE_CHECKING:
    from pypdf import PdfReader

_ALWAYS_FINE = 4 * 1024 * 1024  # bytes unpacked from one stream, however small the file
_EDGE_LINES = 2  # a running head or foot takes no more
_LIGATURES = str.maketrans({"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"})
_NO_TITLE = re.compile(
    r"(?i)untitled|unbenannt|ohne titel|microsoft (?:word|powerpoint)|.*\.(?:docx?|indd|pdf|tex|qxp)\s*$|\W*$"
)
_PAGE_NUMBER = re.compile(r"(?i)\W*(?:(?:seite|page|s\.)\s*)?\d{1,4}(?:\s*(?:von|of|/)\s*\d{1,4})?\W*")


def read_pdf(data: bytes, limits: Limits) -> Reading:
    """The text of all pages: broken lines joined, words parted at line ends mended, running heads and feet left out.

    Raises DocumentTooLarge (max_pages, max_characters, max_expansion, max_expanded_bytes), ExtractionFailed for damaged
    or encrypted files, EmptyDocument for pages that are only pictures.
    """
    with foreign_library("pypdf", "PDF"):
        from pypdf import apply_configuration
        from pypdf.errors import LimitReachedError

        room = min(limits.max_expanded_bytes, max(_ALWAYS_FINE, limits.max_expansion * len(data)))
        try:
            with apply_configuration(
                zlib_maximum_output_length=room,
                lzw_maximum_output_length=room,
                run_length_maximum_output_length=room,
                brotli_maximum_output_length=room,
                array_based_stream_maximum_output_length=room,
                stream_decoding_work_maximum_length=4 * room,
            ):
                reader = _opened(data)
                pages = list(_pages(reader, limits))
                title, author = _said(reader)
        except LimitReachedError as error:
            message = f"The PDF passes max_expansion = {limits.max_expansion} times its size: {error}"
            raise DocumentTooLarge(message, field="max_expansion", limit=limits.max_expansion) from error
    return _reading(pages, title, author)


def _opened(data: bytes) -> PdfReader:
    from pypdf import PasswordType, PdfReader
    from pypdf.errors import DependencyError

    reader = PdfReader(io.BytesIO(data))
    if reader.is_encrypted:
        try:
            opened = reader.decrypt("") is not PasswordType.NOT_DECRYPTED
        except DependencyError:
            opened = False
        if not opened:
            raise ExtractionFailed("The PDF is encrypted.")
    return reader


def _pages(reader: PdfReader, limits: Limits) -> Iterator[list[str]]:
    """The lines of each page, while the limits allow more."""
    limits.check("max_pages", len(reader.pages), "Pages")
    characters = unpacked = 0
    for page in reader.pages:
        contents = page.get_contents()
        unpacked += len(contents.get_data()) if contents is not None else 0
        limits.check("max_expanded_bytes", unpacked, "Bytes of unpacked pages")
        text = page.extract_text()
        characters += len(text)
        limits.check("max_characters", characters, "Characters of text")
        yield [line.rstrip() for line in text.split("\n")]


def _said(reader: PdfReader) -> tuple[str | None, str | None]:
    said = reader.metadata
    return (said.title, said.author) if said else (None, None)


def _reading(pages: Sequence[list[str]], title: str | None, author: str | None) -> Reading:
    bodies = _without_running_lines(pages)
    normalised = normalise("\n".join("\n".join(lines) for lines in bodies).translate(_LIGATURES))
    words = unwrap("\n".join(line.strip() for line in normalised.text.split("\n")).strip(), hyphens=True)
    if not words:
        raise EmptyDocument("The pages hold no text, perhaps only pictures of it.")
    lines = sort_lines(words)
    found = Found(
        title=title if title and _names(title, words) else lines.title or None,
        source=lines.byline.source,
        url=lines.byline.url,
        published=lines.byline.published,
        author=lines.byline.author or author,
    )
    return Reading(words, lines.blocks, found, normalised.invisible_removed)


def _names(title: str, words: str) -> bool:
    """Whether a declared title is the article's: many are a file's name, and the article's stands on its first page."""
    folded = " ".join(title.split()).casefold()
    return not _NO_TITLE.match(title) and folded in " ".join(words[:4_000].split()).casefold()


def _without_running_lines(pages: Sequence[list[str]]) -> list[list[str]]:
    """The pages without page numbers, and without lines that stand at the edge of most pages."""
    filled = [[line for line in lines if line.strip()] for lines in pages]
    counted = Counter(key for lines in filled for key in {_key(line) for line in _edges(lines)})
    running = {key for key, count in counted.items() if count >= 3 and count * 2 > len(pages)}
    bodies: list[list[str]] = []
    for lines in pages:
        places = [place for place, line in enumerate(lines) if line.strip()]
        numbers = {place for place in (*places[:1], *places[-1:]) if _PAGE_NUMBER.fullmatch(lines[place])}
        repeated = {place for place in (*places[:_EDGE_LINES], *places[-_EDGE_LINES:]) if _key(lines[place]) in running}
        drop = numbers | repeated
        # Blank lines at a page's edges are no end of a paragraph: it may run over the page.
        kept = [place for place in places if place not in drop]
        first, last = (kept[0], kept[-1]) if kept else (1, 0)
        bodies.append([line for place, line in enumerate(lines) if first <= place <= last and place not in drop])
    return bodies


def _edges(lines: Sequence[str]) -> list[str]:
    return [*lines[:_EDGE_LINES], *lines[-_EDGE_LINES:]]


def _key(line: str) -> str:
    return re.sub(r"\d+", "0", " ".join(line.split())).casefold()
