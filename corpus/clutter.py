"""Which lines of a plain text are its headings, its words, and what the web page put around them.

A pasted news page has no markup, so lines are judged by their own words (clutter_lines), by their shape (a short line
without a full stop is weak, a long or punctuated one is strong) and by what stands around them: what follows the last
strong line is page furniture, a short line twice at the top is a caption, a line right above a photo credit too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from corpus.bylines import Byline, read_byline
from corpus.clutter_lines import bare, introduces_links, is_clutter, is_credit, opens_comments
from corpus.documents import Block, BlockKind, Span
from corpus.sentences import sentence_spans

_HEADING_LENGTH = 120  # code points; longer lines are prose
_QUESTION_LENGTH = 90
_CAPTION_LENGTH = 300
_TITLE_LENGTH = 120
_KICKER_LENGTH = 45
_HEAD_LINES = 12
_LIST_ITEM = re.compile(r"(?:[-*•▪–·‣◦]|\d{1,2}[.)]|[a-z]\))\s+\S")
_SUBJECT = re.compile(r"[^:.]{5,45}: [^\W\d_a-z][^:]+\.")
_TRAILING_CLOSERS = "\"'“”’‘»«›‹)]}"
_CAPITALISED = re.compile(r"(?:[^\W\d_a-zß-öø-ÿ][\w'’.-]*)(?:[ /][^\W\d_a-zß-öø-ÿ][\w'’.-]*){0,5}")
_OUTLET = re.compile(
    r"(?i)zeitung|news|times|post|journal|magazin|online|presse|press|blatt|radio|tv|herald|tribune|\.\w{2,3}$"
)


@dataclass(frozen=True, slots=True)
class Sorted:
    """A text's blocks, and what its lines tell about it. ``title`` is "" where no line offers one."""

    blocks: tuple[Block, ...]
    title: str
    byline: Byline


@dataclass(slots=True)
class _Line:
    span: Span
    words: str
    glued: bool  # no blank line above
    kind: BlockKind | None = None  # None: weak, undecided
    byline: Byline | None = None
    pinned: bool = field(default=False)  # clutter by its own words, not by its place


def sort_lines(text: str) -> Sorted:
    """Sort the lines of ``text`` into headings, text and clutter; every non-blank line is one block."""
    lines = _lines_of(text)
    for line in lines:
        _judge_alone(line)
    _mark_repeated(lines)
    _mark_captions(lines)
    _mark_links(lines)
    _mark_lists(lines)
    _mark_sentences_that_head(lines)
    _mark_tail(lines)
    for line in lines:
        line.kind = line.kind or BlockKind.HEADING
    if not any(line.kind is BlockKind.TEXT for line in lines):
        for line in lines[1:] or lines:
            if line.kind is BlockKind.HEADING:
                line.kind = BlockKind.TEXT
    blocks = tuple(Block(line.kind, line.span) for line in lines if line.kind)
    return Sorted(blocks, _title(lines), _facts(lines))


def _lines_of(text: str) -> list[_Line]:
    lines: list[_Line] = []
    start = 0
    blank = True
    for raw in text.split("\n"):
        words = raw.strip()
        if words:
            begin = start + len(raw) - len(raw.lstrip())
            lines.append(_Line(Span(begin, begin + len(words)), words, glued=not blank))
        blank = not words
        start += len(raw) + 1
    return lines


def _judge_alone(line: _Line) -> None:
    plain = bare(line.words)
    line.byline = read_byline(line.words)
    if line.byline or is_clutter(plain):
        line.kind, line.pinned = BlockKind.CLUTTER, True
    elif len(line.words) > _HEADING_LENGTH or _LIST_ITEM.match(line.words) or _ends_sentence(line.words):
        line.kind = BlockKind.TEXT


def _ends_sentence(words: str) -> bool:
    return words.rstrip(_TRAILING_CLOSERS).endswith((".", "!", "?", "…", ":", ";", ",", "。", "！", "？"))


def _mark_repeated(lines: Sequence[_Line]) -> None:
    """A weak line that stands twice within the head is a caption or a site's name, and a name beside it a credit."""
    head = lines[:_HEAD_LINES]
    seen: dict[str, list[int]] = {}
    for place, line in enumerate(head):
        if line.kind is None:
            seen.setdefault(line.words.casefold(), []).append(place)
    others = sum(1 for places in seen.values() if len(places) == 1)
    for places in seen.values():
        if len(places) < 2:
            continue
        kept = places[:1] if places[0] == 0 and (others == 0 or places[1] == 1) else []
        for place in places:
            head[place].kind = None if place in kept else BlockKind.CLUTTER
            above = head[place - 1] if place else None
            if above and above.kind is None and place - 1 not in kept and _CAPITALISED.fullmatch(above.words):
                above.kind = BlockKind.CLUTTER


def _mark_captions(lines: Sequence[_Line]) -> None:
    """Where blank lines part the paragraphs, a line glued on top of a photo credit is that photo's caption."""
    strong = [line for line in lines if line.kind is BlockKind.TEXT]
    parted = sum(not line.glued for line in strong) * 2 > len(strong)
    for above, line in pairwise(lines):
        if line.pinned and line.glued and is_credit(bare(line.words)) and len(above.words) <= _CAPTION_LENGTH:
            head_line = above.kind is not BlockKind.TEXT or parted
            if head_line and not _LIST_ITEM.match(above.words) and above is not lines[0]:
                above.kind = BlockKind.CLUTTER


def _mark_links(lines: Sequence[_Line]) -> None:
    """After a line that announces links, weak lines are links; the last of several may head the text below it."""
    for place, line in enumerate(lines):
        if not (line.pinned and introduces_links(bare(line.words))):
            continue
        run = _weak_run(lines, place + 1)
        heads_text = place + 1 + len(run) < len(lines) and run and not run[-1].glued
        links = run[:-1] if heads_text and (len(run) > 1 or len(line.words.split()) > 5) else run
        for link in links:
            link.kind = BlockKind.CLUTTER


def _weak_run(lines: Sequence[_Line], start: int) -> list[_Line]:
    end = start
    while end < len(lines) and lines[end].kind is None:
        end += 1
    return list(lines[start:end])


def _mark_lists(lines: Sequence[_Line]) -> None:
    """Weak lines below a colon, or many in a row amid the text, are lists and tables; many at the top are menus."""
    place = 0
    strong_before, strong = False, any(line.kind is BlockKind.TEXT for line in lines)
    while place < len(lines):
        line = lines[place]
        if line.kind is not None:
            strong_before = strong_before or line.kind is BlockKind.TEXT
            place += 1
            continue
        run = _weak_run(lines, place)
        above = lines[place - 1] if place else None
        after_colon = above is not None and above.kind is BlockKind.TEXT and above.words.endswith(":")
        last_heads = place + len(run) < len(lines) and not run[-1].glued and len(run) > 1
        if strong:
            _judge_run(run[:-1] if last_heads else run, after_colon, strong_before)
        place += len(run)


def _judge_run(run: Sequence[_Line], after_colon: bool, strong_before: bool) -> None:
    figures = sum(any(character.isdigit() for character in line.words) for line in run) * 2 > len(run)
    if after_colon or (
        strong_before and (len(run) >= 4 or (len(run) == 3 and figures)) and (figures or _all_glued(run))
    ):
        for line in run:
            line.kind = BlockKind.TEXT
    elif strong_before:
        for line in run:
            if line.words[:1].islower() and line is not run[-1]:
                line.kind = BlockKind.TEXT
    elif len(run) >= 8:
        for line in run:
            if len(line.words.split()) <= 3:
                line.kind = BlockKind.CLUTTER


def _all_glued(run: Sequence[_Line]) -> bool:
    return all(line.glued for line in run[1:])


def _mark_sentences_that_head(lines: Sequence[_Line]) -> None:
    """A short question above a paragraph heads it; below clutter, so does "Subject: a statement."."""
    for place, (line, below) in enumerate(pairwise(lines)):
        if line.kind is not BlockKind.TEXT or below.kind is not BlockKind.TEXT or len(line.words) > _QUESTION_LENGTH:
            continue
        above = lines[place - 1] if place else None
        asks = line.words.endswith(("?", "!")) and line.words[0] not in '„“"»«–-•*'
        announces = above is not None and above.kind is BlockKind.CLUTTER and _SUBJECT.fullmatch(line.words)
        heads = len(below.words) > max(_HEADING_LENGTH, 2 * len(line.words))
        if heads and (asks or announces) and len(sentence_spans(line.words)) == 1:
            line.kind = BlockKind.HEADING


def _mark_tail(lines: Sequence[_Line]) -> None:
    """Readers' comments, and weak lines after the last strong one, are no part of the article."""
    total = sum(len(line.words) for line in lines if line.kind is BlockKind.TEXT)
    read = 0
    for place, line in enumerate(lines):
        if line.kind is BlockKind.TEXT:
            read += len(line.words)
        elif line.pinned and opens_comments(bare(line.words)) and total and read * 10 >= total * 4:
            for later in lines[place:]:
                later.kind = BlockKind.CLUTTER
            break
    for line in reversed(lines):
        if line.kind is BlockKind.TEXT:
            return
        if line.kind is None and total:
            line.kind = BlockKind.CLUTTER


def _title(lines: Sequence[_Line]) -> str:
    """The headline with the kicker above it, or the first sentence, shortened at a word."""
    top: list[str] = []
    for line in lines:
        if line.kind is BlockKind.TEXT:
            break
        if line.kind is BlockKind.HEADING:
            top.append(" ".join(line.words.split()))
    if top:
        kicker = len(top) > 1 and len(top[0]) <= _KICKER_LENGTH and len(top[1]) > len(top[0])
        if kicker and not _ends_sentence(top[0]):
            return f"{top[0]}: {top[1]}"
        return top[0]
    first = next((line.words for line in lines if line.kind is BlockKind.TEXT), "")
    return shortened(sentence_spans(first)[0].of(first)) if first else ""


def shortened(words: str, longest: int = _TITLE_LENGTH) -> str:
    """``words`` in one line, cut after a word where it is longer than ``longest``."""
    words = " ".join(words.split())
    if len(words) <= longest:
        return words
    return words[: longest - 1].rsplit(" ", 1)[0].rstrip(",;:–- ") + "…"


def _facts(lines: Sequence[_Line]) -> Byline:
    """The first date, author, source and address that the byline lines tell, and an outlet's name at the end."""
    found = [line.byline for line in lines if line.byline and line.kind is BlockKind.CLUTTER]
    source = next((byline.source for byline in found if byline.source), None) or _outlet(lines)
    return Byline(
        published=next((byline.published for byline in found if byline.published), None),
        author=next((byline.author for byline in found if byline.author), None),
        source=source,
        url=next((byline.url for byline in found if byline.url), None),
    )


def _outlet(lines: Sequence[_Line]) -> str | None:
    """The name alone below the last paragraph: an outlet's, unless it could be a person's."""
    if len(lines) < 3 or lines[-2].kind is not BlockKind.TEXT:
        return None
    last = lines[-1]
    named = last.kind is BlockKind.CLUTTER and not last.pinned and _CAPITALISED.fullmatch(last.words)
    return last.words if named and (len(last.words.split()) == 3 or _OUTLET.search(last.words)) else None
