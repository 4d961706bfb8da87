"""Questions put to a target under a stated load: one after the other, several at a time, or at a fixed rate.

At a rate the load is open: a question is due at its time whether or not earlier ones have been answered, and its
seconds count from there. To time from when a worker got round to it would leave out just the waiting that an
overloaded service causes (Tene, "How NOT to Measure Latency": coordinated omission).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Generic, TypeVar

from corpus.errors import SettingsError

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Load:
    """``concurrency`` workers; ``rate`` questions a second, or None for the next as soon as a worker is free."""

    concurrency: int = 1
    rate: float | None = None

    def __post_init__(self) -> None:
        if self.concurrency < 1:
            raise SettingsError(f"concurrency: expected 1 or more, got {self.concurrency}", field="concurrency")
        if self.rate is not None and self.rate <= 0:
            raise SettingsError(f"rate: expected more than 0, got {self.rate:g}", field="rate")


@dataclass(frozen=True, slots=True)
class Session:
    """A stretch of work without a break: from the first question put to the last reply."""

    questions: int
    seconds: float
    concurrency: int
    rate: float | None


class _Schedule(Generic[Item]):
    """Hands out items with the time each is due, to one worker at a time."""

    def __init__(self, items: Iterable[Item], rate: float | None) -> None:
        self._items = iter(items)
        self._rate = rate
        self._lock = threading.Lock()
        self._given = 0
        self._start = time.perf_counter()
        self._stopped = threading.Event()

    def __iter__(self) -> Iterator[tuple[Item, float]]:
        while not self._stopped.is_set():
            with self._lock:
                try:
                    item = next(self._items)
                except StopIteration:
                    return
                due = self._start + self._given / self._rate if self._rate else time.perf_counter()
                self._given += 1
            # ``wait`` ends early when another worker has failed.
            if self._stopped.wait(max(0.0, due - time.perf_counter())):
                return
            yield item, due

    def stop(self) -> None:
        self._stopped.set()


def put(items: Iterable[Item], load: Load, work: Callable[[Item], Callable[[float], None]]) -> Session:
    """Do ``work`` on every item in the order given; what it returns is called with the seconds since the item was due.

    ``work`` runs in the workers; what it returns runs under a lock, one at a time. The first exception of either ends
    everything once the items at hand are done, and is raised.
    """
    schedule = _Schedule(items, load.rate)
    lock = threading.Lock()
    done = 0

    def run() -> None:
        nonlocal done
        try:
            for item, due in schedule:
                finish = work(item)
                seconds = time.perf_counter() - due
                with lock:
                    finish(seconds)
                    done += 1
        except BaseException:
            schedule.stop()
            raise

    begin = time.perf_counter()
    if load.concurrency == 1:
        run()
    else:
        with ThreadPoolExecutor(load.concurrency, thread_name_prefix="question") as pool:
            workers = [pool.submit(run) for _ in range(load.concurrency)]
            try:
                wait(workers, return_when=FIRST_EXCEPTION)
            finally:
                schedule.stop()
            for worker in workers:
                worker.result()
    return Session(done, time.perf_counter() - begin, load.concurrency, load.rate)
