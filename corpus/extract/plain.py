"""Plain text, as pasted from web pages, mail or an editor."""

from __future__ import annotations

from corpus.clutter import sort_lines
from corpus.extract.pieces import Found, Reading
from corpus.normalise import normalise
from corpus.wrapping import is_wrapped, unwrap


def read_plain(text: str) -> Reading:
    """The text with its lines sorted into headings, words and clutter; wrapped lines are joined."""
    normalised = normalise(text)
    words = "\n".join(line.rstrip() for line in normalised.text.split("\n")).strip()
    if is_wrapped(words.split("\n")):
        words = unwrap(words)
    lines = sort_lines(words)
    found = Found(
        title=lines.title or None,
        source=lines.byline.source,
        url=lines.byline.url,
        published=lines.byline.published,
        author=lines.byline.author,
    )
    return Reading(words, lines.blocks, found, normalised.invisible_removed)
