from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from service.schemas import DocumentsResponse, DocumentWithText, IngestResponse, RemovalResponse
from tests.service.articles import ARTICLES, service, settings_for

FOX = "Der Fuchs frisst am Abend vierzehn Mäuse und schläft danach bis zum Mittag."


@pytest.fixture
def own(tmp_path: Path) -> Iterator[httpx.Client]:
    """A service of this test's own, with small limits."""
    settings = settings_for(tmp_path, max_files=3, max_bytes=5000, max_characters=4000)
    with service(settings) as address, httpx.Client(base_url=address, timeout=30) as client:
        yield client


def ledger(reply: httpx.Response, status: int) -> list[dict[str, Any]]:
    assert reply.status_code == status, reply.text
    IngestResponse.model_validate_json(reply.content)
    body = reply.json()
    counts = body["counts"]
    assert counts["inputs"] == len(body["ledger"]) == sum(counts.values()) - counts["inputs"]
    for outcome in ("added", "unchanged", "replaced", "duplicate", "rejected"):
        assert counts[outcome] == sum(line["outcome"] == outcome for line in body["ledger"])
    lines: list[dict[str, Any]] = body["ledger"]
    return lines


def outcomes(reply: httpx.Response, status: int) -> list[str]:
    return [line["outcome"] for line in ledger(reply, status)]


def problem(reply: httpx.Response, status: int, code: str, field: str | None = None) -> dict[str, Any]:
    assert (reply.status_code, reply.headers["content-type"]) == (status, "application/problem+json"), reply.text
    body: dict[str, Any] = reply.json()
    assert body["code"] == code, body
    if field is not None:
        assert body["field"] == field, body
    return body


def found(client: httpx.Client, question: str) -> list[str]:
    passages = client.post("/v1/search", json={"question": question, "k": 20}).json()["passages"]
    return [each["doc_id"] for each in passages]


def test_one_document_is_added_unchanged_replaced(own: httpx.Client) -> None:
    document = {"doc_id": "fuchs", "title": "Fuchs", "text": FOX, "published": "2025-01-02", "metadata": {"a": "b"}}
    (line,) = ledger(own.post("/v1/documents", json=document), 201)
    assert (line["outcome"], line["doc_id"], line["passages"], line["language"]) == ("added", "fuchs", 1, "de")
    assert found(own, "Wie viele Mäuse frisst der Fuchs?") == ["fuchs"]
    assert outcomes(own.post("/v1/documents", json=document), 200) == ["unchanged"]
    changed = document | {"text": FOX.replace("vierzehn", "fünfzehn")}
    assert outcomes(own.post("/v1/documents", json=changed), 200) == ["replaced"]
    passages = own.post("/v1/search", json={"question": "Wie viele Mäuse?"}).json()["passages"]
    assert ["fünfzehn" in each["text"] for each in passages] == [True]
    stored = own.get("/v1/documents/fuchs").json()
    assert (stored["title"], stored["published"], stored["metadata"]) == ("Fuchs", "2025-01-02", {"a": "b"})


def test_the_same_words_under_another_id_are_a_duplicate(own: httpx.Client) -> None:
    own.post("/v1/documents", json={"doc_id": "a", "text": FOX})
    (line,) = ledger(own.post("/v1/documents", json={"doc_id": "b", "text": FOX}), 200)
    assert (line["outcome"], line["duplicate_of"]) == ("duplicate", "a")


def test_a_document_without_an_id_is_known_by_its_words_or_address(own: httpx.Client) -> None:
    (first,) = ledger(own.post("/v1/documents", json={"text": FOX, "title": "Fuchs"}), 201)
    assert outcomes(own.post("/v1/documents", json={"text": FOX, "title": "Fuchs"}), 200) == ["unchanged"]
    addressed = {"text": FOX + " Morgens nie.", "url": "https://wald.example/fuchs"}
    (second,) = ledger(own.post("/v1/documents", json=addressed), 201)
    assert first["doc_id"] != second["doc_id"]
    again = addressed | {"text": FOX + " Morgens oft."}
    (third,) = ledger(own.post("/v1/documents", json=again), 200)
    assert (third["outcome"], third["doc_id"]) == ("replaced", second["doc_id"])


def test_one_bad_document_among_several_spoils_nothing(own: httpx.Client) -> None:
    several = [
        {"doc_id": "gut-1", "text": FOX},
        {"doc_id": "schlecht", "text": 7},
        "kein Objekt",
        {"text": ""},
        {"doc_id": "böse/id", "text": FOX + " Nie."},
        {"doc_id": "datum", "text": FOX + " Heute.", "published": "gestern"},
        {"doc_id": "gut-2", "text": FOX + " Immer."},
        {"text": "lang " * 2000},
    ]
    lines = ledger(own.post("/v1/documents", json={"documents": several}), 201)
    assert [line["outcome"] for line in lines] == [
        "added", "rejected", "rejected", "rejected", "rejected", "rejected", "added", "rejected",
    ]  # fmt: skip
    assert [line["code"] for line in lines] == [
        None, "invalid_document", "invalid_document", "invalid_document", "invalid_document", "invalid_document", None,
        "document_too_large",
    ]  # fmt: skip
    assert all(line["reason"] for line in lines if line["outcome"] == "rejected")
    assert own.get("/v1/documents").json()["total"] == 2


def test_lines_of_json(own: httpx.Client) -> None:
    lines = [
        json.dumps({"doc_id": "a", "text": FOX}),
        "",
        "{kaputt",
        json.dumps({"doc_id": "b", "text": FOX + " Nie."}),
    ]
    reply = own.post(
        "/v1/documents", content="\r\n".join(lines).encode(), headers={"content-type": "application/x-ndjson"}
    )
    entries = ledger(reply, 201)
    assert [line["outcome"] for line in entries] == ["added", "rejected", "added"]
    assert "3" in entries[1]["uri"]


def test_files(own: httpx.Client) -> None:
    files = [
        ("files", ("fuchs.md", f"---\ntitle: Der Fuchs\nsource: Waldblatt\n---\n\n{FOX}\n".encode(), "text/markdown")),
        ("files", ("../../etc/hase.txt", "Der Hase läuft am Morgen über das Feld.".encode("latin-1"), "text/plain")),
        ("files", ("bild.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "image/png")),
    ]
    lines = ledger(own.post("/v1/documents", files=files, data={"language": "de"}), 201)
    assert [line["outcome"] for line in lines] == ["added", "added", "rejected"]
    assert lines[0]["title"] == "Der Fuchs"
    assert lines[2]["code"] == "unsupported_media_type"
    assert all("/" not in line["uri"] and ".." not in line["uri"] for line in lines)
    assert found(own, "Wann läuft der Hase über das Feld?")[0] == lines[1]["doc_id"]
    again = own.post("/v1/documents", files=files[:1])
    assert outcomes(again, 200) in (["unchanged"], ["replaced"])


def test_a_file_of_json_lines_is_many_documents(own: httpx.Client) -> None:
    content = "\n".join(json.dumps({"doc_id": f"d{n}", "text": f"{FOX} Und das {n} Mal."}) for n in range(3)).encode()
    lines = ledger(own.post("/v1/documents", files={"files": ("x.jsonl", content, "application/x-ndjson")}), 201)
    assert [line["doc_id"] for line in lines] == ["d0", "d1", "d2"]


def test_fields_of_a_form(own: httpx.Client) -> None:
    fields = {"doc_id": "fuchs", "title": "Titel", "published": "2025-02-03", "metadata": '{"ressort": "Wald"}'}
    files = {"files": ("f.txt", FOX.encode(), "text/plain")}
    ledger(own.post("/v1/documents", files=files, data=fields), 201)
    stored = own.get("/v1/documents/fuchs").json()
    assert (stored["title"], stored["published"]) == ("Titel", "2025-02-03")
    assert stored["metadata"]["ressort"] == "Wald"


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"titel": "x"}, "titel"),
        ({"metadata": "[]"}, "metadata"),
        ({"metadata": "{kaputt"}, "metadata"),
        ({"doc_id": "a/b"}, "doc_id"),
    ],
)
def test_bad_fields_of_a_form(own: httpx.Client, data: dict[str, str], field: str | None) -> None:
    reply = own.post("/v1/documents", files={"files": ("f.txt", FOX.encode())}, data=data)
    problem(reply, 422, "invalid_document", field)
    assert own.get("/v1/documents").json()["total"] == 0


def test_a_field_of_one_cannot_hold_for_two(own: httpx.Client) -> None:
    files = [("files", (name, FOX.encode())) for name in ("a.txt", "b.txt")]
    problem(own.post("/v1/documents", files=files, data={"doc_id": "x"}), 422, "invalid_document", "doc_id")


def test_too_many_files(own: httpx.Client) -> None:
    files = [("files", (f"{n}.txt", b"x")) for n in range(4)]
    assert problem(own.post("/v1/documents", files=files), 413, "document_too_large", "files")["limit"] == 3


def test_forms_that_are_none(own: httpx.Client) -> None:
    headers = {"content-type": "multipart/form-data; boundary=x"}
    problem(own.post("/v1/documents", content=b"no form", headers=headers), 400, "invalid_json")
    problem(own.post("/v1/documents", headers={"content-type": "multipart/form-data"}), 400, "invalid_json")
    empty = b'--x\r\ncontent-disposition: form-data; name="title"\r\n\r\nT\r\n--x--\r\n'
    problem(own.post("/v1/documents", content=empty, headers=headers), 422, "invalid_document", "files")


@pytest.mark.parametrize(
    ("body", "status", "code", "field"),
    [
        ({"text": ""}, 422, "invalid_document", "text"),
        ({"text": "Anzeige"}, 422, "empty_document", None),
        ({"title": "ohne Text"}, 422, "invalid_document", "text"),
        ({"text": FOX, "title": ["x"]}, 422, "invalid_document", "title"),
        ({"text": FOX, "published": "2025-02-30"}, 422, "invalid_document", "published"),
        ({"text": FOX, "metadata": {"a": []}}, 422, "invalid_document", "metadata"),
        ({"text": FOX, "metadata": "x"}, 422, "invalid_document", "metadata"),
        ({"text": FOX, "media_type": "application/pdf"}, 422, "invalid_document", "media_type"),
        ({"text": "lang " * 900}, 413, "document_too_large", "max_characters"),
        ({"text": "lang " * 2000}, 413, "document_too_large", "max_bytes"),
        ({"documents": []}, 422, "invalid_document", "documents"),
        ({"documents": {}}, 422, "invalid_document", "documents"),
        ({"documents": [{"text": FOX}], "text": FOX}, 422, "invalid_document", "documents"),
        ({"documents": [{"text": 7}]}, 422, "invalid_document", "text"),
        ([{"text": FOX}], 422, "invalid_document", "documents"),
    ],
)
def test_a_single_rejected_document_is_its_own_problem(
    own: httpx.Client, body: Any, status: int, code: str, field: str | None
) -> None:
    content = json.dumps(body).encode()
    reply = own.post("/v1/documents", content=content, headers={"content-type": "application/json"})
    problem(reply, status, code, field)
    assert own.get("/v1/documents").json()["total"] == 0


@pytest.mark.parametrize(("kind", "content"), [("application/json", b"{"), ("application/x-ndjson", b" \n")])
def test_nothing_to_read(own: httpx.Client, kind: str, content: bytes) -> None:
    reply = own.post("/v1/documents", content=content, headers={"content-type": kind})
    assert reply.status_code in (400, 422)
    assert reply.json()["code"] in ("invalid_json", "invalid_document")


def test_other_kinds_of_body_are_refused(own: httpx.Client) -> None:
    reply = own.post("/v1/documents", content=FOX.encode(), headers={"content-type": "text/plain"})
    problem(reply, 415, "unsupported_content_type", "Content-Type")


def test_what_is_removed_is_gone_everywhere(own: httpx.Client) -> None:
    several = [{"doc_id": "fuchs", "text": FOX}, {"doc_id": "hase", "text": "Der Hase läuft am Morgen über das Feld."}]
    own.post("/v1/documents", json={"documents": several})
    assert set(found(own, "Fuchs und Hase am Morgen")) == {"fuchs", "hase"}
    reply = own.delete("/v1/documents/fuchs")
    RemovalResponse.model_validate_json(reply.content)
    receipt = reply.json()
    assert (receipt["doc_id"], receipt["passages_removed"]) == ("fuchs", 1)
    assert (receipt["dense_hits"], receipt["lexical_hits"]) == (0, 0)
    assert found(own, FOX) == ["hase"]
    answer = own.post("/v1/ask", json={"question": "Wie viele Mäuse frisst der Fuchs am Abend?"}).json()
    assert {each["doc_id"] for each in answer["citations"] + answer["passages"]} <= {"hase"}
    problem(own.get("/v1/documents/fuchs"), 404, "document_not_found", "doc_id")
    problem(own.delete("/v1/documents/fuchs"), 404, "document_not_found", "doc_id")
    problem(own.post("/v1/verify", json={"doc_id": "fuchs", "quote": "Fuchs"}), 404, "document_not_found")
    assert own.get("/v1/documents").json()["total"] == 1


def test_the_last_document_can_go_and_another_come(own: httpx.Client) -> None:
    own.post("/v1/documents", json={"doc_id": "fuchs", "text": FOX})
    assert own.delete("/v1/documents/fuchs").status_code == 200
    assert found(own, FOX) == []
    assert own.post("/v1/ask", json={"question": "Was frisst der Fuchs?"}).json()["outcome"] == "abstained"
    assert outcomes(own.post("/v1/documents", json={"doc_id": "fuchs", "text": FOX}), 201) == ["added"]
    assert found(own, FOX) == ["fuchs"]


def test_an_empty_store_abstains(own: httpx.Client) -> None:
    reply = own.post("/v1/ask", json={"question": "Was frisst der Fuchs?"}).json()
    assert (reply["outcome"], reply["passages"]) == ("abstained", [])
    assert reply["reason"]
    assert own.post("/v1/search", json={"question": "Was frisst der Fuchs?"}).json()["passages"] == []


def test_reading_one(client: httpx.Client) -> None:
    reply = client.get("/v1/documents/baidu-chips")
    DocumentWithText.model_validate_json(reply.content)
    stored = reply.json()
    assert {name: stored[name] for name in ("title", "source", "published", "language", "url")} == {
        name: ARTICLES[0][name] for name in ("title", "source", "published", "language", "url")
    }
    assert stored["text"] == unicodedata.normalize("NFC", stored["text"])
    assert stored["characters"] == len(stored["text"])
    assert "passages" not in stored
    passages = client.get("/v1/documents/baidu-chips", params={"passages": True}).json()["passages"]
    assert len(passages) == stored["passage_count"]
    assert all(0 <= each["start"] < each["end"] <= len(stored["text"]) for each in passages)


def listed(client: httpx.Client, **params: Any) -> list[str]:
    reply = client.get("/v1/documents", params=params)
    assert reply.status_code == 200, reply.text
    DocumentsResponse.model_validate_json(reply.content)
    return [each["doc_id"] for each in reply.json()["documents"]]


def test_listing(client: httpx.Client) -> None:
    assert listed(client) == ["tencent-vorrat", "baidu-chips", "grid"]
    assert listed(client, limit=1, offset=1) == ["baidu-chips"]
    assert listed(client, offset=3) == []
    assert listed(client, q="vorrat") == ["tencent-vorrat"]
    assert listed(client, source="Nordblatt") == ["baidu-chips", "grid"]
    assert listed(client, source=["Nordblatt", "Südblatt"], language="de") == ["tencent-vorrat", "baidu-chips"]
    assert listed(client, published_from="2025-06-01") == ["tencent-vorrat"]
    assert listed(client, published_to="2025-06-01") == ["baidu-chips"]
    assert client.get("/v1/documents", params={"limit": 1}).json()["total"] == 3


@pytest.mark.parametrize(
    ("params", "field", "limit"),
    [
        ({"limit": 0}, "limit", 1),
        ({"limit": 501}, "limit", 500),
        ({"offset": -1}, "offset", 0),
        ({"limit": "x"}, "limit", None),
        ({"q": "x" * 201}, "q", 200),
        ({"published_from": "2025"}, "published_from", None),
        ({"language": "deutsch"}, "languages", None),
    ],
)
def test_bad_listings(client: httpx.Client, params: dict[str, Any], field: str, limit: int | None) -> None:
    body = problem(client.get("/v1/documents", params=params), 422, "invalid_request", field)
    assert body.get("limit") == limit
