"""Lines broken by a column limit or a page are made whole again: a line break inside a sentence says nothing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

_ENDS = re.compile(r"[.!?…:;。！？][\"'“”’‘»«›‹)\]]*\Z")
_STARTS_ITEM = re.compile(r"\s*(?:[-*•▪–·‣◦o]|\d{1,2}[.)])\s+\S|#{1,6} |>|\||\s{4,}")
_HYPHEN = re.compile(r"(?<=[^\W\d_])[-\u2010]\Z")
_CONTINUES_COMPOUND = re.compile(r"(?:und|oder|bzw|and|or|sowie|als|wie|bis)\b")
_FULLEST = 110  # columns: lines longer than this were not broken by a column limit
_NARROWEST = 30


def is_wrapped(lines: Sequence[str]) -> bool:
    """Whether most lines break off in mid-sentence at about the same column."""
    filled = [line.rstrip() for line in lines if line.strip()]
    if len(filled) < 4:
        return False
    widest = max(len(line) for line in filled)
    if not _NARROWEST <= widest <= _FULLEST:
        return False
    broken = [line for line, below in pairwise(filled) if _flows_on(line, below)]
    full = sum(len(line) >= 0.7 * widest for line in broken)
    return len(broken) * 2 >= len(filled) and full * 10 >= len(broken) * 7


def unwrap(text: str, *, hyphens: bool = False) -> str:
    """Join the lines of each paragraph of a wrapped text; ``hyphens`` also mends words parted at a line's end.

    Paragraphs end at blank lines, before list items, and after a line that is both short and complete.
    """
    lines = text.split("\n")
    usual = _usual_width(lines)
    parts: list[str] = []
    open_line = False
    for line in lines:
        words = line.rstrip()
        if open_line and words and not _STARTS_ITEM.match(line):
            parts[-1], gap = _joint(parts[-1], words.lstrip(), hyphens)
            parts += [gap, words.lstrip()]
        else:
            parts += ["\n", words]
        open_line = bool(words) and not _closes_paragraph(words, usual)
    return "".join(parts[1:])


def _usual_width(lines: Sequence[str]) -> float:
    widths = sorted(len(line.rstrip()) for line in lines if line.strip())
    return median(widths[len(widths) // 2 :]) if widths else 0.0


def _flows_on(line: str, below: str) -> bool:
    return not _ENDS.search(line) and not _STARTS_ITEM.match(below)


def _closes_paragraph(line: str, usual: float) -> bool:
    """A line that ends a sentence well before the margin, or is so short that the next word would have fitted."""
    if _ENDS.search(line):
        return len(line) < 0.85 * usual
    return len(line) < 0.6 * usual


def _joint(above: str, line: str, hyphens: bool) -> tuple[str, str]:
    """The upper line as it reads with the lower one below it, and what goes between them."""
    if hyphens and _HYPHEN.search(above):
        if line[:1].islower() and not _CONTINUES_COMPOUND.match(line):
            return above[:-1], ""
        if line[:1].isupper() or line[:1].isdigit():
            return above, ""
    return above, " "
