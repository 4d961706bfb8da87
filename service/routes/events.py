"""The native stream of /v1/ask: typed events while the answer is made."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from typing import Any

from fastapi import Request
from starlette.responses import Response

from service.dialects import native
from service.problems import problem
from service.questions import Question
from service.routes.common import Service
from service.sse import COMMENT, MEDIA_TYPE, EventStream, frame
from service.streaming import AnswerStream, Cited, Done, Event, Passages, Sentence, told

_NOT_AT_ALL = re.compile(r"(?:^|;)\s*q=0(?:\.0*)?\s*(?:;|$)")


def wants_events(request: Request) -> bool:
    """Whether the client asks for events: it names their media type, and does not rank it last with ``q=0``."""
    for offer in request.headers.get("accept", "").lower().split(","):
        kind, _, parameters = offer.partition(";")
        if kind.strip() == MEDIA_TYPE:
            return _NOT_AT_ALL.search(parameters) is None
    return False


async def events(request: Request, service: Service, asked: Question) -> Response:
    """The stream, once the question has its place in the queue. Raises Overloaded."""
    stream = await AnswerStream.begin(service.engine, service.questions, asked)

    async def source() -> AsyncGenerator[bytes, None]:
        yield COMMENT
        try:
            async for event in stream.events():
                if isinstance(event, Done):
                    service.telemetry.answer(event.answer)
                yield _framed(event)
        except Exception as error:  # noqa: BLE001 - the status is sent: an event must say what went wrong
            ended = told(error)
            service.telemetry.problem(ended.code)
            request_id = request.scope.get("state", {}).get("request_id")
            yield frame(problem(ended, path=request.url.path, request_id=request_id), "error")

    return EventStream(source())


def streamed(responses: dict[int | str, dict[str, Any]], example: str) -> dict[int | str, dict[str, Any]]:
    """The documented responses of a route that can also send events; ``example`` is such a stream."""
    responses[200]["content"][MEDIA_TYPE] = {"schema": {"type": "string"}, "example": example}
    return responses


def _framed(event: Event) -> bytes:
    match event:
        case Passages(found):
            return frame(native.passages(found), "passages")
        case Sentence(statement):
            return frame(native.sentence(statement), "sentence")
        case Cited(proof):
            return frame(native.citation(proof), "citation")
        case Done(answer):
            return frame(native.done(answer), "done")
