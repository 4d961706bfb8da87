"""Ask the questions of a file about articles in a folder, and say how often the right passage came first.

    python -m eval.sample QUESTIONS.json ARTICLES [--work DIR] [--show]

The file holds a list of {question, language, gold: [{file, quote}]} or {question, language, seed, needles}: a passage
is right when it holds one of the quotes (needles). Questions without any should be abstained from.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from corpus.limits import Limits
from corpus.sources import read_paths
from service.answers import Answer, Outcome
from service.engine import Engine
from service.settings import Settings


@dataclass(frozen=True, slots=True)
class Asked:
    """One question, the words that a right passage holds (none: there is no answer), and what came back."""

    question: str
    needles: tuple[str, ...]
    answer: Answer

    @property
    def rank(self) -> int | None:
        """Of the first right passage, from 1."""
        for found in self.answer.passages:
            if any(_plain(needle) in _plain(found.passage.text) for needle in self.needles):
                return found.rank
        return None

    @property
    def cited(self) -> bool:
        """Whether one of the quotes is right."""
        quotes = [_plain(citation.quote) for citation in self.answer.citations]
        return any(_plain(needle) in quote for needle in self.needles for quote in quotes)


def _plain(text: str) -> str:
    return " ".join(text.split())


def read_questions(path: Path) -> list[tuple[str, str, tuple[str, ...]]]:
    """(question, language, needles) of every entry. Raises OSError, ValueError or KeyError."""
    read = []
    for entry in json.loads(path.read_text(encoding="utf-8")):
        needles = entry["needles"] if "needles" in entry else [gold["quote"] for gold in entry["gold"]]
        read.append((entry["question"], entry["language"], tuple(needles)))
    return read


def ask_all(engine: Engine, questions: Sequence[tuple[str, str, tuple[str, ...]]], k: int = 10) -> list[Asked]:
    """Ask every question, its language undeclared."""
    return [Asked(question, needles, engine.ask(question, k=k)) for question, _, needles in questions]


def summary(asked: Sequence[Asked]) -> str:
    """Counts, in Markdown."""
    with_answer = [each for each in asked if each.needles]
    without = [each for each in asked if not each.needles]
    first = sum(each.rank == 1 for each in with_answer)
    three = sum(each.rank is not None and each.rank <= 3 for each in with_answer)
    answered = [each for each in with_answer if each.answer.outcome is Outcome.ANSWERED]
    false = sum(each.answer.outcome is Outcome.ANSWERED for each in without)
    return "\n".join(
        [
            "| measure | count |",
            "|---|---|",
            f"| right passage first | {first} of {len(with_answer)} |",
            f"| right passage among three | {three} of {len(with_answer)} |",
            f"| answered | {len(answered)} of {len(with_answer)} |",
            f"| answered, and a quote holds the gold | {sum(each.cited for each in answered)} of {len(answered)} |",
            f"| answered without an answer in the articles | {false} of {len(without)} |",
        ]
    )


def main() -> None:
    """Parse, ingest, ask, print."""
    parser = argparse.ArgumentParser(prog="python -m eval.sample", description=__doc__.splitlines()[0])
    parser.add_argument("questions", type=Path)
    parser.add_argument("articles", type=Path)
    parser.add_argument("--work", type=Path, help="a data folder to keep for the next run")
    parser.add_argument("--show", action="store_true", help="print every question with its answer")
    chosen = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as temporary,
        Engine.open(Settings(data=chosen.work or Path(temporary))) as engine,
    ):
        engine.ingest(read_paths([chosen.articles], Limits()))
        asked = ask_all(engine, read_questions(chosen.questions))
    if chosen.show:
        for each in asked:
            right = "-" if not each.needles else str(each.rank)
            print(
                f"{right:>4} {each.answer.answerability.score:.2f} {each.question}\n          {each.answer.text[:400]}"
            )
    print(summary(asked))


if __name__ == "__main__":
    main()
