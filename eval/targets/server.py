"""A Fundstelle server as a program sees it: JSON in and out, its problems as the errors of our tree."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import httpx

from corpus.errors import FundstelleError, SettingsError
from eval.errors import TargetUnavailable
from service.errors import Overloaded, Unauthorized
from service.problems import error_from_code

PAGE = 500  # documents listed at once
_CONNECTIONS = 256  # of a load test; more wait for a free one


class Server:
    """Keeps connections open. Safe to use from many threads; close it."""

    def __init__(self, url: str, key: str | None, timeout: float) -> None:
        """Raises SettingsError where ``url`` is no address."""
        self.url = url.rstrip("/")
        headers = {"authorization": f"Bearer {key}"} if key else {}
        limits = httpx.Limits(max_connections=_CONNECTIONS, max_keepalive_connections=_CONNECTIONS)
        if not self.url.startswith(("http://", "https://")):
            raise SettingsError(f"url: expected http:// or https://, got {url[:100]!r}", field="url")
        self._client = httpx.Client(base_url=self.url, headers=headers, timeout=timeout, limits=limits)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def check(self) -> None:
        """Raises TargetUnavailable unless a Fundstelle is there and ready."""
        ready = self._request("GET", "/readyz", accepted=(200, 503))
        if not isinstance(ready, dict) or "ready" not in ready:
            raise TargetUnavailable(f"{self.url} is not a Fundstelle: /readyz says something else")
        if not ready["ready"]:
            missing = [str(check["detail"]) for check in ready.get("checks", {}).values() if not check["ok"]]
            raise TargetUnavailable(f"{self.url} is not ready: {'; '.join(missing)}")

    def documents(self) -> Iterator[tuple[str, str]]:
        """Every document's id and the SHA-256 of its text."""
        offset = 0
        while True:
            page = self._request("GET", "/v1/documents", params={"limit": PAGE, "offset": offset})
            for document in page["documents"]:
                yield document["doc_id"], document["sha256"]
            offset += PAGE
            if offset >= page["total"]:
                return

    def post(self, path: str, body: Mapping[str, Any]) -> Any:  # noqa: ANN401 - JSON
        """Send JSON. Raises the error that the server's problem document names."""
        return self._request("POST", path, json=body, accepted=(200, 201))

    def send_file(self, file: tuple[str, bytes, str | None], fields: Mapping[str, str]) -> Any:  # noqa: ANN401 - JSON
        """Send one document as it lies on disk: (name, content, media type)."""
        return self._request("POST", "/v1/documents", files={"files": file}, data=dict(fields), accepted=(200, 201))

    def _request(self, method: str, path: str, accepted: Sequence[int] = (200,), **sent: Any) -> Any:  # noqa: ANN401
        try:
            response = self._client.request(method, path, **sent)
        except httpx.TransportError as error:
            raise TargetUnavailable(f"{self.url}: {error or type(error).__name__}") from error
        try:
            content = response.json()
        except ValueError as error:
            raise TargetUnavailable(f"{self.url}{path}: {response.status_code}, and no JSON") from error
        if response.status_code in accepted:
            return content
        raise _error(f"{self.url}{path}", response, content)


def text_digest(text: str) -> str:
    """As `Document.sha256`."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _error(place: str, response: httpx.Response, content: object) -> FundstelleError:
    """The error of the tree, and TargetUnavailable for what no question can be asked after."""
    if not isinstance(content, dict) or "code" not in content:
        return TargetUnavailable(f"{place}: {response.status_code}")
    detail = str(content.get("detail"))
    if content["code"] == Unauthorized.code:
        return TargetUnavailable(f"{place}: {detail}")
    if content["code"] == Overloaded.code:
        return Overloaded(detail)
    return error_from_code(str(content["code"]), detail, field=content.get("field"), limit=content.get("limit"))
