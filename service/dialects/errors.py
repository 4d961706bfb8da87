"""Errors as OpenAI's clients read them, with the codes of our own tree."""

from __future__ import annotations

from typing import Any

from corpus.errors import FundstelleError
from service.errors import AnswerError

_PATHS = ("/v1/chat/", "/v1/models", "/v1/responses")
_TYPES = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}


class ModelNotFound(AnswerError):
    """There is no model of this name."""

    code = "model_not_found"
    status = 404
    title = "Model not found"
    remedy = "GET /v1/models lists the names there are."


def speaks_openai(path: str) -> bool:
    """Whether the clients of a path expect OpenAI's shape of an error."""
    return path.startswith(_PATHS)


def openai_error(error: FundstelleError) -> dict[str, Any]:
    """``{"error": {message, type, code, param}}``: our detail and remedy, our code, the field at fault."""
    kind = _TYPES.get(error.status) or ("server_error" if error.status >= 500 else "invalid_request_error")
    message = f"{error.detail.rstrip('.')}. {error.remedy}"
    return {"error": {"message": message, "type": kind, "code": error.code, "param": error.field}}
