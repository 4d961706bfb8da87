"""Reading a suite's files so that whatever is wrong with them is said with file and line."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, cast

from corpus.limits import Limits
from eval.errors import SuiteInvalid

LIMITS = Limits(max_inputs=100_000_000)  # a suite is read one document at a time, however many there are
_SHOWN = 60  # characters of what was found


class Place(NamedTuple):
    """Where something stands; ``line`` counts from 1, None for the whole file."""

    path: Path
    line: int | None

    def wrong(self, problem: str) -> SuiteInvalid:
        """The error that says so."""
        return SuiteInvalid.at(self.path, self.line, problem)


def lines_of(path: Path) -> Iterator[tuple[int, str]]:
    """The lines of a UTF-8 file (.gz unpacked) that are not blank, with their numbers. One line in memory at a time."""
    number = 0
    with _opened(path) as stream:
        while raw := stream.readline(LIMITS.max_bytes + 1):
            number += 1
            if len(raw) > LIMITS.max_bytes:
                raise SuiteInvalid.at(path, number, f"expected at most {LIMITS.max_bytes:,} bytes in a line")
            text = _decoded(raw, Place(path, number)).rstrip("\r\n")
            if number == 1:
                text = text.removeprefix("\ufeff")
            if text.strip():
                yield number, text


def text_of(path: Path) -> str:
    """A whole UTF-8 file (.gz unpacked), without its byte order mark.

    Raises SuiteInvalid naming the line that is in another encoding.
    """
    with _opened(path) as stream:
        raw = stream.read()
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _encoding(Place(path, raw.count(b"\n", 0, error.start) + 1), raw[error.start]) from error


def rows_of(path: Path) -> Iterator[Row]:
    """The objects of a JSONL file."""
    for number, line in lines_of(path):
        place = Place(path, number)
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise place.wrong(f"not JSON: {error}") from error
        yield Row(place, as_object(value, place))


def as_object(value: object, place: Place) -> Mapping[str, Any]:
    """The value, which has to be a JSON object."""
    if not isinstance(value, dict):
        raise place.wrong(f"expected an object, got {_shown(value)}")
    return value


@dataclass(frozen=True, slots=True)
class Row:
    """An object of a file and where it stands."""

    place: Place
    fields: Mapping[str, Any]

    def words(self, *names: str) -> str:
        """The text of the first of these fields that is there; raises SuiteInvalid where none is or it is empty."""
        value = self.maybe(*names)
        if value is None:
            raise self.place.wrong(f"{names[0]}: missing or empty; expected text")
        return value

    def maybe(self, *names: str) -> str | None:
        """The same, or None. A number counts as text, because ids are often numbers."""
        for name in names:
            value = self.fields.get(name)
            if value is None:
                continue
            if isinstance(value, bool) or not isinstance(value, str | int):
                raise self.place.wrong(f"{name}: expected text, got {_shown(value)}")
            text = str(value).strip()
            if not _has_bytes(text):
                raise self.place.wrong(f"{name}: expected text, got half a surrogate pair in {_shown(value)}")
            if text:
                return text
        return None

    def flag(self, name: str, default: bool) -> bool:
        """Whether a field is true."""
        value = self.fields.get(name, default)
        if not isinstance(value, bool):
            raise self.place.wrong(f"{name}: expected true or false, got {_shown(value)}")
        return value

    def number(self, name: str) -> int | None:
        """A whole number from 0, or None where there is none."""
        value = self.fields.get(name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 0):
            raise self.place.wrong(f"{name}: expected a whole number from 0, got {_shown(value)}")
        return value

    def items(self, name: str) -> Sequence[Any]:
        """A list, empty where there is none."""
        value = self.fields.get(name)
        if value is not None and not isinstance(value, list):
            raise self.place.wrong(f"{name}: expected a list, got {_shown(value)}")
        return value or ()

    def metadata(self) -> dict[str, str]:
        """The plain values of the field ``metadata`` as text."""
        values = self.fields.get("metadata") or {}
        if not isinstance(values, dict):
            raise self.place.wrong(f"metadata: expected an object, got {_shown(values)}")
        plain = {key: value for key, value in values.items() if isinstance(value, str | int | float)}
        return {key: str(value).lower() if isinstance(value, bool) else str(value) for key, value in plain.items()}

    def only(self, known: Sequence[str]) -> None:
        """Raise SuiteInvalid where there is a field that nobody would read: most often one that is misspelt."""
        for name in self.fields:
            if name not in known:
                raise self.place.wrong(f"{name}: there is no such field; there are {', '.join(known)}")


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as stream:
            yield cast(BinaryIO, stream)
    except (EOFError, zlib.error) as error:
        raise SuiteInvalid.at(path, None, f"not a whole gzip file: {error}") from error
    except OSError as error:  # BadGzipFile is one
        raise SuiteInvalid.at(path, None, f"cannot be read: {error.strerror or error}") from error


def _decoded(raw: bytes, place: Place) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _encoding(place, raw[error.start]) from error


def _encoding(place: Place, byte: int) -> SuiteInvalid:
    return place.wrong(f"expected UTF-8, got the byte 0x{byte:02x}; convert the file, for example by iconv")


def _has_bytes(text: str) -> bool:
    """Whether UTF-8 can write it down: JSON may escape one half of a pair that makes a character."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    text = text if _has_bytes(text) else json.dumps(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
