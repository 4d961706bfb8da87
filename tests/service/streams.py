"""Server-sent events as tests read them, and encoders that wait for permission."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any, NamedTuple

import httpx

from tests.fakes import HashingEncoder


class Event(NamedTuple):
    name: str  # "message" where none is given
    data: str

    @property
    def json(self) -> Any:
        return json.loads(self.data)


def parsed(text: str) -> Iterator[Event]:
    """The events of a stream, by the rules of the HTML standard."""
    name, data = "message", []
    for line in text.splitlines():
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if line == "" and data:
            yield Event(name, "\n".join(data))
            name, data = "message", []
        elif field == "event":
            name = value
        elif field == "data":
            data.append(value)


def recorded(client: httpx.Client, path: str, body: dict[str, Any], **headers: str) -> list[Event]:
    """What a running server streams, whole."""
    reply = client.post(path, json=body, headers=headers)
    assert reply.status_code == 200, reply.text
    assert reply.headers["content-type"].startswith("text/event-stream")
    assert reply.headers["cache-control"] == "no-store"
    assert "content-length" not in reply.headers
    return list(parsed(reply.text))


def chunks(client: httpx.Client, model: str, question: str, **fields: Any) -> list[dict[str, Any]]:
    """The chunks of a chat completion, without the end mark, which must be there."""
    body = {"model": model, "messages": [{"role": "user", "content": question}], "stream": True, **fields}
    *events, end = recorded(client, "/v1/chat/completions", body)
    assert end.data == "[DONE]"
    return [event.json for event in events]


class WaitingEncoder(HashingEncoder):
    """Waits for permission before it encodes a question; raises what it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = threading.Event()
        self.may = threading.Event()
        self.may.set()
        self.error: Exception | None = None

    def encode_questions(self, texts: Any) -> Any:
        self.asked.set()
        assert self.may.wait(60)
        if self.error is not None:
            raise self.error
        return super().encode_questions(texts)
