"""One small article and what each endpoint says about it: the examples of the OpenAPI document.

The tests validate every one against its model, and hold the offsets and the checksum against the text.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

TEXT = "Baidu setzt auf eigene Chips. Der Konzern spricht von einem vollständigen Stapel aus eigener Hand."
QUOTE = "Baidu setzt auf eigene Chips."
SHA256 = hashlib.sha256(TEXT.encode()).hexdigest()
DOC_ID = "baidu-eigene-chips-1f3a9c02"
QUESTION = "How does Baidu cope with sanctions?"

_ORIGIN: dict[str, Any] = {
    "doc_id": DOC_ID,
    "title": "Baidu setzt auf eigene Chips",
    "source": "Fundstelle-Beispielredaktion",
    "url": "https://example.org/baidu-eigene-chips",
    "published": "2025-05-21",
    "language": "de",
}

PASSAGE: dict[str, Any] = _ORIGIN | {
    "rank": 1,
    "score": 2.31,
    "passage_id": 17,
    "heading": "",
    "text": TEXT,
    "start": 0,
    "end": len(TEXT),
    "dense": 0.61,
    "lexical": 8.4,
}

CITATION: dict[str, Any] = _ORIGIN | {
    "number": 1,
    "quote": QUOTE,
    "start": 0,
    "end": len(QUOTE),
    "utf16_start": 0,
    "utf16_end": len(QUOTE),
    "byte_start": 0,
    "byte_end": len(QUOTE),
    "sha256": SHA256,
    "passage_id": 17,
    "score": 2.31,
}

ASK_REQUEST: dict[str, Any] = {
    "question": QUESTION,
    "k": 5,
    "filters": {"languages": ["de"], "published_from": "2025-01-01"},
}

ASK_RESPONSE: dict[str, Any] = {
    "question": QUESTION,
    "language": "en",
    "outcome": "answered",
    "answer": f"{QUOTE} [1]",
    "reason": None,
    "citations": [CITATION],
    "passages": [PASSAGE],
    "answerability": {"score": 0.93, "threshold": 0.5, "signals": {"dense_top": 1.2, "lexical_share": 0.7}},
    "generator": "extractive",
    "dropped_citations": 0,
    "revision": 16,
    "timings": {"retrieval": 9.8, "answer": 3.1, "total": 13.0},
}

ASK_STREAM = "".join(
    f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
    for name, data in (
        ("passages", {"passages": [PASSAGE]}),
        ("sentence", {"text": QUOTE, "start": 0, "end": len(QUOTE) + 4, "citations": [1]}),
        ("citation", CITATION),
        ("done", {name: value for name, value in ASK_RESPONSE.items() if name not in ("passages", "citations")}),
    )
)

SEARCH_REQUEST: dict[str, Any] = {
    "question": "Wie geht Baidu mit den Sanktionen um?",
    "k": 5,
    "filters": {"source": "Fundstelle-Beispielredaktion"},
}

SEARCH_RESPONSE: dict[str, Any] = {
    "question": "Wie geht Baidu mit den Sanktionen um?",
    "language": "de",
    "passages": [PASSAGE],
    "revision": 16,
    "timings": {"dense": 4.2, "lexical": 1.1, "total": 6.0},
}

VERIFY_REQUEST: dict[str, Any] = {
    "doc_id": DOC_ID,
    "quote": QUOTE,
    "start": 0,
    "end": len(QUOTE),
    "sha256": SHA256,
}

VERIFY_RESPONSE: dict[str, Any] = {
    "verified": True,
    "doc_id": DOC_ID,
    "sha256": SHA256,
    "sha256_matches": True,
    "found": QUOTE,
    "occurrences": [{"start": 0, "end": len(QUOTE)}],
}

DOCUMENT_IN: dict[str, Any] = {name: value for name, value in _ORIGIN.items() if name != "doc_id"} | {"text": TEXT}

INGEST_RESPONSE: dict[str, Any] = {
    "ledger": [
        {
            "uri": "https://example.org/baidu-eigene-chips",
            "outcome": "added",
            "doc_id": DOC_ID,
            "duplicate_of": None,
            "passages": 1,
            "code": None,
            "reason": None,
            "field": None,
            "limit": None,
            "invisible_removed": 0,
            "title": "Baidu setzt auf eigene Chips",
            "language": "de",
        }
    ],
    "counts": {"inputs": 1, "added": 1, "unchanged": 0, "replaced": 0, "duplicate": 0, "rejected": 0},
    "revision": 16,
}

DOCUMENT: dict[str, Any] = _ORIGIN | {
    "uri": "https://example.org/baidu-eigene-chips",
    "media_type": "text/plain",
    "sha256": SHA256,
    "characters": len(TEXT),
    "passage_count": 1,
    "ingested_at": "2025-05-22T08:00:00Z",
    "metadata": {},
}

DOCUMENTS_RESPONSE: dict[str, Any] = {"documents": [DOCUMENT], "total": 1, "limit": 50, "offset": 0}

DOCUMENT_WITH_TEXT: dict[str, Any] = DOCUMENT | {
    "text": TEXT,
    "passages": [{"passage_id": 17, "ordinal": 0, "heading": "", "start": 0, "end": len(TEXT)}],
}

REMOVAL_RESPONSE: dict[str, Any] = {
    "doc_id": DOC_ID,
    "passages_removed": 1,
    "revision": 17,
    "dense_hits": 0,
    "lexical_hits": 0,
}

READY_RESPONSE: dict[str, Any] = {
    "ready": True,
    "checks": {
        "store": {"ok": True, "detail": "16 documents, 58 passages"},
        "encoder": {"ok": True, "detail": "loaded"},
        "index": {"ok": True, "detail": "at revision 16"},
    },
    "notes": [],
}

NOT_READY_RESPONSE: dict[str, Any] = {
    "ready": False,
    "checks": {
        "store": {"ok": True, "detail": "16 documents, 58 passages"},
        "encoder": {"ok": False, "detail": "loading"},
        "index": {"ok": True, "detail": "at revision 16"},
    },
    "notes": [],
}

HEALTH_RESPONSE: dict[str, Any] = {"status": "ok"}

METRICS = 'fundstelle_answers_total{generator="extractive",outcome="answered"} 12.0\n'

CODE: dict[str, Any] = {
    "code": "invalid_question",
    "status": 422,
    "title": "Invalid question",
    "remedy": "Correct the named field.",
}

CODES_RESPONSE: dict[str, Any] = {"problems": [CODE]}

PROBLEM: dict[str, Any] = {
    "type": "/problems/invalid_question",
    "title": "Invalid question",
    "status": 422,
    "detail": "k: expected 1 to 100, got 500",
    "code": "invalid_question",
    "remedy": "Correct the named field.",
    "field": "k",
    "limit": 100,
    "instance": "/v1/ask",
    "request_id": "5d1f0a3c9be84c0f8f0a6a0f1f0f9a11",
}
