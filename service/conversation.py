"""What is asked: the one place where a question is made of the messages of a conversation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from service.errors import InvalidQuestion

_CONTEXT = re.compile(r"\A\s*### Task:.*</context>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Turn:
    """One message: ``role`` is who said it."""

    role: str
    text: str


@dataclass(frozen=True, slots=True)
class Conversation:
    """The last message of the user, and what was said before it, oldest first.

    ``instructions`` are the system prompts. They are never followed; some front ends say in them what they want to be
    done for their own house-keeping.
    """

    message: str
    history: tuple[Turn, ...] = ()
    instructions: tuple[str, ...] = ()


def conversation(turns: Sequence[Turn]) -> Conversation:
    """The conversation that a front end sent. Raises InvalidQuestion where the user says nothing in it."""
    instructions = tuple(turn.text for turn in turns if turn.role in ("system", "developer"))
    said = [turn for turn in turns if turn.role in ("user", "assistant")]
    while said and said[-1].role != "user":
        said.pop()
    if not said or not said[-1].text.strip():
        raise InvalidQuestion("messages: the last message of the user has no text", field="messages")
    return Conversation(said[-1].text, tuple(said[:-1]), instructions)


def question_of(talk: Conversation) -> str:
    """The question to ask the articles: for now the last message alone, whatever was said before."""
    return _without_context(talk.message)


def _without_context(message: str) -> str:
    """The user's own words, where a front end has put files and instructions for citing them before these.

    We answer from our articles alone; the front end's files are not among them.
    """
    wrapped = _CONTEXT.match(message)
    if wrapped is None:
        return message
    rest = message[wrapped.end() :].strip()
    return rest.removeprefix("<user_query>").removesuffix("</user_query>").strip() or message
