"""What kind of input it is: by what it says it is, and by its first bytes, which know better."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Final
from urllib.parse import unquote, urlsplit

from corpus.errors import ExtractionFailed, UnsupportedMediaType

PLAIN: Final = "text/plain"
MARKDOWN: Final = "text/markdown"
HTML: Final = "text/html"
PDF: Final = "application/pdf"
DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
JSONL: Final = "application/x-ndjson"
JSON: Final = "application/json"

_EXTENSIONS: Final = {
    "txt": PLAIN, "text": PLAIN, "asc": PLAIN, "md": MARKDOWN, "markdown": MARKDOWN, "mdown": MARKDOWN, "html": HTML,
    "htm": HTML, "xhtml": HTML, "pdf": PDF, "docx": DOCX, "jsonl": JSONL, "ndjson": JSONL, "json": JSON,
}  # fmt: skip
_ALIASES: Final = {
    "text/x-markdown": MARKDOWN, "application/xhtml+xml": HTML, "application/x-pdf": PDF, "application/jsonl": JSONL,
    "application/jsonlines": JSONL, "application/x-jsonlines": JSONL, "application/json-lines": JSONL,
    "application/ndjson": JSONL, "text/jsonl": JSONL, "text/json": JSON, "text/x-web-markdown": MARKDOWN,
}  # fmt: skip
_READABLE: Final = frozenset(_EXTENSIONS.values())
_UNKNOWN: Final = frozenset({"", "application/octet-stream", "binary/octet-stream", "application/x-download"})

_HTML_START = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.{0,2000}?-->\s*)?<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def media_type_of(uri: str, declared: str | None, data: bytes) -> str:
    """One of the media types above, after a look at ``data``. Parameters of ``declared`` are not looked at.

    Raises UnsupportedMediaType for what no extractor reads, ExtractionFailed for encrypted Office files.
    """
    said = _said(uri, declared)
    found = _sniffed(data)
    if found is not None:
        return found
    if said in (None, PDF) and b"%PDF-" in data[:1024]:
        return PDF
    if said is None and _looks_like_json_lines(data):
        return JSONL
    return said or PLAIN


def is_known_name(uri: str) -> bool:
    """Whether a file's extension promises something readable, or promises nothing."""
    extension = _extension(uri)
    return not extension or extension in _EXTENSIONS


def file_name(uri: str) -> str:
    """The last part of a URI's path, decoded; its host where it has no path."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return uri
    path = unquote(parts.path).rstrip("/")
    return path.rsplit("/", 1)[-1] or parts.netloc or uri


def _extension(uri: str) -> str:
    name = file_name(uri)
    stem, dot, extension = name.rpartition(".")
    return extension.lower() if dot and stem and re.fullmatch(r"[A-Za-z]\w{0,7}", extension) else ""


def _said(uri: str, declared: str | None) -> str | None:
    """The media type that the sender or the name gives; None where neither says any."""
    base = (declared or "").split(";")[0].strip().lower()
    base = _ALIASES.get(base, base)
    if base == PLAIN and "#" in uri:
        return PLAIN  # a piece of a file, such as a line of JSONL, is not of the file's kind
    by_name = _EXTENSIONS.get(_extension(uri))
    if base in _UNKNOWN or (base == PLAIN and by_name is not None):
        if base in _UNKNOWN and not is_known_name(uri) and scheme_of(uri) in ("file", "upload"):
            raise UnsupportedMediaType(f"No extractor reads files ending in .{_extension(uri)}.", field="media_type")
        return by_name or (PLAIN if base == PLAIN else None)
    if base not in _READABLE:
        raise UnsupportedMediaType(f"No extractor reads {base}.", field="media_type")
    return base


def scheme_of(uri: str) -> str:
    """The scheme of a URI, or ""."""
    return uri.split(":", 1)[0].lower() if ":" in uri else ""


def _sniffed(data: bytes) -> str | None:
    """What the first bytes prove, or None. Text of any kind proves nothing, except HTML."""
    if data.startswith(b"%PDF-"):
        return PDF
    if data.startswith(b"PK\x03\x04"):
        return _zip_type(data)
    if data.startswith(_OLE):
        if _ENCRYPTED in data:
            raise ExtractionFailed("The Office document is encrypted.")
        raise UnsupportedMediaType("This is an Office file of the old kind; save it as DOCX.", field="media_type")
    return HTML if _HTML_START.match(data.lstrip(b"\xef\xbb\xbf")[:4096]) else None


def _zip_type(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError) as error:
        raise ExtractionFailed(f"The archive is damaged: {error}.") from error
    if "word/document.xml" in names or any(name.startswith("word/document") for name in names):
        return DOCX
    raise UnsupportedMediaType("This is an archive, but no DOCX document; send its files.", field="media_type")


def _looks_like_json_lines(data: bytes) -> bool:
    start = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    return re.match(rb'\{\s*"', start) is not None and b'"text"' in data
