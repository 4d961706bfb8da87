"""Chat completions, whole and in chunks, from what a dialect rendered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from service import render
from service.answers import Answer
from service.dialects.rendering import Json, Rendering

# No tokens are counted: the extractive answer has none, and what a language model counted is not ours to bill.
USAGE = {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}


@dataclass(frozen=True, slots=True)
class Envelope:
    """What all chunks of one reply have in common."""

    id: str
    created: int  # seconds since 1970
    model: str

    def chunk(self, delta: Json, finish: str | None = None) -> Json:
        """A chunk with one choice."""
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return {**self._head("chat.completion.chunk"), "choices": [choice]}

    def bare(self, **fields: object) -> Json:
        """A chunk without choices."""
        return {**self._head("chat.completion.chunk"), "choices": [], **fields}

    def completion(self, message: Json) -> Json:
        """The whole reply."""
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
        return {**self._head("chat.completion"), "choices": [choice], "usage": USAGE}

    def _head(self, kind: str) -> Json:
        return {"id": self.id, "object": kind, "created": self.created, "model": self.model}


def opening(envelope: Envelope) -> Json:
    """The first chunk, which can be sent before anything is known."""
    return envelope.chunk({"role": "assistant", "content": ""})


def chunks(envelope: Envelope, rendering: Rendering, answer: Answer | None, *, usage: bool) -> Iterator[Json]:
    """The chunks after the opening one: events, text, and a finishing chunk with the annotations and no text."""
    for event in rendering.events:
        yield envelope.bare(event=event)
    for piece in rendering.pieces:
        yield envelope.chunk({"content": piece}) | dict(rendering.beside)
    last: Json = {"annotations": list(rendering.annotations)} if rendering.annotations else {}
    yield envelope.chunk(last, "stop") | ours(answer)
    if usage:
        yield envelope.bare(usage=USAGE)


def completion(envelope: Envelope, rendering: Rendering, answer: Answer | None) -> Json:
    """The whole reply at once. A front end that reads events only from a stream finds them as ``sources``."""
    message: Json = {"role": "assistant", "content": rendering.text, "refusal": None}
    if rendering.annotations:
        message["annotations"] = list(rendering.annotations)
    sources = [event["data"] for event in rendering.events]
    beside = dict(rendering.beside) | ({"sources": sources} if sources else {})
    return envelope.completion(message) | beside | ours(answer)


def ours(answer: Answer | None) -> Json:
    """The proofs themselves under a key of our own, for programs: quotes, places, checksums."""
    if answer is None:
        return {}
    whole = render.answer(answer)
    names = ("question", "language", "outcome", "reason", "citations", "answerability", "generator")
    return {"fundstelle": {name: whole[name] for name in names}}
