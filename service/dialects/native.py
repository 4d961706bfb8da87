"""Our own stream: typed events whose data together are the JSON reply of /v1/ask."""

from __future__ import annotations

from collections.abc import Sequence

from service import render
from service.answers import Answer, Citation, RetrievedPassage
from service.dialects.rendering import Json
from service.dialects.statements import Statement

BETWEEN = ("passages", "citations")  # sent in events of their own, so not in `done` again


def passages(found: Sequence[RetrievedPassage]) -> Json:
    """The passages that the answer is being made of; a later event of this kind replaces an earlier one."""
    return {"passages": [render.passage(each) for each in found]}


def sentence(statement: Statement) -> Json:
    """A statement without its markers; ``start`` to ``end`` is its place, markers included, in the answer's text."""
    return {
        "text": statement.words,
        "start": statement.span.start,
        "end": statement.span.end,
        "citations": [proof.number for proof in statement.citations],
    }


def citation(proof: Citation) -> Json:
    """A proof, as in the JSON reply."""
    return render.citation(proof)


def done(answer: Answer) -> Json:
    """What the JSON reply says besides passages and citations."""
    return {name: value for name, value in render.answer(answer).items() if name not in BETWEEN}
