"""Cohere's way (v2): a text without markers, and citations whose offsets are those of this text."""

from __future__ import annotations

from service.answers import Answer, Citation
from service.dialects.rendering import Json
from service.dialects.statements import statements


def message(answer: Answer) -> Json:
    """The assistant's message: ``text[start:end]`` of its only content is what each citation proves."""
    text = ""
    citations: list[Json] = []
    for statement in statements(answer):
        text += " " if text else ""
        start, text = len(text), text + statement.words
        citations.append(
            {
                "start": start,
                "end": len(text),
                "text": statement.words,
                "sources": [_source(proof) for proof in statement.citations],
                "type": "TEXT_CONTENT",
            }
        )
    shown = text or answer.reason or ""
    return {"role": "assistant", "content": [{"type": "text", "text": shown}], "citations": citations}


def _source(proof: Citation) -> Json:
    document = {"id": proof.document.doc_id, "title": proof.document.title, "snippet": proof.quote}
    return {"type": "document", "id": proof.document.doc_id, "document": document}
