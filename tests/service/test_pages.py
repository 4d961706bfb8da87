"""The page's files: what is served, with which headers, and that nothing else can be reached."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from pathlib import Path
from typing import NamedTuple

import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st

import service
from service.answering import CHANGED, NO_DOCUMENTS
from service.extractive import NOTHING_FOUND, UNLIKELY
from service.routes.pages import CONTENT_SECURITY_POLICY, router, web_files

WEB = Path(service.__file__).parent / "web"
HTML = "text/html; charset=utf-8"
JAVASCRIPT = "text/javascript; charset=utf-8"


class Reply(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


def get(path: str, *, method: str = "GET", headers: dict[str, str] | None = None) -> Reply:
    """One request spoken in ASGI, so that no client tidies the path up before the router sees it."""
    app = FastAPI()
    app.include_router(router)
    sent = []

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()],
        "server": ("127.0.0.1", 80),
        "client": ("127.0.0.1", 1),
    }
    asyncio.run(app(scope, receive, send))
    found = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return Reply(sent[0]["status"], found, b"".join(message.get("body", b"") for message in sent[1:]))


@pytest.mark.parametrize(
    ("path", "name", "media_type"),
    [
        ("/", "index.html", HTML),
        ("/read/baidu-full-stack", "read.html", HTML),
        ("/read/a:b.c_d-1", "read.html", HTML),
        ("/read/<script>", "read.html", HTML),
        ("/static/app.js", "app.js", JAVASCRIPT),
        ("/static/app.css", "app.css", "text/css; charset=utf-8"),
        ("/static/icon.svg", "icon.svg", "image/svg+xml"),
    ],
)
def test_a_file_is_served_as_it_lies_in_the_package(path, name, media_type):
    reply = get(path)
    content = (WEB / name).read_bytes()
    assert (reply.status, reply.body) == (200, content)
    assert reply.headers["content-type"] == media_type
    assert reply.headers["content-length"] == str(len(content))
    assert reply.headers["etag"] == f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    assert reply.headers["cache-control"] == "no-cache"
    assert reply.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
    assert reply.headers["x-content-type-options"] == "nosniff"


def test_every_file_of_the_folder_is_known():
    assert sorted(web_files()) == sorted(path.name for path in WEB.iterdir())


@pytest.mark.parametrize("sent", ["{}", "W/{}", '"other", {}', '"a",{} , "b"', "*"])
def test_a_copy_that_is_fresh_is_not_sent_again(sent):
    etag = get("/static/app.js").headers["etag"]
    reply = get("/static/app.js", headers={"If-None-Match": sent.format(etag)})
    assert (reply.status, reply.body) == (304, b"")
    assert reply.headers["etag"] == etag
    assert reply.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("sent", ["", '"other"', "W/", "app.js"])
def test_a_copy_that_is_stale_is_sent_anew(sent):
    assert get("/static/app.js", headers={"If-None-Match": sent}).status == 200


def test_head_answers_like_get():
    assert get("/", method="HEAD").headers == get("/").headers


def test_nothing_can_be_sent_to_a_page():
    assert get("/", method="POST").status == 405
    assert get("/static/app.js", method="DELETE").status == 405


@pytest.mark.parametrize(
    "path",
    [
        "/static/",
        "/static/missing.js",
        "/static/../routes/pages.py",
        "/static/..\\routes\\pages.py",
        "/static//etc/passwd",
        "/static/./app.js",
        "/static/app.js/",
        "/static/app.js\x00",
        "/static/APP.JS",
        "/static/index.html",
        "/static/read.html",
        "/read/",
        "/read/a/b",
    ],
)
def test_what_is_no_file_of_the_page_is_not_found(path):
    assert get(path).status == 404


@given(st.text(max_size=40).map(lambda rest: f"/static/{rest}"))
def test_no_path_reaches_anything_but_the_files(path):
    reply = get(path)
    name = path.removeprefix("/static/")
    known = web_files().get(name)
    if known is None or name.endswith(".html"):
        assert reply.status == 404
    else:
        assert reply.body == known.content


def test_the_policy_allows_no_inline_code_and_no_other_host():
    rules = dict(rule.split(" ", 1) for rule in CONTENT_SECURITY_POLICY.split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == rules["connect-src"] == "'self'"
    assert rules["require-trusted-types-for"] == "'script'"
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert "http" not in CONTENT_SECURITY_POLICY


@pytest.mark.parametrize("name", ["index.html", "read.html"])
def test_the_markup_keeps_to_the_policy(name):
    markup = (WEB / name).read_text("utf-8")
    assert not re.search(r"<script(?![^>]*\bsrc=)", markup)
    assert not re.search(r"<style|\sstyle=|\son\w+=", markup)
    prefix = "" if name == "index.html" else "../"
    for address in re.findall(r'(?:src|href)="([^"#]+)"', markup):
        assert address in (f"{prefix}./", "../") or address.removeprefix(f"{prefix}static/") in web_files(), address


@pytest.mark.parametrize("name", sorted(path.name for path in WEB.glob("*.js")))
def test_the_scripts_write_text_never_markup(name):
    script = (WEB / name).read_text("utf-8")
    for forbidden in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function(", "style="):
        assert forbidden not in script
    for imported in re.findall(r'from "\./([^"]+)"', script):
        assert imported in web_files()


def test_the_example_questions_are_ones_the_sample_articles_answer():
    suite = Path(__file__).parents[2] / "eval" / "suites" / "sample" / "questions.jsonl"
    known = [json.loads(line) for line in suite.read_text("utf-8").splitlines()]
    answered = {(each["language"], each["question"]) for each in known if each["answerable"]}
    markup = (WEB / "index.html").read_text("utf-8")
    examples = re.findall(r'<li><button type="button" lang="(\w\w)">([^<]+)</button></li>', markup)
    assert {language for language, _ in examples} == {"de", "en"}
    assert set(examples) <= answered


def test_every_reason_of_the_service_has_german_words():
    german = (WEB / "i18n.js").read_text("utf-8").split("\n  en: {")[0]
    for reason in (UNLIKELY, NOTHING_FOUND, NO_DOCUMENTS, CHANGED):
        assert f'"{reason}":' in german


def test_both_languages_have_the_same_messages():
    script = (WEB / "i18n.js").read_text("utf-8")
    german, english = script.split("const messages", 1)[1].split("\n};", 1)[0].split("\n  en: {")
    names = [set(re.findall(r"^    (\w+):", part, re.MULTILINE)) for part in (german, english)]
    assert names[0] == names[1]
    sources = "".join(path.read_text("utf-8") for path in WEB.iterdir() if path.suffix in (".html", ".js"))
    used = set(re.findall(r'(?:data-(?:text|label)="|\bt\(")(\w+)"', sources))
    assert used <= names[0], used - names[0]
    unused = {name for name in names[0] - {"problems", "reasons"} if f'"{name}"' not in sources}
    assert not unused
