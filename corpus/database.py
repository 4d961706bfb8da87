"""How the SQLite file is opened, shared among threads, written and closed. Knows nothing of documents.

One writing connection stands behind a lock; reading connections come from a pool, so that no thread keeps one when it
ends. Nothing here leaves a cursor open between calls: a reader never holds up a checkpoint for longer than one read.
"""

from __future__ import annotations

import logging
import os
import shutil
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from corpus.errors import StoreCorrupt, StoreFull, StoreLocked, StoreUnavailable
from corpus.migrations import APPLICATION_ID, migrate, refuse_newer

_LOG = logging.getLogger(__name__)

BUSY_SECONDS = 5.0
CHECKPOINT_BUSY_MS = 200  # how long a removal waits for readers before it leaves the log to the next write
IDLE_READERS = 8
_ROOM_TO_BREATHE = 1 << 20  # bytes free below which an I/O error is taken for a full disk

_MAGIC = b"SQLite format 3\0"
_LOCKED = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL}
_CORRUPT = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn sqlite3's errors into ours: StoreFull, StoreLocked, StoreCorrupt, else StoreUnavailable."""
    try:
        yield
    except (sqlite3.IntegrityError, sqlite3.ProgrammingError):
        raise  # a mistake of ours, not a state of the store
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        if code == sqlite3.SQLITE_FULL or (code == sqlite3.SQLITE_IOERR and _disk_is_full(path)):
            raise StoreFull(f"No space left to write {path.name}: {error}.") from error
        if code in _LOCKED:
            raise StoreLocked(f"{path.name} was locked by another writer for {BUSY_SECONDS:g} seconds.") from error
        if code in _CORRUPT:
            raise StoreCorrupt(f"{path} cannot be read as a store: {error}.") from error
        raise StoreUnavailable(f"{path} cannot be used: {error}.") from error


def _disk_is_full(path: Path) -> bool:
    try:
        return shutil.disk_usage(path.parent).free < _ROOM_TO_BREATHE
    except OSError:
        return False


class Database:
    """The file and its connections. Thread-safe; ``close`` may be called from any thread, more than once."""

    def __init__(self, path: Path, writer: sqlite3.Connection) -> None:
        self.path = path
        self._writer = writer
        self._write_lock = threading.Lock()
        self._pool_lock = threading.Lock()
        self._idle: list[sqlite3.Connection] = []
        self._closed = False
        self._log_pending = False

    @classmethod
    def open(cls, path: Path) -> Database:
        """Open or create the file and bring its schema up to date.

        Raises StoreUnavailable, StoreCorrupt (not a database, or another program's), SchemaTooNew, StoreFull.
        """
        path = path.absolute()
        fresh = not path.exists()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreUnavailable(f"The data folder {path.parent} cannot be made: {error.strerror}.") from error
        # What a killed process left in the log may hold words that were to leave the disk.
        left_over = _size(path.with_name(path.name + "-wal")) > 0
        with translated(path):
            _refuse_no_database(path)
            writer = _connect(path, "rwc")
            try:
                _prepare(writer, path)
            except BaseException:
                writer.close()
                raise
        if fresh:
            for directory in (path.parent, path.parent.parent):
                with suppress(PermissionError):  # a folder that we may not list cannot be opened to be synced
                    _sync_directory(directory)
        database = cls(path, writer)
        database._log_pending = left_over
        return database

    def close(self) -> None:
        """Close every connection; the last one folds the write-ahead log into the file."""
        with self._write_lock:
            with self._pool_lock:
                if self._closed:
                    return
                self._closed = True
                idle, self._idle = self._idle, []
            for connection in idle:
                connection.close()
            self._truncate_log()
            self._writer.close()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A reading connection; each statement sees the newest committed state."""
        with translated(self.path):
            connection = self._borrow()
            try:
                yield connection
            except BaseException:
                connection.close()
                raise
            self._give_back(connection)

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """A reading connection whose statements all see one and the same state."""
        with self.reading() as connection:
            connection.execute("BEGIN")
            yield connection
            connection.execute("ROLLBACK")

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """The writing connection inside a transaction: committed and on disk when the block ends, or undone whole."""
        with translated(self.path), self._write_lock:
            if self._closed:
                raise StoreUnavailable("The store is closed.")
            try:
                self._writer.execute("BEGIN IMMEDIATE")
                yield self._writer
                self._writer.execute("COMMIT")
            except BaseException:
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                raise
            if self._log_pending:
                self._truncate_log()

    def expect_truncation(self) -> None:
        """Have the log cut after this write; where a reader holds that up, after the next ones until it succeeds."""
        self._log_pending = True

    def truncate_log(self) -> bool:
        """Fold the write-ahead log into the file and cut it to nothing; False where a reader still needs it."""
        with self._write_lock:
            if self._closed:
                return not self._log_pending
            return self._truncate_log()

    def _truncate_log(self) -> bool:
        try:
            self._writer.execute(f"PRAGMA busy_timeout = {CHECKPOINT_BUSY_MS}")
            busy = self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        except sqlite3.Error as error:
            level = logging.WARNING if self._log_pending else logging.DEBUG
            _LOG.log(level, "The write-ahead log was not cut: %s. It is tried again at the next write.", error)
            busy = 1
        finally:
            self._writer.execute(f"PRAGMA busy_timeout = {int(BUSY_SECONDS * 1000)}")
        self._log_pending = bool(busy)
        return not busy

    def _borrow(self) -> sqlite3.Connection:
        with self._pool_lock:
            if self._closed:
                raise StoreUnavailable("The store is closed.")
            if self._idle:
                return self._idle.pop()
        connection = _connect(self.path, "rw")
        connection.execute("PRAGMA query_only = ON")
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.create_function("folds_in", 2, _folds_in, deterministic=True)
        return connection

    def _give_back(self, connection: sqlite3.Connection) -> None:
        with self._pool_lock:
            if not self._closed and len(self._idle) < IDLE_READERS:
                self._idle.append(connection)
                return
        connection.close()


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(
        f"{path.as_uri()}?mode={mode}", uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
    )


def _prepare(writer: sqlite3.Connection, path: Path) -> None:
    _refuse_foreign(writer, path)
    refuse_newer(writer)
    _set_wal(writer, path)
    for setting in ("synchronous = FULL", "foreign_keys = ON", "secure_delete = ON", "temp_store = MEMORY"):
        writer.execute(f"PRAGMA {setting}")
    migrate(writer)


def _refuse_no_database(path: Path) -> None:
    # SQLite itself takes a file of one byte for an empty database and writes over it.
    try:
        with path.open("rb") as file:
            start = file.read(len(_MAGIC))
    except FileNotFoundError:
        return
    except OSError as error:
        raise StoreUnavailable(f"{path} cannot be read: {error.strerror}.") from error
    if start and start != _MAGIC:
        raise StoreCorrupt(f"{path} is not an SQLite database; it was left as it is.")


def _refuse_foreign(writer: sqlite3.Connection, path: Path) -> None:
    # One transaction: between two, another opener's first migration would look like somebody else's tables.
    writer.execute("BEGIN")
    try:
        tables = writer.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
        application_id = writer.execute("PRAGMA application_id").fetchone()[0]
    finally:
        writer.execute("ROLLBACK")
    if application_id != APPLICATION_ID and (application_id or tables):
        raise StoreCorrupt(f"{path} is an SQLite file of another program; it was left as it is.")


def _set_wal(writer: sqlite3.Connection, path: Path) -> None:
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            mode = writer.execute("PRAGMA journal_mode = WAL").fetchone()[0]
            break
        except sqlite3.OperationalError as error:
            # SQLite does not wait on its own where two openers switch the mode at once.
            if error.sqlite_errorcode & 0xFF not in _LOCKED or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
    if mode != "wal":
        raise StoreUnavailable(f"The file system of {path.parent} does not support SQLite's write-ahead log.")


def _folds_in(needle: str, text: str | None) -> bool:
    return text is not None and needle in text.casefold()


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
