"""Inputs made to keep a reader busy for ever: each must end, well or badly, within the test's timeout."""

from __future__ import annotations

import pytest

from corpus.chunking import chunk
from corpus.errors import EmptyDocument
from corpus.json_lines import read_json
from corpus.limits import Limits
from tests.corpus.extract.inputs import read

BUSY = [
    "." * 100_000,
    ".\n" * 10_000,
    ". " * 20_000,
    "(" * 100_000 + "x.) Ja. ",
    "(x. " * 10_000,
    "z. B. " * 10_000,
    "<" * 20_000,
    "<!--" * 10_000,
    "<div>" + "<script>" * 10_000,
    "a\n" * 15_000,
    "Ein Wort\n\n" * 3_000,
    "x" * 100_000,
    "字" * 50_000,
    "👩\u200d" * 20_000,
    "*_" * 3_000,
    "[" * 3_000,
    "> " * 20_000 + "x",
    "- " * 5_000 + "x",
    "eine Zeile von mittlerer Länge, die nie endet und weiter\n" * 2_000,
    "---\n" * 5_000,
    "\u0301" * 50_000,
    "Anzeige\n" * 5_000,
]


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", ["a.txt", "a.md"])
@pytest.mark.parametrize("text", BUSY, ids=range(len(BUSY)))
def test_it_ends(text: str, name: str):
    assert longest_passage(text, name) <= 900


def longest_passage(text: str, name: str) -> int:
    try:
        result = read(text, name)
    except EmptyDocument:
        return 0
    drafts = chunk(result.document.text, result.blocks, result.document.language)
    return max(len(draft.span) for draft in drafts)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("data", [b'"' + b'\\"' * 100_000, b"[" * 300_000, b'{"a":' * 100_000, b'"' * 300_001])
def test_json_ends(data: bytes):
    (item,) = read_json(data, "file:///a.json", Limits(), {})
    assert not hasattr(item, "data")
