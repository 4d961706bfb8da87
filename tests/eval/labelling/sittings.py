"""A suite with two questions and runs that found something for them."""

from __future__ import annotations

from pathlib import Path

from eval.records import Reply, ReplyOutcome, Retrieved, Run, Suite
from eval.suites import load_suite
from tests.eval.suites.files import write_jsonl, write_text

TEXTS = {f"d{number}": f"Dokument {number}. <b>Satz</b> zwei von {number}." for number in range(1, 7)}


def suite_in(folder: Path) -> Suite:
    """q1 has d1 as gold, q2 waits for labels, q3 is marked unanswerable."""
    rows = [{"doc_id": name, "text": text, "title": f"Titel {name}", "source": "Blatt"} for name, text in TEXTS.items()]
    write_jsonl(folder / "documents.jsonl", rows)
    write_text(folder / "suite.json", '{"name": "sitting", "documents": "documents.jsonl"}')
    write_jsonl(
        folder / "questions.jsonl",
        [
            {
                "query_id": "q1",
                "question": "Was ist <eins>?",
                "language": "de",
                "gold": [{"doc_id": "d1", "quote": "Dokument 1."}],
            },
            {"query_id": "q2", "question": "Was ist zwei?"},
            {"query_id": "q3", "question": "Was fehlt?", "answerable": False},
        ],
    )
    return load_suite(folder)


def run_in(folder: Path, suite: Suite, found: dict[str, list[tuple[str, int, int] | str]]) -> Path:
    """A run that found these documents, or spans of them, in this order."""
    run = Run(folder.name, suite.asked_sha256, "engine", {}, {}, folder)
    run.write()
    with (folder / "replies.jsonl").open("w", encoding="utf-8") as stream:
        for query_id, ranking in found.items():
            retrieved = []
            for rank, each in enumerate(ranking, 1):
                doc_id, start, end = (each, None, None) if isinstance(each, str) else each
                retrieved.append(Retrieved(doc_id, 1.0 / rank, rank, start=start, end=end))
            stream.write(Reply(query_id, ReplyOutcome.RETRIEVED, retrieved=tuple(retrieved)).to_line())
    return folder
