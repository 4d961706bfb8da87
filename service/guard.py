"""The door's keeper, as plain ASGI middleware: host, origin, key and body are checked before any route runs.

It also gives every request an id, every response its security headers, and every surprise a problem document.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import re
import time
import uuid
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from corpus.errors import FundstelleError
from service.errors import BodyTooLarge, CrossOriginRefused, HostNotAllowed, InvalidRequest, Unauthorized
from service.problems import ProblemException, respond
from service.settings import Settings, is_loopback
from service.telemetry import Telemetry

DOCUMENTS_PATH = "/v1/documents"
SMALL_BODY_BYTES = 1024 * 1024  # for everything that does not send documents
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
SECURITY_HEADERS = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
_log = logging.getLogger("fundstelle.access")
_failures = logging.getLogger("fundstelle.failures")


class Guard:
    """ASGI middleware around the whole app."""

    def __init__(self, app: ASGIApp, settings: Settings, telemetry: Telemetry) -> None:
        self._app = app
        self._settings = settings
        self._telemetry = telemetry
        self._key = _digest(settings.api_key) if settings.api_key else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or answer with the problem found."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        headers = Headers(scope=scope)
        request_id = _request_id(headers)
        scope.setdefault("state", {})["request_id"] = request_id
        response = _Dressed(send, request_id, private=self._is_private(scope["path"]))
        try:
            self._check(scope, headers)
            await self._app(scope, self._counted(scope, headers, receive), response.send)
        except FundstelleError as error:
            await self._refuse(error, scope, receive, response)
        except Exception as error:
            _failures.exception("request %s failed", request_id)
            if response.status:
                raise
            hidden = FundstelleError(f"the request could not be finished; the log has request {request_id}")
            hidden.__cause__ = error
            await self._refuse(hidden, scope, receive, response)
        finally:
            self._record(scope, response, request_id, time.perf_counter() - started)

    async def _refuse(self, error: FundstelleError, scope: Scope, receive: Receive, response: _Dressed) -> None:
        self._telemetry.problem(error.code)
        await respond(error, scope, {"connection": "close"})(scope, receive, response.send)

    def _record(self, scope: Scope, response: _Dressed, request_id: str, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", None) or "unmatched"
        method = scope["method"] if scope["method"] in _SAFE_METHODS | {"POST", "DELETE"} else "other"
        self._telemetry.request(route, method, response.status, seconds)
        _log.info(
            "%s %r %d %.1f ms request_id=%s", scope["method"], scope["path"], response.status, seconds * 1e3, request_id
        )

    def _check(self, scope: Scope, headers: Headers) -> None:
        self._check_host(headers)
        if self._key is None:
            _check_origin(scope["method"], headers)
        elif self._is_private(scope["path"]):
            self._check_key(headers)

    def _check_host(self, headers: Headers) -> None:
        allowed = self._settings.allowed_hosts
        if not allowed and not self._settings.loopback:
            return
        host = _host_name(headers.get("host", ""))
        if not (is_loopback(host) or host in allowed):
            raise HostNotAllowed(f"this service does not answer for the host {host[:100]!r}", field="Host")

    def _check_key(self, headers: Headers) -> None:
        scheme, _, given = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            given = headers.get("x-api-key", "")
        if self._key is not None and not hmac.compare_digest(_digest(given.strip()), self._key):
            raise Unauthorized("the key is wrong" if given else "this needs a key", field="Authorization")

    @staticmethod
    def _is_private(path: str) -> bool:
        return path == "/metrics" or path == "/v1" or path.startswith("/v1/")

    def _counted(self, scope: Scope, headers: Headers, receive: Receive) -> Receive:
        """``receive`` that refuses a body above the limit, whether or not its length was announced."""
        limit = self._settings.max_body_bytes if scope["path"] == DOCUMENTS_PATH else SMALL_BODY_BYTES
        announced = headers.get("content-length")
        if announced is not None:
            if not announced.isdigit():
                raise InvalidRequest("Content-Length is not a number", field="Content-Length")
            if int(announced) > limit:
                raise BodyTooLarge(_too_large(limit), field="body", limit=limit)
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > limit:
                # The framework turns any other exception of a body into a 400.
                raise ProblemException(BodyTooLarge(_too_large(limit), field="body", limit=limit))
            return message

        return counted


class _Dressed:
    """Sends a response with the headers that every response has, and remembers its status."""

    def __init__(self, send: Send, request_id: str, *, private: bool) -> None:
        self._send = send
        self._request_id = request_id
        self._private = private
        self.status = 0

    async def send(self, message: Message) -> None:
        """Pass a message on; dress it if it is the start of the response."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(raw=message.setdefault("headers", []))
            for name, value in SECURITY_HEADERS.items():
                headers.setdefault(name, value)
            headers["x-request-id"] = self._request_id
            if self._private:
                headers.setdefault("cache-control", "no-store")
        await self._send(message)


def _digest(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()


def _too_large(limit: int) -> str:
    return f"the body is larger than {limit} bytes"


def _request_id(headers: Headers) -> str:
    given = headers.get("x-request-id", "")
    return given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex


def _host_name(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:  # such as an address in brackets that is none
        return ""


def _host_and_port(origin: str) -> str:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""


def _check_origin(method: str, headers: Headers) -> None:
    """Refuse what a browser sends on behalf of another site's page; programs send neither header."""
    if method in _SAFE_METHODS:
        return
    site = headers.get("sec-fetch-site")
    if site is not None and site not in ("same-origin", "none"):
        raise CrossOriginRefused(f"the request comes from another site ({site[:20]})", field="Sec-Fetch-Site")
    origin = headers.get("origin")
    if origin is not None and _host_and_port(origin) != headers.get("host", "").lower():
        raise CrossOriginRefused(f"the request comes from {origin[:100]}", field="Origin")
