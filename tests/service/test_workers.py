from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest

from service.errors import Overloaded
from service.workers import Workers


@pytest.fixture
def workers() -> Iterator[Workers]:
    made = Workers("tests", threads=2, waiting=3)
    yield made
    assert made.close(30)


def test_results_and_errors_come_back(workers: Workers) -> None:
    async def both() -> None:
        assert await workers.run(lambda: 7) == 7
        with pytest.raises(ZeroDivisionError):
            await workers.run(lambda: 1 // 0)
        assert workers.pending == 0

    asyncio.run(both())


def test_more_than_threads_and_queue_hold_is_refused_at_once(workers: Workers) -> None:
    release = threading.Event()

    async def crowd() -> None:
        held = [asyncio.create_task(workers.run(release.wait)) for _ in range(5)]
        await asyncio.sleep(0)
        with pytest.raises(Overloaded) as caught:
            await workers.run(lambda: None)
        assert caught.value.retry_after >= 1
        assert workers.pending == 5
        release.set()
        assert await asyncio.gather(*held) == [True] * 5
        assert await workers.run(lambda: "again") == "again"

    asyncio.run(crowd())


def test_a_wait_that_would_be_too_long_is_refused_before_the_queue_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.workers.LONGEST_WAIT", 0.0)
    workers = Workers("tests", threads=1, waiting=100)
    release = threading.Event()

    async def crowd() -> None:
        await workers.run(lambda: None)  # so that the duration of a job is known
        held = asyncio.create_task(workers.run(release.wait))
        await asyncio.sleep(0)
        with pytest.raises(Overloaded):
            await workers.run(lambda: None)
        release.set()
        await held

    asyncio.run(crowd())
    assert workers.close(30)


def test_a_stopped_service_says_so(workers: Workers) -> None:
    assert workers.close(0)
    with pytest.raises(Overloaded, match="stopping"):
        asyncio.run(workers.run(lambda: None))
    assert workers.pending == 0


def test_closing_drops_what_waits_and_says_what_still_runs() -> None:
    workers = Workers("tests", threads=1, waiting=5)
    release, begun = threading.Event(), threading.Event()

    def job() -> None:
        begun.set()
        release.wait(30)

    async def stop() -> None:
        running = asyncio.create_task(workers.run(job))
        waiting = asyncio.create_task(workers.run(lambda: None))
        await asyncio.to_thread(begun.wait, 30)
        assert not workers.close(0.02)
        assert workers.pending == 1
        with pytest.raises(asyncio.CancelledError):
            await waiting
        release.set()
        await running

    asyncio.run(stop())
    assert workers.close(30)
