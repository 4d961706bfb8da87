"""Lines that say when an article appeared, who wrote it and where it came from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from corpus.dates import find_date

_LONGEST = 200  # code points of a line that holds nothing else
_LABEL = re.compile(
    r"\b(?:stand|(?:zuletzt )?aktualisiert|letztes update|update|veröffentlicht|erschienen|erstellt|datum|publiziert"
    r"|(?:last )?(?:updated|modified|published|posted)|date|autor(?:in)?(?:en)?|authors?|text|redaktion"
    r"|(?:lesezeit|lesedauer|reading time)\W{0,3}\d+ ?min\w*\.?|\d+ min(?:uten|utes|\.)?(?: read| lesezeit)?"
    r"|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonnabend|sonntag|mo|di|mi|do|fr|sa|so"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day|mon|tue|wed|thu|fri|sat|sun|am|um|on|at|uhr|ein (?:artikel|beitrag"
    r"|gastbeitrag|kommentar|interview|bericht)|(?:gast)?(?:beitrag|kommentar|analyse)|written|exklusiv)\b\.?",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"\b\d{1,2}[:.]\d{2}(?::\d{2})?(?:\s?[ap]\.?m\.?)?(?:\s?uhr)?"
    r"(?:\s?\(?(?:mesz|mez|cest|cet|gmt|utc|et|est|edt|pt|bst)\)?)?"
    r"|\b\d{1,2} ?(?:uhr|[ap]\.?m\.?)",
    re.IGNORECASE,
)
_BY = re.compile(r"^\W*(?:von|by|text:|autor(?:in)?:?|authors?:?|written by|ein \w+ von)\W+", re.IGNORECASE)
_NAME_WORD = r"(?:[^\W\d_]\.|(?:von|van|de|der|den|zu|la|al|el|bin|di|da)|[^\W\d_a-zß-ÿ][\w'’.-]*)"
_NAMES = re.compile(
    rf"{_NAME_WORD}(?: {_NAME_WORD}){{1,4}}(?:(?:,| und| and| &) {_NAME_WORD}(?: {_NAME_WORD}){{0,4}}){{0,4}}"
)
_HINT = re.compile(
    r"(?:19|20)\d\d|https?://|^\W*(?:von|by|text|autor|author|written|ein|quelle|source|original|via|zuerst)\b", re.I
)
_EDGES = " \t\u00a0|·•,;:/–—-()[]•.>"
_SOURCE = re.compile(
    r"\W*(?:quelle|source|original(?:artikel)?|originally published (?:at|on|by|in)|via"
    r"|zuerst erschienen (?:bei|auf|in))\W{1,3}(?P<value>\S.{1,250})",
    re.IGNORECASE,
)
_URL = re.compile(r"https?://[^\s<>\"“”„]+")


@dataclass(frozen=True, slots=True)
class Byline:
    """What such a line tells. ``published`` is YYYY-MM-DD."""

    published: str | None = None
    author: str | None = None
    source: str | None = None
    url: str | None = None


def read_byline(line: str) -> Byline | None:
    """What ``line`` tells if it is a byline, a dateline or a note of its source, else None."""
    words = line.strip()
    if not words or len(words) > _LONGEST or not _HINT.search(words):
        return None
    return _source_note(words) or _date_and_names(words)


def site_of(url: str) -> str | None:
    """The host of an http or https address without "www.", or None."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    host = (parts.hostname or "").removeprefix("www.")
    return host if parts.scheme in ("http", "https") and "." in host else None


def _source_note(words: str) -> Byline | None:
    match = _SOURCE.fullmatch(words)
    value = match["value"].strip() if match else words
    link = _URL.fullmatch(value)
    if link:
        url = link[0].rstrip(".,;)")
        return Byline(source=site_of(url), url=url)
    if (
        match
        and ":" in words[: match.start("value")]
        and len(value.split()) <= 5
        and not value.endswith((".", "!", "?"))
    ):
        return Byline(source=value)
    return None


def _date_and_names(words: str) -> Byline | None:
    found = find_date(words)
    by = _BY.match(words)
    if not found and not by:
        return None
    rest = words
    if found:
        rest = f"{words[: found[1]]} | {words[found[2] :]}"
        second = find_date(rest)  # "published …, updated …"
        if second:
            rest = f"{rest[: second[1]]} | {rest[second[2] :]}"
    if by and by.end() <= len(rest):
        rest = rest[by.end() :]
    rest = _LABEL.sub(" | ", _TIME.sub(" | ", rest))
    rest = re.sub(r"\b(?:von|by)\b(?=\W+[^\W\d_a-z])", " | ", rest)
    parts = [part for part in (piece.strip(_EDGES) for piece in re.split(r"[|·•/()]|,\s|\s[–—-]\s", rest)) if part]
    if len(parts) > 4 or sum(map(len, parts)) > 90:
        return None
    names = [part for part in parts if _NAMES.fullmatch(part)]
    if any(not _is_name_like(part) for part in parts) or (not found and not names):
        return None
    return Byline(published=found[0] if found else None, author=", ".join(names) or None)


def _is_name_like(part: str) -> bool:
    """Every word capitalised, and few: a name, an outlet or a place."""
    return len(part.split()) <= 6 and all(re.fullmatch(_NAME_WORD, word) for word in part.replace(" und ", " ").split())
