"""A chat model behind an OpenAI-compatible endpoint: optional, bounded in time and size, never trusted."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

import httpx
import orjson

from service.errors import LanguageModelTimeout, LanguageModelUnavailable

MAX_RESPONSE_BYTES = 256 * 1024
MAX_TOKENS = 600
REST_SECONDS = 20.0  # after a failure the endpoint is left alone, so that questions do not queue behind it


class LanguageModel:
    """Asks one model at one endpoint. Safe to use from many threads; close it when done."""

    def __init__(self, url: str, model: str, *, key: str | None, timeout: float, rest: float = REST_SECONDS) -> None:
        self._url = f"{url.rstrip('/')}/chat/completions"
        self._model = model
        self._timeout = timeout
        self._rest = rest
        self._rests_until = 0.0
        self._lock = threading.Lock()
        headers = {"accept-encoding": "identity"}  # so that bytes received are bytes held
        if key:
            headers["authorization"] = f"Bearer {key}"
        self._client = httpx.Client(timeout=httpx.Timeout(timeout, connect=min(timeout, 5.0)), headers=headers)

    @property
    def name(self) -> str:
        """The model's name, as configured."""
        return self._model

    def complete(self, messages: Sequence[Mapping[str, str]]) -> str:
        """The model's reply to ``messages`` (role, content).

        Raises LanguageModelTimeout when it takes longer than allowed, LanguageModelUnavailable when it cannot be
        reached, answers with an error, too much, or anything that is not a chat completion. At most twice the timeout
        passes: once for the first byte and once for the last.
        """
        with self._lock:
            resting = self._rests_until - time.monotonic()
        if resting > 0:
            raise LanguageModelUnavailable(f"the language model failed; it is tried again in {resting:.0f} s")
        try:
            return _content(self._post(messages))
        except (LanguageModelTimeout, LanguageModelUnavailable):
            with self._lock:
                self._rests_until = time.monotonic() + self._rest
            raise

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _post(self, messages: Sequence[Mapping[str, str]]) -> bytes:
        body = {"model": self._model, "messages": list(messages), "temperature": 0, "max_tokens": MAX_TOKENS}
        deadline = time.monotonic() + self._timeout
        received = bytearray()
        try:
            with self._client.stream("POST", self._url, json=body) as response:
                if response.status_code != 200:
                    raise LanguageModelUnavailable(f"the language model answered with status {response.status_code}")
                for piece in response.iter_raw(16 * 1024):
                    received += piece
                    if len(received) > MAX_RESPONSE_BYTES:
                        raise LanguageModelUnavailable(f"the reply is larger than {MAX_RESPONSE_BYTES} bytes")
                    if time.monotonic() > deadline:
                        raise LanguageModelTimeout(self._too_slow())
        except httpx.TimeoutException as error:
            raise LanguageModelTimeout(self._too_slow()) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise LanguageModelUnavailable(f"the language model cannot be reached: {type(error).__name__}") from error
        return bytes(received)

    def _too_slow(self) -> str:
        return f"the language model took longer than {self._timeout:g} s"


def _content(body: bytes) -> str:
    try:
        reply: Any = orjson.loads(body)
        content = reply["choices"][0]["message"]["content"]
    except (orjson.JSONDecodeError, KeyError, IndexError, TypeError) as error:
        raise LanguageModelUnavailable("the reply is not a chat completion") from error
    if not isinstance(content, str):
        raise LanguageModelUnavailable("the reply has no text")
    return content
