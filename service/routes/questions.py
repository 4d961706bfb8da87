"""Questions: ask, search, verify."""

from __future__ import annotations

from functools import partial

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from corpus.documents import Filters
from service import examples, render
from service.questions import checked_filters, question
from service.routes.common import At, documented, json_only, reply, request_example
from service.routes.events import events, streamed, wants_events
from service.schemas import (
    AskRequest,
    AskResponse,
    FiltersIn,
    SearchRequest,
    SearchResponse,
    VerifyRequest,
    VerifyResponse,
)

router = APIRouter(prefix="/v1", tags=["questions"], dependencies=[Depends(json_only)])


@router.post(
    "/ask",
    response_model=None,
    responses=streamed(documented(AskResponse, examples.ASK_RESPONSE, 400, 413, 415, 422, 503), examples.ASK_STREAM),
    openapi_extra=request_example(examples.ASK_REQUEST),
)
async def ask(request: Request, service: At, body: AskRequest) -> Response:
    """Answer a question with citations, or abstain and show the nearest passages.

    With `Accept: text/event-stream` the same comes as typed events while it is made: `passages`, then `sentence` and
    its `citation`s, `done` at last, or `error` with a problem document.
    """
    filters = _filters(body.filters)
    if wants_events(request):
        asked = question(service.settings, body.question, k=body.k, filters=filters, language=body.language)
        return await events(request, service, asked)
    ask_engine = partial(service.engine.ask, body.question, k=body.k, filters=filters, language=body.language)
    answer = await service.questions.run(ask_engine)
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
    filters = _filters(body.filters)
    search_engine = partial(service.engine.search, body.question, k=body.k, filters=filters, language=body.language)
    found = await service.questions.run(search_engine)
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


def _filters(given: FiltersIn | None) -> Filters | None:
    if given is None:
        return None
    return checked_filters(
        sources=[*given.sources, *given.source],
        languages=[*given.languages, *given.language],
        doc_ids=[*given.doc_ids, *given.doc_id],
        published_from=given.published_from,
        published_to=given.published_to,
    )
