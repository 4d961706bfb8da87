"""A document's text and blocks -> passages with exact spans.

The splitter never sees the words. It is given a shadow of the same length in which marks stand where paragraphs,
sentences, words and graphemes begin, so the lengths of its pieces are our spans, whatever the text holds and however
often it repeats itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import pairwise

from corpus.documents import Block, BlockKind, PassageDraft, Span
from corpus.sentences import sentence_spans

_PARAGRAPH, _SENTENCE, _WORD, _GRAPHEME = "P", "S", "W", "G"
_FILLER = "."
_WORD_START = re.compile(r"(?<=\s)(?=\S)")
# A cut may stand before any character but these, which belong to the one before: marks, joiners, skin tones.
_GRAPHEME_START = re.compile(
    "(?<![\u200d\U0001f1e6-\U0001f1ff])"
    "[^\\s\u0300-\u036f\u1ab0-\u1aff\u20d0-\u20ff\u200c\u200d\ufe00-\ufe0f\U0001f3fb-\U0001f3ff]"
)


def chunk(
    text: str,
    blocks: Sequence[Block],
    language: str,
    *,
    size: int = 900,
    smallest: int = 200,
    title: str = "",
) -> list[PassageDraft]:
    """Cut the TEXT blocks of ``text`` into passages of at most ``size`` code points.

    Passages never cross a heading or clutter, begin and end with a character that is not space, break where a sentence
    ends unless one sentence alone is longer than ``size``, and hold every non-space character of the TEXT blocks
    exactly once. Those shorter than ``smallest`` join a neighbour of their section where both fit. Each carries the
    nearest heading above it, or "" where that heading only repeats ``title``.
    """
    if size < 1:
        raise ValueError(f"a passage needs room: size is {size}")
    drafts: list[PassageDraft] = []
    for heading, section in _sections(text, blocks):
        shown = "" if _folded(heading) == _folded(title) else heading
        drafts.extend(PassageDraft(span, shown) for span in _cut(text, section, language, size, smallest))
    return drafts


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


def _sections(text: str, blocks: Sequence[Block]) -> Iterable[tuple[str, list[Span]]]:
    """Runs of TEXT blocks with nothing but space between them, each with the heading above it."""
    heading, section = "", list[Span]()
    for block in blocks:
        interrupted = bool(section) and bool(text[section[-1].end : block.span.start].strip())
        if (interrupted or block.kind is not BlockKind.TEXT) and section:
            yield heading, section
            section = []
        if block.kind is BlockKind.HEADING:
            heading = " ".join(block.span.of(text).split())
        elif block.kind is BlockKind.TEXT:
            section.append(block.span)
    if section:
        yield heading, section


def _cut(text: str, section: Sequence[Span], language: str, size: int, smallest: int) -> list[Span]:
    whole = Span(section[0].start, section[-1].end)
    trimmed = _trimmed(text, whole)
    if len(trimmed) <= size:
        return [trimmed] if trimmed else []
    shadow = _shadow(text, section, language, size)
    pieces = _split(shadow, whole.start, size)
    spans = [span for span in (_trimmed(text, piece) for piece in pieces) if span]
    return _without_tiny(spans, size, smallest, lambda span, limit: _resplit(text, shadow, whole.start, span, limit))


def _trimmed(text: str, span: Span) -> Span:
    words = span.of(text)
    start = span.start + len(words) - len(words.lstrip())
    return Span(start, start + len(words.strip()))


def _shadow(text: str, section: Sequence[Span], language: str, size: int) -> str:
    """As long as the section: fillers, and a mark where each unit begins (words and graphemes only where needed)."""
    origin = section[0].start
    shadow = [_FILLER] * (section[-1].end - origin)
    for block in section:
        starts_paragraph = True
        for sentence in sentence_spans(block.of(text), language):
            span = sentence.shifted(block.start)
            if len(span) > size:
                _mark_words(shadow, text, span, origin, size)
            shadow[span.start - origin] = _PARAGRAPH if starts_paragraph else _SENTENCE
            starts_paragraph = False
    return "".join(shadow)


def _mark_words(shadow: list[str], text: str, span: Span, origin: int, size: int) -> None:
    starts = [span.start, *(match.start() for match in _WORD_START.finditer(text, span.start, span.end)), span.end]
    for start, following in pairwise(starts):
        shadow[start - origin] = _WORD
        if following - start > size:
            for match in _GRAPHEME_START.finditer(text, start + 1, following):
                shadow[match.start() - origin] = _GRAPHEME


@lru_cache(maxsize=64)
def _splitter(size: int) -> Callable[[str], list[str]]:
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    splitter = RecursiveCharacterTextSplitter(
        separators=[_PARAGRAPH, _SENTENCE, _WORD, _GRAPHEME, ""],
        keep_separator="start",
        chunk_size=size,
        chunk_overlap=0,
        strip_whitespace=False,
    )
    return splitter.split_text


def _split(shadow: str, origin: int, size: int) -> list[Span]:
    spans: list[Span] = []
    start = origin
    for piece in _splitter(size)(shadow):
        spans.append(Span(start, start + len(piece)))
        start += len(piece)
    if start != origin + len(shadow):
        raise AssertionError(f"the splitter lost text: {start - origin} of {len(shadow)} characters came back")
    return spans


def _resplit(text: str, shadow: str, origin: int, span: Span, limit: int) -> list[Span]:
    pieces = _split(shadow[span.start - origin : span.end - origin], span.start, limit)
    return [piece for piece in (_trimmed(text, raw) for raw in pieces) if piece]


def _without_tiny(
    spans: list[Span], size: int, smallest: int, resplit: Callable[[Span, int], list[Span]]
) -> list[Span]:
    """Join what is shorter than ``smallest`` to a neighbour; where both do not fit, share them out evenly."""
    merged: list[Span] = []
    for span in spans:
        if merged and min(len(merged[-1]), len(span)) < smallest:
            both = Span(merged[-1].start, span.end)
            if len(both) <= size:
                merged[-1] = both
                continue
            shared = resplit(both, len(both) * 2 // 3)
            if len(shared) == 2 and all(smallest <= len(part) <= size for part in shared):
                merged[-1:] = shared
                continue
        merged.append(span)
    return merged
