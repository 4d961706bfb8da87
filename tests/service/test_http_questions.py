from __future__ import annotations

import hashlib
import json
import math
from typing import Any

import httpx
import pytest

from service.schemas import AskResponse, SearchResponse, VerifyResponse
from tests.service.articles import ARTICLES

TEXTS = {each["doc_id"]: each["text"] for each in ARTICLES}


def ask(client: httpx.Client, question: str, **fields: Any) -> dict[str, Any]:
    reply = client.post("/v1/ask", json={"question": question, **fields})
    assert reply.status_code == 200, reply.text
    assert "total;dur=" in reply.headers["server-timing"]
    assert reply.headers["cache-control"] == "no-store"
    AskResponse.model_validate_json(reply.content)
    return reply.json()


def search(client: httpx.Client, question: str, **fields: Any) -> list[dict[str, Any]]:
    reply = client.post("/v1/search", json={"question": question, **fields})
    assert reply.status_code == 200, reply.text
    SearchResponse.model_validate_json(reply.content)
    passages: list[dict[str, Any]] = reply.json()["passages"]
    return passages


def refused(reply: httpx.Response, field: str | None, *, code: str = "invalid_question", status: int = 422) -> Any:
    assert (reply.status_code, reply.headers["content-type"]) == (status, "application/problem+json"), reply.text
    body = reply.json()
    assert (body["code"], body.get("field")) == (code, field), body
    return body.get("limit")


def test_an_answer_is_proved_by_the_stored_text(client: httpx.Client) -> None:
    reply = ask(client, "Welche Chips entwickelt Baidu für seine Rechenzentren?")
    assert reply["outcome"] == "answered"
    assert reply["citations"]
    for number, proof in enumerate(reply["citations"], start=1):
        stored = client.get(f"/v1/documents/{proof['doc_id']}").json()
        text = stored["text"]
        assert proof["number"] == number
        assert f"[{number}]" in reply["answer"]
        assert text[proof["start"] : proof["end"]] == proof["quote"] != ""
        utf16 = text.encode("utf-16-le")[2 * proof["utf16_start"] : 2 * proof["utf16_end"]]
        assert utf16.decode("utf-16-le") == proof["quote"]
        assert text.encode()[proof["byte_start"] : proof["byte_end"]].decode() == proof["quote"]
        assert proof["sha256"] == stored["sha256"] == hashlib.sha256(text.encode()).hexdigest()
        verified = client.post(
            "/v1/verify", json={name: proof[name] for name in ("doc_id", "quote", "start", "end", "sha256")}
        )
        assert verified.json()["verified"] is True


def test_passages_are_ranked_and_stand_where_they_say(client: httpx.Client) -> None:
    passages = search(client, "Wann erwartet der Netzbetreiber die Leitung?", k=3)
    assert [each["rank"] for each in passages] == list(range(1, len(passages) + 1))
    assert [each["score"] for each in passages] == sorted((each["score"] for each in passages), reverse=True)
    assert len({each["passage_id"] for each in passages}) == len(passages)
    for each in passages:
        text = client.get(f"/v1/documents/{each['doc_id']}").json()["text"]
        assert text[each["start"] : each["end"]] == each["text"]
        assert all(math.isfinite(each[leg]) for leg in ("dense", "lexical") if each[leg] is not None)


def test_ask_shows_the_same_objects_as_search(client: httpx.Client) -> None:
    question = "Was hat Tencent gekauft?"
    assert ask(client, question, k=2)["passages"] == search(client, question, k=2)


@pytest.mark.parametrize("k", [1, 2, 3])
def test_k_passages_come_back(client: httpx.Client, k: int) -> None:
    assert len(search(client, "Rechenzentren", k=k)) == k


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"sources": ["Südblatt"]}, {"tencent-vorrat"}),
        ({"source": "Nordblatt"}, {"baidu-chips", "grid"}),
        ({"languages": ["en"]}, {"grid"}),
        ({"language": "de", "published_from": "2025-06-01"}, {"tencent-vorrat"}),
        ({"published_to": "2025-05-21"}, {"baidu-chips"}),
        ({"doc_id": "grid", "doc_ids": ["baidu-chips"]}, {"grid", "baidu-chips"}),
        ({"sources": ["Westblatt"]}, set()),
        ({"sources": [], "published_from": None}, {"baidu-chips", "tencent-vorrat", "grid"}),
        (None, {"baidu-chips", "tencent-vorrat", "grid"}),
    ],
)
def test_filters(client: httpx.Client, filters: dict[str, Any] | None, expected: set[str]) -> None:
    passages = search(client, "Baidu Tencent Rechenzentren grid operator", k=20, filters=filters)
    assert {each["doc_id"] for each in passages} == expected


def test_nothing_that_filters_allow_is_an_abstention(client: httpx.Client) -> None:
    reply = ask(client, "Was baut Baidu?", filters={"sources": ["Westblatt"]})
    assert (reply["outcome"], reply["answer"], reply["citations"]) == ("abstained", "", [])
    assert reply["reason"]


def test_the_question_is_cleaned_and_its_language_found_or_taken(client: httpx.Client) -> None:
    assert ask(client, " Was\n baut\u200b\tBaidu? ")["question"] == "Was baut Baidu?"
    assert ask(client, "Was baut Baidu?")["language"] == "de"
    assert ask(client, "What does the operator expect?")["language"] == "en"
    assert ask(client, "Baidu", language="en")["language"] == "en"


@pytest.mark.parametrize("path", ["/v1/ask", "/v1/search"])
@pytest.mark.parametrize(
    ("body", "field", "limit"),
    [
        ({}, "question", None),
        ({"question": None}, "question", None),
        ({"question": 7}, "question", None),
        ({"question": "  "}, "question", None),
        ({"question": "a" * 201}, "question", 200),
        ({"question": "Wer?", "k": 0}, "k", 1),
        ({"question": "Wer?", "k": 21}, "k", 20),
        ({"question": "Wer?", "k": "viele"}, "k", None),
        ({"question": "Wer?", "k": True}, "k", None),
        ({"question": "Wer?", "language": "fr"}, "language", None),
        ({"question": "Wer?", "filter": {}}, "filter", None),
        ({"question": "Wer?", "filters": {"sauce": "x"}}, "filters.sauce", None),
        ({"question": "Wer?", "filters": {"sources": [1]}}, "filters.sources.0", None),
        ({"question": "Wer?", "filters": {"source": 1}}, "filters.source", None),
        ({"question": "Wer?", "filters": {"published_from": "gestern"}}, "filters.published_from", None),
        ({"question": "Wer?", "filters": {"doc_ids": ["x"] * 1001}}, "filters.doc_ids", 1000),
        ({"question": "Wer?", "filters": "alle"}, "filters", None),
        ([], "body", None),
    ],
)
def test_bad_questions_name_field_and_limit(
    client: httpx.Client, path: str, body: Any, field: str, limit: int | None
) -> None:
    assert refused(client.post(path, json=body), field) == limit


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b'{"question": "a}', b"[" * 100_000])
def test_what_is_not_json_is_said_not_to_be(client: httpx.Client, content: bytes) -> None:
    reply = client.post("/v1/ask", content=content, headers={"content-type": "application/json"})
    if content:
        refused(reply, None, code="invalid_json", status=400)
    else:
        refused(reply, "body")


def test_surrogates_do_no_harm(client: httpx.Client) -> None:
    reply = client.post(
        "/v1/ask", content=b'{"question": "Was \\ud800 baut Baidu?"}', headers={"content-type": "application/json"}
    )
    assert reply.json()["question"] == "Was baut Baidu?"


def verify(client: httpx.Client, **body: Any) -> dict[str, Any]:
    reply = client.post("/v1/verify", json=body)
    assert reply.status_code == 200, reply.text
    VerifyResponse.model_validate_json(reply.content)
    return reply.json()


def test_verify_says_where_a_quote_stands(client: httpx.Client) -> None:
    text = client.get("/v1/documents/baidu-chips").json()["text"]
    at = text.index("30.000")
    right = verify(client, doc_id="baidu-chips", quote="30.000", start=at, end=at + 6)
    assert (right["verified"], right["found"]) == (True, "30.000")
    assert right["occurrences"] == [{"start": at, "end": at + 6}]
    moved = verify(client, doc_id="baidu-chips", quote="30.000", start=at + 1, end=at + 7)
    assert (moved["verified"], moved["found"]) == (False, "0.000 ")
    assert verify(client, doc_id="baidu-chips", quote="30.000")["verified"] is True
    assert verify(client, doc_id="baidu-chips", quote="40.000")["verified"] is False
    assert verify(client, doc_id="baidu-chips", quote="x", start=9**9, end=9**9 + 1)["verified"] is False
    places = verify(client, doc_id="baidu-chips", quote="Chips")["occurrences"]
    assert [text[each["start"] : each["end"]] for each in places] == ["Chips"] * text.count("Chips")


def test_verify_notices_another_text(client: httpx.Client) -> None:
    known = client.get("/v1/documents/baidu-chips").json()
    same = verify(client, doc_id="baidu-chips", quote="Baidu", sha256=known["sha256"].upper())
    assert (same["verified"], same["sha256_matches"]) == (True, True)
    other = verify(client, doc_id="baidu-chips", quote="Baidu", sha256="0" * 64)
    assert (other["verified"], other["sha256_matches"]) == (False, False)


@pytest.mark.parametrize(
    ("body", "code", "status", "field"),
    [
        ({"doc_id": "nichts", "quote": "x"}, "document_not_found", 404, "doc_id"),
        ({"doc_id": "grid", "quote": ""}, "invalid_request", 422, "quote"),
        ({"doc_id": "grid", "quote": "x", "start": 1}, "invalid_request", 422, "end"),
        ({"doc_id": "grid", "quote": "x", "start": -1, "end": 1}, "invalid_request", 422, "start"),
        ({"quote": "x"}, "invalid_request", 422, "doc_id"),
    ],
)
def test_what_cannot_be_verified(
    client: httpx.Client, body: dict[str, Any], code: str, status: int, field: str
) -> None:
    refused(client.post("/v1/verify", json=body), field, code=code, status=status)


def test_many_questions_at_once_get_the_same_answers(client: httpx.Client, site: str) -> None:
    from concurrent.futures import ThreadPoolExecutor

    questions = ["Was baut Baidu?", "Was hat Tencent gekauft?", "Who objected to the plan?"] * 8

    def answer(question: str) -> str:
        reply = httpx.post(f"{site}/v1/ask", json={"question": question}, timeout=30).json()
        return json.dumps([reply["answer"], reply["passages"]])

    alone = {question: answer(question) for question in set(questions)}
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(answer, questions))
    assert together == [alone[question] for question in questions]
