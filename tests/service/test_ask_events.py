"""The native stream of /v1/ask: the same as the JSON reply, while it is made, for as long as somebody reads it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

from index.errors import EncoderUnavailable
from service.app import create_app
from service.extractive import Answerer
from service.routes.common import Service
from service.schemas import AskResponse, CitationOut, PassageOut, ProblemOut
from tests.service.articles import ARTICLES, QUESTION, settings_for, wait_until_ready
from tests.service.streams import Event, WaitingEncoder, parsed, recorded
from tests.service.web_fakes import served

EVENTS = {"accept": "text/event-stream"}


def stream(client: httpx.Client, question: str, **fields: Any) -> list[Event]:
    return recorded(client, "/v1/ask", {"question": question, **fields}, **EVENTS)


def put_together(events: list[Event]) -> dict[str, Any]:
    """The JSON reply that the events amount to."""
    *_, passages = [event.json["passages"] for event in events if event.name == "passages"]
    citations = [event.json for event in events if event.name == "citation"]
    return {**events[-1].json, "passages": passages, "citations": citations}


@pytest.mark.parametrize(
    ("question", "outcome"),
    [(QUESTION, "answered"), ("Who objected to the plan in Saxony?", "answered"), ("Xyzzy?", None)],
)
def test_the_events_are_the_json_reply(client: httpx.Client, question: str, outcome: str | None) -> None:
    events = stream(client, question, k=2)
    made = put_together(events)
    AskResponse.model_validate(made)
    whole = client.post("/v1/ask", json={"question": question, "k": 2}).json()
    for reply in (made, whole):
        reply.pop("timings")
    assert made == whole
    assert outcome in (None, made["outcome"])


def test_events_come_in_order_and_each_citation_behind_its_sentence(client: httpx.Client) -> None:
    events = stream(client, QUESTION)
    names = [event.name for event in events]
    assert names[0] == "passages"
    assert names[-1] == "done"
    assert set(names[1:-1]) == {"sentence", "citation"}
    known: set[int] = set()
    announced: set[int] = set()
    for event in events[1:-1]:
        if event.name == "sentence":
            assert announced == known, "all citations of the sentence before have come"
            announced |= set(event.json["citations"])
            answer = events[-1].json["answer"]
            assert answer[event.json["start"] : event.json["end"]].startswith(event.json["text"])
        else:
            known.add(event.json["number"])
            assert known <= announced
    assert known == announced != set()


def test_event_data_have_the_shapes_of_the_json_reply(client: httpx.Client) -> None:
    for event in stream(client, QUESTION):
        if event.name == "passages":
            assert [PassageOut.model_validate(each).rank for each in event.json["passages"]] == [1, 2, 3]
        if event.name == "citation":
            proof = CitationOut.model_validate(event.json)
            text = client.get(f"/v1/documents/{proof.doc_id}").json()["text"]
            assert text[proof.start : proof.end] == proof.quote


@pytest.mark.parametrize(
    "accept",
    [
        "application/json",
        "*/*",
        "text/event-stream;q=0",
        "text/event-stream; charset=utf-8; q=0.0, */*",
        "text/html",
        "",
    ],
)
def test_json_comes_to_everybody_else(client: httpx.Client, accept: str) -> None:
    reply = client.post("/v1/ask", json={"question": QUESTION}, headers={"accept": accept})
    assert reply.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    "accept", ["text/event-stream", "TEXT/EVENT-STREAM; q=0.9, */*;q=0.1", "application/json, text/event-stream"]
)
def test_events_come_to_whoever_names_them(client: httpx.Client, accept: str) -> None:
    assert recorded(client, "/v1/ask", {"question": QUESTION}, accept=accept)[-1].name == "done"


@pytest.mark.parametrize(
    ("body", "field"),
    [({"question": "?"}, "question"), ({"question": QUESTION, "k": 21}, "k"), ({"question": QUESTION, "x": 1}, "x")],
)
def test_a_bad_question_is_a_status_and_not_an_event(client: httpx.Client, body: dict[str, Any], field: str) -> None:
    reply = client.post("/v1/ask", json=body, headers=EVENTS)
    assert (reply.status_code, reply.headers["content-type"]) == (422, "application/problem+json")
    assert (reply.json()["code"], reply.json()["field"]) == ("invalid_question", field)


class Waiting(NamedTuple):
    address: str
    encoder: WaitingEncoder
    service: Service


@pytest.fixture
def waiting(tmp_path: Path) -> Iterator[Waiting]:
    """A service with one worker, whose questions wait until they may go on."""
    encoder = WaitingEncoder()
    app = create_app(settings_for(tmp_path, workers=1, max_waiting=1), encoder=encoder)
    with served(app) as address:
        wait_until_ready(address)
        httpx.post(f"{address}/v1/documents", json={"documents": ARTICLES}, timeout=30).raise_for_status()
        encoder.asked.clear()
        encoder.may.clear()
        try:
            yield Waiting(address, encoder, app.state.service)
        finally:
            encoder.may.set()


@contextmanager
def opened(waiting: Waiting, path: str = "/v1/ask") -> Iterator[httpx.Response]:
    body = {
        "question": QUESTION,
        "model": "fundstelle",
        "stream": True,
        "messages": [{"role": "user", "content": QUESTION}],
    }
    fields = ("question",) if path == "/v1/ask" else ("model", "stream", "messages")
    sent = {name: body[name] for name in fields}
    with httpx.stream("POST", waiting.address + path, json=sent, headers=EVENTS, timeout=30) as reply:
        assert reply.status_code == 200
        yield reply


def eventually(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize(("path", "first"), [("/v1/ask", ":"), ("/v1/chat/completions", 'data: {"id":"chatcmpl-')])
def test_the_first_byte_does_not_wait_for_the_answer(waiting: Waiting, path: str, first: str) -> None:
    with opened(waiting, path) as reply:
        pieces = reply.iter_text()
        assert next(pieces).startswith(first)
        assert waiting.encoder.asked.wait(30)
        waiting.encoder.may.set()
        assert list(parsed("".join(pieces)))[-1].data.startswith(("[DONE]", '{"question"'))


@pytest.mark.parametrize("path", ["/v1/ask", "/v1/chat/completions"])
def test_a_client_that_leaves_stops_the_work(waiting: Waiting, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    answered = threading.Event()
    answer = Answerer.answer

    def watched(*arguments: Any, **named: Any) -> Any:
        answered.set()
        return answer(*arguments, **named)

    monkeypatch.setattr(Answerer, "answer", watched)
    with opened(waiting, path) as reply:
        next(reply.iter_text())
        assert waiting.encoder.asked.wait(30)
    ended = f'method="POST",route="{path}",status="200"'.encode()
    eventually(lambda: ended in waiting.service.telemetry.exposition())
    waiting.encoder.may.set()
    eventually(lambda: waiting.service.questions.pending == 0)
    assert not answered.is_set()
    assert b"fundstelle_answers_total{" not in waiting.service.telemetry.exposition()


def test_a_client_that_leaves_gives_its_place_in_the_queue_away(waiting: Waiting) -> None:
    with opened(waiting) as first:
        pieces = first.iter_text()  # held, because a client that lets it go has left
        assert next(pieces).startswith(":")
        assert waiting.encoder.asked.wait(30)
        with opened(waiting) as second:
            held = second.iter_text()
            assert next(held).startswith(":")
            assert waiting.service.questions.pending == 2
            refused = httpx.post(f"{waiting.address}/v1/ask", json={"question": QUESTION}, headers=EVENTS)
            assert (refused.status_code, refused.json()["code"]) == (503, "overloaded")
            assert int(refused.headers["retry-after"]) >= 1
            chat = {"model": "fundstelle", "messages": [{"role": "user", "content": QUESTION}], "stream": True}
            refused = httpx.post(f"{waiting.address}/v1/chat/completions", json=chat)
            assert (refused.status_code, refused.json()["error"]["code"]) == (503, "overloaded")
            assert int(refused.headers["retry-after"]) >= 1
        eventually(lambda: waiting.service.questions.pending == 1)
        waiting.encoder.may.set()
        assert list(parsed("".join(pieces)))[-1].name == "done"
        held.close()


def test_an_error_after_the_start_is_a_problem_in_an_event(waiting: Waiting) -> None:
    waiting.encoder.error = EncoderUnavailable("the model is gone")
    with opened(waiting) as reply:
        waiting.encoder.may.set()
        (event,) = parsed("".join(reply.iter_text()))
    assert event.name == "error"
    problem = ProblemOut.model_validate(event.json)
    assert (problem.code, problem.instance) == ("encoder_unavailable", "/v1/ask")
    assert problem.request_id == reply.headers["x-request-id"]
    assert b'fundstelle_problems_total{code="encoder_unavailable"} 1.0' in waiting.service.telemetry.exposition()


@pytest.mark.parametrize("path", ["/v1/ask", "/v1/chat/completions"])
def test_a_surprise_after_the_start_has_no_details(
    waiting: Waiting, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    waiting.encoder.error = RuntimeError("geheimes Detail")
    with opened(waiting, path) as reply:
        waiting.encoder.may.set()
        text = "".join(reply.iter_text())
    *_, event = parsed(text)
    assert event.json.get("code") == "internal_error" or event.json["error"]["code"] == "internal_error"
    assert "geheim" not in text
    assert "geheimes Detail" in caplog.text
