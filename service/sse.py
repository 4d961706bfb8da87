"""Server-sent events: a response that starts at once, keeps the line open, and ends with its client."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import suppress
from typing import Any

import orjson
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

HEARTBEAT_SECONDS = 10.0  # proxies and browsers give up on lines that are silent for longer
MEDIA_TYPE = "text/event-stream"
COMMENT = b":\n\n"  # read by no client; opens the line, and keeps it open
END = b"data: [DONE]\n\n"
_OPTIONS = orjson.OPT_SERIALIZE_NUMPY


def frame(data: Mapping[str, Any], event: str | None = None) -> bytes:
    """One event. JSON has no bare line break, so one `data` line holds it."""
    name = f"event: {event}\n".encode() if event else b""
    return name + b"data: " + orjson.dumps(data, option=_OPTIONS) + b"\n\n"


class EventStream(Response):
    """Sends what ``source`` yields as it comes; a client that leaves closes the source."""

    media_type = MEDIA_TYPE

    def __init__(self, source: AsyncGenerator[bytes, None]) -> None:
        self._source = source
        self.status_code = 200
        self.background = None
        self.body = b""
        self.init_headers({"x-accel-buffering": "no"})  # or a proxy would keep the events until the end

    def init_headers(self, headers: Mapping[str, str] | None = None) -> None:
        """As in `Response`, without a length, which nobody knows."""
        super().init_headers(headers)
        self.raw_headers = [(name, value) for name, value in self.raw_headers if name != b"content-length"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the source ends or the client leaves, whichever comes first."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        sending = asyncio.ensure_future(self._send_all(send))
        leaving = asyncio.ensure_future(_left(receive))
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (sending, leaving):
                if not task.done():
                    task.cancel()
                    with suppress(asyncio.CancelledError):
                        await task
            await self._source.aclose()
        if sending.done() and not sending.cancelled():
            sending.result()

    async def _send_all(self, send: Send) -> None:
        while True:
            step = asyncio.ensure_future(anext(self._source, None))
            try:
                while not (await asyncio.wait({step}, timeout=HEARTBEAT_SECONDS))[0]:
                    await send({"type": "http.response.body", "body": COMMENT, "more_body": True})
            finally:
                if not step.done():
                    step.cancel()
                    with suppress(asyncio.CancelledError):
                        await step
            piece = step.result()
            if piece is None:
                break
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
