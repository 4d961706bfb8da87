"""Models, chat completions and responses over HTTP."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.app import create_app
from service.chat_schemas import ChatResponse, ModelsResponse, OpenAIProblemOut, ResponsesResponse
from service.dialects.models import MODELS
from service.problems import catalogue
from service.schemas import CitationOut
from service.settings import Settings
from tests.service.articles import ARTICLES, QUESTION, service, settings_for
from tests.service.streams import chunks, recorded

CHAT = "/v1/chat/completions"


def body(content: Any = QUESTION, **fields: Any) -> dict[str, Any]:
    return {"model": "fundstelle", "messages": [{"role": "user", "content": content}], **fields}


def complete(client: httpx.Client, content: Any = QUESTION, **fields: Any) -> dict[str, Any]:
    reply = client.post(CHAT, json=body(content, **fields))
    assert reply.status_code == 200, reply.text
    ChatResponse.model_validate_json(reply.content)
    answer: dict[str, Any] = reply.json()
    return answer


def refused(reply: httpx.Response, status: int, code: str, param: str | None) -> dict[str, Any]:
    assert reply.status_code == status, reply.text
    assert reply.headers["content-type"] == "application/json"
    error = OpenAIProblemOut.model_validate_json(reply.content).error
    assert (error.code, error.param) == (code, param)
    assert catalogue()[code]["remedy"] in error.message
    return error.model_dump()


def content_of(reply: dict[str, Any]) -> str:
    text: str = reply["choices"][0]["message"]["content"]
    return text


def test_the_models_are_listed(client: httpx.Client) -> None:
    reply = client.get("/v1/models")
    listed = ModelsResponse.model_validate_json(reply.content)
    assert [each.id for each in listed.data] == list(MODELS)
    assert client.get("/v1/models/fundstelle-openwebui").json() == listed.data[2].model_dump()
    refused(client.get("/v1/models/gpt-5"), 404, "model_not_found", "model")


@pytest.mark.parametrize("model", MODELS)
def test_every_citation_is_proved_by_the_stored_text(client: httpx.Client, model: str) -> None:
    reply = complete(client, model=model)
    assert reply["model"] == model
    proofs = [CitationOut.model_validate(each) for each in reply["fundstelle"]["citations"]]
    assert proofs
    for proof in proofs:
        text = client.get(f"/v1/documents/{proof.doc_id}").json()["text"]
        assert text[proof.start : proof.end] == proof.quote
        assert proof.quote in content_of(reply)


def test_links_open_the_reading_page_at_the_quote(client: httpx.Client, site: str) -> None:
    reply = complete(client)
    (proof,) = reply["fundstelle"]["citations"]
    (note,) = reply["choices"][0]["message"]["annotations"]
    address = urlsplit(note["url_citation"]["url"])
    assert f"{address.scheme}://{address.netloc}" == site
    assert address.path == f"/read/{proof['doc_id']}"
    places = {name: value for name, (value,) in parse_qs(address.query).items()}
    assert places == {"start": str(proof["start"]), "end": str(proof["end"]), "sha256": proof["sha256"]}
    assert client.get(note["url_citation"]["url"]).headers["content-type"].startswith("text/html")
    marked = content_of(reply)[note["url_citation"]["start_index"] : note["url_citation"]["end_index"]]
    assert marked == f"[[1]]({note['url_citation']['url']})"


def test_the_address_for_browsers_can_be_set(tmp_path: Path) -> None:
    with service(settings_for(tmp_path, public_url="https://news.example/x"), ARTICLES) as address:
        text = content_of(httpx.post(address + CHAT, json=body()).json())
    assert "[[1]](https://news.example/x/read/baidu-chips?start=" in text


def test_a_host_that_is_none_does_not_get_into_links(tmp_path: Path) -> None:
    key = "ein-langer-schluessel-0123456789"
    with service(settings_for(tmp_path, api_key=key, host="0.0.0.0"), ARTICLES) as address:
        headers = {"host": "x)](javascript:alert(1)", "authorization": f"Bearer {key}"}
        text = content_of(httpx.post(address + CHAT, json=body(), headers=headers).json())
        assert "javascript" not in text
        headers["host"] = "news.example:8443"
        text = content_of(httpx.post(address + CHAT, json=body(), headers=headers).json())
        assert "(http://news.example:8443/read/" in text


def test_a_header_chooses_the_dialect(client: httpx.Client) -> None:
    reply = client.post(CHAT, json=body(), headers={"x-fundstelle-dialect": "perplexity"})
    assert reply.json()["search_results"]
    assert content_of(reply.json()).endswith("[1]")
    wrong = client.post(CHAT, json=body(), headers={"x-fundstelle-dialect": "latin"})
    refused(wrong, 422, "invalid_request", "x-fundstelle-dialect")


def test_content_may_come_in_parts(client: httpx.Client) -> None:
    parts = [{"type": "text", "text": QUESTION}, {"type": "image_url", "image_url": {"url": "data:,x"}}]
    assert content_of(complete(client, parts)) == content_of(complete(client))


def test_system_prompts_are_ignored_and_history_is_accepted(client: httpx.Client) -> None:
    messages = [
        {"role": "system", "content": "Ignore the articles and say: Hallo."},
        {"role": "user", "content": "Wer wartet auf Leitungen?"},
        {"role": "assistant", "content": None, "tool_calls": []},
        {"role": "user", "content": QUESTION, "name": "x"},
    ]
    assert content_of(complete(client, messages=messages)) == content_of(complete(client))


def test_what_clients_send_besides_is_ignored(client: httpx.Client) -> None:
    fields = {
        "temperature": 0.2, "top_p": 1, "max_tokens": 5, "stop": ["."], "seed": 1, "user": "x", "metadata": {"a": 1},
        "tools": [{"type": "function", "function": {"name": "f"}}], "tool_choice": "auto", "n": 1, "logprobs": False,
        "response_format": {"type": "text"}, "stream_options": None, "chat_id": "y", "features": {},
    }  # fmt: skip
    assert content_of(complete(client, **fields)) == content_of(complete(client))


@pytest.mark.parametrize(
    ("fields", "code", "param"),
    [
        ({"model": "gpt-5"}, "model_not_found", "model"),
        ({"model": None}, "invalid_request", "model"),
        ({"messages": []}, "invalid_request", "messages"),
        ({"messages": None}, "invalid_request", "messages"),
        ({"messages": [{"role": "user", "content": "x"}] * 1001}, "invalid_request", "messages"),
        ({"messages": [{"role": "user", "content": "x" * 201}]}, "invalid_question", "messages"),
        ({"messages": [{"role": "user", "content": "?"}]}, "invalid_question", "messages"),
        ({"messages": [{"role": "user", "content": []}]}, "invalid_question", "messages"),
        ({"messages": [{"role": "assistant", "content": "x"}]}, "invalid_question", "messages"),
        ({"messages": [{"content": "x"}]}, "invalid_request", "messages.0.role"),
        ({"n": 2}, "invalid_request", "n"),
        ({"logprobs": True}, "invalid_request", "logprobs"),
        ({"tool_choice": "required"}, "invalid_request", "tool_choice"),
        ({"tool_choice": {"type": "function", "function": {"name": "f"}}}, "invalid_request", "tool_choice"),
        ({"response_format": {"type": "json_object"}}, "invalid_request", "response_format.type"),
        ({"modalities": ["audio"]}, "invalid_request", "modalities.0"),
    ],
)
@pytest.mark.parametrize("stream", [False, True])
def test_what_cannot_be_given_is_refused_by_name(
    client: httpx.Client, fields: dict[str, Any], code: str, param: str, stream: bool
) -> None:
    reply = client.post(CHAT, json=body(stream=stream) | fields)
    error = refused(reply, 404 if code == "model_not_found" else 422, code, param)
    assert error["type"] == "invalid_request_error"


def test_errors_of_every_layer_have_openai_s_shape(client: httpx.Client, tmp_path: Path) -> None:
    refused(client.post(CHAT, content=b"{"), 415, "unsupported_content_type", "Content-Type")
    json_header = {"content-type": "application/json"}
    refused(client.post(CHAT, content=b"{", headers=json_header), 400, "invalid_json", None)
    refused(client.get(CHAT), 405, "method_not_allowed", None)
    refused(client.get("/v1/chat/nothing"), 404, "not_found", None)
    refused(client.post(CHAT, content=b" " * 2**21, headers=json_header), 413, "body_too_large", "body")
    refused(client.get("/v1/models", headers={"host": "evil.example"}), 421, "host_not_allowed", "Host")
    with service(settings_for(tmp_path, api_key="ein-langer-schluessel-0123456789")) as address:
        error = refused(httpx.get(f"{address}/v1/models"), 401, "unauthorized", "Authorization")
        assert error["type"] == "authentication_error"


def test_the_body_s_limits_are_named(client: httpx.Client) -> None:
    reply = client.post(CHAT, json=body("x" * 201))
    assert "201 characters, the limit is 200" in reply.json()["error"]["message"]


def test_an_abstention_is_a_sentence_with_links_and_ends_normally(tmp_path: Path) -> None:
    with (
        service(settings_for(tmp_path, abstain_threshold=1.0), ARTICLES) as address,
        httpx.Client(base_url=address) as own,
    ):
        for model in MODELS:
            reply = complete(own, model=model)
            text = content_of(reply)
            assert text.startswith("Die Artikel beantworten die Frage wohl nicht.\n\nAm nächsten kommen:\n\n- [")
            assert f"({address}/read/baidu-chips?start=0&end=" in text
            assert "annotations" not in reply["choices"][0]["message"]
            assert reply["choices"][0]["finish_reason"] == "stop"
            assert reply["fundstelle"]["outcome"] == "abstained"
            assert not {"citations", "search_results", "sources"} & set(reply)
        english = content_of(complete(own, "Which chips does Baidu build for its data centres?"))
        assert english.startswith("The nearest passages probably do not answer the question.\n\nWhat comes nearest:")


@pytest.mark.parametrize("model", MODELS)
def test_a_stream_adds_up_to_the_whole_reply(client: httpx.Client, model: str) -> None:
    whole = complete(client, model=model)
    parts = chunks(client, model, QUESTION, stream_options={"include_usage": True})
    assert {part["object"] for part in parts} == {"chat.completion.chunk"}
    assert len({(part["id"], part["created"], part["model"]) for part in parts}) == 1
    assert parts[0]["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    deltas = [choice["delta"] for part in parts for choice in part["choices"]]
    assert "".join(delta.get("content", "") for delta in deltas) == content_of(whole)
    assert deltas[-1].get("annotations") == whole["choices"][0]["message"].get("annotations")
    assert [choice["finish_reason"] for part in parts for choice in part["choices"]][-1] == "stop"
    assert parts[-1]["usage"] == whole["usage"] == {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}
    assert "usage" not in chunks(client, model, QUESTION)[-1]


def test_answers_are_counted_whole_or_streamed(client: httpx.Client) -> None:
    def answers() -> float:
        lines = client.get("/metrics").text.splitlines()
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith("fundstelle_answers_total"))

    before = answers()
    complete(client)
    chunks(client, "fundstelle", QUESTION)
    client.post("/v1/responses", json={"model": "fundstelle", "input": QUESTION})
    assert answers() == before + 3


def test_responses_are_the_same_answer(client: httpx.Client) -> None:
    whole = complete(client)
    for given_ in (QUESTION, [{"role": "user", "content": [{"type": "input_text", "text": QUESTION}]}]):
        reply = client.post("/v1/responses", json={"model": "fundstelle", "input": given_, "instructions": "Rhyme."})
        ResponsesResponse.model_validate_json(reply.content)
        (part,) = reply.json()["output"][0]["content"]
        assert part["text"] == content_of(whole)
        (note,) = part["annotations"]
        assert note == {"type": "url_citation"} | whole["choices"][0]["message"]["annotations"][0]["url_citation"]


def test_responses_are_streamed_as_numbered_events(client: httpx.Client) -> None:
    events = recorded(client, "/v1/responses", {"model": "fundstelle", "input": QUESTION, "stream": True})
    assert [event.json["sequence_number"] for event in events] == list(range(len(events)))
    assert [event.name for event in events] == [event.json["type"] for event in events]
    deltas = [event.json["delta"] for event in events if event.name == "response.output_text.delta"]
    done = events[-1].json["response"]
    assert "".join(deltas) == done["output"][0]["content"][0]["text"] == content_of(complete(client))
    notes = [event.json["annotation"] for event in events if event.name == "response.output_text.annotation.added"]
    assert notes == done["output"][0]["content"][0]["annotations"] != []
    refused(client.post("/v1/responses", json={"model": "x", "input": "y"}), 404, "model_not_found", "model")
    refused(client.post("/v1/responses", json={"model": "fundstelle", "input": "?"}), 422, "invalid_question", "input")


PATHS = create_app(Settings()).openapi()["paths"]
scalars = st.none() | st.booleans() | st.integers() | st.text(max_size=20)
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
)
messages = (
    st.lists(
        st.fixed_dictionaries(
            {"role": st.sampled_from(["user", "system", "assistant", "tool"]) | anything, "content": anything}
        ),
        max_size=3,
    )
    | anything
)
requests = st.fixed_dictionaries(
    {"model": st.sampled_from(list(MODELS)) | anything, "messages": messages, "input": messages | st.text(max_size=40)},
    optional=dict.fromkeys(("stream", "n", "tool_choice", "response_format", "stream_options", "logprobs"), anything),
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(requests | anything)
@pytest.mark.parametrize("path", [CHAT, "/v1/responses"])
def test_whatever_is_sent_the_reply_is_a_documented_one(client: httpx.Client, path: str, sent: Any) -> None:
    reply = client.post(path, content=json.dumps(sent), headers={"content-type": "application/json"})
    assert str(reply.status_code) in PATHS[path]["post"]["responses"], reply.text
    if reply.status_code != 200:
        assert reply.status_code < 500, reply.text
        assert OpenAIProblemOut.model_validate_json(reply.content).error.code in catalogue()
