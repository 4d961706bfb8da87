"""Whatever is sent, the answer is a documented one: never a surprise, always a problem document with a known code."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.app import create_app
from service.problems import MEDIA_TYPE, catalogue
from service.settings import Settings
from tests.service.articles import ARTICLES

QUIET = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
PATHS = create_app(Settings()).openapi()["paths"]

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30)
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
)
names = st.sampled_from(["Nordblatt", "de", "en", "grid", "2025-05-21", "2025-13-01", ""]) | st.text(max_size=10)
filters = st.fixed_dictionaries(
    {},
    optional={
        name: anything | st.lists(names, max_size=3) | names
        for name in (
            "sources", "source", "languages", "language", "doc_ids", "doc_id", "published_from", "published_to",
        )
    },
)  # fmt: skip
questions = st.fixed_dictionaries(
    {"question": st.text(max_size=250) | st.sampled_from(["Was baut Baidu?", "Chips & Strom", "AND OR NOT (", "*"])},
    optional={
        "k": st.integers(-1, 25) | anything,
        "filters": filters | anything,
        "language": st.sampled_from(["de", "en"]) | anything,
    },
)
places = st.fixed_dictionaries(
    {"doc_id": st.sampled_from([each["doc_id"] for each in ARTICLES]) | st.text(max_size=20), "quote": st.text()},
    optional={"start": st.integers() | anything, "end": st.integers() | anything, "sha256": st.text() | anything},
)


def check(reply: httpx.Response, method: str, path: str) -> None:
    documented = PATHS[path][method]["responses"]
    assert str(reply.status_code) in documented, reply.text
    if reply.status_code >= 400:
        assert reply.status_code < 500, reply.text
        assert reply.headers["content-type"] == MEDIA_TYPE
        assert reply.json()["code"] in catalogue()


def post(client: httpx.Client, path: str, body: Any) -> httpx.Response:
    return client.post(path, content=json.dumps(body), headers={"content-type": "application/json"})


@QUIET
@given(body=questions | anything)
@pytest.mark.parametrize("path", ["/v1/ask", "/v1/search"])
def test_questions(client: httpx.Client, path: str, body: Any) -> None:
    check(post(client, path, body), "post", path)


@QUIET
@given(body=places | anything)
def test_quotes(client: httpx.Client, body: Any) -> None:
    check(post(client, "/v1/verify", body), "post", "/v1/verify")


@QUIET
@given(content=st.binary(max_size=200))
@pytest.mark.parametrize("path", ["/v1/ask", "/v1/search", "/v1/verify"])
def test_bytes(client: httpx.Client, path: str, content: bytes) -> None:
    check(client.post(path, content=content, headers={"content-type": "application/json"}), "post", path)


@QUIET
@given(
    params=st.dictionaries(
        st.sampled_from(["limit", "offset", "q", "source", "language", "published_from", "published_to", "x"]),
        st.text(max_size=20) | st.integers(),
    )
)
def test_listings(client: httpx.Client, params: dict[str, Any]) -> None:
    encoded = "&".join(f"{name}={quote(str(value), errors='replace')}" for name, value in params.items())
    check(client.get(f"/v1/documents?{encoded}"), "get", "/v1/documents")


@QUIET
@given(doc_id=st.text(min_size=1, max_size=40).filter(lambda text: "/" not in text and text not in (".", "..")))
def test_ids(client: httpx.Client, doc_id: str) -> None:
    escaped = quote(doc_id, safe="", errors="replace")
    check(client.get(f"/v1/documents/{escaped}"), "get", "/v1/documents/{doc_id}")
    if doc_id not in {each["doc_id"] for each in ARTICLES}:
        check(client.delete(f"/v1/documents/{escaped}"), "delete", "/v1/documents/{doc_id}")


documents = st.fixed_dictionaries(
    {"text": anything},  # a text that is one would be stored in the service that the other tests read from
    optional={"doc_id": anything, "title": anything, "published": anything, "metadata": anything},
).filter(lambda body: not isinstance(body["text"], str))


@QUIET
@given(body=documents | st.fixed_dictionaries({"documents": st.lists(documents, min_size=1, max_size=3)}))
def test_documents(client: httpx.Client, body: Any) -> None:
    check(post(client, "/v1/documents", body), "post", "/v1/documents")


@QUIET
@given(content=st.binary(max_size=300))
@pytest.mark.parametrize("kind", ["multipart/form-data; boundary=x", "application/json", "application/x-ndjson"])
def test_bodies(client: httpx.Client, kind: str, content: bytes) -> None:
    framed = b'--x\r\ncontent-disposition: form-data; name="' + content if kind.startswith("multi") else content
    check(client.post("/v1/documents", content=framed, headers={"content-type": kind}), "post", "/v1/documents")
