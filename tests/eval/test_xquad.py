from __future__ import annotations

import json
from pathlib import Path

import pytest

from eval.xquad import load_task, without_last_paragraphs

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "xquad"
needs_data = pytest.mark.skipif(
    not (DATA / "xquad.de.json").is_file(), reason="XQuAD is not part of the project: shared/data/xquad is not there"
)

Paragraph = tuple[str, list[tuple[str, str]]]


def write(folder: Path, language: str, articles: list[list[Paragraph]]) -> None:
    data = [
        {
            "title": f"Artikel {number}",
            "paragraphs": [
                {
                    "context": text,
                    "qas": [
                        {"id": name, "question": asked, "answers": [{"text": "x", "answer_start": 0}]}
                        for name, asked in questions
                    ],
                }
                for text, questions in article
            ],
        }
        for number, article in enumerate(articles)
    ]
    (folder / f"xquad.{language}.json").write_text(json.dumps({"data": data, "version": "1.1"}), encoding="utf-8")


@pytest.fixture
def folder(tmp_path) -> Path:
    write(
        tmp_path,
        "de",
        [
            [(" Der Chip. ", [("q1", "Was ist neu? "), ("q2", "Wer baut?")]), ("Der Strom.", [("q3", "Was ist neu?")])],
            [("Der Chip.", [("q4", "Wann denn?")]), ("Das Netz.", [("q5", "Wo denn?")])],
        ],
    )
    write(
        tmp_path,
        "en",
        [
            [("The chip.", [("q1", "What is new?"), ("q2", " Who builds?")]), ("Power.", [("q3", "What is it?")])],
            [("A chip.", [("q4", "When?")]), ("The grid.", [("q5", "Who builds?")])],
        ],
    )
    return tmp_path


def test_equal_paragraphs_are_one_document_and_equal_questions_one_question(folder) -> None:
    task = load_task(folder, "de", "de")
    assert task.name == "de-de"
    assert list(task.documents.values()) == ["Der Chip.", "Der Strom.", "Das Netz."]
    assert list(task.questions.values()) == ["Was ist neu?", "Wer baut?", "Wann denn?", "Wo denn?"]
    chip, power, grid = task.documents
    assert task.qrels == {
        "q1": frozenset({chip, power}),  # asked twice, of two paragraphs: both are relevant
        "q2": frozenset({chip}),
        "q4": frozenset({chip}),
        "q5": frozenset({grid}),
    }
    assert task.articles == {chip: 0, power: 0, grid: 1}


def test_questions_and_documents_meet_by_question_id_across_languages(folder) -> None:
    task = load_task(folder, "en", "de")
    chip, power, grid = task.documents
    assert list(task.documents.values()) == ["Der Chip.", "Der Strom.", "Das Netz."]
    assert task.questions == {"q1": "What is new?", "q2": "Who builds?", "q3": "What is it?", "q4": "When?"}
    assert task.qrels["q2"] == frozenset({chip, grid})  # "Who builds?" is asked in both articles
    assert task.qrels["q3"] == frozenset({power})
    other = load_task(folder, "de", "en")
    assert list(other.documents.values()) == ["The chip.", "Power.", "A chip.", "The grid."]
    assert len(other.qrels["q1"]) == 2


def test_without_last_paragraphs_a_question_is_lost_only_with_its_last_answer(folder) -> None:
    task = load_task(folder, "de", "de")
    chip, power, _ = task.documents
    reduced, lost = without_last_paragraphs(task)
    assert list(reduced.documents) == [chip]
    assert lost == {"q5"}  # q1 still has the first paragraph
    assert reduced.questions == task.questions
    assert power in task.documents


def test_missing_files_are_an_error(tmp_path) -> None:
    with pytest.raises(OSError, match="xquad"):
        load_task(tmp_path, "de", "de")


@needs_data
@pytest.mark.parametrize(
    ("asked", "held", "questions"), [("de", "de", 1181), ("en", "de", 1185), ("en", "en", 1185), ("de", "en", 1181)]
)
def test_the_real_tasks_have_their_published_sizes(asked: str, held: str, questions: int) -> None:
    task = load_task(DATA, asked, held)
    assert (len(task.documents), len(task.questions), len(task.qrels)) == (240, questions, questions)
    assert len(set(task.articles.values())) == 48
    assert all(text == text.strip() for text in (*task.documents.values(), *task.questions.values()))
    assert set().union(*task.qrels.values()) <= set(task.documents)


@needs_data
def test_taking_the_last_paragraphs_out_leaves_216_english_questions_without_an_answer() -> None:
    task = load_task(DATA, "en", "de")
    reduced, lost = without_last_paragraphs(task)
    assert (len(reduced.documents), len(lost)) == (240 - 48, 216)
    assert all(not task.qrels[question] & set(reduced.documents) for question in lost)
