"""What chat front ends send, in pydantic: they send far more than we read, so that unknown fields are let through."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

MAX_MESSAGES = 1000
MAX_PARTS = 1000


class Lenient(BaseModel):
    """Unknown fields are ignored."""

    model_config = ConfigDict(extra="ignore")


class PartIn(Lenient):
    """A part of a message. Only text is read; pictures and files are passed over."""

    type: str = "text"
    text: str | None = None


class MessageIn(Lenient):
    """A message of the conversation."""

    role: Annotated[str, Field(max_length=40)]
    content: str | Annotated[list[PartIn], Field(max_length=MAX_PARTS)] | None = None

    def text(self) -> str:
        """The message's words."""
        if isinstance(self.content, str):
            return self.content
        return "\n".join(part.text for part in self.content or () if part.text)


class StreamOptionsIn(Lenient):
    """How a stream ends."""

    include_usage: bool | None = None


class FormatIn(Lenient):
    """The form of the reply."""

    type: str = "text"


class ChatRequest(Lenient):
    """A chat completion. What shapes sampling has no meaning here and is ignored, `tools` with it."""

    model: Annotated[str, Field(description="See GET /v1/models.")]
    messages: Annotated[list[MessageIn], Field(min_length=1, max_length=MAX_MESSAGES)]
    stream: bool | None = None
    stream_options: StreamOptionsIn | None = None
    n: Annotated[int, Field(ge=1, le=1)] | None = Field(None, description="1; there is one answer.")
    tool_choice: Any = Field(None, description="Not `required`, and no function: no tool is ever called.")
    response_format: FormatIn | None = Field(None, description="Text.")
    logprobs: Literal[False] | None = Field(None, description="There are none.")
    modalities: list[Literal["text"]] | None = Field(None, description="Text.")


class ResponsesRequest(Lenient):
    """A request of the Responses API: `input` is a question, or the messages of a conversation."""

    model: Annotated[str, Field(description="See GET /v1/models.")]
    input: str | Annotated[list[MessageIn], Field(min_length=1, max_length=MAX_MESSAGES)]
    instructions: str | None = Field(None, description="Ignored, as system prompts are.")
    stream: bool | None = None
    tool_choice: Any = None


class ModelOut(Lenient):
    """A model: the same answers, rendered for one kind of front end."""

    id: str
    object: Literal["model"]
    created: int
    owned_by: str


class ModelsResponse(Lenient):
    """Every model there is."""

    object: Literal["list"]
    data: list[ModelOut]


class ChatMessageOut(Lenient):
    """The answer."""

    role: Literal["assistant"]
    content: str
    refusal: None
    annotations: list[dict[str, Any]] | None = None


class ChoiceOut(Lenient):
    """The one choice."""

    index: Literal[0]
    message: ChatMessageOut
    logprobs: None
    finish_reason: Literal["stop"]


class UsageOut(Lenient):
    """Zero: no tokens are counted."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class ChatResponse(Lenient):
    """A chat completion."""

    id: str
    object: Literal["chat.completion"]
    created: int
    model: str
    choices: list[ChoiceOut]
    usage: UsageOut
    fundstelle: dict[str, Any] | None = Field(None, description="Outcome and citations as in /v1/ask.")


class ResponsesResponse(Lenient):
    """A response of the Responses API."""

    id: str
    object: Literal["response"]
    created_at: int
    status: Literal["completed", "in_progress"]
    model: str
    output: list[dict[str, Any]]
    fundstelle: dict[str, Any] | None = Field(None, description="Outcome and citations as in /v1/ask.")


class OpenAIErrorOut(Lenient):
    """What went wrong."""

    message: str
    type: str
    code: str
    param: str | None


class OpenAIProblemOut(Lenient):
    """An error as OpenAI's clients read it, with the code of our own tree."""

    error: OpenAIErrorOut
