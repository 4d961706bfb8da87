"""The tables of docs/evaluation.md: made of runs, resumed, put between markers."""

from __future__ import annotations

from pathlib import Path

import pytest

from eval import results
from eval.records import Reply, ReplyOutcome
from eval.results import Bench
from eval.scores import Value
from tests.eval import tiny

PAGE = Path(__file__).parents[2] / "docs" / "evaluation.md"


def replies() -> dict[str, Reply]:
    """q1 right and cited, q2 finds the wrong document first, q3 is not answered, q4 is although nothing answers it."""
    right = tiny.cited("baidu", "Baidu baut eigene Chips.")
    answered = ReplyOutcome.ANSWERED
    told = [
        Reply("q1", answered, "A.", ("A.",), (right,), tiny.retrieved("baidu", "grid"), 0.9, 0.5),
        Reply("q2", answered, "A.", ("A.",), (right,), tiny.retrieved("grid", "baidu"), 0.8, 0.5),
        Reply("q3", ReplyOutcome.ABSTAINED, retrieved=tiny.retrieved("grid"), answerability=0.3, threshold=0.5),
        Reply("q4", answered, "A.", ("A.",), (right,), tiny.retrieved("tencent"), 0.6, 0.5),
    ]
    return {reply.query_id: reply for reply in told}


@pytest.fixture
def targets(monkeypatch: pytest.MonkeyPatch) -> list[tiny.Told]:
    """Every target that is opened, in order; the last element's settings are those of the next."""
    opened: list[tiny.Told] = []

    def open_target(kind: str, options: object) -> tiny.Told:
        opened.append(tiny.Told(replies(), version=str(open_target.version)))
        return opened[-1]

    open_target.version = 1
    monkeypatch.setattr(results, "open_target", open_target)
    return opened


def rows(table: str) -> dict[str, list[str]]:
    """The lines of a Markdown table by their first cell."""
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines() if "|" in line]
    return {line[0]: line[1:] for line in cells}


def test_the_tables_say_what_was_scored(tmp_path: Path, targets: list[tiny.Told]) -> None:
    text = results.sample_tables(Bench(tmp_path), tiny.suite())
    counted, systems, answers, kinds = text.split("\n\n")
    assert counted.startswith("3 questions with an answer, 1 without; 0 failed, threshold 0.5; suite 5555")
    found = rows(systems)
    assert found["system"] == list(results.SAMPLE)
    assert set(found) == {"system", "---", *results.SYSTEMS}
    assert found["Fundstelle"][0].startswith("0.877 ["), "nDCG@10 of ranks 1, 2, 1: (1 + 0.6309 + 1) / 3"
    assert found["Fundstelle"][1].startswith("0.667 [")
    assert rows(answers)["all"][0].startswith("0.667 [")
    assert rows(answers)["all"][4].startswith("1.000")
    assert set(rows(answers)) == {"Fundstelle answers", "---", "all", "de", "en"}
    assert set(rows(kinds)) == {"by kind", "---", "fact", "date", "name"}
    assert rows(kinds)["name"][1] == results.NOT_TAKEN, "nothing right can be said where there is no answer"
    assert all(target.closed for target in targets)


def test_a_run_goes_on_unless_something_else_made_it(tmp_path: Path, targets: list[tiny.Told]) -> None:
    bench = Bench(tmp_path)
    first = bench.scores(tiny.suite(), "Fundstelle")
    again = bench.scores(tiny.suite(), "Fundstelle")
    assert (len(targets[0].asked), len(targets[1].asked)) == (4, 0)
    assert again.measures == first.measures
    results.open_target.version = 2  # type: ignore[attr-defined]
    assert bench.scores(tiny.suite(), "Fundstelle").settings["version"] == "2"
    assert len(targets[2].asked) == 4


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "–"),
        (Value(0.5, 4), "0.500"),
        (Value(0.12345, 4, 0.1, 0.2), "0.123 [0.100, 0.200]"),
    ],
)
def test_a_value_is_shown_with_its_interval(value: Value | None, shown: str) -> None:
    assert results._shown(value) == shown


def test_a_table_takes_the_place_between_its_markers(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    parts = [results.BEGIN.format(name=name) + "\nold\n" + results.END.format(name=name) for name in ("a", "b")]
    page.write_text("before\n" + "\nbetween\n".join(parts) + "\nafter\n", encoding="utf-8")
    results.write("b", "| new |", page)
    text = page.read_text(encoding="utf-8")
    assert text.startswith("before\n")
    assert text.endswith("\nafter\n")
    assert text.count("old") == 1
    assert "| new |" in text.partition("between")[2]
    with pytest.raises(ValueError, match="lacks the markers"):
        results.write("c", "", page)


def test_the_page_has_a_place_for_every_table() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for name in ("sample", "xquad", "impossible"):
        assert results.BEGIN.format(name=name) in text
        assert results.END.format(name=name) in text
