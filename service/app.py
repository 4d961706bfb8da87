"""The FastAPI application: routes, guard, problems and metrics around one engine."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from importlib.metadata import version

from fastapi import FastAPI

from corpus.errors import FundstelleError
from index.protocols import Encoder, Progress
from service import openapi, problems
from service.engine import Engine
from service.guard import Guard
from service.routes import chat, documents, health, pages, questions
from service.routes.common import Service
from service.settings import Settings
from service.telemetry import Telemetry

CATCH_UP_SECONDS = 5.0
STOP_SECONDS = 5.0  # for what still runs once the last response has left
LONGEST_PAUSE_SECONDS = 60.0  # between two attempts to load an encoder that is not there
_log = logging.getLogger("fundstelle.app")
_DESCRIPTION = """Answers German and English questions from news articles, with citations that are proofs:
`text[start:end] == quote` holds for every one, in code points of the document's `text`.

Errors are RFC 9457 problem documents with a stable `code`; `/problems` lists them."""


def create_app(
    settings: Settings,
    *,
    engine: Engine | None = None,
    encoder: Encoder | None = None,
    progress: Progress | None = None,
    on_ready: Callable[[], None] | None = None,
) -> FastAPI:
    """The app of one data folder. It opens and closes its own engine unless one is given.

    The store is opened when the app starts; encoder and index follow in the background, and ``on_ready`` is called
    when both are there. Until then /readyz says what is missing, and questions wait for it.
    """
    telemetry = Telemetry()
    service = Service(settings, telemetry)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        service.opened = engine or Engine.open(settings, encoder=encoder, prepare=False)
        keeper = asyncio.create_task(_keep(service, progress, on_ready))
        try:
            yield
        finally:
            service.opened.stop()
            keeper.cancel()
            with suppress(asyncio.CancelledError):
                await keeper
            await asyncio.to_thread(_close, service, ours=engine is None)

    app = FastAPI(
        title="Fundstelle",
        version=version("fundstelle"),
        description=_DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,  # both pages load their scripts from other hosts
        redoc_url=None,
    )
    app.state.service = service
    for part in (questions, chat, documents, health, pages):
        app.include_router(part.router)
    problems.install(app, telemetry.problem)
    app.add_middleware(Guard, settings=settings, telemetry=telemetry)
    app.openapi = lambda: openapi.describe(app)  # type: ignore[method-assign]
    _add_gauges(service)
    return app


async def _keep(service: Service, progress: Progress | None, on_ready: Callable[[], None] | None) -> None:
    """Prepare the engine, then index what other processes store but leave unindexed."""
    ready, pause = False, 1.0
    while True:
        try:
            if ready:
                if service.engine.behind:
                    await service.writing.run(service.engine.catch_up)
            else:
                await service.writing.run(lambda: service.engine.prepare(progress, warm=True))
                ready, pause = True, CATCH_UP_SECONDS
                if on_ready is not None:
                    on_ready()
        except FundstelleError as error:
            _log.warning("%s: %s %s", error.code, error.detail, error.remedy)
            pause = CATCH_UP_SECONDS if ready else min(2 * pause, LONGEST_PAUSE_SECONDS)
        except Exception:  # noqa: BLE001 - logged whole; a surprise must not end the keeping: the next round may go well
            _log.exception("the index could not be brought up to date")
            pause = CATCH_UP_SECONDS if ready else min(2 * pause, LONGEST_PAUSE_SECONDS)
        await asyncio.sleep(pause)


def _close(service: Service, *, ours: bool) -> None:
    service.questions.close(STOP_SECONDS)
    service.writing.close(STOP_SECONDS)  # an encoder that is being loaded cannot be stopped, only left behind
    if ours and service.opened is not None:
        service.opened.close()
    service.opened = None


def _add_gauges(service: Service) -> None:
    def read(value: Callable[[Engine], float]) -> Callable[[], float]:
        def current() -> float:
            try:
                return value(service.engine)
            except FundstelleError:
                return float("nan")  # what cannot be read must not stand there as a number

        return current

    gauge = service.telemetry.gauge
    gauge("documents", "Documents in the store.", read(lambda engine: engine.store.counts().documents))
    gauge("passages", "Passages in the store.", read(lambda engine: engine.store.counts().passages))
    gauge("revision", "Changes the store has seen.", read(lambda engine: engine.store.revision))
    gauge("index_behind", "Revisions of the store that the index has not seen.", read(lambda engine: engine.behind))
    gauge("questions_pending", "Questions that wait or are being answered.", lambda: service.questions.pending)
    gauge("writes_pending", "Writes that wait or are going on.", lambda: service.writing.pending)
