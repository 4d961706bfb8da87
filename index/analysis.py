"""Text to terms: what the lexical index stores and what a question is looked up by, per language.

A term is a folded stem. Folding joins spellings that readers do not tell apart: case, ß and ss, decomposed umlauts,
"10.000" and "10,000", "U.S." and "US". German compounds also give their parts, which a separate field counts for less.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from index.stopwords import stop_words

LONGEST_TERM = 80  # code points; a longer run of letters is no word, and Tantivy refuses giant terms

_TOKEN = re.compile(
    r"(?P<acronym>\b(?:[^\W\d_]\.){2,}(?:[^\W\d_]\b)?)"
    r"|(?P<number>\d+(?:[.,’']\d+)*)"
    r"|(?P<word>[^\W\d_][^\W_]*(?:[’'](?=[^\W\d_]{1,3}\b))?)"
    r"|(?P<rest>[^\W_]+)"
)
_GROUPED = {"de": re.compile(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?"), "en": re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")}
_DECIMAL = {"de": re.compile(r"\d+,\d+"), "en": re.compile(r"\d+\.\d+")}
_ACRONYMS = re.compile(r"(?<=^[A-Z]{2})s$|(?<=[A-Z]{3})s$")  # the plural s of GPUs and LLMs
_COUNTRY = {"US": "usa", "USA": "usa"}


class Term(NamedTuple):
    """A folded word with its stem: stop lists and lexicons look at the word, indexes at the stem."""

    word: str
    stem: str


def fold(word: str) -> str:
    """Case and ß away; umlauts stay, since the German stemmer knows what to do with them."""
    return word.casefold()


def number(text: str, language: str) -> list[str]:
    """One canonical form for a number in either convention; dates and lists of numbers fall apart into theirs."""
    language = language if language in _GROUPED else "en"
    text = text.replace("’", "'")
    if _GROUPED[language].fullmatch(text):
        return [_plain(text, "." if language == "de" else ",")]
    if _DECIMAL[language].fullmatch(text):
        return [text.replace(",", ".")]
    return [part for part in re.split(r"[.,']", text) if part]


def _plain(text: str, separator: str) -> str:
    return text.replace(separator, "").replace(",", ".")


def words(text: str, language: str) -> Iterator[str]:
    """Folded words and canonical numbers of a text, in order."""
    for match in _TOKEN.finditer(text):
        token = match.group()
        if match.lastgroup == "number":
            yield from (part for part in number(token, language) if len(part) <= LONGEST_TERM)
            continue
        if match.lastgroup == "acronym":
            token = token.replace(".", "")
        token = _ACRONYMS.sub("", token.rstrip("’'"))
        if len(token) <= LONGEST_TERM:
            yield _COUNTRY.get(token) or fold(token)


# Chips, Videos, Baidus: Snowball's German keeps the s of names and loan words.
_LOAN_PLURAL = re.compile("(?:[aiopy]|(?<!a)u)s$")

_stemmers = threading.local()
_SNOWBALL = {"de": "german", "en": "english"}


def _stemmer(language: str) -> Callable[[str], str]:
    """Snowball's stemmer of the language; words unchanged where there is none. One per thread: they keep state."""
    kept: dict[str, Callable[[str], str]] = _stemmers.__dict__
    if language not in kept:
        if language in _SNOWBALL:
            import Stemmer

            kept[language] = Stemmer.Stemmer(_SNOWBALL[language]).stemWord
        else:
            kept[language] = str
    return kept[language]


@lru_cache(maxsize=200_000)
def stem(word: str, language: str) -> str:
    """The stem of a folded word."""
    if word[:1].isdigit():
        return word
    return _without_loan_plural(_stemmer(language)(word), language)


def stems(words: Sequence[str], language: str) -> dict[str, str]:
    """The stems of many folded words, by word: ``stem`` of each, in a fraction of the time."""
    import Stemmer

    if language not in _SNOWBALL:
        return {word: word for word in words}
    found = Stemmer.Stemmer(_SNOWBALL[language]).stemWords(words)
    return {
        word: word if word[:1].isdigit() else _without_loan_plural(stemmed, language)
        for word, stemmed in zip(words, found, strict=True)
    }


def _without_loan_plural(stemmed: str, language: str) -> str:
    if language == "de" and stemmed[-1:] == "s" and len(stemmed) > 3 and _LOAN_PLURAL.search(stemmed):
        return stemmed[:-1]
    return stemmed


def terms(text: str, language: str) -> list[Term]:
    """All terms of a text: what an index stores."""
    return [Term(word, stem(word, language)) for word in words(text, language)]


def question_terms(text: str, language: str) -> list[Term]:
    """A question's terms without its language's stop words, each once; all of them where nothing else is left."""
    stops = stop_words(language)
    every = list(dict.fromkeys(terms(text, language)))
    return [term for term in every if term.word not in stops] or every


_LINKS = ("", "s", "es", "n", "en", "er", "e")
SHORTEST_PART = 4
_SHORTEST_COMPOUND = 8
_MOST_SPLITS = 3


class Compounds:
    """Splits German compounds into known parts ("Halbleiterindustrie": "halbleit", "industri").

    ``known`` holds German stems. It is fixed with the language pack, not learned from the corpus, so that a passage
    gives the same terms whenever it is indexed.
    """

    def __init__(self, known: Collection[str]) -> None:
        self._known = frozenset(part for part in known if len(part) >= SHORTEST_PART and part.isalpha())
        self.splits = lru_cache(maxsize=200_000)(self._splits)

    def parts(self, stem_: str) -> tuple[str, ...]:
        """The parts of every way to split a stem, each once; () for what is no compound."""
        return tuple(dict.fromkeys(part for split in self.splits(stem_) for part in split))

    def _splits(self, stem_: str) -> tuple[tuple[str, str], ...]:
        if len(stem_) < _SHORTEST_COMPOUND or not stem_.isalpha():
            return ()
        found: list[tuple[str, str]] = []
        for cut in range(SHORTEST_PART, len(stem_) - SHORTEST_PART + 1):
            tail = stem_[cut:]
            if tail not in self._known:
                continue
            head = self._head(stem_[:cut])
            if head is not None:
                found.append((head, tail))
                if len(found) >= _MOST_SPLITS:
                    break
        return tuple(found)

    def _head(self, head: str) -> str | None:
        for link in _LINKS:
            if not head.endswith(link):
                continue
            bare = head[: len(head) - len(link)]
            if len(bare) >= SHORTEST_PART and (known := stem(bare, "de")) in self._known:
                return known
        return None
