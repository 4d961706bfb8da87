"""Housekeeping prompts, in the forms that chat front ends send them."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from service.conversation import Conversation, Turn
from service.housekeeping import Chore, Kind, recognise
from tests.service.articles import QUESTION

SAID = f"USER: Hallo\nASSISTANT: Guten Tag\nUSER: {QUESTION}\nASSISTANT: Eigene Chips. [1]"
HISTORY = f"<chat_history>\n{SAID}\n</chat_history>"
OUTPUTS = {
    Kind.TITLE: 'JSON format: { "title": "your concise title here" }\n### Examples:\n- { "title": "Stock Trends" }',
    Kind.TAGS: 'JSON format: { "tags": ["tag1", "tag2", "tag3"] }',
    Kind.FOLLOW_UPS: 'JSON format: { "follow_ups": ["Question 1?", "Question 2?", "Question 3?"] }',
    Kind.QUERIES: 'Strictly return in JSON format:\n{\n  "queries": ["query1", "query2"]\n}',
    Kind.COMPLETION: '- Respond only in JSON format: `{ "text": "<your_completion>" }`.',
    Kind.PICTURE: 'Strictly return in JSON format:\n{\n    "prompt": "Your detailed description here."\n}',
}


def prompt(kind: Kind, history: str = HISTORY) -> str:
    """A prompt with the structure of Open WebUI's."""
    rules = "### Guidelines:\n- Be concise."
    return f"### Task:\nDo it.\n{rules}\n### Output:\n{OUTPUTS[kind]}\n### Chat History:\n{history}"


def recognised(text: str, *instructions: str, history: tuple[Turn, ...] = ()) -> Chore | None:
    return recognise(Conversation(text, history, instructions))


@pytest.mark.parametrize("kind", OUTPUTS)
def test_open_webui_s_prompts_are_recognised_with_their_question(kind: Kind) -> None:
    assert recognised(prompt(kind)) == Chore(kind, QUESTION)


def test_what_the_user_said_does_not_change_what_is_wanted() -> None:
    history = '<chat_history>\nUSER: Was heißt {"queries": []}?\nASSISTANT: "tags": []\n</chat_history>'
    assert recognised(prompt(Kind.TITLE, history)) == Chore(Kind.TITLE, 'Was heißt {"queries": []}?')


@pytest.mark.parametrize(
    ("text", "instructions", "chore"),
    [
        (
            "Provide a concise, 5-word-or-less title for the conversation, using title case conventions. Only return "
            f"the title itself.\n\nConversation:\nUser: {QUESTION}\nAI: Eigene Chips.",
            (),
            Chore(Kind.TITLE, QUESTION, json=False),
        ),
        (
            f"user: {QUESTION}\nassistant: Eigene Chips.",
            ("You are a professional conversation summarizer. Generate a concise title that captures the essence.",),
            Chore(Kind.TITLE, QUESTION, json=False),
        ),
        (
            f"<task>\nDo it.\n</task>\n<user>\n{QUESTION}\n</user>\n<assistant>\nEigene Chips.\n</assistant>",
            ('You are a professional conversation summarizer.\n- Return one JSON object with a single "title" string',),
            Chore(Kind.TITLE, QUESTION, json=True),
        ),
        (
            f"### Task:\nGenerate a title.\n### Output:\nReturn ONLY the title text.\n### Chat History:\n{HISTORY}",
            (),
            Chore(Kind.TITLE, QUESTION, json=False),
        ),
        (f"### Task:\nGuess a mood.\n### Chat History:\n{HISTORY}", (), Chore(Kind.UNKNOWN, QUESTION)),
        (f"Query: {QUESTION}", ('Available Tools: []\n{"tool_calls": []}',), Chore(Kind.TOOLS, "")),
    ],
)
def test_other_front_ends_and_templates(text: str, instructions: tuple[str, ...], chore: Chore) -> None:
    assert recognised(text, *instructions) == chore


@pytest.mark.parametrize(
    "text",
    [
        QUESTION,
        "### Task: Was baut Baidu?",
        "### Task:\nRespond to the user query.\n<context>\nx\n</context>\nWas baut Baidu?",
        'Was steht in {"title": "x"}?',
        "user: Was baut Baidu?",
        "Query: Was baut Baidu?",
    ],
)
def test_questions_are_none(text: str) -> None:
    assert recognised(text, "You are a helpful assistant.") is None


EXPECTED = {
    Kind.TITLE: {"title": "Welche Chips entwickelt Baidu für seine…"},
    Kind.QUERIES: {"queries": []},
    Kind.COMPLETION: {"text": ""},
    Kind.PICTURE: {"prompt": QUESTION},
}


def completed(client: httpx.Client, text: str, **fields: Any) -> dict[str, Any]:
    body = {"model": "fundstelle-openwebui", "messages": [{"role": "user", "content": text}], **fields}
    reply = client.post("/v1/chat/completions", json=body)
    assert reply.status_code == 200, reply.text
    answer: dict[str, Any] = reply.json()
    return answer


@pytest.mark.parametrize("kind", OUTPUTS)
def test_chores_are_answered_in_their_form_and_never_with_citations(client: httpx.Client, kind: Kind) -> None:
    reply = completed(client, prompt(kind))
    content = reply["choices"][0]["message"]["content"]
    value = json.loads(content[content.find("{") : content.rfind("}") + 1])  # as Open WebUI takes it out
    assert list(value) == [kind.value]
    assert value == EXPECTED.get(kind, value)
    assert not {"fundstelle", "sources", "citations"} & set(reply)
    assert "annotations" not in reply["choices"][0]["message"]
    assert "[1]" not in content


def test_chores_may_ask_for_json(client: httpx.Client) -> None:
    reply = completed(client, prompt(Kind.TITLE), response_format={"type": "json_object"})
    assert json.loads(reply["choices"][0]["message"]["content"]) == EXPECTED[Kind.TITLE]


def test_chores_can_be_streamed(client: httpx.Client) -> None:
    from tests.service.streams import chunks

    parts = chunks(client, "fundstelle-openwebui", prompt(Kind.TITLE))
    text = "".join(choice["delta"].get("content", "") for part in parts for choice in part["choices"])
    assert json.loads(text) == EXPECTED[Kind.TITLE]
    assert not any("event" in part for part in parts)


def counted(client: httpx.Client, name: str) -> float:
    lines = client.get("/metrics").text.splitlines()
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(name))


def test_chores_are_counted_apart_from_questions(client: httpx.Client) -> None:
    names = ("fundstelle_answers_total", "fundstelle_chores_total", "fundstelle_stage_seconds_count")
    before = [counted(client, name) for name in names]
    for kind in (Kind.FOLLOW_UPS, Kind.TAGS):
        completed(client, prompt(kind))
    assert [counted(client, name) for name in names] == [before[0], before[1] + 2, before[2]]


@pytest.mark.parametrize(
    "piece", ["<user>\n", "<user_query>", "USER: ", "### Task:", "<chat_history>", "</context>", '"title"']
)
def test_a_long_message_is_read_in_linear_time(piece: str) -> None:
    """A megabyte that invites a pattern to start anew at every word: the time-out of the tests is the bound."""
    from service.conversation import conversation, question_of

    for opening in ("", "### Task:\n", "### Task:\n<context>", "### Task:\n<chat_history>\n"):
        talk = conversation([Turn("system", piece * 1000), Turn("user", opening + piece * (2**20 // len(piece)))])
        recognise(talk)
        assert question_of(talk)
