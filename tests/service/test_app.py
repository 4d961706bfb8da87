from __future__ import annotations

import asyncio
import json
import logging
import re
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import BaseModel

from service import chat_schemas, examples, schemas
from service.app import create_app
from service.citations import verify_quote
from service.dialects.errors import speaks_openai
from service.engine import Engine
from service.problems import MEDIA_TYPE
from service.routes.common import Service
from service.settings import Settings
from service.uploads import from_json
from tests.fakes import HashingEncoder
from tests.service.articles import ARTICLES, service, settings_for, wait_until_ready
from tests.service.web_fakes import served


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in create_app(Settings()).openapi()["paths"].items():
        for method, operation in methods.items():
            yield method, path, operation


OPERATIONS = list(operations())
MODELS = vars(schemas) | vars(chat_schemas)
NAMES = [f"{method} {path}" for method, path, _ in OPERATIONS]


def resolve(schema: dict[str, Any]) -> list[type[BaseModel]]:
    return [MODELS[each["$ref"].rsplit("/", 1)[-1]] for each in schema.get("oneOf", [schema])]


def test_the_operations_are_these() -> None:
    assert sorted(NAMES) == [
        "delete /v1/documents/{doc_id}",
        "get /healthz",
        "get /metrics",
        "get /problems",
        "get /problems/{code}",
        "get /readyz",
        "get /v1/documents",
        "get /v1/documents/{doc_id}",
        "get /v1/models",
        "get /v1/models/{model}",
        "post /v1/ask",
        "post /v1/chat/completions",
        "post /v1/documents",
        "post /v1/responses",
        "post /v1/search",
        "post /v1/verify",
    ]


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS, ids=NAMES)
def test_every_operation_has_examples_that_are_valid(method: str, path: str, operation: dict[str, Any]) -> None:
    bodies = operation.get("requestBody", {}).get("content", {})
    assert (method == "post") == bool(bodies)
    if bodies:
        content = bodies["application/json"]
        for model in resolve(content["schema"])[:1]:
            model.model_validate(content["example"])
    answered = [response for status, response in operation["responses"].items() if status.startswith("2")]
    assert answered
    for response in answered:
        for kind, content in response["content"].items():
            if kind == "application/json":
                assert content["schema"], "a model describes it"
                (model,) = resolve(content["schema"])
                model.model_validate(content["example"])
            else:
                assert content["example"]


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS, ids=NAMES)
def test_every_operation_says_what_it_does_and_how_it_fails(method: str, path: str, operation: dict[str, Any]) -> None:
    assert operation["description"].endswith(".")
    for parameter in operation.get("parameters", []):
        assert parameter.get("description") or parameter["in"] == "path"
    for status, response in operation["responses"].items():
        if not status.startswith("2") and path != "/readyz":
            assert list(response["content"]) == ["application/json" if speaks_openai(path) else MEDIA_TYPE]
        for content in response["content"].values():
            resolved = content["schema"].get("$ref")
            assert resolved is None or resolved.rsplit("/", 1)[-1] in MODELS


def test_every_reference_of_the_description_leads_somewhere() -> None:
    schema = create_app(Settings()).openapi()
    known = schema["components"]["schemas"]
    assert set(re.findall(r"#/components/schemas/(\w+)", str(schema))) <= set(known)
    assert schema["info"]["version"] == version("fundstelle")


def test_the_examples_tell_the_truth_about_their_text() -> None:
    proof = examples.CITATION
    assert verify_quote(examples.TEXT, proof["quote"], proof["start"], proof["end"])
    assert examples.PASSAGE["text"] == examples.TEXT[examples.PASSAGE["start"] : examples.PASSAGE["end"]]
    assert examples.TEXT.isascii() or examples.QUOTE.isascii()  # else the three kinds of offset would differ
    schemas.ProblemOut.model_validate(examples.PROBLEM)


def test_documented_examples_work_against_a_real_service(tmp_path: Path) -> None:
    with service(settings_for(tmp_path)) as address, httpx.Client(base_url=address, timeout=30) as client:
        document = examples.DOCUMENT_IN | {"doc_id": examples.DOC_ID}
        assert client.post("/v1/documents", json=document).status_code == 201
        assert client.post("/v1/ask", json=examples.ASK_REQUEST).json()["citations"]
        assert client.post("/v1/search", json=examples.SEARCH_REQUEST).json()["passages"]
        assert client.post("/v1/verify", json=examples.VERIFY_REQUEST).json() == examples.VERIFY_RESPONSE


def test_health_readiness_and_metrics(client: httpx.Client) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    ready = client.get("/readyz")
    assert ready.status_code == 200
    body = schemas.ReadyResponse.model_validate_json(ready.content)
    assert body.ready
    assert set(body.checks) == {"store", "encoder", "index"}
    client.post("/v1/ask", json={"question": "Ein unverwechselbares Fragewort?"})
    client.post("/v1/ask", json={"question": ""})
    client.get("/healthz", headers={"host": "evil.example"})
    reply = client.get("/metrics")
    assert reply.headers["content-type"].startswith("text/plain")
    text = reply.text
    assert re.search(r'fundstelle_problems_total\{code="invalid_question"\} \d', text)
    assert re.search(r'fundstelle_problems_total\{code="host_not_allowed"\} \d', text)
    assert "fundstelle_documents 3.0" in text
    assert "fundstelle_passages 3.0" in text
    assert "fundstelle_index_behind 0.0" in text
    assert 'fundstelle_inputs_total{outcome="added"} 3.0' in text
    assert re.search(r'fundstelle_answers_total\{generator="extractive",outcome="\w+"\} \d', text)
    assert 'fundstelle_requests_total{method="POST",route="/v1/ask",status="200"}' in text
    assert 'fundstelle_stage_seconds_bucket{le="0.001",stage="dense"}' in text
    assert "unverwechselbar" not in text


def test_paths_nobody_serves_do_not_become_labels(client: httpx.Client) -> None:
    client.get("/geheim-1234")
    client.get("/v1/documents/auch-geheim")
    text = client.get("/metrics").text
    assert "geheim" not in text
    assert 'route="unmatched"' in text
    assert 'route="/v1/documents/{doc_id}"' in text


def test_two_apps_count_apart() -> None:
    first, second = (create_app(Settings()).state.service.telemetry for _ in range(2))
    first.removed()
    assert b"fundstelle_removed_documents_total 1.0" in first.exposition()
    assert b"fundstelle_removed_documents_total 0.0" in second.exposition()


def test_the_log_has_no_words_of_a_question(client: httpx.Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger="fundstelle"):
        client.post("/v1/ask", json={"question": "Ein unverwechselbares Fragewort?"}, headers={"x-request-id": "id-1"})
        client.get("/v1/documents", params={"q": "unverwechselbar"})
    lines = [record.getMessage() for record in caplog.records if record.name == "fundstelle.access"]
    assert any(re.fullmatch(r"POST '/v1/ask' 200 [\d.]+ ms request_id=id-1", line) for line in lines), lines
    assert "unverwechselbar" not in caplog.text


def test_a_surprise_is_a_problem_without_details(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    app = create_app(settings_for(tmp_path), encoder=HashingEncoder())
    with served(app) as address:
        wait_until_ready(address)
        behind: Service = app.state.service

        def broken(*_: object, **__: object) -> None:
            raise RuntimeError("geheimes Detail")

        behind.engine.ask = broken  # type: ignore[method-assign,assignment]
        reply = httpx.post(f"{address}/v1/ask", json={"question": "Wer?"})
    assert (reply.status_code, reply.json()["code"]) == (500, "internal_error")
    assert "geheimes Detail" not in reply.text
    assert reply.json()["request_id"] in caplog.text
    assert "geheimes Detail" in caplog.text


class SlowEncoder(HashingEncoder):
    """Waits for permission before it encodes a question."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = threading.Event()
        self.may = threading.Event()
        self.may.set()

    def encode_questions(self, texts: Any) -> Any:
        self.asked.set()
        self.may.wait(30)
        return super().encode_questions(texts)


def test_more_than_can_be_answered_is_refused_with_a_time_to_come_back(tmp_path: Path) -> None:
    encoder = SlowEncoder()
    app = create_app(settings_for(tmp_path, workers=1, max_waiting=1), encoder=encoder)
    with served(app) as address, ThreadPoolExecutor(2) as pool:
        wait_until_ready(address)
        httpx.post(f"{address}/v1/documents", json=ARTICLES[0], timeout=30)

        def ask() -> httpx.Response:
            return httpx.post(f"{address}/v1/ask", json={"question": "Was baut Baidu?"}, timeout=60)

        encoder.asked.clear()
        encoder.may.clear()
        held = [pool.submit(ask)]
        assert encoder.asked.wait(30)
        held.append(pool.submit(ask))
        deadline = time.monotonic() + 30
        while app.state.service.questions.pending < 2:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        refused = ask()
        assert (refused.status_code, refused.json()["code"]) == (503, "overloaded")
        assert int(refused.headers["retry-after"]) >= 1
        assert httpx.get(f"{address}/healthz").status_code == 200
        assert httpx.get(f"{address}/v1/documents").json()["total"] == 1
        encoder.may.set()
        assert [each.result().status_code for each in held] == [200, 200]


class SlowReader(HashingEncoder):
    """Waits for permission before it encodes passages."""

    def __init__(self) -> None:
        super().__init__()
        self.reading = threading.Event()
        self.may = threading.Event()
        self.may.set()

    def encode_with_sentences(self, *arguments: Any, **named: Any) -> Any:
        self.reading.set()
        self.may.wait(30)
        return super().encode_with_sentences(*arguments, **named)


def test_questions_go_on_while_documents_are_read(tmp_path: Path) -> None:
    encoder = SlowReader()
    with served(create_app(settings_for(tmp_path), encoder=encoder)) as address, ThreadPoolExecutor(1) as pool:
        wait_until_ready(address)
        httpx.post(f"{address}/v1/documents", json=ARTICLES[0], timeout=30)
        encoder.reading.clear()
        encoder.may.clear()
        sent = pool.submit(httpx.post, f"{address}/v1/documents", json=ARTICLES[1], timeout=60)
        assert encoder.reading.wait(30)
        question = {"question": "Was entwickelt Baidu?"}
        passages = httpx.post(f"{address}/v1/search", json=question, timeout=30).json()["passages"]
        assert [each["doc_id"] for each in passages] == ["baidu-chips"]
        assert not sent.done()
        encoder.may.set()
        assert sent.result().status_code == 201
        found = httpx.post(f"{address}/v1/search", json=question, timeout=30).json()["passages"]
        assert {each["doc_id"] for each in found} == {"baidu-chips", "tencent-vorrat"}


def test_what_another_process_stores_is_found(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    with service(settings, ARTICLES[:1]) as address:
        with Engine.open(settings, encoder=HashingEncoder()) as other:
            other.ingest(from_json(json.dumps(ARTICLES[1]).encode(), settings.limits))
            reply = httpx.post(f"{address}/v1/search", json={"question": "Was hat Tencent gekauft?"}).json()
            assert "tencent-vorrat" in [each["doc_id"] for each in reply["passages"]]
            other.remove("tencent-vorrat")
        reply = httpx.post(f"{address}/v1/search", json={"question": "Was hat Tencent gekauft?"}).json()
        assert [each["doc_id"] for each in reply["passages"]] == ["baidu-chips"]


def test_an_encoder_that_is_not_there_shows_in_readiness(tmp_path: Path) -> None:
    settings = settings_for(tmp_path / "data", encoder=str(tmp_path / "nowhere"))
    with served(create_app(settings)) as address:
        reply = httpx.get(f"{address}/readyz")
        for _ in range(200):
            if "nowhere" in reply.text:
                break
            threading.Event().wait(0.02)
            reply = httpx.get(f"{address}/readyz")
        assert reply.status_code == 503
        body = schemas.ReadyResponse.model_validate_json(reply.content)
        assert not body.checks["encoder"].ok
        assert "nowhere" in body.checks["encoder"].detail
        assert httpx.get(f"{address}/healthz").status_code == 200


def test_an_app_that_is_not_started_says_so() -> None:
    app = create_app(Settings())
    messages: list[dict[str, Any]] = []

    async def call() -> None:
        scope = {
            "type": "http", "method": "GET", "path": "/v1/documents", "query_string": b"",
            "headers": [(b"host", b"localhost")],
            "http_version": "1.1", "scheme": "http", "raw_path": b"/v1/documents", "root_path": "", "client": None,
            "server": ("localhost", 80),
        }  # fmt: skip

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            messages.append(message)

        await app(scope, receive, send)

    asyncio.run(call())
    assert messages[0]["status"] == 503
    assert b"store_unavailable" in messages[1]["body"]
