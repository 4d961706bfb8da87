from __future__ import annotations

import pytest

from corpus.bylines import Byline, read_byline


@pytest.mark.parametrize(
    ("line", "byline"),
    [
        ("23. Juli 2025, 13:11 Uhr | Erika Muster", Byline("2025-07-23", "Erika Muster")),
        ("Von Erika Muster", Byline(None, "Erika Muster")),
        ("Von Erika Muster und Max Beispiel, 3. Mai 2025", Byline("2025-05-03", "Erika Muster und Max Beispiel")),
        ("By Jane Doe | March 4, 2025 | 9:30 am EST", Byline("2025-03-04", "Jane Doe")),
        ("Published: 4 March 2025, 10:00 GMT", Byline("2025-03-04")),
        ("Stand: 01.02.2024, 08:15 Uhr", Byline("2024-02-01")),
        ("Aktualisiert am 2. Februar 2024 um 9.30 Uhr", Byline("2024-02-02")),
        ("Veröffentlicht: 1. Februar 2024, aktualisiert: 2. Februar 2024", Byline("2024-02-01")),
        ("Mittwoch, 23. Juli 2025", Byline("2025-07-23")),
        ("2025-07-23", Byline("2025-07-23")),
        ("Text: Erika Muster", Byline(None, "Erika Muster")),
        ("Quelle: https://www.blatt.example/a/b", Byline(source="blatt.example", url="https://www.blatt.example/a/b")),
        ("Quelle: Musterblatt", Byline(source="Musterblatt")),
        ("https://blatt.example/a", Byline(source="blatt.example", url="https://blatt.example/a")),
        ("Von ganz unten: Chinas Strategie", None),
        ("By design", None),
        ("Im Jahr 2025 war alles anders", None),
        ("", None),
    ],
)
def test_bylines(line: str, byline: Byline | None):
    assert read_byline(line) == byline
