"""Operation: alive, ready, metrics, and what problems mean."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import PlainTextResponse, Response

from service import examples
from service.errors import RouteNotFound
from service.problems import catalogue
from service.routes.common import At, documented, reply
from service.schemas import CodeOut, CodesResponse, HealthResponse, ReadyResponse
from service.telemetry import CONTENT_TYPE

router = APIRouter(tags=["operation"])


@router.get("/healthz", response_model=None, responses=documented(HealthResponse, examples.HEALTH_RESPONSE))
async def healthz() -> Response:
    """The process is alive."""
    return reply({"status": "ok"})


@router.get(
    "/readyz",
    response_model=None,
    responses=documented(ReadyResponse, examples.READY_RESPONSE)
    | documented(ReadyResponse, examples.NOT_READY_RESPONSE, status=503, description="Not ready, and why."),
)
async def readyz(service: At) -> Response:
    """Whether questions can be answered, and why not."""
    checks = service.engine.readiness()
    ready = all(check.ok for check in checks.values())
    shown = {name: {"ok": check.ok, "detail": check.detail} for name, check in checks.items()}
    notes = service.engine.notes.all()
    return reply({"ready": ready, "checks": shown, "notes": notes}, status=200 if ready else 503)


@router.get(
    "/metrics",
    response_model=None,
    response_class=PlainTextResponse,
    responses={
        200: {
            "description": "Prometheus' text format.",
            "content": {"text/plain": {"schema": {"type": "string"}, "example": examples.METRICS}},
        }
    },
)
def metrics(service: At) -> Response:
    """Everything that is counted, for Prometheus."""
    return Response(service.telemetry.exposition(), headers={"content-type": CONTENT_TYPE})


@router.get("/problems", response_model=None, responses=documented(CodesResponse, examples.CODES_RESPONSE))
async def problems() -> Response:
    """Every code a problem document may have, with its remedy."""
    return reply({"problems": list(catalogue().values())})


@router.get("/problems/{code}", response_model=None, responses=documented(CodeOut, examples.CODE, 404))
async def problem(code: str) -> Response:
    """What one code means: the target of a problem document's `type`."""
    known = catalogue().get(code)
    if known is None:
        raise RouteNotFound(f"there is no problem with the code {code[:100]!r}", field="code")
    return reply(known)
