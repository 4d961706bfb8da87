"""Parallel passages of the project's own: newspaper and reference prose, which free parallel text lacks.

A file of ``passages/`` holds passages, an empty line between them. A line is a sentence: English, a tab, German. A line
that begins with "? " is a question that one of the sentences answers, in the same form.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from index.training.sources import Pair

FOLDER = Path(__file__).parent / "passages"
FILES = ("economy.txt", "politics.txt", "science.txt", "history.txt", "culture.txt", "technology.txt")

_QUESTION = "? "
_HELD_OUT = 6  # of each file every sixth passage is for development: it is measured on and never trained on


@dataclass(frozen=True, slots=True)
class Passage:
    """Sentences that follow one another, and questions that they answer, in both languages."""

    sentences: tuple[Pair, ...]
    questions: tuple[Pair, ...]

    @property
    def whole(self) -> Pair:
        """The passage as one text."""
        return " ".join(english for english, _ in self.sentences), " ".join(german for _, german in self.sentences)


def read_passages(folder: Path = FOLDER) -> tuple[list[Passage], list[Passage]]:
    """The passages to train on and those held out for development, in the order of FILES.

    Raises OSError where a file is missing and ValueError, with the line, where one is not as the module says.
    """
    training: list[Passage] = []
    held_out: list[Passage] = []
    for name in FILES:
        for place, passage in enumerate(_read(folder / name), start=1):
            (training if place % _HELD_OUT else held_out).append(passage)
    return training, held_out


def _read(path: Path) -> list[Passage]:
    found: list[Passage] = []
    sentences: list[Pair] = []
    questions: list[Pair] = []
    lines = path.read_text(encoding="utf-8").split("\n")
    for number, line in enumerate([*lines, ""], start=1):
        if line:
            asks = line.startswith(_QUESTION)
            pair = _pair(line.removeprefix(_QUESTION))
            if pair is None:
                raise ValueError(f"{path.name}, line {number}: expected English, a tab and German")
            if questions and not asks:
                raise ValueError(f"{path.name}, line {number}: a sentence after questions; is an empty line missing?")
            (questions if asks else sentences).append(pair)
        elif sentences:
            found.append(Passage(tuple(sentences), tuple(questions)))
            sentences, questions = [], []
        elif questions:
            raise ValueError(f"{path.name}, line {number - 1}: questions without a passage")
    return found


def _pair(line: str) -> Pair | None:
    sides = line.split("\t")
    if len(sides) != 2 or any(not side or side != side.strip() for side in sides):
        return None
    return sides[0], sides[1]
