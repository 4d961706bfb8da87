"""The small article of service/examples.py as chat front ends are told of it: examples for the OpenAPI document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from pydantic import BaseModel

from service import examples
from service.chat_schemas import OpenAIProblemOut
from service.dialects.chat import USAGE
from service.routes.common import documented as as_problems
from service.routes.events import streamed

Json = dict[str, Any]
_LINK = f"http://127.0.0.1:8000/read/{examples.DOC_ID}?start=0&end={len(examples.QUOTE)}&sha256={examples.SHA256}"
_WORDS = f"{examples.QUOTE} "
_TEXT = f"{_WORDS}[[1]]({_LINK})"
_CITATION = {
    "url": _LINK,
    "title": "Baidu setzt auf eigene Chips, Fundstelle-Beispielredaktion, 2025-05-21",
    "start_index": len(_WORDS),
    "end_index": len(_TEXT),
}
_ANNOTATION = {"type": "url_citation", "url_citation": _CITATION}
_OURS = {
    "fundstelle": {
        name: examples.ASK_RESPONSE[name]
        for name in ("question", "language", "outcome", "reason", "citations", "answerability", "generator")
    }
}

MODEL: Json = {"id": "fundstelle", "object": "model", "created": 1_750_000_000, "owned_by": "fundstelle"}
MODELS: Json = {"object": "list", "data": [MODEL, MODEL | {"id": "fundstelle-openwebui"}]}

CHAT_REQUEST: Json = {
    "model": "fundstelle",
    "messages": [{"role": "user", "content": examples.QUESTION}],
    "stream": False,
}

_HEAD: Json = {"id": "chatcmpl-5d1f0a3c9be84c0f8f0a6a0f", "created": 1_750_000_000, "model": "fundstelle"}
CHAT_RESPONSE: Json = {
    **_HEAD,
    "object": "chat.completion",
    "choices": [
        {
            "index": 0,
            "message": {"role": "assistant", "content": _TEXT, "refusal": None, "annotations": [_ANNOTATION]},
            "logprobs": None,
            "finish_reason": "stop",
        }
    ],
    "usage": USAGE,
    **_OURS,
}

RESPONSES_REQUEST: Json = {"model": "fundstelle", "input": examples.QUESTION}
RESPONSES_RESPONSE: Json = {
    "id": "resp_5d1f0a3c9be84c0f8f0a6a0f",
    "object": "response",
    "created_at": 1_750_000_000,
    "status": "completed",
    "model": "fundstelle",
    "output": [
        {
            "id": "msg_0a6a0f1f0f9a115d1f0a3c9b",
            "type": "message",
            "role": "assistant",
            "status": "completed",
            "content": [
                {
                    "type": "output_text",
                    "text": _TEXT,
                    "annotations": [{"type": "url_citation", **_CITATION}],
                    "logprobs": [],
                }
            ],
        }
    ],
    **_OURS,
}


def _chunk(delta: Json, finish: str | None) -> str:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
    chunk = {**_HEAD, "object": "chat.completion.chunk", "choices": [choice]}
    return f"data: {orjson.dumps(chunk).decode()}\n\n"


CHAT_STREAM = (
    _chunk({"role": "assistant", "content": ""}, None)
    + _chunk({"content": _TEXT}, None)
    + _chunk({"annotations": [_ANNOTATION]}, "stop")
    + "data: [DONE]\n\n"
)
_DELTA = {"type": "response.output_text.delta", "item_id": "msg_0a6a0f1f0f9a115d1f0a3c9b", "output_index": 0}
RESPONSES_STREAM = (
    "event: response.output_text.delta\n"
    f"data: {orjson.dumps(_DELTA | {'content_index': 0, 'delta': _TEXT, 'sequence_number': 4}).decode()}\n\n"
)

PROBLEM: Json = {
    "error": {
        "message": "there is no model 'gpt'. GET /v1/models lists the names there are.",
        "type": "invalid_request_error",
        "code": "model_not_found",
        "param": "model",
    }
}


def documented(
    model: type[BaseModel], example: Mapping[str, Any], *problems: int, stream: str | None = None
) -> dict[int | str, dict[str, Any]]:
    """The ``responses`` of a route whose errors have OpenAI's shape; ``stream`` is what it sends as events."""
    responses = as_problems(model, example, *problems)
    schema = {"$ref": f"#/components/schemas/{OpenAIProblemOut.__name__}"}
    for problem in (*problems, 401, 500):
        content: Json = {"schema": schema}
        if problem == 404:
            content["example"] = PROBLEM
        responses[problem] = {
            "description": "Error, as OpenAI's clients read it.",
            "content": {"application/json": content},
        }
    return streamed(responses, stream) if stream else responses
