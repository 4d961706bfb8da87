"""The web page at ``/``, the reading page at ``/read/{doc_id}`` and the files they are made of, from package data.

The pages hold no data: they fetch it from the API with the reader's key, so that they can be served without one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import PurePosixPath

from fastapi import APIRouter, HTTPException, Request, Response

_MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)

_HEADERS = {
    # The modules import one another by plain names: a browser must never mix those of two versions.
    "Cache-Control": "no-cache",
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class WebFile:
    """One file of the page, held in memory: what is not in here cannot be asked for."""

    content: bytes
    media_type: str
    etag: str  # quoted, as the header has it


@cache
def web_files() -> Mapping[str, WebFile]:
    """The files of ``service/web`` by name, read once."""
    found = {}
    for entry in files("service").joinpath("web").iterdir():
        media_type = _MEDIA_TYPES.get(PurePosixPath(entry.name).suffix)
        if media_type is None or not entry.is_file():
            continue
        content = entry.read_bytes()
        found[entry.name] = WebFile(content, media_type, f'"{hashlib.sha256(content).hexdigest()[:32]}"')
    return found


def _fresh(request: Request, etag: str) -> bool:
    """Whether the browser's copy is ours (RFC 9110, weak comparison)."""
    named = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
    return etag in named or "*" in named


def _serve(request: Request, name: str) -> Response:
    file = web_files().get(name)
    if file is None:
        raise HTTPException(404, "The page has no such file.")
    headers = {**_HEADERS, "ETag": file.etag}
    if _fresh(request, file.etag):
        return Response(status_code=304, headers=headers)
    return Response(file.content, media_type=file.media_type, headers=headers)


@router.api_route("/", methods=["GET", "HEAD"])
async def index(request: Request) -> Response:
    """The page on which questions are asked."""
    return _serve(request, "index.html")


@router.api_route("/read/{doc_id}", methods=["GET", "HEAD"])
async def read(request: Request, doc_id: str) -> Response:
    """The page that shows one article; the place is in the query: ``?start=&end=`` in code points."""
    return _serve(request, "read.html")


@router.api_route("/static/{name:path}", methods=["GET", "HEAD"])
async def static(request: Request, name: str) -> Response:
    """One file of the page. Pages have addresses of their own and are not served from here."""
    if name.endswith(".html"):
        raise HTTPException(404, "The page has no such file.")
    return _serve(request, name)
