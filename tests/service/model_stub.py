"""A real HTTP server that speaks the chat completions format, as badly as a test wants it to."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Reply = Callable[["Stub"], None]


class Stub(BaseHTTPRequestHandler):
    """One request. What was asked is kept in ``server.asked``."""

    server: StubServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.asked.append({"path": self.path, "headers": dict(self.headers), "body": json.loads(body)})
        self.server.reply(self)

    def say(self, content: bytes, status: int = 200, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        self.send_header("content-length", str(len(content)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Quiet."""


class StubServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Stub)
        self.asked: list[dict[str, Any]] = []
        self.reply: Reply = says("")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


def says(text: str) -> Reply:
    """A proper chat completion with this content."""
    content = json.dumps({"choices": [{"message": {"role": "assistant", "content": text}}]}).encode()
    return lambda stub: stub.say(content)


def fails(status: int) -> Reply:
    return lambda stub: stub.say(b'{"error": "overloaded"}', status)


def sends(content: bytes) -> Reply:
    return lambda stub: stub.say(content)


def sleeps(seconds: float) -> Reply:
    def reply(stub: Stub) -> None:
        time.sleep(seconds)
        stub.close_connection = True

    return reply


def drips(seconds: float) -> Reply:
    """Sends a byte at a time, so that no single wait is long."""

    def reply(stub: Stub) -> None:
        stub.send_response(200)
        stub.end_headers()
        until = time.monotonic() + seconds
        try:
            while time.monotonic() < until:
                stub.wfile.write(b" " * 16384)
                time.sleep(0.02)
        except (BrokenPipeError, ConnectionResetError):
            pass  # the client had enough: that is what this is for
        stub.close_connection = True

    return reply


@contextmanager
def stub_server() -> Iterator[StubServer]:
    server = StubServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
