"""The instruments of the benchmark: clocks, memory, disk, and a served Fundstelle in a process of its own."""

from __future__ import annotations

import http.client
import json
import os
import platform
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, MutableMapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

PATIENCE = 120.0  # seconds a service may take to start
COMMAND = [sys.executable, "-c", "from service.cli import main; raise SystemExit(main())"]


@contextmanager
def stopwatch(seconds: MutableMapping[str, float], name: str) -> Iterator[None]:
    """Puts the wall-clock seconds of its body under ``name``."""
    begin = time.perf_counter()
    yield
    seconds[name] = time.perf_counter() - begin


def percentile(values: Sequence[float], rank: int) -> float:
    """The value that ``rank`` percent do not pass, interpolated as numpy does."""
    return statistics.quantiles(values, n=100, method="inclusive")[rank - 1]


def help_milliseconds(runs: int = 5) -> float:
    """Median wall-clock time of `fundstelle --help`, Python's own start included."""
    taken: dict[str, float] = {}
    for run in range(runs):
        with stopwatch(taken, str(run)):
            subprocess.run([*COMMAND, "--help"], check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own words
    return 1000 * statistics.median(taken.values())


def disk_use(data: Path, store: str) -> dict[str, float]:
    """Bytes of the truth (the store and its log) and of the index; a file with two names counts once."""
    sizes = {(status := path.stat()).st_ino: (path, status.st_size) for path in data.rglob("*") if path.is_file()}
    truth = sum(size for path, size in sizes.values() if path.name.startswith(store))
    return {"store_bytes": truth, "index_bytes": sum(size for _, size in sizes.values()) - truth}


def memory_of(process_id: int) -> dict[str, float]:
    """Resident bytes of a process, now and at most; Linux alone tells, elsewhere the result is empty."""
    status = Path(f"/proc/{process_id}/status")
    if not status.exists():
        return {}
    lines = dict(line.split(":", 1) for line in status.read_text(encoding="ascii").splitlines())
    return {
        "rss_bytes": 1024 * int(lines["VmRSS"].split()[0]),
        "rss_peak_bytes": 1024 * int(lines["VmHWM"].split()[0]),
    }


def machine() -> dict[str, str]:
    """What the figures were taken on."""
    model = platform.machine()
    table = Path("/proc/cpuinfo")
    if table.exists():
        names = [
            line.partition(":")[2].strip()
            for line in table.read_text(encoding="utf-8").splitlines()
            if line.startswith("model name")
        ]
        model = names[0] if names else model
    return {
        "processor": model,
        "cores": str(os.cpu_count()),
        "python": platform.python_version(),
        "system": platform.system(),
    }


class Serving:
    """`fundstelle serve` on a free port of this machine, over one kept-open connection."""

    def __init__(self, data: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = probe.getsockname()[1]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("FUNDSTELLE_")}
        self._started = time.perf_counter()
        self._process = subprocess.Popen(  # noqa: S603 - our own words
            [*COMMAND, "serve", "--data", str(data), "--port", str(self._port)],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE)

    def __enter__(self) -> Serving:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()
        self._process.terminate()
        self._process.wait(timeout=PATIENCE)

    def first_answer(self, question: str) -> float:
        """Seconds from the start of the process to its first answer."""
        while True:
            try:
                self.ask(question)
            except (ConnectionError, http.client.HTTPException) as error:
                if self._process.poll() is not None or time.perf_counter() - self._started > PATIENCE:
                    raise RuntimeError("the service did not start") from error
                self._connection.close()
                time.sleep(0.02)
            else:
                return time.perf_counter() - self._started

    def ask(self, question: str) -> float:
        """Seconds until the whole answer is here."""
        body = json.dumps({"question": question}).encode()
        begin = time.perf_counter()
        self._connection.request("POST", "/v1/ask", body, {"content-type": "application/json"})
        response = self._connection.getresponse()
        text = response.read()
        taken = time.perf_counter() - begin
        if response.status != http.client.OK:
            raise http.client.HTTPException(f"{response.status}: {text[:500]!r}")
        return taken

    def memory(self) -> dict[str, float]:
        """Resident bytes of the service."""
        return memory_of(self._process.pid)
