"""What commands write: text for people, JSON for programs, progress on a terminal."""

from __future__ import annotations

import re
import sys
import textwrap
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TextIO

import orjson
from tqdm import tqdm

if TYPE_CHECKING:
    from index.protocols import Progress

WIDTH = 100
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class Console:
    """Standard output for results, standard error for everything else."""

    def __init__(self, out: TextIO | None = None, err: TextIO | None = None) -> None:
        self._out = out or sys.stdout
        self._err = err or sys.stderr

    def line(self, text: str = "") -> None:
        """A line of the result."""
        self._out.write(_printable(text, self._out) + "\n")
        self._out.flush()

    def paragraph(self, text: str, *, indent: str = "", hanging: str | None = None) -> None:
        """Text wrapped to the width of a page; ``hanging`` indents all lines but the first."""
        wrapped = textwrap.fill(
            text,
            WIDTH,
            initial_indent=indent,
            subsequent_indent=indent if hanging is None else hanging,
            break_long_words=False,
            break_on_hyphens=False,
        )
        self.line(wrapped)

    def json(self, value: Mapping[str, Any]) -> None:
        """One JSON object, indented, in UTF-8."""
        self.line(orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_SERIALIZE_NUMPY).decode())

    def note(self, text: str) -> None:
        """A line about the work, not part of the result."""
        self._err.write(_printable(text, self._err) + "\n")
        self._err.flush()

    def progress(self, what: str, unit: str) -> Bar:
        """A bar with items, rate and time left on a terminal; a line at the end elsewhere."""
        return Bar(what, unit, self._err)


class Bar:
    """Progress of one piece of work; use as a context manager."""

    def __init__(self, what: str, unit: str, stream: TextIO) -> None:
        self._what = what
        self._unit = unit
        self._stream = stream
        self._terminal = stream.isatty()
        self._bar: tqdm[Any] | None = None
        self._done = 0

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End it; elsewhere than on a terminal this says how much was done."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None
        elif self._done and not self._terminal:
            self._stream.write(f"{self._what}: {self._done:,} {self._unit}\n")
            self._stream.flush()
        self._done = 0

    def step(self) -> None:
        """One more is done, of a number nobody knows."""
        self._show(self._done + 1, None)

    def above(self, write: Callable[[], None]) -> None:
        """Write lines without tearing the bar."""
        if self._bar is not None:
            self._bar.clear()
        write()
        if self._bar is not None:
            self._bar.refresh()

    @property
    def advance(self) -> Progress:
        """(done, total) as the engine reports it."""
        return self._show

    def _show(self, done: int, total: int | None) -> None:
        if self._terminal:
            if self._bar is None:
                self._bar = tqdm(desc=self._what, unit=f" {self._unit}", total=total, file=self._stream, leave=True)
            self._bar.total = total
            self._bar.update(done - self._bar.n)
        self._done = done


def _printable(text: str, stream: TextIO) -> str:
    """The text as far as the stream's encoding goes, without the control characters a terminal would obey."""
    safe = _CONTROLS.sub("\ufffd", text)
    encoding = stream.encoding or "utf-8"
    return safe.encode(encoding, errors="replace").decode(encoding)
