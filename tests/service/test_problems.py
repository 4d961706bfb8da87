from __future__ import annotations

from collections import Counter
from typing import Any

import httpx
import orjson
import pytest
from starlette.exceptions import HTTPException

from corpus.errors import FundstelleError
from eval.errors import EvaluationError  # noqa: F401 - completes the tree of errors
from service.errors import Overloaded, Unauthorized
from service.problems import (
    MEDIA_TYPE,
    ProblemException,
    catalogue,
    error_classes,
    error_from_code,
    from_http,
    from_validation,
    problem,
    respond,
)
from service.schemas import CodesResponse, ProblemOut

CLASSES = sorted(error_classes(), key=lambda each: each.code)


def subclasses(root: type[FundstelleError]) -> set[type[FundstelleError]]:
    return {root}.union(*(subclasses(each) for each in root.__subclasses__()))


def test_every_code_is_one_class_s_and_no_leaf_is_without_one() -> None:
    codes = Counter(each.code for each in CLASSES)
    assert [code for code, count in codes.items() if count > 1] == []
    leaves = {each for each in subclasses(FundstelleError) if not each.__subclasses__()}
    assert {each for each in leaves if each.code == FundstelleError.code} == set()


def test_the_codes_are_these() -> None:
    """Others script against them: one may be added, none may change."""
    assert {each.code: each.status for each in CLASSES} == {
        "body_too_large": 413,
        "cross_origin_refused": 403,
        "document_not_found": 404,
        "document_too_large": 413,
        "empty_document": 422,
        "encoder_unavailable": 503,
        "extraction_failed": 422,
        "floors_invalid": 422,
        "host_not_allowed": 421,
        "index_corrupt": 503,
        "index_mismatch": 503,
        "index_not_built": 503,
        "internal_error": 500,
        "invalid_document": 422,
        "invalid_json": 400,
        "invalid_question": 422,
        "invalid_request": 422,
        "invalid_setting": 500,
        "language_model_timeout": 504,
        "language_model_unavailable": 502,
        "measure_invalid": 422,
        "method_not_allowed": 405,
        "model_not_found": 404,
        "not_found": 404,
        "overloaded": 503,
        "pack_damaged": 503,
        "run_invalid": 422,
        "schema_too_new": 503,
        "store_corrupt": 503,
        "store_full": 507,
        "store_locked": 409,
        "store_unavailable": 503,
        "suite_invalid": 422,
        "target_unavailable": 503,
        "unauthorized": 401,
        "unsupported_content_type": 415,
        "unsupported_media_type": 415,
    }


@pytest.mark.parametrize("kind", CLASSES, ids=lambda each: each.code)
def test_every_error_becomes_a_problem_document(kind: type[FundstelleError]) -> None:
    error = kind("detail") if kind is Overloaded else kind("detail", field="k", limit=3)
    response = respond(error, {"path": "/v1/ask", "state": {"request_id": "abc"}})
    body = orjson.loads(response.body)
    ProblemOut.model_validate(body)
    assert (response.status_code, response.headers["content-type"]) == (kind.status, MEDIA_TYPE)
    assert body["type"] == f"/problems/{kind.code}"
    assert (body["code"], body["title"], body["remedy"]) == (kind.code, kind.title, kind.remedy)
    assert (body["detail"], body["instance"], body["request_id"]) == ("detail", "/v1/ask", "abc")
    assert kind is Overloaded or (body["field"], body["limit"]) == ("k", 3)
    assert ("retry-after" in response.headers) == (kind is Overloaded)
    assert ("www-authenticate" in response.headers) == (kind is Unauthorized)


def test_what_is_not_known_is_left_out() -> None:
    assert set(problem(FundstelleError("x"))) == {"type", "title", "status", "detail", "code", "remedy"}


def test_errors_come_back_from_their_codes() -> None:
    for each in CLASSES:
        if each is not Overloaded:
            assert type(error_from_code(each.code, "x")) is each
    assert error_from_code("unheard_of", "x").code == "internal_error"


@pytest.mark.parametrize(
    ("status", "code"),
    [(404, "not_found"), (405, "method_not_allowed"), (413, "body_too_large"), (418, "invalid_request")],
)
def test_the_framework_s_errors(status: int, code: str) -> None:
    assert from_http(HTTPException(status)).code == code


def test_an_error_in_the_framework_s_clothes_keeps_itself() -> None:
    inner = FundstelleError("x")
    assert from_http(ProblemException(inner)) is inner


@pytest.mark.parametrize(
    ("path", "loc", "code"),
    [
        ("/v1/ask", ("body", "k"), "invalid_question"),
        ("/v1/search", ("body", "filters", "sources", 0), "invalid_question"),
        ("/v1/verify", ("body", "quote"), "invalid_request"),
        ("/v1/documents", ("query", "limit"), "invalid_request"),
        ("/v1/documents", ("body", "text"), "invalid_document"),
    ],
)
def test_validation_by_place(path: str, loc: tuple[Any, ...], code: str) -> None:
    error = from_validation([{"type": "less_than_equal", "loc": loc, "msg": "too much", "ctx": {"le": 9}}], path)
    assert (error.code, error.limit) == (code, 9)
    assert error.field == ".".join(map(str, loc[1:]))


def test_routes_and_methods_over_http(client: httpx.Client) -> None:
    for reply, code, status in (
        (client.get("/nirgends"), "not_found", 404),
        (client.get("/v1/ask"), "method_not_allowed", 405),
        (client.put("/v1/documents/grid"), "method_not_allowed", 405),
        (client.get("/problems/unheard_of"), "not_found", 404),
    ):
        assert (reply.status_code, reply.json()["code"]) == (status, code)
        assert reply.headers["content-type"] == MEDIA_TYPE
        ProblemOut.model_validate_json(reply.content)
    assert client.get("/v1/ask").headers["allow"] == "POST"


def test_the_catalogue_over_http(client: httpx.Client) -> None:
    reply = client.get("/problems")
    CodesResponse.model_validate_json(reply.content)
    assert {each["code"]: each for each in reply.json()["problems"]} == catalogue()
    for code, meaning in catalogue().items():
        assert client.get(f"/problems/{code}").json() == meaning
