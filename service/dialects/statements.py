"""The statements an answer is made of: words, and the citations that prove them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from corpus.documents import Span
from service.answers import Answer, Citation

# Both answerers put "[1]" or "[1][2]" behind each statement, and leave no such marker in its words.
_STATEMENT = re.compile(r"(?P<words>.+?) ?(?P<marks>(?:\[\d+\])+)(?=\s|\Z)\s*", re.DOTALL)
_NUMBER = re.compile(r"\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class Statement:
    """Words of the answer with their proofs; ``span`` is where words and markers stand in ``Answer.text``."""

    words: str
    citations: tuple[Citation, ...]
    span: Span


def statements(answer: Answer) -> list[Statement]:
    """The answer's statements in order; together with their markers they are the whole of ``answer.text``."""
    known = {proof.number: proof for proof in answer.citations}
    found = []
    for match in _STATEMENT.finditer(answer.text):
        numbers = [int(number) for number in _NUMBER.findall(match["marks"])]
        proofs = tuple(known[number] for number in numbers if number in known)
        found.append(Statement(match["words"], proofs, Span(match.start(), match.end("marks"))))
    return found


def places(answer: Answer) -> dict[int, int]:
    """Each citation's place in the answer's list, from 1, by its number: what front ends that count go by."""
    return {proof.number: place for place, proof in enumerate(answer.citations, start=1)}
