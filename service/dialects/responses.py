"""The Responses API: the same rendering as one response, or as its typed events."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from service.answers import Answer
from service.dialects.chat import ours
from service.dialects.openai import flat
from service.dialects.rendering import Json, Rendering

# No tokens are counted, see service/dialects/chat.py.
USAGE: Json = {
    "input_tokens": 0,
    "input_tokens_details": {"cached_tokens": 0},
    "output_tokens": 0,
    "output_tokens_details": {"reasoning_tokens": 0},
    "total_tokens": 0,
}


@dataclass(frozen=True, slots=True)
class Frame:
    """What a response and all of its events have in common."""

    id: str
    item_id: str
    created: int  # seconds since 1970
    model: str

    def response(self, output: list[Json], *, completed: bool) -> Json:
        """The response object, with every field that clients insist on."""
        return {
            "id": self.id,
            "object": "response",
            "created_at": self.created,
            "status": "completed" if completed else "in_progress",
            "model": self.model,
            "output": output,
            "error": None,
            "incomplete_details": None,
            "instructions": None,
            "metadata": {},
            "parallel_tool_calls": False,
            "temperature": None,
            "tool_choice": "none",
            "tools": [],
            "top_p": None,
            "usage": USAGE if completed else None,
        }

    def item(self, content: list[Json], *, completed: bool) -> Json:
        """The one output item: the assistant's message."""
        status = "completed" if completed else "in_progress"
        return {"id": self.item_id, "type": "message", "role": "assistant", "status": status, "content": content}


def part(rendering: Rendering) -> Json:
    """The message's one part."""
    notes = [flat(each) for each in rendering.annotations]
    return {"type": "output_text", "text": rendering.text, "annotations": notes, "logprobs": []}


def response(frame: Frame, rendering: Rendering, answer: Answer | None) -> Json:
    """The whole response at once."""
    return frame.response([frame.item([part(rendering)], completed=True)], completed=True) | ours(answer)


def opening(frame: Frame) -> Iterator[Json]:
    """The events that can be sent before anything is known."""
    yield {"type": "response.created", "response": frame.response([], completed=False)}
    yield {"type": "response.in_progress", "response": frame.response([], completed=False)}
    yield {"type": "response.output_item.added", "output_index": 0, "item": frame.item([], completed=False)}
    empty = {"type": "output_text", "text": "", "annotations": [], "logprobs": []}
    yield _of_part(frame, "response.content_part.added", part=empty)


def events(frame: Frame, rendering: Rendering, answer: Answer | None) -> Iterator[Json]:
    """The events after the opening ones."""
    for piece in rendering.pieces:
        yield _of_part(frame, "response.output_text.delta", delta=piece, logprobs=[])
    whole = part(rendering)
    for index, note in enumerate(whole["annotations"]):
        yield _of_part(frame, "response.output_text.annotation.added", annotation_index=index, annotation=note)
    yield _of_part(frame, "response.output_text.done", text=whole["text"], logprobs=[])
    yield _of_part(frame, "response.content_part.done", part=whole)
    item = frame.item([whole], completed=True)
    yield {"type": "response.output_item.done", "output_index": 0, "item": item}
    yield {"type": "response.completed", "response": response(frame, rendering, answer)}


def _of_part(frame: Frame, kind: str, **fields: object) -> Json:
    return {"type": kind, "item_id": frame.item_id, "output_index": 0, "content_index": 0, **fields}
