"""XQuAD as a retrieval task: questions in one language, the paragraphs that answer them in the same or the other.

Built as MTEB builds XQuADRetrieval (strip, distinct paragraphs, distinct questions), with the language of questions
and paragraphs chosen apart. The data (google-deepmind/xquad, CC BY-SA 4.0) is not part of this project.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Task:
    """Documents by id, questions by id, and which documents answer which question."""

    name: str
    question_language: str
    document_language: str
    documents: dict[str, str]
    questions: dict[str, str]
    qrels: dict[str, frozenset[str]]
    articles: dict[str, int]  # document id -> number of its Wikipedia article, in file order


def _paragraphs(folder: Path, language: str) -> list[tuple[int, str, list[tuple[str, str]]]]:
    articles = json.loads((folder / f"xquad.{language}.json").read_text(encoding="utf-8"))["data"]
    return [
        (number, paragraph["context"].strip(), [(qa["id"], qa["question"].strip()) for qa in paragraph["qas"]])
        for number, article in enumerate(articles)
        for paragraph in article["paragraphs"]
    ]


def load_task(folder: Path, question_language: str, document_language: str) -> Task:
    """Read xquad.de.json and xquad.en.json from ``folder``. Raises OSError where they are missing."""
    documents: dict[str, str] = {}
    articles: dict[str, int] = {}
    place: dict[str, str] = {}  # paragraph text -> document id
    holder: dict[str, str] = {}  # question id -> document id
    for article, text, questions in _paragraphs(folder, document_language):
        doc_id = place.setdefault(text, f"p{len(place):03d}")
        documents[doc_id] = text
        articles.setdefault(doc_id, article)
        for question_id, _ in questions:
            holder[question_id] = doc_id
    ids: dict[str, str] = {}
    relevant: dict[str, set[str]] = {}
    for _, _, questions in _paragraphs(folder, question_language):
        for question_id, text in questions:
            ids.setdefault(text, question_id)
            relevant.setdefault(ids[text], set()).add(holder[question_id])
    return Task(
        name=f"{question_language}-{document_language}",
        question_language=question_language,
        document_language=document_language,
        documents=documents,
        questions={question_id: text for text, question_id in ids.items()},
        qrels={question_id: frozenset(docs) for question_id, docs in relevant.items()},
        articles=articles,
    )


def all_questions(folder: Path) -> list[str]:
    """The distinct questions of both languages."""
    return [text for language in ("de", "en") for text in load_task(folder, language, language).questions.values()]


def without_last_paragraphs(task: Task) -> tuple[Task, frozenset[str]]:
    """The task with the last paragraph of every article taken out, and the questions that lose their answer."""
    last: dict[int, str] = {}
    for doc_id, article in task.articles.items():
        last[article] = doc_id
    gone = frozenset(last.values())
    kept = {doc_id: text for doc_id, text in task.documents.items() if doc_id not in gone}
    lost = frozenset(question for question, docs in task.qrels.items() if not docs - gone)
    reduced = Task(
        task.name, task.question_language, task.document_language, kept, task.questions, task.qrels, task.articles
    )
    return reduced, lost
