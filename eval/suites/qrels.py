"""Judgements: lines of TREC (query, iteration, document, grade) or BEIR (query, document, score after a header)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from eval.suites.checks import Place, lines_of

HEADER = "query-id\tcorpus-id\tscore"


@dataclass(frozen=True, slots=True)
class Judgement:
    """A grade that a document got for a query, and where it is written; above 0 is relevant."""

    query_id: str
    doc_id: str
    grade: int
    place: Place


def read_qrels(path: Path) -> Iterator[Judgement]:
    """Every line of a file in either format. Raises SuiteInvalid naming the line that is in neither."""
    first = True
    for number, line in lines_of(path):
        place = Place(path, number)
        columns = _columns(line, place)
        query_id, doc_id, grade = columns[0], columns[-2], columns[-1]
        if first and not _is_whole(grade):
            first = False
            continue
        first = False
        if not _is_whole(grade):
            raise place.wrong(f"grade: expected a whole number, got {grade[:40]!r}")
        yield Judgement(query_id, doc_id, int(grade), place)


def _columns(line: str, place: Place) -> list[str]:
    """Three or four: ids may hold spaces only where tabs stand between them."""
    columns = [column.strip() for column in line.split("\t")] if "\t" in line else line.split()
    if len(columns) not in (3, 4) or not all(columns):
        wanted = "query, document, score, or query, iteration, document, grade"
        raise place.wrong(f"expected {wanted}, got {len([each for each in columns if each])} columns")
    return columns


def _is_whole(text: str) -> bool:
    return text.removeprefix("-").isascii() and text.removeprefix("-").isdigit()
