"""The models we appear as, and the dialect each of them speaks."""

from __future__ import annotations

from collections.abc import Mapping

from service.dialects import openai, openwebui, perplexity
from service.dialects.errors import ModelNotFound
from service.dialects.rendering import Dialect
from service.errors import InvalidRequest

HEADER = "x-fundstelle-dialect"
NAME = "fundstelle"
DIALECTS: Mapping[str, Dialect] = {
    "openai": openai.render,
    "openwebui": openwebui.render,
    "perplexity": perplexity.render,
}
MODELS: Mapping[str, str] = {NAME: "openai"} | {f"{NAME}-{dialect}": dialect for dialect in DIALECTS}


def dialect_of(model: str, header: str | None = None) -> Dialect:
    """The dialect of a model's name, or the one that the header names. Raises ModelNotFound, InvalidRequest."""
    spoken = MODELS.get(model)
    if spoken is None:
        raise ModelNotFound(f"there is no model {model[:100]!r}", field="model")
    if header is not None:
        spoken = header.strip().lower()
        if spoken not in DIALECTS:
            expected = ", ".join(DIALECTS)
            raise InvalidRequest(f"{HEADER}: expected one of {expected}, got {spoken[:40]!r}", field=HEADER)
    return DIALECTS[spoken]
