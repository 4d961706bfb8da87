"""The OpenAPI document: what FastAPI derives, put right where it differs from what is sent."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from service.chat_schemas import OpenAIProblemOut
from service.routes import chat, documents, health, questions
from service.schemas import DocumentIn, DocumentsIn, ProblemOut

Json = dict[str, Any]
_SCHEMAS = "#/components/schemas/{model}"
_OF_THE_FRAMEWORK = ("HTTPValidationError", "ValidationError")  # never sent: our problems take their place
_TAGS = [
    {"name": "questions", "description": "Ask, search, verify."},
    {"name": "chat", "description": "The same answers for chat front ends and OpenAI's clients."},
    {"name": "documents", "description": "Put articles in, look at them, take them out."},
    {"name": "operation", "description": "Health, metrics, problems."},
]


def describe(app: FastAPI) -> Json:
    """The document for /openapi.json, made once per app."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes, tags=_TAGS
        )
        _add_models(document)
        for route, operation in _operations(document):
            _restore_examples(route, operation)
            _drop_framework_errors(operation)
        app.openapi_schema = document
    return app.openapi_schema


def _add_models(document: Json) -> None:
    components = document.setdefault("components", {})
    known = components.setdefault("schemas", {})
    for model in (ProblemOut, OpenAIProblemOut, DocumentIn, DocumentsIn):
        made = model.model_json_schema(ref_template=_SCHEMAS)
        for name, part in made.pop("$defs", {}).items():
            known.setdefault(name, part)
        known[model.__name__] = made
    for name in _OF_THE_FRAMEWORK:
        known.pop(name, None)
    components["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
    document["security"] = [{}, {"key": []}]


def _operations(document: Json) -> Iterator[tuple[APIRoute, Json]]:
    for router in (questions.router, chat.router, documents.router, health.router):
        for route in router.routes:
            if isinstance(route, APIRoute):
                for method in route.methods or ():
                    yield route, document["paths"][route.path][method.lower()]


def _restore_examples(route: APIRoute, operation: Json) -> None:
    """Put every example in as it was written: FastAPI leaves out what is null, which we send."""
    for status, given in route.responses.items():
        for kind, content in given.get("content", {}).items():
            if "example" in content:
                operation["responses"][str(status)]["content"][kind]["example"] = content["example"]
    for kind, content in (route.openapi_extra or {}).get("requestBody", {}).get("content", {}).items():
        if "example" in content:
            operation["requestBody"]["content"][kind]["example"] = content["example"]


def _drop_framework_errors(operation: Json) -> None:
    for status, response in list(operation["responses"].items()):
        schema = response.get("content", {}).get("application/json", {}).get("schema", {})
        if schema.get("$ref", "").endswith(_OF_THE_FRAMEWORK[0]):
            del operation["responses"][status]
