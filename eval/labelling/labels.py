"""The file of labels: one judgement a line, on disk before the next is asked for; the last on a document counts."""

from __future__ import annotations

import os
from pathlib import Path
from typing import BinaryIO

from eval.errors import SuiteInvalid
from eval.suites.assemble import YES
from eval.suites.qrels import HEADER

IN_PART = 1
NO = 0
WORDS = {YES: "yes", IN_PART: "in part", NO: "no"}


class Labels:
    """Appends to a suite's labels.tsv. Use as a context manager. Raises SuiteInvalid where it cannot be written."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._stream: BinaryIO = path.open("ab+")
            self._mend()
        except OSError as error:
            raise SuiteInvalid.at(path, None, f"cannot be written: {error.strerror}") from error

    def __enter__(self) -> Labels:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def add(self, query_id: str, doc_id: str, grade: int) -> None:
        """Write a judgement down. Raises SuiteInvalid where an id cannot stand in the file."""
        for name in (query_id, doc_id):
            if set(name) & set("\t\r\n"):
                raise SuiteInvalid.at(self.path, None, f"an id with a tab or a line break cannot be written: {name!r}")
        self._write(f"{query_id}\t{doc_id}\t{grade}\n")

    def _mend(self) -> None:
        """Begin the file, or cut off the line that a killed session left torn."""
        self._stream.seek(0)
        held = self._stream.read()
        if held and not held.endswith(b"\n"):
            self._stream.truncate(held.rfind(b"\n") + 1)
            held = held[: held.rfind(b"\n") + 1]
        if not held:
            self._write(HEADER + "\n")

    def _write(self, line: str) -> None:
        self._stream.write(line.encode())
        self._stream.flush()
        os.fsync(self._stream.fileno())
