"""The five real articles, where they lie beside the repository: page furniture is in no passage."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus.chunking import chunk
from corpus.documents import BlockKind, Document, PassageDraft
from corpus.extract import Extract, extract
from corpus.limits import Limits
from corpus.sources import RawInput, read_paths

SEEDS = Path(__file__).parents[2].parent / "shared" / "seeds"
pytestmark = pytest.mark.skipif(not SEEDS.is_dir(), reason="the folder shared/seeds is not beside the repository")

FURNITURE = (
    "(Foto:", "Anzeige", "Kommentar (0)", "Newsletter", "©", "Artikel anhören", "Lesen Sie mehr", "Weitere Artikel",
    "interessieren", "Paywall", "Jeder Beitrag", "kostenlos", "Quelle: http", "13:11 Uhr", "Nano Banana", "Yucatán",
    "im internationalen Vergleich: ", "schreien sich an",
)  # fmt: skip


def seeds() -> list[tuple[Extract, list[PassageDraft]]]:
    found = []
    for raw in read_paths([SEEDS], Limits()):
        assert isinstance(raw, RawInput)
        result = extract(raw, Limits())
        document = result.document
        found.append((result, chunk(document.text, result.blocks, document.language, title=document.title)))
    return found


def passages(document: Document, drafts: list[PassageDraft]) -> list[str]:
    return [draft.span.of(document.text) for draft in drafts]


def test_furniture_is_in_the_texts_and_in_no_passage():
    read = seeds()
    assert len(read) == 5
    everything = "\n".join(result.document.text for result, _ in read)
    cited = "\n".join(words for result, drafts in read for words in passages(result.document, drafts))
    assert [words for words in FURNITURE if words not in everything] == []
    assert [words for words in FURNITURE if words in cited] == []


def test_what_the_pages_say_of_themselves():
    documents = [result.document for result, _ in seeds()]
    assert [document.language for document in documents] == ["de"] * 5
    assert [document.published for document in documents] == [None, None, None, None, "2025-07-23"]
    assert [document.source for document in documents] == [None, "dantri.com.vn", None, "La Verdad Yucatán", None]
    assert [document.metadata.get("author") for document in documents] == [None] * 4 + ["Corinne Schindlbeck"]
    assert documents[1].url is not None
    assert all(10 < len(document.title) <= 120 for document in documents)
    assert "schreien" not in documents[2].title


def test_headings_lists_and_lengths():
    read = seeds()
    counts = [sum(block.kind is BlockKind.HEADING for block in result.blocks) for result, _ in read]
    assert counts == [7, 5, 6, 1, 6]
    result, _ = read[3]
    texts = [block.span.of(result.document.text) for block in result.blocks if block.kind is BlockKind.TEXT]
    assert sum(words.startswith("- ") for words in texts) == 3
    assert all(0 < len(draft.span) <= 900 for _, drafts in read for draft in drafts)
    for result, drafts in read:  # clutter was set aside, not prose
        assert sum(len(draft.span) for draft in drafts) > 0.8 * len(result.document.text)
