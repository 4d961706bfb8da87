"""`fundstelle ask` and `fundstelle search`: what both share."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager

from corpus.documents import DocumentInfo, Filters, Span
from service.answers import Answer, Citation, Outcome, RetrievedPassage
from service.engine import Engine
from service.output import Console
from service.questions import DEFAULT_K, checked_filters
from service.settings import Settings

_MARKS = {"de": ("„", "“")}
_EXCERPT = 300  # characters


@contextmanager
def prepared(settings: Settings, console: Console) -> Iterator[Engine]:
    """An engine whose index is up to date; what that took is shown."""
    with Engine.open(settings, prepare=False) as engine:
        with console.progress("Indexing", "passages") as bar:
            engine.prepare(bar.advance)
        yield engine


def filters_of(options: argparse.Namespace) -> Filters:
    """The filters given as flags."""
    return checked_filters(
        sources=options.source or (),
        languages=options.written_in or (),
        doc_ids=options.doc_id or (),
        published_from=options.published_from,
        published_to=options.published_to,
    )


def k_of(options: argparse.Namespace) -> int:
    """How many passages were asked for."""
    return DEFAULT_K if options.k is None else int(options.k)


def show_answer(console: Console, answer: Answer) -> None:
    """The answer and its numbered citations, or the nearest passages."""
    if answer.outcome is Outcome.ABSTAINED:
        sure = answer.answerability
        console.paragraph(f"No answer. {answer.reason or ''}".rstrip())
        console.line(f"(score {sure.score:.2f}, an answer needs {sure.threshold:.2f})")
        if answer.passages:
            console.line("\nNearest passages:")
            show_passages(console, answer.passages[:3])
        return
    for paragraph in answer.text.split("\n"):
        console.paragraph(paragraph)
    console.line()
    for proof in answer.citations:
        show_citation(console, proof)
    if answer.reason:
        console.paragraph(f"({answer.reason})")


def show_citation(console: Console, proof: Citation) -> None:
    """[n], the exact words, and where they stand."""
    opening, closing = _MARKS.get(proof.document.language, ('"', '"'))
    number = f"[{proof.number}] "
    indent = " " * len(number)
    quote = " ".join(proof.quote.split())
    console.paragraph(f"{number}{opening}{quote}{closing}", hanging=indent)
    console.paragraph(_place(proof.document, proof.span), indent=indent)


def show_passages(console: Console, passages: tuple[RetrievedPassage, ...]) -> None:
    """Ranked passages with their places."""
    for found in passages:
        number = f"{found.rank}. "
        indent = " " * len(number)
        text = " ".join(found.passage.text.split())
        if len(text) > _EXCERPT:
            text = text[:_EXCERPT].rsplit(" ", 1)[0] + " …"
        console.paragraph(f"{number}{_place(found.document, found.passage.span)}", hanging=indent)
        console.paragraph(text, indent=indent)


def _place(document: DocumentInfo, span: Span) -> str:
    where = f"{document.doc_id}, characters {span.start} to {span.end}"
    return " · ".join(part for part in (document.title, document.source, document.published, where) if part)
