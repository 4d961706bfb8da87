"""Questions: ask, search, verify."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from starlette.responses import Response

from service import examples, render
from service.questions import Question, checked_filters, question
from service.routes.common import At, Service, documented, json_only, reply, request_example
from service.schemas import (
    AskRequest,
    AskResponse,
    SearchRequest,
    SearchResponse,
    VerifyRequest,
    VerifyResponse,
)

router = APIRouter(prefix="/v1", tags=["questions"], dependencies=[Depends(json_only)])


@router.post(
    "/ask",
    response_model=None,
    responses=documented(AskResponse, examples.ASK_RESPONSE, 400, 413, 415, 422, 503),
    openapi_extra=request_example(examples.ASK_REQUEST),
)
async def ask(service: At, body: AskRequest) -> Response:
    """Answer a question with citations, or abstain and show the nearest passages."""
    asked = _question(service, body)
    answer = await service.questions.run(lambda: service.engine.ask(asked))
    service.telemetry.answer(answer)
    return reply(render.answer(answer), timings=answer.timings)


@router.post(
    "/search",
    response_model=None,
    responses=documented(SearchResponse, examples.SEARCH_RESPONSE, 400, 413, 415, 422, 503),
    openapi_extra=request_example(examples.SEARCH_REQUEST),
)
async def search(service: At, body: SearchRequest) -> Response:
    """Return the passages nearest to a question, best first."""
    asked = _question(service, body)
    found = await service.questions.run(lambda: service.engine.search(asked))
    service.telemetry.stages(found.timings)
    return reply(render.search(found), timings=found.timings)


@router.post(
    "/verify",
    response_model=None,
    responses=documented(VerifyResponse, examples.VERIFY_RESPONSE, 400, 404, 413, 415, 422),
    openapi_extra=request_example(examples.VERIFY_REQUEST),
)
async def verify(service: At, body: VerifyRequest) -> Response:
    """Check that a quote stands in a document at a place; without a place, anywhere."""
    checked = await service.questions.run(
        lambda: service.engine.verify_quote(body.doc_id, body.quote, body.start, body.end, sha256=body.sha256)
    )
    return reply(render.verification(checked))


def _question(service: Service, body: SearchRequest) -> Question:
    given = body.filters
    filters = None
    if given is not None:
        filters = checked_filters(
            sources=given.sources,
            languages=given.languages,
            doc_ids=given.doc_ids,
            published_from=given.published_from,
            published_to=given.published_to,
        )
    return question(service.settings, body.question, k=body.k, filters=filters, language=body.language)
