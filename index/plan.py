"""What a question looks up: per term, the stems of the passages' language by which it may be found, and their worth.

Pure but for the pack's word lists; what the index holds comes in through ``near`` alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import NamedTuple

from index.analysis import Compounds, Term, question_terms, stem, stems
from index.lexicon import LONGEST_TERM, PACK, Lexicon, Translation, read_lines

PARTS_BOOST = 0.5
CONTEXT_BOOST = 0.5
TERM_BOOST = 0.7  # of the one German word for an English term, in place of each of the term's words
LANGUAGES = ("de", "en")  # with an analysis of their own; all others share "xx", unstemmed
FIELDS = (*LANGUAGES, "xx")

Near = Callable[[str, str], Sequence[Translation]]  # (field, word) to what the field has under a like spelling


class Option(NamedTuple):
    """One way for a question's term to be found: a stem in a field, worth ``boost`` of its BM25 score."""

    field: str
    stem: str
    boost: float


class LexicalQuestion(NamedTuple):
    """A question as one passage language sees it: per term, the options of which the best counts."""

    language: str
    terms: tuple[tuple[Option, ...], ...]


@cache
def compounds() -> Compounds:
    """The compound splitter of the pack; what the index holds depends on it, and not on the lexicon."""
    return Compounds(set(stems([*read_lines(PACK / "compounds.txt.zst")], "de").values()))


@cache
def bundled_lexicon() -> Lexicon:
    """The pack's lexicon, read once."""
    return Lexicon.load()


def field_language(language: str) -> str:
    """The language whose fields hold passages of ``language``."""
    return language if language in LANGUAGES else FIELDS[-1]


def plan(
    question: str, question_language: str, passage_language: str, lexicon: Lexicon, near: Near | None = None
) -> LexicalQuestion:
    """Look a question up for passages of one language: stems, translations, compound parts, context.

    A German compound without a translation is looked up by those of its parts, each a term of its own. Any other word
    without a translation may be found under a like spelling ("cyanobacteria", "Cyanobakterien") that ``near`` knows.
    """
    field = field_language(passage_language)
    groups: list[_Group] = []
    places: list[tuple[Term, _Group]] = []
    for term in question_terms(question, question_language):
        found = lexicon.translations(term, question_language, passage_language)
        known = len(found) > 1 or question_language == passage_language
        parts = () if known else _translated_parts(term, question_language, passage_language, lexicon)
        for options in parts or (found,):
            group = _Group(field, question_language, stem(term.word, field))
            group.offer(found if parts else ())
            group.offer(options)
            groups.append(group)
        if not known and not parts and near is not None:
            groups[-1].offer(near(field, stem(term.word, field)))
        places.append((term, groups[-1]))
    if (question_language, passage_language) == ("en", "de"):
        _join_terms(places, lexicon)
    return LexicalQuestion(field, tuple(group.options() for group in groups))


class _Group:
    """The options of one term while they are gathered; of several ways to one stem the best counts."""

    def __init__(self, field: str, asked: str, itself: str) -> None:
        self._field = field
        self._foreign = itself if asked != "de" else ""  # no German compound: "passport" is not "pass"
        self._best: dict[tuple[str, str], float] = {}

    def offer(self, found: Iterable[Translation], boost: float = 1.0) -> None:
        for option in found:
            weight = boost * option.weight
            self._keep(self._field, option.stem, weight)
            self._keep(f"{self._field}_context", option.stem, CONTEXT_BOOST * weight)
            if self._field == "de":
                self._keep("de_parts", option.stem, PARTS_BOOST * weight)
                for part in compounds().parts(option.stem) if option.stem != self._foreign else ():
                    self._keep("de", part, PARTS_BOOST * weight)
                    self._keep("de_parts", part, PARTS_BOOST * weight)

    def _keep(self, field: str, found: str, boost: float) -> None:
        self._best[field, found] = max(boost, self._best.get((field, found), 0.0))

    def options(self) -> tuple[Option, ...]:
        return tuple(Option(field, found, boost) for (field, found), boost in self._best.items())


def _translated_parts(
    term: Term, question_language: str, passage_language: str, lexicon: Lexicon
) -> tuple[tuple[Translation, ...], ...]:
    """What a German compound without a translation of its own may be called in English, word by word; () if unknown."""
    if (question_language, passage_language) != ("de", "en"):
        return ()
    if term.stem in lexicon.spelled_out:
        return tuple((Translation(word, 1.0),) for word in lexicon.spelled_out[term.stem])
    for split in sorted(compounds().splits(term.stem), key=lambda split: -min(map(len, split))):
        found = tuple(lexicon.known(Term(part, part), "de", "en") for part in split)
        if all(found):
            return found
    return ()


def _join_terms(places: Sequence[tuple[Term, _Group]], lexicon: Lexicon) -> None:
    """Offer the one German word for an English term of several words in place of each of them."""
    for length in range(2, LONGEST_TERM + 1):
        for start in range(len(places) - length + 1):
            covered = places[start : start + length]
            if found := lexicon.german_for([term for term, _ in covered]):
                for _, group in covered:
                    group.offer(found, TERM_BOOST)
