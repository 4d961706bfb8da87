"""Bytes -> text, in the encoding they are most likely in."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from functools import partial

from corpus.errors import ExtractionFailed

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROL = bytes(set(range(32)) - {7, 8, 9, 10, 11, 12, 13, 26, 27})
_CONTROL_TEXT = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufffd]")
_META = re.compile(
    rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]{2,40})|<\?xml[^>]{0,100}?encoding=[\"']([\w.:-]{2,40})",
    re.IGNORECASE,
)
# What German, and most of western Europe, writes outside ASCII.
_WESTERN = frozenset("äöüßÄÖÜéèêëáàâåãçñíìîïóòôõøúùûýæœÉÈÁÀÅÇÑÍÓØÚÆ„“”‚‘’«»‹›–—…€§°·•©®™£¥²³¼½¾×±µ¿¡\u00a0\u00ad†‰ºª´¨")
_GERMAN = frozenset("äöüßÄÖÜéàèç„“”‚‘’«»–—…§°·€")
_SAME_AS = {"iso8859-1": "cp1252", "ascii": "cp1252", "latin-1": "cp1252"}  # as browsers read them
_RUBBISH = 0.02  # share of control characters above which bytes are no text


def decode(data: bytes, charset: str | None = None, *, html: bool = False) -> tuple[str, str]:
    """The text and the name of its encoding. ``charset`` is what the sender said, believed unless it is UTF-8 anyway.

    Byte order marks come first, then UTF-8, the charset said (by the sender, then by the HTML), western European
    encodings where the characters fit, and then statistics. Raises ExtractionFailed where it is no text.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _strict(data, encoding), encoding.removesuffix("-sig")
    wide = _without_mark(data)
    if wide:
        return _strict(data, wide), wide
    if len(data.translate(None, _CONTROL)) < len(data) * (1 - _RUBBISH):
        raise ExtractionFailed("These bytes are no text.")
    said = [name for name in (charset, _meta_charset(data) if html else None) if name]
    if not any(_is_escaped(name) for name in said):
        try:
            return data.decode("utf-8"), "utf-8"
        except UnicodeDecodeError:
            pass
    readers: list[Callable[[bytes], tuple[str, str] | None]] = [partial(_said, encoding=encoding) for encoding in said]
    readers += [_western, *(partial(_german, encoding=encoding) for encoding in ("mac_roman", "cp850")), _guess]
    for reader in readers:
        found = reader(data)
        if found is not None:
            return found
    raise ExtractionFailed("The encoding of the text could not be told.")


def charset_of(media_type: str | None) -> str | None:
    """The charset parameter of a media type, or None."""
    match = re.search(r"charset\s*=\s*[\"']?([\w.:-]+)", media_type or "", re.IGNORECASE)
    return match[1] if match else None


def _strict(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise ExtractionFailed(f"The text begins as {encoding} but breaks at byte {error.start}.") from error


def _without_mark(data: bytes) -> str | None:
    """UTF-16 that does not say so: every other byte of western text is zero."""
    sample = data[:4096]
    if len(data) < 8 or len(data) % 2:
        return None
    zeros = sample[0::2].count(0), sample[1::2].count(0)
    half = len(sample) // 2
    if max(zeros) > 0.7 * half and min(zeros) < 0.05 * half:
        return "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"
    return None


def _meta_charset(data: bytes) -> str | None:
    match = _META.search(data[:4096])
    return (match[1] or match[2]).decode("ascii") if match else None


def _is_escaped(name: str) -> bool:
    """Encodings whose every byte is ASCII, so that they pass for UTF-8."""
    return name.lower().startswith(("iso-2022", "hz"))


def _said(data: bytes, encoding: str) -> tuple[str, str] | None:
    try:
        name = codecs.lookup(encoding).name
        name = _SAME_AS.get(name, name)
        text = data.decode(name)
    except (LookupError, UnicodeError):
        return None
    return None if len(_CONTROL_TEXT.findall(text)) > _RUBBISH * len(text) else (text, name)


def _western(data: bytes) -> tuple[str, str] | None:
    """Windows-1252, or ISO 8859-15 where a euro sign shows that, if nearly every character is a western one."""
    has_windows_bytes = re.search(rb"[\x80-\x9f]", data) is not None
    encoding = "iso8859-15" if b"\xa4" in data and not has_windows_bytes else "cp1252"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        return None
    return (text, encoding) if _fits(text, _WESTERN) else None


def _german(data: bytes, encoding: str) -> tuple[str, str] | None:
    """An encoding in which every byte has a meaning, if the meaning of nearly all is German."""
    text = data.decode(encoding)
    return (text, encoding) if _fits(text, _GERMAN) else None


def _guess(data: bytes) -> tuple[str, str] | None:
    from charset_normalizer import from_bytes

    matches = from_bytes(data[:200_000])
    # Where statistics cannot tell two encodings apart, old Macintosh ones are the unlikelier.
    best = min(matches, key=lambda match: (match.chaos, "mac" in match.encoding, -match.coherence), default=None)
    return _said(data, best.encoding) if best else None


def _fits(text: str, expected: frozenset[str]) -> bool:
    beyond = [character for character in text if character > "\x7f"]
    return sum(character in expected for character in beyond) >= 0.95 * len(beyond)
