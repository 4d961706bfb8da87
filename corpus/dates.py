"""Dates as newspapers write them, read without guessing."""

from __future__ import annotations

import datetime
import re

_MONTHS = {
    name: number
    for number, names in enumerate(
        [
            "januar jänner january jan jän", "februar february feb febr", "märz maerz march mar mrz mär",
            "april apr", "mai may", "juni june jun", "juli july jul", "august aug", "september sept sep",
            "oktober october okt oct", "november nov", "dezember december dez dec",
        ],
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_MONTH = "(?P<month>" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\b\.?"
_DAY = r"(?P<day>\d{1,2})"
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_FORMS = [
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"(?<![\d.]){_YEAR}-(?P<month>\d\d)-(?P<day>\d\d)(?!\d)",
        rf"(?<![\d.]){_DAY}\.\s?(?P<month>\d{{1,2}})\.\s?{_YEAR}(?!\d)",
        rf"(?<![\d.]){_DAY}\.?(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH},?\s+{_YEAR}(?!\d)",
        rf"\b{_MONTH}\s+{_DAY}(?:st|nd|rd|th)?,?\s+{_YEAR}(?!\d)",
    )
]
_WEEKDAY = re.compile(r"^[^\W\d]+\.?,\s+")
_TIME_OF_DAY = re.compile(r"(?:[T,\s]\s*(?:um\s+|at\s+)?\d{1,2}[:.]\d\d.*)?")
_COMPACT = re.compile(r"(?P<year>(?:19|20)\d\d)[/.]?(?P<month>\d\d)[/.]?(?P<day>\d\d)")


def find_date(text: str) -> tuple[str, int, int] | None:
    """The first whole date in ``text`` as (YYYY-MM-DD, start, end), or None. Slashed dates are ambiguous: not read."""
    found = [match for form in _FORMS for match in form.finditer(text)]
    for match in sorted(found, key=lambda match: match.start()):
        date = _iso(match)
        if date:
            return date, match.start(), match.end()
    return None


def parse_date(text: str) -> str | None:
    """YYYY-MM-DD where ``text`` is a date, alone or with a time of day after it, else None."""
    words = _WEEKDAY.sub("", text.strip())
    compact = _COMPACT.fullmatch(words)
    if compact:
        return _iso(compact)
    for form in _FORMS:
        match = form.match(words)
        if match and _TIME_OF_DAY.fullmatch(words, match.end()):
            return _iso(match)
    return None


def _iso(match: re.Match[str]) -> str | None:
    month = match["month"].lower().rstrip(".")
    number = int(month) if month.isdigit() else _MONTHS[month]
    try:
        return datetime.date(int(match["year"]), number, int(match["day"])).isoformat()
    except ValueError:
        return None
