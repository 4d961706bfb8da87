from __future__ import annotations

import io
import os
import pty
import threading
from pathlib import Path

import pytest

from eval.errors import SuiteInvalid
from eval.labelling import terminal
from eval.labelling.labels import Labels
from eval.labelling.pool import Item
from eval.labelling.session import Session
from eval.records import GoldQuote, Query
from eval.suites import load_suite
from service.output import Console
from tests.eval.labelling.sittings import suite_in

HEADER = "query-id\tcorpus-id\tscore\n"


def item(query_id: str, doc_id: str, *, answerable: bool = True, gold: tuple[GoldQuote, ...] = ()) -> Item:
    query = Query(query_id, f"Was ist {query_id}?", "de", answerable=answerable, gold=gold)
    return Item(query, doc_id, f"Titel {doc_id}", "Blatt · 2025-01-02 · de", ("Erster Absatz.\x1b[31m\n\nZweiter.",))


ITEMS = [
    item("q1", "a", gold=(GoldQuote("x", "So ist es."),)),
    item("q1", "b"),
    item("q2", "a"),
    item("q3", "c", answerable=False),
]


def sit(path: Path, typed: str) -> tuple[str, str, Session]:
    """What a judge who types this leaves in the file and sees on the screen."""
    screen = io.StringIO()
    with Labels(path) as labels:
        session = Session(ITEMS, labels)
        terminal.judge(session, Console(screen), io.StringIO(typed))
    return path.read_text(encoding="utf-8"), screen.getvalue(), session


def test_every_key_does_what_it_says(tmp_path):
    written, _, session = sit(tmp_path / "qrels" / "labels.tsv", "y\nno\n\nx\nm\ns\n")
    assert written == HEADER + "q1\ta\t2\nq1\tb\t0\nq2\ta\t1\n"
    assert session.item is None
    assert session.summary() == [f"3 of 4 judged: 1 yes, 1 in part, 1 no. Written to {tmp_path / 'qrels/labels.tsv'}"]


def test_a_step_back_judges_anew(tmp_path):
    written, screen, session = sit(tmp_path / "labels.tsv", "y\nb\nn\nq\n")
    assert written == HEADER + "q1\ta\t2\nq1\ta\t0\n"
    assert "You said: yes" in screen
    assert session.at == 1


def test_the_end_of_the_input_ends_the_session(tmp_path):
    written, _, session = sit(tmp_path / "labels.tsv", "n\n")
    assert written == HEADER + "q1\ta\t0\n"
    assert session.at == 1


def test_what_is_shown(tmp_path):
    _, screen, _ = sit(tmp_path / "labels.tsv", "y\ny\ny\nq\n")
    assert "── 1 of 4 · question 1 of 3 ──" in screen
    assert "── 3 of 4 · question 2 of 3 ──" in screen
    assert "Was ist q1? (de)" in screen
    assert "known answer, from x: So ist es." in screen
    assert "Titel a\nBlatt · 2025-01-02 · de\n" in screen
    assert "  Erster Absatz.\ufffd[31m\n  Zweiter.\n" in screen  # nothing in an article commands the terminal
    assert "marked unanswerable" in screen


def test_the_summary_names_questions_to_be_corrected(tmp_path):
    _, _, session = sit(tmp_path / "labels.tsv", "n\nn\nn\ny\n")
    # q1 has gold: that none of these answers it says nothing about it.
    assert session.summary()[1:] == [
        "q2: nothing answers it; if so, mark it with answerable: false.",
        "q3 is marked unanswerable, but has an answer: correct its line.",
    ]


def test_a_file_goes_on_after_what_a_killed_session_left(tmp_path):
    path = tmp_path / "labels.tsv"
    path.write_text(HEADER + "q1\ta\t2\nq1\tb", encoding="utf-8")
    with Labels(path) as labels:
        labels.add("q9", "z", 1)
    assert path.read_text(encoding="utf-8") == HEADER + "q1\ta\t2\nq9\tz\t1\n"
    path.write_text("query-id", encoding="utf-8")
    with Labels(path) as labels:
        labels.add("q9", "z", 1)
    assert path.read_text(encoding="utf-8") == HEADER + "q9\tz\t1\n"


def test_ids_that_would_tear_the_file_are_refused(tmp_path):
    with Labels(tmp_path / "labels.tsv") as labels, pytest.raises(SuiteInvalid, match="a tab or a line break"):
        labels.add("q1", "a\tb", 1)


def test_a_place_that_cannot_be_written_is_one_error(tmp_path):
    (tmp_path / "qrels").write_text("a file")
    with pytest.raises(SuiteInvalid, match=r"labels\.tsv: cannot be written"):
        Labels(tmp_path / "qrels" / "labels.tsv")


def test_labels_count_when_the_suite_is_read_again(tmp_path):
    suite = suite_in(tmp_path)
    query = suite.queries[1]
    with Labels(tmp_path / "qrels" / "labels.tsv") as labels:
        session = Session([Item(query, "d3", "Titel", "", ("x",)), Item(query, "d4", "Titel", "", ("x",))], labels)
        terminal.judge(session, Console(io.StringIO()), io.StringIO("y\nm\n"))
    again = load_suite(tmp_path)
    assert again.qrels["q2"] == {"d3": 2, "d4": 1}
    assert again.queries[1].gold == (GoldQuote("d3"), GoldQuote("d4"))


def test_on_a_terminal_one_key_is_enough(tmp_path):
    """A real terminal pair: no line end is ever typed."""
    ours, theirs = pty.openpty()
    with Labels(tmp_path / "labels.tsv") as labels, os.fdopen(theirs, encoding="utf-8") as keyboard:
        session = Session(ITEMS, labels)
        screen = Screen(ours)
        terminal.judge(session, Console(screen), keyboard)
    os.close(ours)
    assert (tmp_path / "labels.tsv").read_text(encoding="utf-8") == HEADER + "q1\ta\t2\nq1\tb\t1\n"


class Screen(io.StringIO):
    """Types the next key as soon as it is asked for."""

    def __init__(self, keyboard: int) -> None:
        super().__init__()
        self._keyboard = keyboard
        self._keys = iter("Ymq")
        self._lock = threading.Lock()

    def write(self, text: str) -> int:
        with self._lock:
            if text.startswith("Does this answer"):
                os.write(self._keyboard, next(self._keys).encode())
        return super().write(text)
