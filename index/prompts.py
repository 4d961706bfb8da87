"""What a model wants to read before a question and before a passage.

A model that was trained with prompts loses several points without them. They come, in this order, from the settings,
from the model folder itself, and from the table of families below; a model that none of them knows gets none.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_TASK = "Given a web search query, retrieve relevant passages that answer the query"
_SEARCHING = "Represent this sentence for searching relevant passages: "

_QUESTION_NAMES = ("query", "question", "search_query", "s2p_query", "Retrieval-query")
_PASSAGE_NAMES = ("document", "passage", "corpus", "search_document", "Retrieval-document")


@dataclass(frozen=True, slots=True)
class Prompts:
    """The words put before a question and before a passage; empty where there are none."""

    question: str = ""
    passage: str = ""


# The first pattern found in the model's name decides; names are matched in lower case.
FAMILIES: tuple[tuple[str, Prompts], ...] = (
    (r"\be5-.*instruct", Prompts(f"Instruct: {_TASK}\nQuery: ")),
    (r"\be5-", Prompts("query: ", "passage: ")),
    (r"\bbge-m3", Prompts()),
    (r"\bbge-.*-zh\b", Prompts("为这个句子生成表示以用于检索相关文章：")),
    (r"\bbge-.*-en\b", Prompts(_SEARCHING)),
    (r"arctic-embed-.*v2", Prompts("query: ")),
    (r"arctic-embed", Prompts(_SEARCHING)),
    (r"embeddinggemma", Prompts("task: search result | query: ", "title: none | text: ")),
    (r"qwen3-embedding", Prompts(f"Instruct: {_TASK}\nQuery:")),
)


def known_prompts(name: str) -> Prompts | None:
    """The prompts of the family that ``name`` (a model name or a folder name) belongs to, or None."""
    wanted = name.lower().replace("_", "-")
    return next((prompts for pattern, prompts in FAMILIES if re.search(pattern, wanted)), None)


def declared_prompts(folder: Path) -> Prompts | None:
    """What ``config_sentence_transformers.json`` declares, or None where it declares nothing but empty prompts."""
    declared = _read_json(folder / "config_sentence_transformers.json").get("prompts")
    if not isinstance(declared, dict):
        return None
    prompts = Prompts(_first(declared, _QUESTION_NAMES), _first(declared, _PASSAGE_NAMES))
    return prompts if prompts != Prompts() else None


def prompts_for(name: str, folder: Path, *, question: str | None = None, passage: str | None = None) -> Prompts:
    """The prompts to use: those given (an empty string means none), else declared, else known, else none."""
    written_as = str(_read_json(folder / "config.json").get("_name_or_path", ""))
    found = declared_prompts(folder) or known_prompts(name) or known_prompts(folder.name) or known_prompts(written_as)
    found = found or Prompts()
    return Prompts(
        found.question if question is None else question,
        found.passage if passage is None else passage,
    )


def _first(declared: dict[str, Any], names: tuple[str, ...]) -> str:
    return next((str(declared[name]) for name in names if declared.get(name)), "")


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}  # a folder that is not a model is refused elsewhere, with a better message
    return content if isinstance(content, dict) else {}
