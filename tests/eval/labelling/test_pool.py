from __future__ import annotations

import pytest

from eval.errors import RunInvalid
from eval.labelling import pool as pooling
from eval.labelling.pool import pool
from eval.suites import labels_of, load_suite
from tests.eval.labelling.sittings import TEXTS, run_in, suite_in
from tests.eval.suites.files import write_text


def pairs(found: pooling.Pool) -> list[tuple[str, str]]:
    return [(item.query.query_id, item.doc_id) for item in found.items]


def test_the_first_of_every_run_are_pooled_without_what_has_a_grade(tmp_path):
    suite = suite_in(tmp_path / "suite")
    one = run_in(tmp_path / "one", suite, {"q1": ["d1", "d2", "d3"], "q2": ["d4", "d5", "d6"]})
    two = run_in(tmp_path / "two", suite, {"q1": ["d2", "d4"], "q3": ["d6"], "q9": ["d1"]})
    found = pool(suite, [one, two], 2)
    assert set(pairs(found)) == {("q1", "d2"), ("q1", "d4"), ("q2", "d4"), ("q2", "d5"), ("q3", "d6")}
    assert [query_id for query_id, _ in pairs(found)] == ["q1", "q1", "q2", "q2", "q3"]
    assert (found.judged, found.left) == (1, 0)  # d1 is gold
    write_text(labels_of(tmp_path / "suite"), "q1\td2\t0", "q2\td5\t2")
    again = pool(load_suite(tmp_path / "suite"), [one, two], 2)
    assert set(pairs(again)) == {("q1", "d4"), ("q2", "d4"), ("q3", "d6")}
    assert again.judged == 3


def test_the_order_of_documents_is_no_run_s(tmp_path):
    suite = suite_in(tmp_path / "suite")
    names = list(TEXTS)
    forth = run_in(tmp_path / "forth", suite, {"q2": list(names)})
    back = run_in(tmp_path / "back", suite, {"q2": list(reversed(names))})
    shown = pairs(pool(suite, [forth], 6))
    assert shown == pairs(pool(suite, [back], 6)) == pairs(pool(suite, [back, forth], 6))
    assert [doc_id for _, doc_id in shown] not in (names, names[::-1])


def test_passages_are_shown_as_they_stand_the_best_first(tmp_path):
    suite = suite_in(tmp_path / "suite")
    one = run_in(tmp_path / "one", suite, {"q2": [("d2", 12, 23), "d3", ("d2", 0, 11), ("d2", 0, 3), ("d2", 4, 9)]})
    items = {item.doc_id: item for item in pool(suite, [one], 2).items}
    text = TEXTS["d2"]
    assert items["d2"].passages == (text[12:23], text[0:11], text[0:3])
    assert items["d3"].passages == (TEXTS["d3"],)
    assert (items["d3"].title, items["d3"].about) == ("Titel d3", "Blatt · de")


def test_a_run_file_made_by_anyone(tmp_path):
    suite = suite_in(tmp_path / "suite")
    path = write_text(
        tmp_path / "run.trec", "q2 Q0 d5 1 9.0 x", "q2 Q0 d6 2 8.0 x", "q7 Q0 d6 1 8.0 x", "q2 Q0 e1 3 7.0 x"
    )
    assert set(pairs(pool(suite, [path], 3))) == {("q2", "d5"), ("q2", "d6")}
    write_text(path, "q8 Q0 d5 1 9.0 x")
    with pytest.raises(RunInvalid, match="holds none of the 3 questions of sitting"):
        pool(suite, [path], 3)


def test_a_run_of_other_questions_is_refused(tmp_path):
    suite = suite_in(tmp_path / "suite")
    one = run_in(tmp_path / "one", suite, {"q2": ["d2"]})
    write_text(tmp_path / "suite" / "questions.jsonl", '{"query_id": "q2", "question": "Etwas anderes?"}')
    with pytest.raises(RunInvalid, match="sitting asks something else"):
        pool(load_suite(tmp_path / "suite"), [one], 2)


def test_more_than_fits_comes_in_the_next_session(tmp_path, monkeypatch):
    monkeypatch.setattr(pooling, "MOST", 2)
    suite = suite_in(tmp_path / "suite")
    one = run_in(tmp_path / "one", suite, {"q2": list(TEXTS)})
    found = pool(suite, [one], 6)
    assert (len(found.items), found.left) == (2, 4)
