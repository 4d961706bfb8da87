"""Judging in the browser: one page on loopback, known to whoever is given its address, with nothing from elsewhere."""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from eval.labelling.labels import WORDS
from eval.labelling.session import Session

HOST = "127.0.0.1"
_PAGE = Path(__file__).with_name("page.html")
_LONGEST_BODY = 10_000
_PARTS = ("script", "style")


class Server(ThreadingHTTPServer):
    """Serves one session. A request has to bring the token, and to be sent to this very address."""

    daemon_threads = True

    def __init__(self, session: Session, suite: str) -> None:
        super().__init__((HOST, 0), _Handler)
        self.session = session
        self.suite = suite
        self.token = secrets.token_urlsafe(24)
        self.nonce = secrets.token_urlsafe(18)
        self.lock = threading.Lock()

    @property
    def address(self) -> str:
        """Host and port."""
        return f"{HOST}:{self.server_address[1]}"

    @property
    def url(self) -> str:
        """What to open."""
        return f"http://{self.address}/?token={self.token}"

    def state(self) -> dict[str, Any]:
        """What the page shows."""
        session = self.session
        item = session.item
        number, questions = session.question_number()
        shown: dict[str, Any] = {
            "suite": self.suite,
            "at": session.at,
            "count": len(session.items),
            "judged": len(session.grades),
            "question_number": number,
            "questions": questions,
            "grade": session.grade,
            "item": None,
            "summary": session.summary() if item is None else [],
        }
        if item is not None:
            shown["item"] = {
                "query_id": item.query.query_id,
                "question": item.query.text,
                "language": item.query.language,
                "answerable": item.query.answerable,
                "known": [{"doc_id": gold.doc_id, "quote": gold.quote} for gold in item.query.gold if gold.quote],
                "doc_id": item.doc_id,
                "title": item.title,
                "about": item.about,
                "passages": item.passages,
            }
        return shown

    def act(self, sent: Mapping[str, Any]) -> bool:
        """Do what the page asks; False where it speaks of another item than the one at hand, as a second tab might."""
        session, action = self.session, sent.get("action")
        if sent.get("at") != session.at:
            return False
        if action == "judge" and sent.get("grade") in WORDS and session.item is not None:
            session.judge(sent["grade"])
        elif action == "skip":
            session.skip()
        elif action == "back":
            session.back()
        elif action == "quit":
            threading.Thread(target=self.shutdown, daemon=True).start()
        else:
            return False
        return True


class _Handler(BaseHTTPRequestHandler):
    """The page, its state, and what is judged on it."""

    server: Server
    protocol_version = "HTTP/1.1"
    server_version = "Fundstelle"
    sys_version = ""
    timeout = 60

    def do_GET(self) -> None:
        """Serve the page or its state."""
        path = urlsplit(self.path)
        if not self._is_ours():
            return
        if path.path == "/" and parse_qs(path.query).get("token") == [self.server.token]:
            self._send(HTTPStatus.OK, self._page(), "text/html; charset=utf-8")
        elif path.path == "/state" and self._has_token():
            with self.server.lock:
                self._send_json(HTTPStatus.OK, self.server.state())
        else:
            self._refuse(HTTPStatus.NOT_FOUND, "open the address that the command printed")

    def do_POST(self) -> None:
        """Take a judgement."""
        length = self.headers.get("Content-Length", "")
        if not self._is_ours():
            return
        if urlsplit(self.path).path != "/act" or not self._has_token():
            self._refuse(HTTPStatus.NOT_FOUND, "there is nothing to send here")
            return
        if not length.isascii() or not length.isdigit() or int(length) > _LONGEST_BODY:
            self._refuse(HTTPStatus.BAD_REQUEST, f"expected JSON of at most {_LONGEST_BODY} bytes")
            return
        try:
            sent = json.loads(self.rfile.read(int(length)))
        except (ValueError, RecursionError):
            sent = None
        with self.server.lock:
            done = isinstance(sent, dict) and self.server.act(sent)
            self._send_json(HTTPStatus.OK if done else HTTPStatus.CONFLICT, self.server.state())

    def _is_ours(self) -> bool:
        """Whether the request was sent to our address, and not by another site's page (DNS rebinding)."""
        origin = self.headers.get("Origin")
        if self.headers.get("Host") == self.server.address and origin in (None, f"http://{self.server.address}"):
            return True
        self._refuse(HTTPStatus.MISDIRECTED_REQUEST, "open the address that the command printed")
        return False

    def _has_token(self) -> bool:
        return secrets.compare_digest(self.headers.get("X-Token", "").encode(), self.server.token.encode())

    def _page(self) -> bytes:
        text = _PAGE.read_text(encoding="utf-8")
        for part in _PARTS:
            text = text.replace(f"<{part}>", f'<{part} nonce="{self.server.nonce}">')
        return text.encode()

    def _send_json(self, status: HTTPStatus, value: Mapping[str, Any]) -> None:
        self._send(status, json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"), "application/json")

    def _refuse(self, status: HTTPStatus, words: str) -> None:
        self.close_connection = True  # what the request brought along has not been read
        self._send(status, f"{words}\n".encode(), "text/plain; charset=utf-8")

    def _send(self, status: HTTPStatus, body: bytes, kind: str) -> None:
        nonce = f"'nonce-{self.server.nonce}'"
        rules = f"default-src 'none'; script-src {nonce}; style-src {nonce}; connect-src 'self'; img-src data:"
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Content-Security-Policy", rules)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - its name in the standard library
        """Say nothing: the terminal belongs to the command."""


def judge(session: Session, suite: str, announce: Callable[[str], None]) -> None:
    """Serve until the judge is done, or Ctrl-C."""
    with Server(session, suite) as server:
        announce(server.url)
        server.serve_forever(poll_interval=0.1)
