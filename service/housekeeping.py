"""Prompts by which a chat front end keeps its own house: titles, tags, follow-up questions, search queries.

They come to the same model as questions do, but they are none: each is answered in the form it asks for, never with a
cited answer, and neither counted nor logged as a question. Known are those of Open WebUI (`### Task:` and one JSON
object), and the titles of LibreChat and LobeChat.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

import orjson

from service.conversation import Conversation
from service.dialects.markdown import plain
from service.engine import Engine
from service.suggestions import follow_ups, tags, title


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
