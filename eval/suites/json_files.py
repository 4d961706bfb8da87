"""A JSON file whose values know on which line they stand; Python's parser does not keep places."""

from __future__ import annotations

import bisect
import json
import re
from collections.abc import Iterator
from pathlib import Path

from eval.errors import SuiteInvalid
from eval.suites.checks import Place, Row, as_object, text_of

_SPACE = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder()


class JsonFile:
    """The text of a JSON file, valid as a whole, walked by offsets: each level is parsed once more, in C."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._text = text_of(path)
        self._breaks = [match.start() for match in re.finditer("\n", self._text)]
        try:
            json.loads(self._text)
        except json.JSONDecodeError as error:
            raise SuiteInvalid.at(path, error.lineno, f"not JSON: {error.msg} (column {error.colno})") from error
        except RecursionError as error:
            raise SuiteInvalid.at(path, None, "expected JSON that is less deeply nested") from error
        self.root = _skip(self._text, 0)

    def place(self, at: int) -> Place:
        """The line of an offset."""
        return Place(self.path, bisect.bisect_left(self._breaks, at) + 1)

    def row(self, at: int) -> Row:
        """The object that begins at an offset. Raises SuiteInvalid where it is not one."""
        return Row(self.place(at), as_object(_DECODER.raw_decode(self._text, at)[0], self.place(at)))

    def items(self, at: int, name: str) -> list[int]:
        """The offsets of the items of the list ``name`` in the object at an offset. Raises SuiteInvalid."""
        self.row(at).items(name)
        found = [start for key, start in self._members(at) if key == name]
        if not found:
            raise self.place(at).wrong(f"{name}: missing; expected a list")
        return [start for _, start in self._members(found[-1])] if self._text[found[-1]] == "[" else []

    def _members(self, at: int) -> Iterator[tuple[str, int]]:
        """Keys ("" in a list) and offsets of the values in the object or list at an offset."""
        text, key = self._text, ""
        keyed = text[at] == "{"
        at = _skip(text, at + 1)
        while text[at] not in "]}":
            if keyed:
                key, at = _DECODER.raw_decode(text, at)
                at = _skip(text, _skip(text, at) + 1)
            yield key, at
            at = _skip(text, _DECODER.raw_decode(text, at)[1])
            if text[at] == ",":
                at = _skip(text, at + 1)


def _skip(text: str, at: int) -> int:
    space = _SPACE.match(text, at)
    return at if space is None else space.end()
