"""What every extractor hands back: a text made of blocks, and what it found out about the document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from corpus.bylines import Byline, read_byline
from corpus.clutter_lines import bare, is_clutter
from corpus.documents import Block, BlockKind, Span
from corpus.normalise import normalise


@dataclass(frozen=True, slots=True)
class Found:
    """What the document says of itself, unchecked; None where it says nothing."""

    title: str | None = None
    source: str | None = None
    url: str | None = None
    published: str | None = None
    language: str | None = None
    author: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reading:
    """One extractor's result. ``blocks`` are ordered, disjoint spans of ``text``, which is normalised."""

    text: str
    blocks: tuple[Block, ...]
    found: Found
    invisible_removed: int = 0


class Pieces:
    """Builds a text out of blocks, so that each block's span is known because it was written there."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._length = 0
        self.blocks: list[Block] = []
        self.invisible_removed = 0
        self.byline = Byline()

    @property
    def text(self) -> str:
        """Everything added so far."""
        return "".join(self._parts)

    @property
    def length(self) -> int:
        """Code points added so far."""
        return self._length

    def add(self, kind: BlockKind, words: str, *, gap: str = "\n\n") -> None:
        """Append one block, normalised and trimmed, after ``gap``; blank ones are dropped."""
        normalised = normalise(words)
        self.invisible_removed += normalised.invisible_removed
        piece = normalised.text.strip()
        if not piece:
            return
        if self._parts:
            self._write(gap)
        start = self._length
        self._write(piece)
        self.blocks.append(Block(kind, Span(start, self._length)))

    def add_paragraph(self, words: str, *, gap: str = "\n\n") -> None:
        """Append running text, or clutter where its own words show that; a byline is remembered."""
        line = words.strip()
        told = None if "\n" in line else read_byline(line)
        if told:
            self.byline = merged(self.byline, told)
        single = "\n" not in line
        self.add(BlockKind.CLUTTER if told or (single and is_clutter(bare(line))) else BlockKind.TEXT, words, gap=gap)

    def _write(self, words: str) -> None:
        self._parts.append(words)
        self._length += len(words)


def merged(first: Byline, second: Byline) -> Byline:
    """Each fact from the first that knows it."""
    return Byline(
        published=first.published or second.published,
        author=first.author or second.author,
        source=first.source or second.source,
        url=first.url or second.url,
    )
