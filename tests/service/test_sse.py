from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service import sse
from tests.service.streams import parsed

values = st.dictionaries(
    st.text(max_size=5).filter(lambda text: text.isprintable()),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
)


@given(values)
def test_any_data_fit_one_frame(data: dict[str, str]) -> None:
    frame = sse.frame(data, "name").decode()
    assert frame.count("\n") == 3
    body = frame.removeprefix("event: name\ndata: ").removesuffix("\n\n")
    assert orjson.loads(body) == data


class Connection:
    """A client: what it was sent, and when it leaves."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.gone = asyncio.Event()

    async def send(self, message: Any) -> None:
        self.sent.append(message)

    async def receive(self) -> dict[str, Any]:
        await self.gone.wait()
        return {"type": "http.disconnect"}

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.sent)


def test_a_stream_is_sent_as_it_comes_and_ends() -> None:
    async def run() -> None:
        async def source() -> AsyncGenerator[bytes, None]:
            yield sse.frame({"a": 1})
            yield sse.frame({"b": 2}, "named")

        connection = Connection()
        await sse.EventStream(source())({}, connection.receive, connection.send)
        start, *bodies = connection.sent
        assert dict(start["headers"])[b"content-type"].startswith(b"text/event-stream")
        assert b"content-length" not in dict(start["headers"])
        assert [(event.name, event.json) for event in parsed(connection.body.decode())] == [
            ("message", {"a": 1}),
            ("named", {"b": 2}),
        ]
        assert [each["more_body"] for each in bodies] == [True, True, False]

    asyncio.run(run())


def test_silence_is_filled_with_comments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "HEARTBEAT_SECONDS", 0.01)

    async def run() -> None:
        connection = Connection()

        async def source() -> AsyncGenerator[bytes, None]:
            while connection.body.count(sse.COMMENT) < 3:
                await asyncio.sleep(0.005)
            yield sse.frame({"a": 1})

        await sse.EventStream(source())({}, connection.receive, connection.send)
        assert [event.json for event in parsed(connection.body.decode())] == [{"a": 1}]

    asyncio.run(run())


def test_the_source_is_closed_when_the_client_leaves_in_the_middle() -> None:
    async def run() -> None:
        connection = Connection()
        closed = asyncio.Event()

        async def source() -> AsyncGenerator[bytes, None]:
            try:
                yield sse.COMMENT
                connection.gone.set()
                await asyncio.Event().wait()
            finally:
                closed.set()

        await asyncio.wait_for(sse.EventStream(source())({}, connection.receive, connection.send), 30)
        assert closed.is_set()
        assert connection.body == sse.COMMENT

    asyncio.run(run())


def test_an_error_of_the_source_is_not_hidden() -> None:
    async def run() -> None:
        async def source() -> AsyncGenerator[bytes, None]:
            yield sse.COMMENT
            raise ZeroDivisionError

        connection = Connection()
        with pytest.raises(ZeroDivisionError):
            await sse.EventStream(source())({}, connection.receive, connection.send)

    asyncio.run(run())
