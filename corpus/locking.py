"""One writer at a time, across processes: a lock file in the data folder, and beside it who holds it."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from types import TracebackType

from filelock import FileLock, Timeout

from corpus.errors import StoreLocked, StoreUnavailable

LOCK_FILE = "writer.lock"
PID_FILE = "writer.pid"


class WriterLock:
    """A context manager. The thread that holds it may take it again; everybody else gets StoreLocked.

    The operating system frees the lock when its process ends, however it ends. Share one object among the threads of
    a process: other threads then wait for ``timeout`` seconds as other processes do.
    """

    def __init__(self, data_dir: Path, *, timeout: float = 0.0) -> None:
        self._data_dir = data_dir
        self._timeout = timeout
        self._file_lock = FileLock(data_dir / LOCK_FILE, thread_local=False)
        self._thread_lock = threading.RLock()
        self._depth = 0
        self._owner: int | None = None

    def acquire(self, timeout: float | None = None) -> None:
        """Take the lock within ``timeout`` seconds (0: at once or not at all).

        Raises StoreLocked, naming the holder, and StoreUnavailable where the data folder cannot be written.
        """
        patience = self._timeout if timeout is None else timeout
        deadline = time.monotonic() + patience
        if not self._thread_lock.acquire(timeout=max(patience, 0.0)):
            raise self._locked()
        try:
            if self._depth == 0:
                self._acquire_file(max(deadline - time.monotonic(), 0.0))
            self._depth += 1
            self._owner = threading.get_ident()
        except BaseException:
            self._thread_lock.release()
            raise

    def release(self) -> None:
        """Give the lock back, once for every time it was taken, in the thread that took it."""
        if self._owner != threading.get_ident():
            raise RuntimeError("only the thread that holds the writer lock can give it back")
        self._depth -= 1
        try:
            if self._depth == 0:
                self._owner = None
                (self._data_dir / PID_FILE).unlink(missing_ok=True)
                self._file_lock.release()
        finally:
            self._thread_lock.release()

    def __enter__(self) -> WriterLock:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()

    def _acquire_file(self, timeout: float) -> None:
        try:
            self._data_dir.mkdir(parents=True, exist_ok=True)
            self._file_lock.acquire(timeout=timeout)
            (self._data_dir / PID_FILE).write_text(f"{os.getpid()}\n", encoding="ascii")
        except Timeout:
            raise self._locked() from None
        except OSError as error:
            self._file_lock.release()
            raise StoreUnavailable(f"The data folder {self._data_dir} cannot be written: {error.strerror}.") from error

    def _locked(self) -> StoreLocked:
        holder = _holder(self._data_dir / PID_FILE)
        who = f"Process {holder}" if holder is not None else "Another process"
        if holder == os.getpid():
            who = f"Another task of this process ({holder})"
        return StoreLocked(f"{who} is writing to {self._data_dir}.")


def _holder(pid_file: Path) -> int | None:
    try:
        return int(pid_file.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
