from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from service.guard import SECURITY_HEADERS, SMALL_BODY_BYTES
from tests.service.articles import ARTICLES, service, settings_for

KEY = "ein-langer-schluessel-0123456789"
QUESTION = {"question": "Was baut Baidu?"}


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service with a key and a small limit on bodies."""
    settings = settings_for(tmp_path_factory.mktemp("data"), api_key=KEY, max_body_bytes=20_000)
    with service(settings, ARTICLES) as address:
        yield address


def refused(reply: httpx.Response, status: int, code: str) -> dict[str, object]:
    assert reply.status_code == status, reply.text
    assert reply.headers["content-type"] == "application/problem+json"
    body: dict[str, object] = reply.json()
    assert (body["code"], body["status"], body["type"]) == (code, status, f"/problems/{code}")
    assert body["request_id"] == reply.headers["x-request-id"]
    return body


@pytest.mark.parametrize("path", ["/", "/healthz", "/v1/documents", "/v1/nichts", "/static/app.js"])
def test_every_response_carries_the_security_headers(client: httpx.Client, path: str) -> None:
    reply = client.get(path)
    for name in SECURITY_HEADERS:
        assert reply.headers.get_list(name), name
        assert len(reply.headers.get_list(name)) == 1, name
    policy = reply.headers["content-security-policy"]
    for part in ("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"):
        assert part in policy
    assert "unsafe" not in policy
    assert "access-control-allow-origin" not in reply.headers
    assert "server" not in reply.headers or "uvicorn" not in reply.headers["server"] or path


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/ask"),
        ("POST", "/v1/search"),
        ("POST", "/v1/verify"),
        ("POST", "/v1/documents"),
        ("GET", "/v1/documents"),
        ("GET", "/v1/documents/grid"),
        ("DELETE", "/v1/documents/grid"),
        ("GET", "/metrics"),
        ("GET", "/v1/nothing"),
        ("GET", "/v1"),
    ],
)
def test_the_key_is_asked_for_on_everything_private(locked: str, method: str, path: str) -> None:
    for headers in ({}, {"authorization": "Bearer wrong"}, {"authorization": f"Basic {KEY}"}, {"x-api-key": KEY[:-1]}):
        reply = httpx.request(method, locked + path, headers=headers)
        refused(reply, 401, "unauthorized")
        assert reply.headers["www-authenticate"].startswith("Bearer")


def test_either_header_opens(locked: str) -> None:
    for headers in ({"authorization": f"Bearer {KEY}"}, {"authorization": f"bearer  {KEY}"}, {"x-api-key": KEY}):
        assert httpx.get(f"{locked}/v1/documents", headers=headers).json()["total"] == 3
        assert httpx.get(f"{locked}/metrics", headers=headers).status_code == 200


@pytest.mark.parametrize("path", ["/", "/healthz", "/readyz", "/openapi.json", "/problems"])
def test_what_holds_no_articles_opens_without_the_key(locked: str, path: str) -> None:
    assert httpx.get(locked + path).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "", "[::1", "0.0.0.0"])
def test_other_hosts_are_refused(client: httpx.Client, host: str) -> None:
    refused(client.get("/v1/documents", headers={"host": host}), 421, "host_not_allowed")


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1:8000", "[::1]:8000", "127.1.2.3"])
def test_names_of_this_machine_are_not(client: httpx.Client, host: str) -> None:
    assert client.get("/healthz", headers={"host": host}).status_code == 200


def test_further_hosts_can_be_named(tmp_path: Path) -> None:
    with service(settings_for(tmp_path, allowed_hosts=("news.example",))) as address:
        assert httpx.get(f"{address}/healthz", headers={"host": "News.Example:443"}).status_code == 200
        refused(httpx.get(f"{address}/healthz", headers={"host": "other.example"}), 421, "host_not_allowed")


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:1"},
        {"origin": "http://[::1"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_pages_of_other_sites_cannot_change_anything(client: httpx.Client, headers: dict[str, str]) -> None:
    refused(client.delete("/v1/documents/grid", headers=headers), 403, "cross_origin_refused")
    files = {"files": ("x.txt", b"Ein Satz.")}
    refused(client.post("/v1/documents", files=files, headers=headers), 403, "cross_origin_refused")
    assert client.get("/v1/documents/grid").status_code == 200


def test_the_service_s_own_pages_can(client: httpx.Client, site: str) -> None:
    headers = {"origin": site, "sec-fetch-site": "same-origin"}
    assert client.post("/v1/ask", json=QUESTION, headers=headers).status_code == 200


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
@pytest.mark.parametrize("path", ["/v1/ask", "/v1/search", "/v1/verify"])
def test_json_must_be_said_to_be_json(client: httpx.Client, path: str, kind: str) -> None:
    headers = {"content-type": kind} if kind else {}
    body = refused(client.post(path, content=json.dumps(QUESTION), headers=headers), 415, "unsupported_content_type")
    assert body["field"] == "Content-Type"


def test_json_with_a_charset_is_json(client: httpx.Client) -> None:
    headers = {"content-type": "Application/JSON; charset=utf-8"}
    assert client.post("/v1/ask", content=json.dumps(QUESTION), headers=headers).status_code == 200


def test_a_body_above_the_limit_is_refused_by_its_announced_length(client: httpx.Client) -> None:
    content = b" " * (SMALL_BODY_BYTES + 1)
    reply = client.post("/v1/ask", content=content, headers={"content-type": "application/json"})
    assert refused(reply, 413, "body_too_large")["limit"] == SMALL_BODY_BYTES


@pytest.mark.parametrize("kind", ["application/json", "application/x-ndjson", "multipart/form-data; boundary=x"])
def test_a_body_above_the_limit_is_refused_without_an_announced_length(locked: str, kind: str) -> None:
    parts = urlsplit(locked)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    headers = {"content-type": kind, "authorization": f"Bearer {KEY}", "transfer-encoding": "chunked"}
    opening = b'--x\r\ncontent-disposition: form-data; name="files"; filename="a.txt"\r\n\r\n'
    chunks = [opening if "multipart" in kind else b"  ", *[b" " * 1000] * 40]
    connection.request("POST", "/v1/documents", body=iter(chunks), headers=headers, encode_chunked=True)
    reply = connection.getresponse()
    body = json.loads(reply.read())
    connection.close()
    assert (reply.status, body["code"], body["limit"]) == (413, "body_too_large", 20_000)


def test_a_body_within_the_limit_passes_without_an_announced_length(locked: str) -> None:
    reply = httpx.post(
        f"{locked}/v1/ask",
        content=iter([b'{"question"', b': "Was baut Baidu?"}']),
        headers={"content-type": "application/json", "x-api-key": KEY},
    )
    assert reply.status_code == 200


def test_request_ids_are_kept_where_they_are_harmless(client: httpx.Client) -> None:
    assert client.get("/healthz", headers={"x-request-id": "abc-1.2_3"}).headers["x-request-id"] == "abc-1.2_3"
    for bad in ("a b", "x" * 65, "<script>", "ä"):
        given = client.get("/healthz", headers={"x-request-id": bad.encode()}).headers["x-request-id"]
        assert len(given) == 32
        assert given != bad


def test_no_asset_comes_from_elsewhere(client: httpx.Client) -> None:
    refused(client.get("/docs"), 404, "not_found")
    refused(client.get("/redoc"), 404, "not_found")
    assert client.get("/openapi.json").json()["openapi"].startswith("3.")
