"""HTML and SVG as text: whatever is not markup made here is escaped, so that suites and articles stay words."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Markup:
    """Text that is markup already."""

    text: str

    def __str__(self) -> str:
        return self.text


Content = Markup | str | float | None  # None is nothing


def escaped(value: Content) -> str:
    """The markup of a value; control characters, which HTML cannot carry, become the replacement character."""
    if value is None:
        return ""
    if isinstance(value, Markup):
        return value.text
    return html.escape(_UNPRINTABLE.sub("\ufffd", str(value)), quote=True)


def tag(name: str, *content: Content, **attributes: Content) -> Markup:
    """An element. Attributes that are None are left out; ``class_`` is `class`, and `_` stands for `-`."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escaped(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Markup(f"<{name}{written}>{''.join(map(escaped, content))}</{name}>")


def joined(parts: Iterable[Content], between: str = "") -> Markup:
    """Several one after the other."""
    return Markup(escaped(between).join(map(escaped, parts)))


def table(heads: Sequence[Content], rows: Iterable[Sequence[Content]], *, numbers: int = 1) -> Markup:
    """A table that scrolls by itself where the window is narrow; columns from ``numbers`` on are aligned right.

    A row of one cell is a heading over those that follow.
    """
    head = tag("tr", *(tag("th", each, scope="col", class_=_side(at, numbers)) for at, each in enumerate(heads)))
    lines = [_line(row, len(heads), numbers) for row in rows]
    whole = tag("table", tag("thead", head), tag("tbody", *lines))
    return tag("div", whole, class_="scroll", tabindex="0")


def _line(row: Sequence[Content], columns: int, numbers: int) -> Markup:
    if len(row) == 1 and columns > 1:
        return tag("tr", tag("th", row[0], colspan=columns, scope="colgroup"), class_="group")
    first, *others = row
    cells = (tag("td", each, class_=_side(at, numbers)) for at, each in enumerate(others, 1))
    return tag("tr", tag("th", first, scope="row"), *cells)


def _side(column: int, numbers: int) -> str | None:
    return "number" if column >= numbers else None
