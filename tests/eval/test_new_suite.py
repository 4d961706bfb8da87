from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from corpus.ingest import ingest
from corpus.limits import Limits
from corpus.sources import read_paths
from corpus.store import CorpusStore
from eval.errors import SuiteInvalid
from eval.new_suite import DOCUMENTS, LISTING, start
from eval.suites import load_suite
from tests.eval.suites.files import write_text

SOURCES = {"Blatt": 6, "Zeitung": 2, "Paper": 1}  # articles of each


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    folder = tmp_path / "articles"
    number = 0
    for source, many in SOURCES.items():
        for _ in range(many):
            number += 1
            write_text(
                folder / source / f"a{number}.md",
                "---",
                f"title: Artikel {number}",
                f"source: {source}",
                f"language: {'en' if source == 'Paper' else 'de'}",
                "---",
                "",
                f"Konzern {number} baut ein Werk mit {number} Hallen am Rand der Stadt Kiel. Das ist neu.",
                "",
                f"Werk {number} soll im März 2026 fertig werden und allen Leuten Arbeit geben. Kurz.",
            )
    return folder


def rows_of(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / "questions.jsonl").read_text(encoding="utf-8").splitlines()]


def test_lines_are_drawn_evenly_and_none_asks_anything(tmp_path, articles):
    made = start(tmp_path / "mine", articles=articles, lines=24)
    assert (made.documents, made.lines, made.unread) == (9, 24, ())
    rows = rows_of(tmp_path / "mine")
    assert {row["question"] for row in rows} == {""}
    assert [row["query_id"] for row in rows][:4] == ["q001-de", "q001-en", "q002-de", "q002-en"]
    drawn = [row["gold"][0]["doc_id"] for row in rows if "gold" in row and row["language"] == "de"]
    # In turn, and from no document twice before all of its source had one.
    assert Counter(name.partition("/")[0] for name in drawn[:3]) == {"Blatt": 1, "Zeitung": 1, "Paper": 1}
    assert Counter(name.partition("/")[0] for name in drawn) == {"Blatt": 4, "Zeitung": 4, "Paper": 2}
    first = [name for name in drawn if name.startswith("Zeitung")][:2]
    assert len(set(first)) == 2
    unanswerable = [row for row in rows if row.get("answerable") is False]
    assert [row["query_id"] for row in unanswerable] == ["u001-de", "u001-en", "u002-de", "u002-en"]


def test_a_filled_line_is_a_question_whose_gold_stands_where_it_says(tmp_path, articles):
    start(tmp_path / "mine", articles=articles, lines=10)
    with pytest.raises(SuiteInvalid, match=r"no question is left; 10 dropped, .*'q001-de': the question is not"):
        load_suite(tmp_path / "mine")
    rows = rows_of(tmp_path / "mine")
    for row in rows:
        row["question"] = f"Frage {row['query_id']}?"
    (tmp_path / "mine" / "questions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    suite = load_suite(tmp_path / "mine")
    assert (suite.name, len(suite.queries), suite.document_count) == ("mine", 10, 9)
    texts = {each.doc_id: each.text for each in suite.documents()}
    for query in suite.queries:
        for gold in query.gold:
            assert gold.span is not None
            assert gold.span.of(texts[gold.doc_id]) == gold.quote
            assert query.kind == ("date" if "2026" in gold.quote else "number")
            assert not gold.quote.startswith("Das ist")


def test_the_same_documents_give_the_same_lines(tmp_path, articles):
    start(tmp_path / "one", articles=articles)
    start(tmp_path / "two", articles=articles)
    assert rows_of(tmp_path / "one") == rows_of(tmp_path / "two")


def test_documents_of_a_data_folder_are_copied_exactly(tmp_path, articles):
    data = tmp_path / "data"
    with CorpusStore.open(data) as store:
        ingest(store, read_paths([articles], Limits()), limits=Limits())
        held = {info.doc_id: store.document(info.doc_id) for info in store.documents().documents}
        blocks = {doc_id: tuple(store.blocks_of(doc_id)) for doc_id in held}
    made = start(tmp_path / "mine", data=data, lines=4)
    assert made.documents == 9
    rows = rows_of(tmp_path / "mine")
    rows[0]["question"] = "Was denn?"
    (tmp_path / "mine" / "questions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    suite = load_suite(tmp_path / "mine")
    assert {each.doc_id for each in suite.documents()} == set(held)
    for each in suite.documents():
        document = held[each.doc_id]
        assert (each.text, each.title, each.source) == (document.text, document.title, document.source)
        assert (each.language, each.blocks) == (document.language, blocks[each.doc_id])


def test_documents_are_listed_and_the_readme_says_what_to_do(tmp_path, articles):
    start(tmp_path / "mine", articles=articles)
    listed = (tmp_path / "mine" / LISTING).read_text(encoding="utf-8").splitlines()
    assert listed[0].split("\t") == ["doc_id", "language", "published", "source", "title"]
    assert listed[1].split("\t") == ["Blatt/a1", "de", "", "Blatt", "Artikel 1"]
    assert len(listed) == 10
    assert "fundstelle eval run" in (tmp_path / "mine" / "README.md").read_text(encoding="utf-8")
    assert not (tmp_path / "mine" / DOCUMENTS).exists()  # articles stay where they are
    assert json.loads((tmp_path / "mine" / "suite.json").read_text())["documents"] == "../articles"


def test_what_cannot_be_read_is_said_and_left_out(tmp_path, articles):
    (articles / "leer.md").write_text("  ", encoding="utf-8")
    made = start(tmp_path / "mine", articles=articles)
    assert made.documents == 9
    assert [reason.partition(":")[0] for reason in made.unread] == ["leer"]


def test_a_folder_that_holds_something_is_left_as_it_is(tmp_path, articles):
    for existing in (articles, articles / "Blatt" / "a1.md"):
        before = sorted(articles.rglob("*"))
        with pytest.raises(SuiteInvalid, match="expected a new or an empty folder"):
            start(existing, articles=articles)
        assert sorted(articles.rglob("*")) == before


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ({"articles": Path("nowhere")}, "there is no such file or folder of documents"),
        ({"data": Path()}, r"expected a data folder: corpus\.sqlite3 is not there"),
    ],
)
def test_no_documents(tmp_path, monkeypatch, source, problem):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SuiteInvalid, match=problem):
        start(tmp_path / "mine", **source)


def test_nothing_is_left_behind_where_no_sentence_is_fit(tmp_path):
    write_text(tmp_path / "articles" / "a.md", "Kurz und knapp.")
    with pytest.raises(SuiteInvalid, match="no sentence in 1 documents is fit"):
        start(tmp_path / "mine", articles=tmp_path / "articles")
    assert list((tmp_path / "mine").iterdir()) == []
