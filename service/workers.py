"""Bounded threads for the engine's work: what cannot be answered in time is refused at once."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from service.errors import Overloaded

T = TypeVar("T")
LONGEST_WAIT = 30.0  # seconds: nobody should wait longer in a queue only to find out
_SMOOTHING = 0.2


class Workers:
    """``threads`` threads, and a queue of at most ``waiting`` jobs before them."""

    def __init__(self, name: str, *, threads: int, waiting: int) -> None:
        self._name = name
        self._threads = threads
        self._waiting = waiting
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix=f"fundstelle-{name}")
        self._lock = threading.Lock()
        self._pending = 0  # waiting or running
        self._seconds = 0.0  # smoothed duration of a job

    @property
    def pending(self) -> int:
        """Jobs that wait or run."""
        return self._pending

    async def run(self, job: Callable[[], T]) -> T:
        """What ``job`` returns, from one of the threads. Raises Overloaded when too many wait already."""
        self._admit()
        try:
            future = self._executor.submit(self._timed, job)
        except RuntimeError:  # the executor was shut down between two requests
            self._leave()
            raise Overloaded("the service is stopping", retry_after=5) from None
        future.add_done_callback(self._done)
        return await asyncio.wrap_future(future)

    def close(self, patience: float) -> bool:
        """Drop what waits, and give what runs ``patience`` seconds to finish; whether it did."""
        self._executor.shutdown(wait=False, cancel_futures=True)
        until = time.monotonic() + patience
        while self._pending and time.monotonic() < until:
            time.sleep(0.01)
        return not self._pending

    def _admit(self) -> None:
        with self._lock:
            queued = self._pending + 1 - self._threads
            wait = max(0, queued) * self._seconds / self._threads
            if queued > self._waiting or (queued > 0 and wait > LONGEST_WAIT):
                # A spread, so that the refused do not all come back in the same second.
                seconds = min(60, max(1, round(wait * random.uniform(0.75, 1.25))))  # noqa: S311
                raise Overloaded(f"{queued - 1} requests already wait for {self._name}", retry_after=seconds)
            self._pending += 1

    def _timed(self, job: Callable[[], T]) -> T:
        started = time.perf_counter()
        try:
            return job()
        finally:
            spent = time.perf_counter() - started
            with self._lock:
                known = self._seconds or spent
                self._seconds = known + _SMOOTHING * (spent - known)

    def _done(self, _: Future[T]) -> None:
        self._leave()

    def _leave(self) -> None:
        with self._lock:
            self._pending -= 1
