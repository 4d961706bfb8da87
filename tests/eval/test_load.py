from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from eval.load import Load, put


def record(into: list[tuple[int, float]], item: int) -> Callable[[float], None]:
    return lambda seconds: into.append((item, seconds))


def test_one_after_the_other() -> None:
    seen: list[tuple[int, float]] = []
    session = put(range(5), Load(), lambda item: record(seen, item))
    assert [item for item, _ in seen] == [0, 1, 2, 3, 4]
    assert (session.questions, session.concurrency, session.rate) == (5, 1, None)
    assert session.seconds >= max(seconds for _, seconds in seen)


def test_an_open_load_counts_the_waiting() -> None:
    """One worker, four items due at once, each held up for 20 ms: the last one has waited for all before it."""
    seen: list[tuple[int, float]] = []

    def work(item: int) -> Callable[[float], None]:
        time.sleep(0.02)
        return record(seen, item)

    put(range(4), Load(rate=1e9), work)
    waited = [seconds for _, seconds in seen]
    assert waited == sorted(waited)
    assert waited[3] >= 4 * 0.02
    closed: list[tuple[int, float]] = []
    put(range(4), Load(), lambda item: (time.sleep(0.02), record(closed, item))[1])
    assert sum(seconds for _, seconds in closed) < sum(waited)


def test_an_open_load_does_not_run_ahead() -> None:
    begun: list[float] = []
    start = time.perf_counter()
    session = put(range(4), Load(concurrency=4, rate=50), lambda item: (begun.append(time.perf_counter()), print)[1])
    assert [moment - start >= 0.02 * number for number, moment in enumerate(sorted(begun))] == [True] * 4
    assert session.seconds >= 0.06


def test_workers_are_as_many_as_said() -> None:
    together = threading.Barrier(3, timeout=30)  # passed only by three at a time
    seen: list[tuple[int, float]] = []

    def work(item: int) -> Callable[[float], None]:
        together.wait()
        return record(seen, item)

    assert put(range(6), Load(concurrency=3), work).questions == 6
    assert sorted(item for item, _ in seen) == list(range(6))


def test_replies_are_taken_one_at_a_time() -> None:
    inside = 0
    most = 0

    def finish(seconds: float) -> None:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        time.sleep(0.001)
        inside -= 1

    put(range(20), Load(concurrency=5), lambda item: finish)
    assert most == 1


@pytest.mark.parametrize("concurrency", [1, 4])
def test_an_error_ends_it(concurrency: int) -> None:
    asked: list[int] = []

    def work(item: int) -> Callable[[float], None]:
        asked.append(item)
        if item == 2:
            raise RuntimeError("gone")
        return lambda seconds: None

    with pytest.raises(RuntimeError, match="gone"):
        put(range(10_000), Load(concurrency=concurrency), work)
    assert len(asked) < 10_000
