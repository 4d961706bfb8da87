from __future__ import annotations

import pytest

from corpus.dates import find_date, parse_date


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2025-07-23", "2025-07-23"),
        ("2025-07-23T13:11:00+02:00", "2025-07-23"),
        ("2025-07-23 13:11", "2025-07-23"),
        ("20250723", "2025-07-23"),
        ("2025/07/23", "2025-07-23"),
        ("23.07.2025", "2025-07-23"),
        ("3.5.2025", "2025-05-03"),
        ("23. Juli 2025", "2025-07-23"),
        ("23. Juli 2025, 13:11 Uhr", "2025-07-23"),
        ("3. März 2024", "2024-03-03"),
        ("July 23, 2025", "2025-07-23"),
        ("Jul. 23, 2025", "2025-07-23"),
        ("23 July 2025", "2025-07-23"),
        ("23rd of July 2025", "2025-07-23"),
        ("31.02.2025", None),
        ("2025-13-01", None),
        ("07/08/2025", None),
        ("2025", None),
        ("Juli 2025", None),
        ("gestern", None),
        ("23. Juli 2025 war ein Tag", None),
        ("Wed, 23 Jul 2025 13:11:00 GMT", "2025-07-23"),
        ("Mittwoch, 23. Juli 2025 um 13.11 Uhr", "2025-07-23"),
        ("2025-07-231", None),
        ("", None),
    ],
)
def test_parse(text: str, date: str | None):
    assert parse_date(text) == date


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Stand: 23. Juli 2025, 13:11 Uhr", "23. Juli 2025"),
        ("Veröffentlicht am 01.02.2024 von Max Muster", "01.02.2024"),
        ("Published March 4, 2025 by Jane Doe", "March 4, 2025"),
        ("31.02.2025 oder 01.03.2025", "01.03.2025"),
        ("Version 1.23.07.2025", None),
        ("kein Datum", None),
    ],
)
def test_find(text: str, found: str | None):
    result = find_date(text)
    assert (text[result[1] : result[2]] if result else None) == found
