"""The door for chat front ends and OpenAI's clients: models, chat completions, responses."""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count

from fastapi import APIRouter, Depends, Header, Request
from starlette.responses import Response

from corpus.errors import FundstelleError
from service import chat_examples, housekeeping
from service.answers import Answer
from service.chat_schemas import (
    ChatRequest,
    ChatResponse,
    MessageIn,
    ModelOut,
    ModelsResponse,
    ResponsesRequest,
    ResponsesResponse,
)
from service.conversation import Turn, conversation, question_of
from service.dialects import chat, responses
from service.dialects.errors import ModelNotFound, openai_error
from service.dialects.links import Links
from service.dialects.models import HEADER, MODELS, dialect_of
from service.dialects.rendering import Dialect, Json, Rendering
from service.errors import InvalidQuestion, InvalidRequest
from service.housekeeping import Chore
from service.questions import Question, question
from service.routes.common import At, Service, json_only, reply, request_example
from service.settings import Settings
from service.sse import END, EventStream, frame
from service.streaming import AnswerStream, told

router = APIRouter(prefix="/v1", tags=["chat"])
_SINCE = int(time.time())
_HOST = re.compile(r"[A-Za-z0-9.-]{1,253}(?::\d{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](?::\d{1,5})?")
_DIALECT = Header(None, alias=HEADER, description="A dialect instead of the one that the model's name stands for.")


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a request wants: the answer to a question, or a chore done; and how it is rendered."""

    question: Question | None
    chore: Chore | None
    dialect: Dialect
    links: Links


@router.get("/models", response_model=None, responses=chat_examples.documented(ModelsResponse, chat_examples.MODELS))
async def models() -> Response:
    """The names under which the same answers come, each rendered for one kind of front end."""
    return reply({"object": "list", "data": [_model(name) for name in MODELS]})


@router.get(
    "/models/{model}", response_model=None, responses=chat_examples.documented(ModelOut, chat_examples.MODEL, 404)
)
async def model(model: str) -> Response:
    """One of the names."""
    if model not in MODELS:
        raise ModelNotFound(f"there is no model {model[:100]!r}", field="model")
    return reply(_model(model))


@router.post(
    "/chat/completions",
    response_model=None,
    dependencies=[Depends(json_only)],
    responses=chat_examples.documented(
        ChatResponse, chat_examples.CHAT_RESPONSE, 400, 404, 413, 415, 422, 503, stream=chat_examples.CHAT_STREAM
    ),
    openapi_extra=request_example(chat_examples.CHAT_REQUEST),
)
async def complete(request: Request, service: At, body: ChatRequest, dialect: str | None = _DIALECT) -> Response:
    """Answer the last message of the user, whole or as a stream of chunks."""
    asked = _asked(request, service, body.model, dialect, body.messages)
    _refuse_tools(body.tool_choice)
    if asked.chore is None and body.response_format is not None and body.response_format.type != "text":
        field = "response_format.type"
        raise InvalidRequest(f"{field}: an answer is text, got {body.response_format.type[:40]!r}", field=field)
    envelope = chat.Envelope(f"chatcmpl-{secrets.token_hex(12)}", int(time.time()), body.model)
    if not body.stream:
        rendering, answer = await _rendered(service, asked)
        return reply(chat.completion(envelope, rendering, answer), timings=answer.timings if answer else None)
    usage = bool(body.stream_options and body.stream_options.include_usage)

    def chunks(rendering: Rendering, answer: Answer | None) -> Iterable[bytes]:
        yield from (frame(each) for each in chat.chunks(envelope, rendering, answer, usage=usage))
        yield END

    def failed(error: FundstelleError) -> Iterable[bytes]:
        yield frame(openai_error(error))

    return await _streamed(service, asked, [frame(chat.opening(envelope))], chunks, failed)


@router.post(
    "/responses",
    response_model=None,
    dependencies=[Depends(json_only)],
    responses=chat_examples.documented(
        ResponsesResponse,
        chat_examples.RESPONSES_RESPONSE,
        400, 404, 413, 415, 422, 503,
        stream=chat_examples.RESPONSES_STREAM,
    ),
    openapi_extra=request_example(chat_examples.RESPONSES_REQUEST),
)  # fmt: skip
async def respond(request: Request, service: At, body: ResponsesRequest, dialect: str | None = _DIALECT) -> Response:
    """The same by the Responses API; nothing is stored, so that every request brings its conversation along."""
    given = [MessageIn(role="user", content=body.input)] if isinstance(body.input, str) else body.input
    system = [MessageIn(role="system", content=body.instructions)] if body.instructions else []
    asked = _asked(request, service, body.model, dialect, [*system, *given], field="input")
    _refuse_tools(body.tool_choice)
    frame_ = responses.Frame(
        f"resp_{secrets.token_hex(12)}", f"msg_{secrets.token_hex(12)}", int(time.time()), body.model
    )
    if not body.stream:
        rendering, answer = await _rendered(service, asked)
        return reply(responses.response(frame_, rendering, answer), timings=answer.timings if answer else None)
    numbers = count()

    def framed(events: Iterable[Json]) -> Iterable[bytes]:
        for event in events:
            yield frame(event | {"sequence_number": next(numbers)}, event["type"])

    def rest(rendering: Rendering, answer: Answer | None) -> Iterable[bytes]:
        return framed(responses.events(frame_, rendering, answer))

    def failed(error: FundstelleError) -> Iterable[bytes]:
        told = openai_error(error)["error"]
        return framed([{"type": "error", "code": told["code"], "message": told["message"], "param": told["param"]}])

    return await _streamed(service, asked, framed(responses.opening(frame_)), rest, failed)


def _asked(
    request: Request,
    service: Service,
    model: str,
    dialect: str | None,
    messages: Sequence[MessageIn],
    *,
    field: str = "messages",
) -> _Asked:
    spoken = dialect_of(model, dialect)
    links = Links(_base(request, service.settings))
    try:
        talk = conversation([Turn(message.role, message.text()) for message in messages])
        chore = housekeeping.recognise(talk)
        asked = None if chore else question(service.settings, question_of(talk))
    except InvalidQuestion as error:
        raise InvalidQuestion(
            f"{field}: {error.detail.removeprefix('messages: ')}", field=field, limit=error.limit
        ) from None
    return _Asked(asked, chore, spoken, links)


def _refuse_tools(choice: object) -> None:
    if choice not in (None, "none", "auto"):
        raise InvalidRequest(
            "tool_choice: no tool is ever called; leave it out, or say none or auto", field="tool_choice"
        )


async def _rendered(service: Service, asked: _Asked) -> tuple[Rendering, Answer | None]:
    """The answer as its dialect renders it; or a chore's text, with no answer to count."""
    if asked.question is None:
        return await _chore(service, asked), None
    stream = await AnswerStream.begin(service.engine, service.questions, asked.question)
    answer = await stream.answer()
    service.telemetry.answer(answer)
    return asked.dialect(answer, asked.links), answer


async def _chore(service: Service, asked: _Asked) -> Rendering:
    assert asked.chore is not None  # noqa: S101 - what is no question is a chore
    text = await service.questions.run(partial(housekeeping.done, service.engine, asked.chore))
    service.telemetry.chore(asked.chore.kind.value)
    return Rendering((text,))


async def _streamed(
    service: Service,
    asked: _Asked,
    opening: Iterable[bytes],
    rest: Callable[[Rendering, Answer | None], Iterable[bytes]],
    failed: Callable[[FundstelleError], Iterable[bytes]],
) -> Response:
    """A stream that opens at once, and goes on when there is an answer, or with the error there is instead."""
    if asked.question is None:
        made = await _chore(service, asked)
        return EventStream(_all([*opening, *rest(made, None)]))
    stream = await AnswerStream.begin(service.engine, service.questions, asked.question)

    async def source() -> AsyncGenerator[bytes, None]:
        for piece in opening:
            yield piece
        try:
            answer = await stream.answer()
        except Exception as error:  # noqa: BLE001 - the status is sent: an event must say what went wrong
            hidden = told(error)
            service.telemetry.problem(hidden.code)
            pieces = failed(hidden)
        else:
            service.telemetry.answer(answer)
            pieces = rest(asked.dialect(answer, asked.links), answer)
        for piece in pieces:
            yield piece

    return EventStream(source())


async def _all(pieces: Iterable[bytes]) -> AsyncGenerator[bytes, None]:
    for piece in pieces:
        yield piece


def _base(request: Request, settings: Settings) -> str:
    """Scheme and host that our links begin with: as set, or else as this request came."""
    if settings.public_url:
        return settings.public_url
    host = request.headers.get("host", "")
    return f"{request.url.scheme}://{host if _HOST.fullmatch(host) else f'{settings.host}:{settings.port}'}"


def _model(name: str) -> Json:
    return {"id": name, "object": "model", "created": _SINCE, "owned_by": "fundstelle"}
