"""RFC 9457 problem documents: every error of the tree, and every error of the framework, in one shape."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

import index.errors  # noqa: F401 - completes the tree of errors
from corpus.errors import FundstelleError, InvalidDocument
from service.dialects.errors import openai_error, speaks_openai
from service.errors import (
    BodyTooLarge,
    InvalidJson,
    InvalidQuestion,
    InvalidRequest,
    MethodNotAllowed,
    Overloaded,
    RouteNotFound,
    Unauthorized,
    UnsupportedContentType,
)

MEDIA_TYPE = "application/problem+json"
_log = logging.getLogger("fundstelle.problems")
_BY_STATUS: Mapping[int, type[FundstelleError]] = {
    400: InvalidJson,
    401: Unauthorized,
    404: RouteNotFound,
    405: MethodNotAllowed,
    413: BodyTooLarge,
    415: UnsupportedContentType,
}


class ProblemResponse(Response):
    """A response that carries a problem document."""

    media_type = MEDIA_TYPE


class ProblemException(HTTPException):
    """An error of the tree where the framework lets only its own exceptions through, as while reading a body."""

    def __init__(self, error: FundstelleError) -> None:
        super().__init__(error.status, error.detail)
        self.error = error


def error_classes(root: type[FundstelleError] = FundstelleError) -> Iterator[type[FundstelleError]]:
    """Every class of the tree that has a code of its own, the root included."""
    if "code" in vars(root):
        yield root
    for child in root.__subclasses__():
        yield from error_classes(child)


def catalogue() -> dict[str, dict[str, Any]]:
    """What each code means: title, status and remedy by code, sorted."""
    return {
        each.code: {"code": each.code, "status": each.status, "title": each.title, "remedy": each.remedy}
        for each in sorted(error_classes(), key=lambda each: each.code)
    }


def error_from_code(code: str, detail: str, *, field: str | None = None, limit: int | None = None) -> FundstelleError:
    """The error that a ledger entry or another process reported by its code."""
    for each in error_classes():
        if each.code == code:
            return each(detail, field=field, limit=limit)
    return FundstelleError(detail, field=field, limit=limit)


def problem(error: FundstelleError, *, path: str | None = None, request_id: str | None = None) -> dict[str, Any]:
    """The problem document of an error. ``field`` and ``limit`` are there where the error knows them."""
    document: dict[str, Any] = {
        "type": f"/problems/{error.code}",
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "code": error.code,
        "remedy": error.remedy,
    }
    extras = {"field": error.field, "limit": error.limit, "instance": path, "request_id": request_id}
    return document | {name: value for name, value in extras.items() if value is not None}


def respond(error: FundstelleError, scope: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    """The response to a request (its ASGI scope) that ended in ``error``, in the shape that its clients read."""
    request_id = scope.get("state", {}).get("request_id")
    extra = dict(headers or {})
    if isinstance(error, Overloaded):
        extra["Retry-After"] = str(error.retry_after)
    if isinstance(error, Unauthorized):
        extra["WWW-Authenticate"] = 'Bearer realm="fundstelle"'
    if speaks_openai(scope.get("path", "")):
        return Response(orjson.dumps(openai_error(error)), error.status, extra, "application/json")
    document = problem(error, path=scope.get("path"), request_id=request_id)
    return ProblemResponse(orjson.dumps(document), status_code=error.status, headers=extra)


def from_validation(errors: Sequence[Mapping[str, Any]], path: str) -> FundstelleError:
    """The error of the tree for what pydantic found: names the first field at fault, and its limit if it has one."""
    first = errors[0]
    if first["type"] == "json_invalid":
        return InvalidJson(f"the body is not JSON: {first.get('ctx', {}).get('error', first['msg'])}")
    where = [str(part) for part in first["loc"] if part not in ("body", "query", "path")]
    field = ".".join(where) or "body"
    context = first.get("ctx") or {}
    limits = [context[name] for name in ("max_length", "le", "lt", "ge", "gt", "min_length") if name in context]
    limit = limits[0] if limits and isinstance(limits[0], int) else None
    message = str(first["msg"]).removeprefix("Value error, ")
    kind = InvalidRequest
    if path in ("/v1/ask", "/v1/search"):
        return InvalidQuestion(f"{field}: {message}", field=field, limit=limit)
    if path == "/v1/documents" and first["loc"] and first["loc"][0] == "body":
        return InvalidDocument(f"{field}: {message}", field=field, limit=limit)
    return kind(f"{field}: {message}", field=field, limit=limit)


def from_http(error: HTTPException) -> FundstelleError:
    """The error of the tree for one that the framework raised by status."""
    if isinstance(error, ProblemException):
        return error.error
    phrase = HTTPStatus(error.status_code).phrase
    detail = str(error.detail) if error.detail else phrase
    kind = _BY_STATUS.get(error.status_code)
    if kind is None:
        kind = InvalidRequest if error.status_code < 500 else FundstelleError
    return kind(detail)


def install(app: FastAPI, counted: Callable[[str], None]) -> None:
    """Answer every error that a route lets go with a problem document; ``counted`` is called with its code."""

    def answer(error: FundstelleError, request: Request, headers: Mapping[str, str] | None = None) -> Response:
        counted(error.code)
        return respond(error, request.scope, headers)

    async def on_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, FundstelleError)  # noqa: S101 - the framework calls us for this class alone
        if error.status >= 500 and not isinstance(error, Overloaded):
            _log.error("%s: %s", error.code, error.detail, exc_info=error)
        return answer(error, request)

    async def on_validation(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101 - as above
        return answer(from_validation(error.errors(), request.url.path), request)

    async def on_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 - as above
        headers = error.headers if error.status_code == 405 else None
        return answer(from_http(error), request, headers)

    app.add_exception_handler(FundstelleError, on_error)
    app.add_exception_handler(RequestValidationError, on_validation)
    app.add_exception_handler(HTTPException, on_http)
