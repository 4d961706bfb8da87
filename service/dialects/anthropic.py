"""Anthropic's way: content blocks with ``char_location`` citations, whose offsets are those of the source."""

from __future__ import annotations

from service.answers import Answer, Citation
from service.dialects.rendering import Json
from service.dialects.statements import statements


def documents(answer: Answer) -> list[str]:
    """Ids of the cited documents; a citation's ``document_index`` is a place in this list."""
    return list(dict.fromkeys(proof.document.doc_id for proof in answer.citations))


def content(answer: Answer) -> list[Json]:
    """A text block for each statement, with its citations: ``text[start:end]`` of the document is ``cited_text``."""
    index = {doc_id: place for place, doc_id in enumerate(documents(answer))}
    blocks: list[Json] = []
    for statement in statements(answer):
        words = f"{' ' if blocks else ''}{statement.words}"
        proofs = [_char_location(proof, index[proof.document.doc_id]) for proof in statement.citations]
        blocks.append({"type": "text", "text": words, "citations": proofs})
    return blocks or [{"type": "text", "text": answer.reason or ""}]


def _char_location(proof: Citation, document_index: int) -> Json:
    return {
        "type": "char_location",
        "cited_text": proof.quote,
        "document_index": document_index,
        "document_title": proof.document.title,
        "file_id": None,
        "start_char_index": proof.span.start,
        "end_char_index": proof.span.end,
    }
