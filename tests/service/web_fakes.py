"""A small service that speaks the API's shapes over hostile articles, and a server that runs an app on a free port."""

from __future__ import annotations

import hashlib
import re
import socket
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from service.routes.pages import router

KEY = "geheim-0123456789abcdef"

HOSTILE_TITLE = "Überkapazität <script>alert('title')</script> & „Öfen“ 🏭"
REPEATED = "Der Rückbau beginnt übermorgen 🚧."
TWO_PARAGRAPHS = "Das sagt 👩🏽\u200d🔬 Zoë Müller.\n\nUnd sie fügt hinzu: „Größe allein genügt nicht“"
FILLER = "\n\n".join(
    f"Absatz {number} füllt die Seite, damit die Stelle erst nach unten zu suchen ist." for number in range(40)
)
HOSTILE_TEXT = f"""{HOSTILE_TITLE}

Die Öfen kühlen aus 🥶

Anzeige

{REPEATED} Niemand weiß, wie lange das dauert; 𝔉raktur und 漢字 stehen hier, damit die Zählung der Zeichen schwerfällt.

<img src=x onerror="window.broken = 1"><script>window.broken = 1</script> steht hier als Text, und <b>nichts</b> davon \
wird ausgeführt.

- Ein Punkt der Liste, kurz
- Noch einer: Cafe\u0301-Schreibweise mit zerlegtem Akzent

{FILLER}

{REPEATED} {TWO_PARAGRAPHS} – und 12\u202f000 Tonnen [2] bleiben liegen.

{REPEATED}
"""
PLAIN_TEXT = (
    "The furnaces were built in 1998.\nTheir owner, a steel maker, asked for a delay in March, and the council of the "
    "town agreed to wait until the summer.\n\nNobody objected."
)
DOCUMENTS: dict[str, dict[str, Any]] = {
    "hostile:1": {
        "title": HOSTILE_TITLE,
        "text": HOSTILE_TEXT,
        "url": "javascript:alert(document.domain)",
        "source": "Blatt <i>Süd</i>",
        "published": "2025-07-23",
        "language": "de",
    },
    "plain-2": {
        "title": "The furnaces wait",
        "text": PLAIN_TEXT,
        "url": "https://news.example/furnaces?a=1&b=2",
        "source": "Example Desk",
        "published": None,
        "language": "en",
    },
}


def _info(doc_id: str) -> dict[str, Any]:
    held = DOCUMENTS[doc_id]
    fields = {name: value for name, value in held.items() if name != "text"}
    return {"doc_id": doc_id, **fields, "sha256": hashlib.sha256(held["text"].encode()).hexdigest()}


HEADING = "Die Öfen kühlen aus 🥶"
_NO_PASSAGE = (HOSTILE_TITLE, HEADING, "Anzeige")


def _passage_spans(text: str) -> list[dict[str, Any]]:
    """Each line is a passage, but for the title, the heading and the advertisement."""
    found = [match for match in re.finditer(r"[^\n]+", text) if match[0] not in _NO_PASSAGE]
    return [
        {"passage_id": at, "ordinal": at, "heading": HEADING, "start": match.start(), "end": match.end()}
        for at, match in enumerate(found)
    ]


def _citation(number: int, doc_id: str, quote: str, occurrence: int = 0) -> dict[str, Any]:
    """A citation whose offsets are counted here, in Python, independently of the page."""
    text: str = DOCUMENTS[doc_id]["text"]
    start = -1
    for _ in range(occurrence + 1):
        start = text.index(quote, start + 1)
    end = start + len(quote)
    utf16 = [len(text[:at].encode("utf-16-le")) // 2 for at in (start, end)]
    utf8 = [len(text[:at].encode()) for at in (start, end)]
    return {
        **_info(doc_id),
        "number": number,
        "quote": quote,
        "start": start,
        "end": end,
        "utf16_start": utf16[0],
        "utf16_end": utf16[1],
        "byte_start": utf8[0],
        "byte_end": utf8[1],
        "passage_id": number,
        "score": 2.5 - number,
    }


CITATIONS = [
    _citation(1, "hostile:1", REPEATED, occurrence=1),
    _citation(2, "hostile:1", TWO_PARAGRAPHS),
    _citation(3, "plain-2", "Their owner, a steel maker, asked for a delay in March"),
]


def _passages(count: int) -> list[dict[str, Any]]:
    made = []
    for rank in range(1, count + 1):
        doc_id = "hostile:1" if rank % 2 else "plain-2"
        text = DOCUMENTS[doc_id]["text"]
        start = text.index("\n") + 1
        item = {**_info(doc_id), "rank": rank, "score": 3.0 - rank, "passage_id": 100 + rank, "heading": "<u>Öfen</u>"}
        made.append({**item, "start": start, "end": start + 80, "text": text[start : start + 80]})
    return made


def _reply(question: str, *, answered: bool, language: str) -> dict[str, Any]:
    quotes = [citation["quote"] for citation in CITATIONS]
    answer = f"{quotes[0]} [1] {' '.join(quotes[1].split())} [2] Eine <em>Zahl</em> [7] ohne Beleg.\n\n{quotes[2]} [3]"
    return {
        "question": question,
        "language": language,
        "outcome": "answered" if answered else "abstained",
        "answer": answer if answered else "",
        "reason": None if answered else "no passage <reaches> the threshold",
        "answerability": {"score": 0.874 if answered else 0.213, "threshold": 0.5},
        "citations": CITATIONS if answered else [],
        "passages": _passages(5),
        "generator": "extractive",
        "dropped_citations": 1,
        "revision": 7,
        "timings": {"total": 41.6},
    }


def _problem(status: int, code: str, title: str, detail: str, remedy: str) -> JSONResponse:
    body = {"type": f"urn:{code}", "title": title, "status": status, "detail": detail, "code": code, "remedy": remedy}
    return JSONResponse(body, status_code=status, media_type="application/problem+json")


def fake_service(*, key: str | None = None) -> FastAPI:
    """The pages over an API that answers from the articles above; `app.state.asked` keeps what it was asked."""
    app = FastAPI()
    app.include_router(router)
    app.state.asked = []

    @app.middleware("http")
    async def lock(request: Request, proceed: Callable[[Request], Awaitable[Response]]) -> Response:
        given = request.headers.get("authorization")
        if key is not None and request.url.path.startswith("/v1/") and given != f"Bearer {key}":
            return _problem(401, "unauthorized", "API key needed", "this needs a key", "Send the key.")
        return await proceed(request)

    @app.post("/v1/ask", response_model=None)
    async def ask(request: Request) -> JSONResponse | dict[str, Any]:
        body = await request.json()
        app.state.asked.append(body)
        question = body["question"]
        if question == "kaputt":
            return _problem(507, "store_full", "No space <b>left</b>", "the disk is full", "Free disk space.")
        return _reply(question, answered="Canberra" not in question, language="en" if "the" in question else "de")

    @app.get("/v1/documents")
    async def documents(limit: int = 50, offset: int = 0) -> dict[str, Any]:
        held = [_info(doc_id) for doc_id in DOCUMENTS]
        return {"documents": held[offset : offset + limit], "total": len(held)}

    @app.get("/v1/documents/{doc_id}", response_model=None)
    async def document(doc_id: str, passages: bool) -> JSONResponse | dict[str, Any]:
        if doc_id not in DOCUMENTS:
            return _problem(404, "document_not_found", "No such document", doc_id, "List the documents.")
        text = DOCUMENTS[doc_id]["text"]
        return {**_info(doc_id), "text": text} | ({"passages": _passage_spans(text)} if passages else {})

    return app


@contextmanager
def served(app: Any) -> Iterator[str]:
    """The address at which `app` is served over real HTTP, on a port nobody else has."""
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=2))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="served")
    thread.start()
    try:
        deadline = time.monotonic() + 60
        while not server.started:
            if not thread.is_alive() or time.monotonic() > deadline:
                raise RuntimeError("the server did not start")
            time.sleep(0.02)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(30)
        listener.close()
