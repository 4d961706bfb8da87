"""Perplexity's way: plain [n] in the text, ``citations`` and ``search_results`` in the order of n beside it."""

from __future__ import annotations

from service.answers import Answer
from service.dialects.links import Links
from service.dialects.markdown import plain
from service.dialects.rendering import Rendering, pieces, plain_marker
from service.dialects.words import title


def render(answer: Answer, links: Links) -> Rendering:
    """Text with [n], and the addresses and quotes that the numbers stand for."""
    if not answer.citations:
        return Rendering(pieces(answer, links, plain_marker))
    addresses = [links.citation(proof) for proof in answer.citations]
    results = [
        {
            "title": plain(title(proof.document)),
            "url": address,
            "date": proof.document.published,
            "snippet": proof.quote,
        }
        for proof, address in zip(answer.citations, addresses, strict=True)
    ]
    return Rendering(pieces(answer, links, plain_marker), beside={"citations": addresses, "search_results": results})
