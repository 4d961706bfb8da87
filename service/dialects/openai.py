"""OpenAI's way: links in the text, and ``url_citation`` annotations that say where in the text they stand."""

from __future__ import annotations

import re

from service.answers import Answer, Citation
from service.dialects.links import Links
from service.dialects.markdown import plain
from service.dialects.rendering import Json, Rendering, pieces
from service.dialects.statements import places
from service.dialects.words import name

_LINK = re.compile(r"\[\[(\d+)\]\]\(([^)\s]+)\)")


def render(answer: Answer, links: Links) -> Rendering:
    """Text with ``[[1]](address)`` behind each statement, and an annotation for each of these links."""

    def marker(place: int, proof: Citation) -> str:
        return f"[[{place}]]({links.citation(proof)})"

    made = pieces(answer, links, marker)
    if not answer.citations:
        return Rendering(made)
    return Rendering(made, annotations=tuple(url_citations("".join(made), answer, links)))


def url_citations(text: str, answer: Answer, links: Links) -> list[Json]:
    """One annotation for every citation link of ``text``: start (inclusive) and end (exclusive) in code points.

    The place is that of the link and not of the statement before it, as in OpenAI's own answers: programs replace what
    stands there by a marker of their own.
    """
    place = places(answer)
    by_address = {(str(place[proof.number]), links.citation(proof)): proof for proof in answer.citations}
    found = []
    for match in _LINK.finditer(text):
        # Words of articles cannot look like a link here: their brackets are character references.
        proof = by_address[match[1], match[2]]
        citation = {
            "url": match[2],
            "title": plain(name(proof.document)),
            "start_index": match.start(),
            "end_index": match.end(),
        }
        found.append({"type": "url_citation", "url_citation": citation})
    return found


def flat(annotation: Json) -> Json:
    """The same annotation as the Responses API writes it."""
    return {"type": annotation["type"], **annotation["url_citation"]}
