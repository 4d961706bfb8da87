"""One sitting of a judge: where they are, what they said, the way back; the same for terminal and browser."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from eval.labelling.labels import NO, WORDS, Labels
from eval.labelling.pool import Item


class Session:
    """Goes through the items. A skipped one stays open and comes again in the next session."""

    def __init__(self, items: Sequence[Item], labels: Labels) -> None:
        self.items = items
        self.at = 0
        self.grades: dict[int, int] = {}
        self._labels = labels

    @property
    def item(self) -> Item | None:
        """What is to be judged now; None at the end."""
        return self.items[self.at] if self.at < len(self.items) else None

    @property
    def grade(self) -> int | None:
        """What was said about it before, where the judge has gone back."""
        return self.grades.get(self.at)

    def judge(self, grade: int) -> None:
        """Write a grade down and go on."""
        item = self.items[self.at]
        self._labels.add(item.query.query_id, item.doc_id, grade)
        self.grades[self.at] = grade
        self.at += 1

    def skip(self) -> None:
        """Go on without a grade."""
        self.at = min(self.at + 1, len(self.items))

    def back(self) -> None:
        """To the one before, to judge it anew."""
        self.at = max(self.at - 1, 0)

    def question_number(self) -> tuple[int, int]:
        """Which of the questions this is, from 1, and how many there are."""
        names = list(dict.fromkeys(item.query.query_id for item in self.items))
        item = self.item
        return (names.index(item.query.query_id) + 1 if item else len(names)), len(names)

    def summary(self) -> list[str]:
        """What was judged, and what the suite's author should look at."""
        counted = Counter(self.grades.values())
        said = ", ".join(f"{counted[grade]} {word}" for grade, word in WORDS.items())
        lines = [f"{len(self.grades)} of {len(self.items)} judged: {said}. Written to {self._labels.path}"]
        for query_id, grades in self._by_question().items():
            query = next(item.query for item in self.items if item.query.query_id == query_id)
            if not query.answerable and any(grades):
                lines.append(f"{query_id} is marked unanswerable, but has an answer: correct its line.")
            if query.answerable and not query.gold and all(grade == NO for grade in grades):
                lines.append(f"{query_id}: nothing answers it; if so, mark it with answerable: false.")
        return lines

    def _by_question(self) -> dict[str, list[int | None]]:
        """The grades of every question that has one; None is what was skipped."""
        grades: dict[str, list[int | None]] = {}
        for number, item in enumerate(self.items):
            grades.setdefault(item.query.query_id, []).append(self.grades.get(number))
        return {query_id: said for query_id, said in grades.items() if any(grade is not None for grade in said)}
