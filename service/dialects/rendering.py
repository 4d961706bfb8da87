"""What a dialect makes of an answer, before it travels as one message or as a stream of chunks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from service.answers import Answer, Citation, Outcome
from service.dialects.links import Links
from service.dialects.markdown import escape
from service.dialects.statements import places, statements
from service.dialects.words import abstention

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Rendering:
    """A message in pieces, and what goes beside it."""

    pieces: tuple[str, ...]  # in order; joined they are the message
    annotations: tuple[Json, ...] = ()  # of the message, in OpenAI's shape
    events: tuple[Json, ...] = ()  # chunks without choices, sent before the text
    beside: Mapping[str, Any] = field(default_factory=dict)  # top-level fields of every chunk that has text

    @property
    def text(self) -> str:
        """The message."""
        return "".join(self.pieces)


Dialect = Callable[[Answer, Links], Rendering]
Marker = Callable[[int, Citation], str]


def pieces(answer: Answer, links: Links, marker: Marker) -> tuple[str, ...]:
    """The answer's statements as Markdown, each followed by ``marker(place, citation)``; or why there is none."""
    if answer.outcome is Outcome.ABSTAINED:
        return (abstention(answer, links),)
    place = places(answer)
    dollars = answer.text.count("$") > 1
    made: list[str] = []
    for statement in statements(answer):
        words = escape(statement.words, opening=not made, dollars=dollars)
        marks = "".join(marker(place[proof.number], proof) for proof in statement.citations)
        made.append(f"{' ' if made else ''}{words} {marks}")
    return tuple(made)


def plain_marker(place: int, _: Citation) -> str:
    """The bare [n]."""
    return f"[{place}]"
