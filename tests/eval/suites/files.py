"""Small suites, written as their formats ask."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

Rows = Iterable[Mapping[str, Any]]


def write_jsonl(path: Path, rows: Rows) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def write_text(path: Path, *lines: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def beir(folder: Path, *, corpus: Rows | None = None, queries: Rows | None = None, qrels: Iterable[str] = ()) -> Path:
    """Three documents, three queries (the last unanswerable); d3 has a title alone."""
    write_jsonl(
        folder / "corpus.jsonl",
        corpus
        or [
            {"_id": "d1", "title": "Chips", "text": "Der Chip kostet 40 Euro.", "metadata": {"language": "de"}},
            {"_id": "d2", "title": "", "text": "Power is short in Virginia."},
            {"_id": "d3", "title": "Nur ein Titel", "text": ""},
        ],
    )
    write_jsonl(
        folder / "queries.jsonl",
        queries
        or [
            {"_id": "q1", "text": "Was kostet der Chip?", "metadata": {"language": "de", "kind": "number"}},
            {"_id": "q2", "text": "Where is power short?"},
            {"_id": "q3", "text": "Who invented it?", "metadata": {"answerable": False}},
        ],
    )
    write_text(
        folder / "qrels" / "test.tsv",
        "query-id\tcorpus-id\tscore",
        *(qrels or ("q1\td1\t2", "q1\td2\t0", "q2\td2\t1")),
    )
    return folder


ARTICLES = {
    "baidu.md": "# Baidu\n\nDou Shen führt das Geschäft. Der Umsatz stieg um 42 Prozent.\n",
    "strom/texas.md": "# Strom\n\nIn Texas fehlt Strom. Der Preis stieg. Der Preis stieg.\n",
}


def own(folder: Path, questions: Rows, *, manifest: Mapping[str, Any] | None = None) -> Path:
    """A suite of our own format over two short articles."""
    for name, text in ARTICLES.items():
        write_text(folder / "articles" / name, text.rstrip("\n"))
    about = manifest or {"name": "tiny", "version": 1, "documents": "articles/"}
    (folder / "suite.json").write_text(json.dumps(about, indent=1), encoding="utf-8")
    write_jsonl(folder / "questions.jsonl", questions)
    return folder


def question(query_id: str, **fields: object) -> dict[str, object]:
    """A line of questions.jsonl that is right as it stands."""
    gold = [{"doc_id": "baidu", "quote": "Dou Shen führt das Geschäft."}]
    return {"query_id": query_id, "question": f"Wer führt das Geschäft, {query_id}?", "gold": gold} | fields


def squad(path: Path, paragraphs: Iterable[tuple[str, list[dict[str, Any]]]], *, indent: int | None = 1) -> Path:
    """One article of SQuAD's JSON."""
    value = {"data": [{"title": "Artikel", "paragraphs": [{"context": c, "qas": qas} for c, qas in paragraphs]}]}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=indent, ensure_ascii=False), encoding="utf-8")
    return path


def qa(query_id: str, asked: str, *answers: tuple[str, int], **fields: object) -> dict[str, Any]:
    """One of SQuAD's questions."""
    said = [{"text": text, "answer_start": start} for text, start in answers]
    return {"id": query_id, "question": asked, "answers": said} | fields
