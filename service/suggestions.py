"""Words for lists of conversations and what to ask next, made of the question and of the articles near it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from itertools import chain

from service.answers import Answer, Citation, Outcome, RetrievedPassage
from service.dialects.markdown import plain
from service.dialects.words import title as title_of
from service.engine import Engine
from service.errors import InvalidQuestion
from service.questions import clean, question
from service.variants import Unworded

MOST_FOLLOW_UPS = 3
MOST_ABOUT_NAMES = 2  # of the follow-ups; the others are about articles
MOST_TRIED = 6  # questions of each kind asked of the articles, to find those that they answer
MOST_TAGS = 3
TITLE_CHARACTERS = 50
READ = 8  # passages looked at for names

_ABOUT_NAME = {"de": "Was ist über {} bekannt?", "en": "What is known about {}?"}
_ABOUT_ARTICLE = {"de": "Worum geht es in „{}“?", "en": "What is “{}” about?"}
_WORD = re.compile(r"[^\W\d_][\w’'-]*")
_NAME = re.compile(r"(?<![.!?:] )(?<![„“‚\"»«'])(?<!^)\b[A-ZÄÖÜ][\w’-]{2,}(?: [A-ZÄÖÜ][\w’-]{2,})*")
_LONGEST_NAME = 40
_Place = tuple[str, int]  # document, start of the quote


def title(last: str) -> str:
    """The question itself, cut at a word's end: what a list of conversations is best told apart by."""
    words = plain(last).strip(" ?!.…")
    if len(words) <= TITLE_CHARACTERS:
        return words or "Fundstelle"
    kept = words[: TITLE_CHARACTERS + 1].rsplit(" ", 1)[0]
    return f"{kept[:TITLE_CHARACTERS].rstrip(' ,;:–-')}…"


def tags(engine: Engine, last: str) -> list[str]:
    """What the question and the titles of the nearest articles have in common.

    Where the articles answer it, names in these titles follow.
    """
    answer = _answer(engine, last)
    titles = _titles(answer.passages if answer else ())
    asked = _folded(last)
    words = [word for each in titles for word in _words(each) if word[0].isupper() and not _says_nothing(word)]
    found = [word for word in words if word.casefold() in asked]
    if answer is not None and answer.outcome is Outcome.ANSWERED:
        found += _others(titles, asked)
    return list(dict.fromkeys(found))[:MOST_TAGS] or ["General"]


def follow_ups(engine: Engine, last: str) -> list[str]:
    """Questions in the language of the last one that the articles do answer: each was asked before it is suggested."""
    answer = _answer(engine, last)
    if answer is None:
        return []
    language = "de" if _language(last) == "de" else "en"
    titles = _titles(answer.passages)
    texts = [*titles, *(found.passage.text for found in answer.passages)]
    quoted = {_place(proof) for proof in answer.citations}
    names = _others(texts, _folded(last))[:MOST_TRIED]
    about_names = ((_ABOUT_NAME[language].format(name), _speaks_of(name)) for name in names)
    cited = {proof.document.doc_id for proof in answer.citations}
    articles = {found.document.doc_id: title_of(found.document) for found in answer.passages}
    unread = [(doc_id, name) for doc_id, name in articles.items() if doc_id not in cited][:MOST_TRIED]
    about_articles = ((_ABOUT_ARTICLE[language].format(plain(name)), _stands_in(doc_id)) for doc_id, name in unread)
    kept = list(_answered(engine, about_names, quoted, MOST_ABOUT_NAMES))
    return kept + list(_answered(engine, about_articles, quoted, MOST_FOLLOW_UPS - len(kept)))


def _answered(
    engine: Engine, candidates: Iterable[tuple[str, Callable[[Citation], bool]]], quoted: set[_Place], most: int
) -> Iterator[str]:
    """The first ``most`` candidates whose answer has a fitting citation that none of those before it has.

    ``quoted`` are the places cited so far, and grows: two questions with the same answer are one too many.
    """
    left = most
    for candidate, fits in candidates:
        if not left:
            return
        answer = _answer(engine, candidate)
        proof = next((proof for proof in answer.citations if fits(proof)), None) if answer else None
        if proof is not None and _place(proof) not in quoted:
            quoted.add(_place(proof))
            left -= 1
            yield candidate


def _speaks_of(name: str) -> Callable[[Citation], bool]:
    return lambda proof: name.casefold() in proof.quote.casefold()


def _stands_in(doc_id: str) -> Callable[[Citation], bool]:
    return lambda proof: proof.document.doc_id == doc_id


def _place(proof: Citation) -> _Place:
    return proof.document.doc_id, proof.span.start


def _answer(engine: Engine, text: str) -> Answer | None:
    """The articles' own answer; None for what is no question, by its length or for lack of words."""
    try:
        return Unworded(engine).ask(question(engine.settings, text, k=READ))
    except InvalidQuestion:
        return None


def _language(text: str) -> str:
    from corpus.language import detect_question_language

    return detect_question_language(clean(text))


def _titles(passages: Sequence[RetrievedPassage]) -> list[str]:
    return [found.document.title for found in passages]


def _words(text: str) -> list[str]:
    return _WORD.findall(text)


def _folded(text: str) -> set[str]:
    return {word.casefold() for word in _words(text)}


def _others(texts: Sequence[str], asked: Set[str]) -> list[str]:
    """Names that have no word of the question, by the number of texts that have them, then in order of appearance."""
    names = [dict.fromkeys(_names(text)) for text in texts]
    order = [name for name in dict.fromkeys(chain.from_iterable(names)) if asked.isdisjoint(_folded(name))]
    return sorted(order, key=lambda name: -sum(name in each for each in names))


def _names(text: str) -> list[str]:
    """Capitalised words, several together as one: names, and in German the nouns."""
    return [name for name in _NAME.findall(plain(text)) if len(name) <= _LONGEST_NAME and not _says_nothing(name)]


def _says_nothing(word: str) -> bool:
    from index.stopwords import ENGLISH, GERMAN

    return word.casefold() in ENGLISH or word.casefold() in GERMAN
