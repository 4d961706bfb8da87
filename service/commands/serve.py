"""`fundstelle serve`."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import uvicorn

import corpus
from corpus.errors import SettingsError
from corpus.sources import read_paths
from service.app import create_app
from service.commands.ingest import ingest_shown, summary
from service.engine import Engine
from service.output import Bar, Console
from service.settings import Settings

SAMPLES = Path(corpus.__file__).parent / "articles"
QUESTION = "How does Baidu cope with sanctions?"
GRACE_SECONDS = 10  # for answers under way when the service is told to stop
KEEP_ALIVE_SECONDS = 30


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Serve until told to stop. Raises SettingsError where the address cannot or must not be listened on."""
    settings.check_serving()
    _set_up_logging(settings.log_level)
    console = Console()
    with _listen(settings) as listener, Engine.open(settings, prepare=False) as engine:
        if options.samples:
            read_samples(engine, console)
        address = _address(settings, listener)
        with console.progress("Indexing", "passages") as bar:
            app = create_app(settings, engine=engine, progress=bar.advance, on_ready=_announcing(console, bar, address))
            server = _Server(_config(app), lambda: console.line(f"Fundstelle listens on {address}"))
            _serve(server, listener)
    if app.state.service.busy:
        # Only loading an encoder lasts this long, and nothing waits for it any more: all that matters is on disk.
        logging.shutdown()
        os._exit(0)
    return 0


class _Server(uvicorn.Server):
    """Says when it listens."""

    def __init__(self, config: uvicorn.Config, announce: Callable[[], None]) -> None:
        super().__init__(config)
        self._announce = announce

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._announce()


def read_samples(engine: Engine, console: Console) -> None:
    """Read the sample articles into a store that never held anything."""
    if engine.store.revision:
        return
    console.note(f"Reading the sample articles in {SAMPLES}")
    ledger = ingest_shown(engine, read_paths([SAMPLES], engine.settings.limits), console, quiet=True)
    console.note(summary(ledger))


def _announcing(console: Console, bar: Bar, address: str) -> Callable[[], None]:
    def announce() -> None:
        bar.close()
        console.line(f"Ready. Open {address} or ask:")
        console.line(
            f"  curl -s {address}/v1/ask -H 'content-type: application/json' "
            f"""-d '{{"question": "{QUESTION}"}}'"""
        )

    return announce


def _serve(server: uvicorn.Server, listener: socket.socket) -> None:
    """Run until SIGTERM or Ctrl-C, answer what is under way, and return as if that were the plan: it is."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        server.should_exit = True

    # uvicorn handles the signals itself, and sends them once more to whoever handled them before.
    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        server.run(sockets=[listener])
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _config(app: Callable[..., object]) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,  # the guard writes its own lines, which carry no words of a question
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family, backlog=2048)
    except OSError as error:
        where = f"{settings.host}, port {settings.port}"
        reason = error.strerror or str(error)
        raise SettingsError(f"cannot listen on {where}: {reason}", field="port") from error


def _address(settings: Settings, listener: socket.socket) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{listener.getsockname()[1]}"


def _set_up_logging(level: str) -> None:
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for name in ("fundstelle", "corpus", "index", "service"):
        logging.getLogger(name).setLevel(level.upper())
