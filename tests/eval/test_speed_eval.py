from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from corpus.documents import Span
from eval import speed_eval
from eval.drawn import DrawnEncoder
from eval.suites import load_suite
from eval.workload import pools


def test_the_benchmark_runs_and_its_figures_fit_together(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept = tmp_path / "figures.json"
    speed_eval.main(["--questions", "5,20", "--json", str(kept), "--folder", str(tmp_path)])
    result = json.loads(kept.read_text(encoding="utf-8"))
    assert [(at["documents"], at["questions"]) for at in result["sizes"]] == [(50, 5), (200, 20)]
    for at in result["sizes"]:
        counts = {name: each["count"] for name, each in at["steps"].items()}
        assert counts == {"load": at["documents"], **dict.fromkeys(("ask", "read", "judge"), at["questions"])}
        assert all(each["seconds"] > 0 for each in at["steps"].values())
    assert capsys.readouterr().out.strip() == speed_eval.render(result)
    assert [path.name for path in tmp_path.iterdir()] == ["figures.json"]


def test_the_suite_has_an_answer_to_every_question(tmp_path: Path) -> None:
    speed_eval.make_suite(tmp_path / "one", 60, 12, pools())
    speed_eval.make_suite(tmp_path / "two", 60, 12, pools())
    suite = load_suite(tmp_path / "one")
    assert (suite.document_count, len(suite.queries)) == (60, 12)
    assert all(sum(suite.qrels[query.query_id].values()) == 1 for query in suite.queries)
    assert len({document.text for document in suite.documents()}) == 60
    assert load_suite(tmp_path / "two").sha256 == suite.sha256


def test_the_table_is_put_between_its_markers(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{speed_eval.BEGIN}\nold\n{speed_eval.END}\nafter\n", encoding="utf-8")
    speed_eval.write("new", page)
    assert page.read_text(encoding="utf-8") == f"before\n{speed_eval.BEGIN}\nnew\n{speed_eval.END}\nafter\n"
    page.write_text("nothing", encoding="utf-8")
    with pytest.raises(ValueError, match="lacks the markers"):
        speed_eval.write("new", page)


def test_drawn_vectors_are_unit_vectors_and_repeat() -> None:
    encoder = DrawnEncoder(16)
    texts = ["eins", "zwei drei"]
    passages, parts = encoder.encode_with_sentences(texts, [[Span(0, 4)], [Span(0, 4), Span(5, 9)]])
    assert np.allclose(np.linalg.norm(passages, axis=1), 1)
    assert [part.shape for part in parts] == [(1, 16), (2, 16)]
    assert np.array_equal(passages, DrawnEncoder(16).encode_questions(texts))
    assert abs(float(passages[0] @ passages[1])) < 0.99
