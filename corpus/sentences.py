"""Where sentences begin and end, in German and English news.

A full stop is a weak sign in German: it closes ordinals ("im 2. Quartal"), abbreviations ("z. B.", "5,5 Mrd. Dollar")
and initials, and every noun after it is capitalised. So each candidate is judged by the word before and after it.
"""

from __future__ import annotations

import re

from corpus.abbreviations import BEFORE_ORDINALS, COUNTED, LETTERED, MAY_END, NEVER_END, STARTERS
from corpus.documents import Span

_CLOSERS = "\"'“”’‘»«›‹)\\]}*_"
_OPENERS = "\"'“”„‚‘»«›‹([{*_¿¡"
_CANDIDATE = re.compile(
    rf"(?<![.!?…])(?P<stop>[.!?…]++)(?P<closers>[{_CLOSERS}]*+)(?P<gap>\s++)(?=\S)|[。！？][{_CLOSERS}」』）]*+\s*+(?=\S)"
)
_HAS_WORD = re.compile(r"\w")
_LAST_WORD = re.compile(r"\S+\Z")
_NEXT_WORD = re.compile(rf"[{re.escape(_OPENERS)}]*([^\W_]+(?:[-'’][^\W_]+)*)?")
_NUMBER = re.compile(r"\d{1,3}")
_ROMAN = re.compile(r"(?=[IVX])X{0,3}(?:IX|IV|V?I{0,3})")
_DOTTED = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]")
_INFLECTIONS = ("", "s", "es", "e", "en", "n")
_ANOTHER_ORDINAL = re.compile(r"\b\d{1,3}\.,? (?:und|oder|bis|sowie) \d{1,3}\Z")  # "die 3. und 4. Achse"
_RANGE = re.compile(r"(?<=[\d.])[-–—/]")
_BEFORE_WORD = _OPENERS + "–—-/"
_OPENING_LETTERS = "zudivsomkcpb"  # of "z. B.", "u. a.", "d. h.", "i. d. R."
_LIST_NUMBER = re.compile(r"\s*(?:\d{1,3}|[a-zA-Z])\Z")
_DASH = re.compile(r"[-–—―]\s")
_INNER_CAPITAL = re.compile(r"[a-z]{1,2}[A-Z]")
_LONGEST_ASIDE = 500  # code points within brackets
_LOOKBACK = 60  # code points: longer than any abbreviation with the word before it


def sentence_spans(text: str, language: str = "de") -> list[Span]:
    """The sentences of ``text`` in order: disjoint, trimmed, together covering every character that is not space.

    A line break ends a sentence; a closing quotation mark or bracket belongs to the sentence it closes.
    """
    spans: list[Span] = []
    line_start = 0
    for line in text.split("\n"):
        begin = 0
        for candidate in _CANDIDATE.finditer(line):
            if candidate["stop"] is None or _ends_sentence(line, begin, candidate, language):
                _append_trimmed(spans, line, line_start, begin, candidate.end())
                begin = candidate.end()
        _append_trimmed(spans, line, line_start, begin, len(line))
        line_start += len(line) + 1
    return spans


def _append_trimmed(spans: list[Span], line: str, line_start: int, begin: int, end: int) -> None:
    piece = line[begin:end]
    words = piece.strip()
    if words:
        start = line_start + begin + len(piece) - len(piece.lstrip())
        spans.append(Span(start, start + len(words)))


def _ends_sentence(line: str, begin: int, candidate: re.Match[str], language: str) -> bool:
    """Whether the sentence that began at ``begin`` ends with this candidate."""
    stop, closers = candidate["stop"], candidate["closers"]
    if stop == "." and candidate.start() and line[candidate.start() - 1].isspace():
        return False  # one of a spaced ellipsis
    if not _HAS_WORD.search(line, begin, candidate.start()) or _within_brackets(line, begin, candidate):
        return False
    after = line[candidate.end() : candidate.end() + _LOOKBACK]
    if closers and _DASH.match(after):
        return False  # a quotation, a dash, the name of who said it
    match = _NEXT_WORD.match(after)
    following = (match[1] if match else None) or ""
    if following[:1].islower() and not _INNER_CAPITAL.match(following):
        return False
    if stop != ".":
        return True
    before = line[max(begin, candidate.start() - _LOOKBACK) : candidate.start()]
    return not _stop_belongs_to_word(before, following, closers, language)


def _within_brackets(line: str, begin: int, candidate: re.Match[str]) -> bool:
    """A bracket that opened in mid-sentence closes here, or holds the stop alone: "(wirklich?)", "[...]"."""
    before = line[max(begin, candidate.start() - _LONGEST_ASIDE) : candidate.start()]
    if before[-1:] in ("(", "["):
        return True
    closers = candidate["closers"]
    if ")" not in closers and "]" not in closers:
        return False
    opening = max(before.rfind("("), before.rfind("["))
    if opening < 0:
        return False
    outside = before[:opening].rstrip().rstrip("\"'“”’‘»«›‹)]")
    return bool(outside) and outside[-1] not in ".!?…:"


def _stop_belongs_to_word(before: str, following: str, closers: str, language: str) -> bool:
    """Whether a single full stop is part of the word before it rather than the end of the sentence."""
    match = _LAST_WORD.search(before)
    word = _RANGE.split(match[0])[-1].lstrip(_BEFORE_WORD) if match else ""
    if not match or not word:
        return False
    earlier = before[: match.start()].split()
    previous = earlier[-1].strip(_BEFORE_WORD).rstrip(",.;:").lower() if earlier else ""
    starts = following.lower() in STARTERS
    if _NUMBER.fullmatch(word):
        if _LIST_NUMBER.fullmatch(before):
            return True
        return not closers and _is_ordinal(before, previous, following, starts, language)
    if _ROMAN.fullmatch(word) and len(word) > 1:
        return not starts and not closers
    return _is_abbreviation(word.lower(), word, previous, following, starts)


def _is_ordinal(before: str, previous: str, following: str, starts: bool, language: str) -> bool:
    """Whether the number counts what follows ("am 3. Mai") or ends a sentence ("auf Platz 2. Baidu")."""
    if language == "en" or not following:
        return False
    if following[0].isdigit() or any(following.lower().removesuffix(end) in COUNTED for end in _INFLECTIONS):
        return True
    return not starts and (previous in BEFORE_ORDINALS or not previous or _ANOTHER_ORDINAL.search(before) is not None)


def _is_abbreviation(folded: str, word: str, previous: str, following: str, starts: bool) -> bool:
    if folded in ("no", "nos", "art", "sec"):
        return following[:1].isdigit()
    if folded in MAY_END or f"{previous}.{folded}" in MAY_END:
        return not starts
    if folded in NEVER_END:
        return True
    if len(word) == 1 and word.isalpha():
        if previous in LETTERED:
            return False
        return not starts or len(previous) == 1 or word in _OPENING_LETTERS
    return _DOTTED.fullmatch(word) is not None and not starts
