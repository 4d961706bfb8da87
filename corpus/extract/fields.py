"""What is said about a document, checked: by its sender strictly, by the document itself forgivingly."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from corpus.bylines import site_of
from corpus.clutter import shortened
from corpus.dates import parse_date
from corpus.errors import InvalidDocument
from corpus.extract.pieces import Found
from corpus.language import ISO_639_1, UNDETERMINED
from corpus.limits import Limits
from corpus.media import file_name
from corpus.normalise import normalise

FIELDS = ("doc_id", "title", "source", "url", "published", "language", "metadata")

_DOC_ID = re.compile(r"[A-Za-z0-9._:-]{1,200}")
_SLUG_LENGTH = 60
_TITLE_LENGTH = 300  # of a title that was found rather than given
_FOLDED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ẞ": "SS"})


@dataclass(frozen=True, slots=True)
class Given:
    """A sender's fields, each valid or None."""

    doc_id: str | None = None
    title: str | None = None
    source: str | None = None
    url: str | None = None
    published: str | None = None
    language: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


def check_given(fields: Mapping[str, str | Mapping[str, str]], limits: Limits) -> Given:
    """The fields a sender gave; empty ones count as not given. Raises InvalidDocument naming the field."""
    for name in fields:
        if name not in FIELDS:
            raise InvalidDocument(f"{name}: there is no such field; there are {', '.join(FIELDS)}.", field=name)
    metadata = fields.get("metadata") or {}
    if not isinstance(metadata, Mapping):
        raise InvalidDocument("metadata must map names to text.", field="metadata")
    words = {name: _line(name, fields.get(name), limits) for name in FIELDS if name != "metadata"}
    doc_id = words["doc_id"]
    if doc_id is not None and not _DOC_ID.fullmatch(doc_id):
        raise InvalidDocument("doc_id: 1 to 200 of A-Z a-z 0-9 . _ : -", field="doc_id", limit=200)
    return Given(
        doc_id=doc_id,
        title=words["title"],
        source=words["source"],
        url=_checked("url", words["url"], usable_url, "an http or https address"),
        published=_checked("published", words["published"], parse_date, "a date such as 2025-07-23"),
        language=_checked("language", words["language"], usable_language, "an ISO 639-1 code such as de or en"),
        metadata=_check_metadata(metadata, limits),
    )


def usable(found: Found, limits: Limits) -> Found:
    """What a document says of itself, without what is malformed and cut to size."""
    longest = limits.max_field_characters
    source, url = _clean(found.source), usable_url(_clean(found.url))
    if usable_url(source):
        source, url = site_of(source) or "", url or source
    metadata = {_clean(key)[:longest]: _clean(value)[:longest] for key, value in found.metadata.items() if _clean(key)}
    return Found(
        title=shortened(_clean(found.title), min(_TITLE_LENGTH, longest)) or None,
        source=source[:longest] or None,
        url=url if url and len(url) <= longest else None,
        published=parse_date(_clean(found.published)),
        language=usable_language(_clean(found.language)),
        author=_clean(found.author)[:longest] or None,
        metadata=dict(list(metadata.items())[: max(0, limits.max_metadata - 1)]),
    )


def make_doc_id(uri: str) -> str:
    """A readable id that depends on nothing but the URI: its last part, and 8 hex digits of its SHA-256."""
    name = file_name(uri)
    stem = name.rpartition(".")[0] or name
    ascii_only = unicodedata.normalize("NFKD", stem.translate(_FOLDED)).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", ascii_only.lower()).strip("-")[:_SLUG_LENGTH].strip("-")
    return f"{slug or 'document'}-{hashlib.sha256(uri.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


def usable_url(url: str) -> str | None:
    """The address if it is an absolute one over http or https, else None."""
    if re.search(r"[\s<>\"\x00-\x1f\x7f]", url):
        return None
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises where it is no number
    except ValueError:
        return None
    return url if parts.scheme.lower() in ("http", "https") and parts.hostname else None


def usable_language(code: str) -> str | None:
    """ISO 639-1 in lower case, without a region; "und" for undetermined; None for anything else."""
    base = re.split(r"[-_]", code.strip().lower())[0]
    return base if base in ISO_639_1 or base == UNDETERMINED else None


def _line(name: str, value: str | Mapping[str, str] | None, limits: Limits) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise InvalidDocument(f"{name} must be text.", field=name)
    _check_length(name, value, limits)
    return _clean(value) or None


def _check_length(name: str, value: str, limits: Limits) -> None:
    longest = limits.max_field_characters
    if len(value) > longest:
        message = f"{name}: {len(value):,} characters are over max_field_characters = {longest:,}."
        raise InvalidDocument(message, field=name, limit=longest)


def _checked(name: str, value: str | None, reader: Callable[[str], str | None], wanted: str) -> str | None:
    if value is None:
        return None
    usable_value = reader(value)
    if usable_value is None:
        raise InvalidDocument(f"{name} must be {wanted}, got {shortened(value, 60)!r}.", field=name)
    return usable_value


def _check_metadata(metadata: Mapping[str, str], limits: Limits) -> dict[str, str]:
    if len(metadata) > limits.max_metadata:
        message = f"metadata: {len(metadata)} entries are over max_metadata = {limits.max_metadata}."
        raise InvalidDocument(message, field="metadata", limit=limits.max_metadata)
    checked: dict[str, str] = {}
    for key, value in metadata.items():
        if not isinstance(key, str) or not isinstance(value, str):
            raise InvalidDocument("metadata must map text to text.", field="metadata")
        for words in (key, value):
            _check_length("metadata", words, limits)
        if _clean(key):
            checked[_clean(key)] = _clean(value)
    return checked


def _clean(words: str | None) -> str:
    return " ".join(normalise(words).text.split()) if words else ""
