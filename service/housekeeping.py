"""Prompts by which a chat front end keeps its own house: titles, tags, follow-up questions, search queries.

They come to the same model as questions do, but they are none: each is answered in the form it asks for, never with a
cited answer, and neither counted nor logged as a question. Known are those of Open WebUI (`### Task:` and one JSON
object), and the titles of LibreChat and LobeChat.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain

import orjson

from service.answers import Citation, Outcome, RetrievedPassage
from service.conversation import Conversation
from service.dialects.markdown import plain
from service.engine import Engine
from service.errors import InvalidQuestion
from service.questions import clean, question
from service.variants import Unworded

MOST_FOLLOW_UPS = 3
MOST_TRIED = 10  # questions asked of the articles to find those that they answer
MOST_TAGS = 3
TITLE_CHARACTERS = 50
READ = 5  # passages looked at for words


class Kind(StrEnum):
    """What is wanted; the value is the key of the JSON object it comes in."""

    TITLE = "title"
    TAGS = "tags"
    FOLLOW_UPS = "follow_ups"
    QUERIES = "queries"
    COMPLETION = "text"
    PICTURE = "prompt"
    TOOLS = "tool_calls"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Chore:
    """A housekeeping prompt: what is wanted, for which question, and whether as JSON."""

    kind: Kind
    question: str  # the user's latest in the conversation that it is about, '' where there is none
    json: bool = True


_TASK = "### Task:"
_KEY = re.compile(r'"(title|tags|follow_ups|queries|text|prompt)"\s*:')
_SAID = re.compile(
    r"^(?:USER|User|user): (.*?)(?=^(?:USER|ASSISTANT|User|AI|user|assistant): |\Z)", re.DOTALL | re.MULTILINE
)
_SUMMARIZER = re.compile(
    r"\A\s*(?:You are a (?:professional conversation summarizer|conversation-savvy)|Generate a concise title)"
)
_LIBRECHAT = re.compile(r"\A\s*(?:Provide a concise, 5-word-or-less title|Analyze this conversation and provide:)")


def recognise(talk: Conversation) -> Chore | None:
    """The housekeeping that a conversation asks for, or None where it asks the articles."""
    text = talk.message
    if text.lstrip().startswith(_TASK):
        return _task(text)
    instructions = "\n".join(talk.instructions)
    if '"tool_calls"' in instructions and text.startswith(("Query:", "History:")):
        return Chore(Kind.TOOLS, "")
    if _LIBRECHAT.match(text) or _SUMMARIZER.match(instructions):
        wanted_as_json = '"title"' in instructions
        return Chore(Kind.TITLE, _asked(text) or _last_user(talk), wanted_as_json)
    return None


def _task(text: str) -> Chore | None:
    told, history, after = text.partition("<chat_history>")
    key = _KEY.search(told)
    if key is None and not history:
        return None  # somebody's own words, or a question behind a front end's files
    question = _asked(after.rpartition("</chat_history>")[0].strip())
    if key is None:
        title = "title" in told.partition("\n###")[0].lower()
        return Chore(Kind.TITLE, question, json=False) if title else Chore(Kind.UNKNOWN, question)
    return Chore(Kind(key[1]), question)


def _asked(history: str) -> str:
    if said := _SAID.findall(history):
        return str(said[-1]).strip()
    before, closed, _ = history.rpartition("</user>")
    return before.rpartition("<user>")[2].strip() if closed else ""


def _last_user(talk: Conversation) -> str:
    return next((turn.text for turn in reversed(talk.history) if turn.role == "user"), "")


def done(engine: Engine, chore: Chore) -> str:
    """The reply to a chore: one JSON object, or a plain title. Asks the engine where the articles are needed."""
    if chore.kind is Kind.TITLE:
        made = title(chore.question)
        return orjson.dumps({Kind.TITLE.value: made}).decode() if chore.json else made
    values: dict[Kind, object] = {Kind.COMPLETION: "", Kind.PICTURE: plain(chore.question), Kind.UNKNOWN: None}
    if chore.kind is Kind.TAGS:
        values[Kind.TAGS] = tags(engine, chore.question)
    if chore.kind is Kind.FOLLOW_UPS:
        values[Kind.FOLLOW_UPS] = follow_ups(engine, chore.question)
    value = values.get(chore.kind, [])
    return orjson.dumps({} if value is None else {chore.kind.value: value}).decode()


def title(last: str) -> str:
    """The question itself, cut at a word's end: what a list of conversations is best told apart by."""
    words = plain(last).strip(" ?!.…")
    if len(words) <= TITLE_CHARACTERS:
        return words or "Fundstelle"
    kept = words[: TITLE_CHARACTERS + 1].rsplit(" ", 1)[0]
    return f"{kept[:TITLE_CHARACTERS].rstrip(' ,;:–-')}…"


def tags(engine: Engine, last: str) -> list[str]:
    """What question and titles of the nearest articles have in common, or the names that most of the titles have."""
    passages = _nearest(engine, last)
    titles = [found.document.title for found in passages]
    asked = {word.casefold() for word in _words(last)}
    words = [word for each in titles for word in _words(each) if word[0].isupper() and not _says_nothing(word)]
    common = [word for word in words if word.casefold() in asked]
    others = [name for name in _ranked(titles) if asked.isdisjoint(word.casefold() for word in _words(name))]
    return list(dict.fromkeys([*common, *others]))[:MOST_TAGS] or ["General"]


def follow_ups(engine: Engine, last: str) -> list[str]:
    """Questions in the language of the last one that the articles do answer: each was asked before it is shown."""
    passages = _nearest(engine, last)
    asked = {word.casefold() for word in _words(last)}
    texts = [text for found in passages for text in (found.document.title, found.passage.text)]
    german = _language(last) == "de"
    kept: list[str] = []
    quoted: set[tuple[str, int]] = set()
    others = [name for name in _ranked(texts) if asked.isdisjoint(word.casefold() for word in _words(name))]
    for name in others[:MOST_TRIED]:
        candidate = f"Was berichten die Artikel über {name}?" if german else f"What do the articles say about {name}?"
        proof = _proof(engine, candidate, name)
        # Two questions with the same answer are one too many.
        if proof is not None and (place := (proof.document.doc_id, proof.span.start)) not in quoted:
            quoted.add(place)
            kept.append(candidate)
        if len(kept) == MOST_FOLLOW_UPS:
            break
    return kept


def _proof(engine: Engine, candidate: str, name: str) -> Citation | None:
    """The first citation of the answer that speaks of ``name``, where there is an answer and one of them does."""
    try:
        answer = Unworded(engine).ask(question(engine.settings, candidate))
    except InvalidQuestion:  # such as one that has become too long by the name
        return None
    if answer.outcome is not Outcome.ANSWERED:
        return None
    return next((proof for proof in answer.citations if name.casefold() in proof.quote.casefold()), None)


def _nearest(engine: Engine, text: str) -> tuple[RetrievedPassage, ...]:
    try:
        return engine.search(text, k=READ).passages
    except InvalidQuestion:  # a conversation that began with no words, or with too many
        return ()


def _language(text: str) -> str:
    from corpus.language import detect_question_language

    return detect_question_language(clean(text))


_WORD = re.compile(r"[^\W\d_][\w’'-]*")
_NAME = re.compile(r"(?<![.!?:] )(?<![„“‚\"»«'])(?<!^)\b[A-ZÄÖÜ][\w’-]{2,}(?: [A-ZÄÖÜ][\w’-]{2,})*")
_LONGEST_NAME = 40


def _words(text: str) -> list[str]:
    return _WORD.findall(text)


def _names(text: str) -> list[str]:
    """Capitalised words, several together as one: names, and in German the nouns."""
    return [name for name in _NAME.findall(plain(text)) if len(name) <= _LONGEST_NAME and not _says_nothing(name)]


def _says_nothing(word: str) -> bool:
    from index.stopwords import ENGLISH, GERMAN

    return word.casefold() in ENGLISH or word.casefold() in GERMAN


def _ranked(texts: Sequence[str]) -> list[str]:
    """Names by the number of texts that have them, then in order of appearance."""
    names = [dict.fromkeys(_names(text)) for text in texts]
    order = list(dict.fromkeys(chain.from_iterable(names)))
    return sorted(order, key=lambda name: -sum(name in each for each in names))
