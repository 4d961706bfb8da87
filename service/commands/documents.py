"""`fundstelle documents`."""

from __future__ import annotations

import argparse

from service import render
from service.engine import Engine
from service.errors import InvalidRequest
from service.output import Console
from service.settings import Settings


def run(options: argparse.Namespace, settings: Settings) -> int:
    """List documents, the newest first, or print one with its text."""
    for name, least in (("limit", 1), ("offset", 0)):
        if getattr(options, name) < least:
            raise InvalidRequest(f"--{name}: expected {least} or more", field=name)
    console = Console()
    with Engine.open(settings, prepare=False) as engine:
        if options.doc_id:
            _one(console, engine, options)
        else:
            _list(console, engine, options)
    return 0


def _one(console: Console, engine: Engine, options: argparse.Namespace) -> None:
    known, document, passages = engine.document(options.doc_id)
    if options.json:
        console.json(render.document(known, document, passages))
        return
    about = (known.source, known.published, known.language, known.url)
    console.line(known.title)
    console.line(" · ".join(part for part in about if part))
    console.line()
    console.line(document.text)


def _list(console: Console, engine: Engine, options: argparse.Namespace) -> None:
    page = engine.documents(query=options.query, limit=options.limit, offset=options.offset)
    if options.json:
        documents = [render.info(each) for each in page.documents]
        paging = {"total": page.total, "limit": options.limit, "offset": options.offset}
        console.json({"documents": documents} | paging)
        return
    for each in page.documents:
        about = (each.title, each.source, each.published, each.language, f"{each.passages} passages")
        console.line(f"{each.doc_id}\n    " + " · ".join(part for part in about if part))
    first = options.offset + 1 if page.documents else 0
    console.line(f"{first} to {options.offset + len(page.documents)} of {page.total} documents")
