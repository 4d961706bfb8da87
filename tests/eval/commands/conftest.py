"""`fundstelle eval ...` in this process, over a suite of three articles, with words for an encoder."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from eval.targets import leg
from service import engine as engine_module
from service.cli import main
from tests.fakes import HashingEncoder
from tests.service.articles import ARTICLES

Command = Callable[..., tuple[int, str, str]]
QUESTIONS = (
    ("chips", "Welche Chips entwickelt der Suchkonzern Baidu?", "de", "baidu-chips",
     "Der Suchkonzern Baidu entwickelt seit Jahren eigene Chips für seine Rechenzentren."),
    ("vorrat", "Wie lange reicht der Vorrat an Grafikprozessoren bei Tencent?", "de", "tencent-vorrat",
     "Der Vorrat reicht laut dem Konzern für mehrere Generationen von Modellen."),
    ("line", "When does the grid operator expect the new line?", "en", "grid",
     "The grid operator expects the new line in 2028."),
    ("objected", "Who in the region objected to the plan?", "en", "grid",
     "Nobody in the region objected to the plan."),
)  # fmt: skip


class Words(HashingEncoder):
    """Stands for the encoder that the settings name."""

    def __init__(self, _settings: object) -> None:
        super().__init__()

    def load(self) -> None:
        """There is nothing to load."""


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    """Four answerable questions and one that is not."""
    folder = tmp_path / "small"
    (folder / "articles").mkdir(parents=True)
    for each in ARTICLES:
        head = "".join(
            f"{name}: {each[name]}\n" for name in ("title", "source", "published", "language") if each.get(name)
        )
        (folder / "articles" / f"{each['doc_id']}.md").write_text(
            f"---\n{head}---\n\n{each['text']}\n", encoding="utf-8"
        )
    lines = [
        {"query_id": name, "question": question, "language": language, "kind": "fact",
         "gold": [{"doc_id": doc_id, "quote": quote}]}
        for name, question, language, doc_id, quote in QUESTIONS
    ]  # fmt: skip
    lines.append({"query_id": "none", "question": "Wer leitet die Firma?", "language": "de", "answerable": False})
    (folder / "suite.json").write_text('{"name": "small", "version": "1", "documents": "articles"}', encoding="utf-8")
    (folder / "questions.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return folder


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """(status, out, err) of `fundstelle eval ...` in a folder of its own."""
    monkeypatch.setattr(engine_module, "LazyEncoder", Words)
    monkeypatch.setattr(leg, "LazyEncoder", Words)
    for name in [name for name in os.environ if name.startswith("FUNDSTELLE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("FUNDSTELLE_ABSTAIN_THRESHOLD", "0")
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str | Path) -> tuple[int, str, str]:
        capsys.readouterr()
        status = main(["eval", *(str(each) for each in arguments)])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return run
