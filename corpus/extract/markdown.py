"""Markdown -> reading text: marks gone, headings and list items on lines of their own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from corpus.documents import BlockKind
from corpus.extract.front_matter import split_front_matter
from corpus.extract.pieces import Found, Pieces, Reading
from corpus.extract.quiet import foreign_library

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_NEWLINES = re.compile("\r\n?")
_HEADING_LENGTH = 120


def read_markdown(text: str) -> Reading:
    """The text as it reads when rendered; front matter becomes metadata, pictures and HTML tags go."""
    found, body = split_front_matter(_NEWLINES.sub("\n", text))
    renderer = _Renderer()
    renderer.render(_parser().parse(body))
    pieces = renderer.pieces
    told = Found(
        title=found.title or renderer.title,
        source=found.source or pieces.byline.source,
        url=found.url or pieces.byline.url,
        published=found.published or pieces.byline.published,
        language=found.language,
        author=found.author or pieces.byline.author,
        metadata=found.metadata,
    )
    return Reading(pieces.text, tuple(pieces.blocks), told, pieces.invisible_removed)


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"maxNesting": 100}).enable(["table", "strikethrough"])


class _Renderer:
    """Walks the tokens once, writing blocks."""

    def __init__(self) -> None:
        self.pieces = Pieces()
        self.title: str | None = None
        self._lists: list[int | None] = []  # the next number of each open list, None for bullets
        self._marker = ""
        self._list_starts = self._in_table = False
        self._in_heading = False
        self._row: list[str] | None = None

    def render(self, tokens: Sequence[Token]) -> None:
        """Append every block of the document to ``pieces``."""
        for token in tokens:
            if token.type == "inline":
                self._inline(token)
            elif token.type in ("fence", "code_block"):
                self.pieces.add(BlockKind.TEXT, token.content)
            elif token.type == "html_block":
                self.pieces.add_paragraph(_without_tags(token.content))
            else:
                self._structure(token)

    def _structure(self, token: Token) -> None:
        kind = token.type
        if kind in ("heading_open", "heading_close"):
            self._in_heading = kind == "heading_open"
        elif kind == "ordered_list_open":
            self._lists.append(int(token.attrs.get("start") or 1))
            self._list_starts = len(self._lists) == 1
        elif kind == "bullet_list_open":
            self._lists.append(None)
            self._list_starts = len(self._lists) == 1
        elif kind in ("ordered_list_close", "bullet_list_close"):
            self._lists.pop()
        elif kind == "list_item_open":
            number = self._lists[-1]
            self._marker = "- " if number is None else f"{number}. "
            self._lists[-1] = None if number is None else number + 1
        elif kind == "tr_open":
            self._row = []
        elif kind == "tr_close" and self._row is not None:
            self.pieces.add(BlockKind.TEXT, " | ".join(self._row), gap="\n" if self._in_table else "\n\n")
            self._row, self._in_table = None, True
        elif kind == "table_close":
            self._in_table = False

    def _inline(self, token: Token) -> None:
        words = _words(token.children or ())
        if self._row is not None:
            self._row.append(words.strip())
        elif self._in_heading or (not self._lists and _is_all_strong(token.children or (), words)):
            self.pieces.add(BlockKind.HEADING, " ".join(words.split()))
            self.title = self.title or " ".join(words.split()) or None
        elif self._lists:
            glued = bool(self._marker) and not self._list_starts
            self.pieces.add(BlockKind.TEXT, self._marker + words, gap="\n" if glued else "\n\n")
            self._marker, self._list_starts = "", False
        else:
            self.pieces.add_paragraph(words)


def _without_tags(markup: str) -> str:
    """The words of a stretch of HTML within Markdown."""
    with foreign_library("lxml", "HTML within the Markdown"):
        from lxml import html  # type: ignore[import-untyped]

        tree = html.fragment_fromstring(f"<div>{markup}</div>", create_parent="section")
        for element in list(tree.iter("script", "style")):
            element.drop_tree()
        return " ".join(tree.text_content().split())


def _words(children: Sequence[Token]) -> str:
    written = {"softbreak": " ", "hardbreak": "\n", "image": "", "html_inline": ""}
    return "".join(written.get(child.type, child.content) for child in children)


def _is_all_strong(children: Sequence[Token], words: str) -> bool:
    """A short paragraph that is bold from end to end is a heading in all but name."""
    inner = [child for child in children if not (child.type == "text" and not child.content.strip())]
    return (
        len(inner) >= 3
        and inner[0].type == "strong_open"
        and inner[-1].type == "strong_close"
        and sum(child.type == "strong_open" for child in inner) == 1
        and len(words) <= _HEADING_LENGTH
        and not words.rstrip().endswith((".", ":", ";", ","))
    )
