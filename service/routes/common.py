"""What all routes share: the service behind the app, bytes from dictionaries, documented responses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import orjson
from fastapi import Depends, Request
from pydantic import BaseModel
from starlette.responses import Response

from corpus.errors import StoreUnavailable
from service.engine import Engine
from service.errors import UnsupportedContentType
from service.examples import PROBLEM
from service.problems import MEDIA_TYPE
from service.schemas import ProblemOut
from service.settings import Settings
from service.telemetry import Telemetry
from service.workers import Workers

WRITES_WAITING = 8
_OPTIONS = orjson.OPT_SERIALIZE_NUMPY


class Service:
    """Everything behind the app: one engine, and the threads that use it."""

    def __init__(self, settings: Settings, telemetry: Telemetry) -> None:
        self.settings = settings
        self.telemetry = telemetry
        self.questions = Workers("questions", threads=settings.workers, waiting=settings.max_waiting)
        self.writing = Workers("writing", threads=1, waiting=WRITES_WAITING)  # so that questions go on meanwhile
        self.opened: Engine | None = None

    @property
    def busy(self) -> bool:
        """Whether any of the threads is at work."""
        return bool(self.questions.pending or self.writing.pending)

    @property
    def engine(self) -> Engine:
        """The engine; raises StoreUnavailable before the app has started and after it has stopped."""
        if self.opened is None:
            raise StoreUnavailable("the service is not started")
        return self.opened


# Both are async though they await nothing: FastAPI sends plain functions to a thread, half a millisecond each.
async def service_of(request: Request) -> Service:
    """The service this request came to."""
    service = request.app.state.service
    assert isinstance(service, Service)  # noqa: S101 - put there by create_app
    return service


At = Annotated[Service, Depends(service_of)]


async def json_only(request: Request) -> None:
    """Refuse bodies that a plain HTML form of another site could send as well."""
    if content_type(request) != "application/json":
        raise UnsupportedContentType(
            f"expected application/json, got {content_type(request)[:100] or 'no content type'}", field="Content-Type"
        )


def content_type(request: Request) -> str:
    """The body's media type without parameters, in lower case."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def reply(content: Mapping[str, Any], *, status: int = 200, timings: Mapping[str, float] | None = None) -> Response:
    """A JSON response as bytes, not validated again; ``timings`` (milliseconds) become the Server-Timing header."""
    response = Response(orjson.dumps(content, option=_OPTIONS), status_code=status, media_type="application/json")
    if timings:
        response.headers["server-timing"] = ", ".join(f"{name};dur={spent:.2f}" for name, spent in timings.items())
    return response


def documented(
    model: type[BaseModel], example: Mapping[str, Any], *problems: int, status: int = 200, description: str = ""
) -> dict[int | str, dict[str, Any]]:
    """The ``responses`` of a route: its model with an example, and the statuses of its problems."""
    responses: dict[int | str, dict[str, Any]] = {
        status: {
            "model": model,
            "description": description or (model.__doc__ or "").splitlines()[0],
            "content": {"application/json": {"example": example}},
        }
    }
    for problem in (*problems, 401, 500):
        responses[problem] = {
            "description": "Problem document.",
            "content": {MEDIA_TYPE: {"schema": {"$ref": f"#/components/schemas/{ProblemOut.__name__}"}}},
        }
        if problem == 422:
            responses[problem]["content"][MEDIA_TYPE]["example"] = PROBLEM
    return responses


def request_example(example: Mapping[str, Any]) -> dict[str, Any]:
    """OpenAPI's request body with an example."""
    return {"requestBody": {"content": {"application/json": {"example": example}}}}
