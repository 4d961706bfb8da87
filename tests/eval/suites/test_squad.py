from __future__ import annotations

import json
from pathlib import Path

import pytest

from corpus.documents import Span
from corpus.normalise import normalise
from eval.errors import SuiteInvalid
from eval.records import GoldQuote
from eval.suites import load_suite
from eval.xquad import load_task
from tests.eval.suites.files import qa, squad, write_text
from tests.eval.test_xquad import DATA, needs_data

CHIP, POWER = " Der Chip kostet 40 Euro. ", "Der Strom fehlt in Texas."
CHIP_EN, POWER_EN = "The chip costs 40 euros.", "Power is short in Texas."


@pytest.fixture
def parallel(tmp_path: Path) -> Path:
    """Two languages, the ids shared; two English questions have the same words."""
    squad(
        tmp_path / "tiny.de.json",
        [
            (CHIP, [qa("q1", "Was kostet der Chip? ", ("40 Euro", 17)), qa("q2", "Was kostet er?", ("40", 17))]),
            (POWER, [qa("q3", "Wo fehlt Strom?", ("Texas", 19), ("in Texas", 16))]),
        ],
    )
    squad(
        tmp_path / "tiny.en.json",
        [
            (CHIP_EN, [qa("q1", "What does it cost?", ("40", 15)), qa("q2", "What does it cost?", ("40", 15))]),
            (POWER_EN, [qa("q3", "Where?", ("Texas", 18)), qa("q4", "Only in English?", ("Power", 0))]),
        ],
    )
    return tmp_path


def test_questions_and_paragraphs_in_languages_of_their_own(parallel):
    suite = load_suite(parallel, "en", "de")
    assert suite.name == "tiny-en-de"
    assert [(each.doc_id, each.text, each.language, each.source) for each in suite.documents()] == [
        ("p000", CHIP.strip(), "de", "Artikel"),
        ("p001", POWER, "de", "Artikel"),
    ]
    assert [(query.query_id, query.text, query.language) for query in suite.queries] == [
        ("q1", "What does it cost?", "en"),
        ("q3", "Where?", "en"),
    ]
    # The golds are the German answers; those of q2, which asks the same as q1, are kept.
    assert suite.queries[0].gold == (
        GoldQuote("p000", "40 Euro", Span(16, 23)),
        GoldQuote("p000", "40", Span(16, 18)),
    )
    assert suite.queries[1].gold == (
        GoldQuote("p001", "Texas", Span(19, 24)),
        GoldQuote("p001", "in Texas", Span(16, 24)),
    )
    assert suite.qrels == {"q1": {"p000": 1}, "q3": {"p001": 1}}
    assert [each.reason for each in suite.dropped] == [
        "'q2' asks the same as 'q1': its gold is kept",
        "'q4' is not among the questions of the documents' file",
    ]
    assert [each.line for each in suite.dropped] == [line_of(parallel / "tiny.en.json", name) for name in ("q2", "q4")]


def line_of(path: Path, query_id: str) -> int:
    """Of the bracket that opens the question: one above its id."""
    return next(n for n, line in enumerate(path.read_text().splitlines()) if f'"{query_id}"' in line)


def test_one_language_of_both(parallel):
    suite = load_suite(parallel, "en", "en")
    assert [each.text for each in suite.documents()] == [CHIP_EN, POWER_EN]
    assert [query.query_id for query in suite.queries] == ["q1", "q3", "q4"]


def test_a_file_says_its_language_and_its_siblings_the_other(parallel):
    assert load_suite(parallel / "tiny.de.json").name == "tiny-de-de"
    assert load_suite(parallel / "tiny.de.json", question_language="en").name == "tiny-en-de"
    assert load_suite(parallel / "tiny.en.json", document_language="de").name == "tiny-en-de"


def test_a_folder_of_several_languages_asks_which(parallel):
    with pytest.raises(SuiteInvalid, match="there are de on de, de on en, en on de, en on en"):
        load_suite(parallel)
    with pytest.raises(SuiteInvalid, match="choose the languages"):
        load_suite(parallel, "fr", "de")


def test_mlqa_names_both_languages_of_a_file(tmp_path):
    squad(tmp_path / "test-context-de-question-en.json", [(CHIP, [qa("a", "What does it cost?", ("40 Euro", 17))])])
    squad(tmp_path / "test-context-de-question-de.json", [(CHIP, [qa("a", "Was kostet er?", ("40 Euro", 17))])])
    suite = load_suite(tmp_path, "en", "de")
    assert suite.name == "test-en-de"
    assert [(query.text, query.language) for query in suite.queries] == [("What does it cost?", "en")]
    assert [each.language for each in suite.documents()] == ["de"]
    assert load_suite(tmp_path / "test-context-de-question-de.json").name == "test-de-de"


def test_what_is_impossible_is_unanswerable_unless_it_is_answered_elsewhere(tmp_path):
    path = squad(
        tmp_path / "dev-v2.0.json",
        [
            (
                CHIP,
                [
                    qa("q1", "Who built it?", is_impossible=True, plausible_answers=[]),
                    qa("q2", "Where is power short?", is_impossible=True),
                ],
            ),
            (POWER, [qa("q3", "Where is power short?", ("Texas", 19), is_impossible=False)]),
        ],
    )
    suite = load_suite(path, "en", "de")
    assert (suite.name, suite.document_count) == ("dev-v2.0", 2)
    assert [(query.query_id, query.answerable) for query in suite.queries] == [("q1", False), ("q2", True)]
    assert suite.qrels == {"q2": {"p001": 1}}


def test_paragraphs_that_are_equal_are_one(tmp_path):
    path = squad(
        tmp_path / "one.json", [(CHIP, [qa("a", "Was?", ("Chip", 5))]), (CHIP.strip(), [qa("b", "Wie?", ("40", 16))])]
    )
    suite = load_suite(path)
    assert suite.document_count == 1
    assert suite.qrels == {"a": {"p000": 1}, "b": {"p000": 1}}


def test_an_answer_that_stands_elsewhere_is_looked_up_or_its_paragraph_counts(tmp_path):
    text = "Er kam. Sie kam. Dann ging er."
    path = squad(
        tmp_path / "one.json",
        [(text, [qa("a", "Wer ging?", ("Dann ging er", 3)), qa("b", "Wer?", ("kam", 0)), qa("c", "Wie?", ("nie", 0))])],
    )
    suite = load_suite(path)
    assert [query.gold for query in suite.queries] == [
        (GoldQuote("p000", "Dann ging er", Span(17, 29)),),
        (GoldQuote("p000"),),
        (GoldQuote("p000"),),
    ]
    assert [each.reason for each in suite.dropped] == [
        "the answer 'kam' does not stand at 0: its paragraph counts",
        "the answer 'nie' does not stand at 0: its paragraph counts",
    ]


def test_offsets_count_the_normalised_text(tmp_path):
    decomposed = "  Die Gro\u0308\u00dfe za\u0308hlt.\u200b Das Ende."
    path = squad(tmp_path / "one.json", [(decomposed, [qa("a", "Was?", ("Das Ende", decomposed.index("Das")))])])
    suite = load_suite(path)
    (document,) = suite.documents()
    assert document.text == "Die Größe zählt. Das Ende."
    assert suite.queries[0].gold == (GoldQuote("p000", "Das Ende", Span(17, 25)),)


@pytest.mark.parametrize(
    ("break_it", "line", "problem"),
    [
        (lambda data: data["data"][0]["paragraphs"][0]["qas"][1].pop("id"), 19, "id: missing"),
        (lambda data: data["data"][0]["paragraphs"][0]["qas"][1].update(id="q1"), 19, "'q1' is taken already"),
        (lambda data: data["data"][0]["paragraphs"][0]["qas"][1].update(answers=[]), 19, "answers: missing or empty"),
        (lambda data: data["data"][0]["paragraphs"][0]["qas"][1].update(question=""), 19, "question: missing"),
        (lambda data: data["data"][0]["paragraphs"][0].pop("context"), 6, "context: missing"),
        (lambda data: data["data"][0]["paragraphs"][0].pop("qas"), 6, "qas: missing; expected a list"),
        (lambda data: data["data"][0].update(paragraphs={}), 3, "paragraphs: expected a list, got {}"),
        (lambda data: data.pop("data"), 1, "data: missing; expected a list"),
    ],
)
def test_what_is_malformed_is_said_with_its_line(tmp_path, break_it, line, problem):
    path = squad(
        tmp_path / "one.json", [(CHIP, [qa("q1", "Was?", ("Chip", 5)), qa("q2", "Wie viel?", ("40 Euro", 17))])]
    )
    data = json.loads(path.read_text(encoding="utf-8"))
    break_it(data)
    path.write_text(json.dumps(data, indent=1), encoding="utf-8")
    with pytest.raises(SuiteInvalid) as caught:
        load_suite(path)
    assert str(caught.value).startswith(f"{path}, line {line}: ")
    assert problem in str(caught.value)


def test_broken_json_is_said_with_its_line(tmp_path):
    path = write_text(tmp_path / "one.json", "{", ' "data": [', " ,", "]}")
    with pytest.raises(SuiteInvalid, match=r"one\.json, line 3: not JSON: Expecting value \(column 2\)"):
        load_suite(path)
    path.write_text("[" * 100_000, encoding="utf-8")
    with pytest.raises(SuiteInvalid, match=r"one\.json: expected JSON that is less deeply nested"):
        load_suite(path)


@needs_data
@pytest.mark.parametrize("asked", ["de", "en"])
@pytest.mark.parametrize("held", ["de", "en"])
def test_xquad_is_the_task_of_mteb(asked, held):
    suite, task = load_suite(DATA, asked, held), load_task(DATA, asked, held)
    assert {each.doc_id: each.text for each in suite.documents()} == {
        doc_id: normalise(text).text.strip() for doc_id, text in task.documents.items()
    }
    assert {query.query_id: query.text for query in suite.queries} == task.questions
    assert {name: frozenset(grades) for name, grades in suite.qrels.items()} == task.qrels
    texts = {each.doc_id: each.text for each in suite.documents()}
    golds = [gold for query in suite.queries for gold in query.gold]
    assert len(golds) >= len(suite.queries)
    assert all(gold.span is not None and gold.span.of(texts[gold.doc_id]) == gold.quote for gold in golds)
