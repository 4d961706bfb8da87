"""What the operator should know: said once in the log, and shown by `status` and /readyz."""

from __future__ import annotations

import logging
import threading

MOST = 50
_log = logging.getLogger("fundstelle.notes")


class Notes:
    """The newest distinct notes, oldest first. Safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._notes: list[str] = []

    def add(self, note: str) -> None:
        """Keep a note, and log it unless it is kept already."""
        with self._lock:
            if note in self._notes:
                return
            self._notes = [*self._notes, note][-MOST:]
        _log.warning("%s", note)

    def all(self) -> list[str]:
        """The notes, oldest first."""
        with self._lock:
            return list(self._notes)
