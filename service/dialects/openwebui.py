"""Open WebUI's way: plain [n] in the text, and a `source` event for each citation, sent before the text.

Open WebUI numbers groups of passages by their ``metadata.source`` in order of arrival, so every citation has one of its
own. An address there becomes the link, and the name is kept beside it only where ``external`` is set.
"""

from __future__ import annotations

from service.answers import Answer, Citation
from service.dialects.links import Links
from service.dialects.markdown import plain
from service.dialects.rendering import Json, Rendering, pieces, plain_marker
from service.dialects.words import name


def render(answer: Answer, links: Links) -> Rendering:
    """Text with [n], and the events that Open WebUI makes its chips and its dialog of."""
    return Rendering(pieces(answer, links, plain_marker), events=tuple(events(answer, links)))


def events(answer: Answer, links: Links) -> list[Json]:
    """One `source` event for each citation, in the order of the numbers in the text."""
    taken: set[str] = set()
    made = []
    for place, proof in enumerate(answer.citations, start=1):
        address = links.citation(proof)
        if address in taken:  # two citations of one place would become one group, and the numbers behind them shift
            address += f"&citation={place}"
        taken.add(address)
        made.append({"type": "source", "data": _source(proof, address)})
    return made


def _source(proof: Citation, address: str) -> Json:
    shown = plain(name(proof.document))
    return {
        "source": {"id": address, "name": shown, "url": address},
        "document": [proof.quote],
        "metadata": [{"source": address, "source_url": address, "name": shown, "external": True}],
        "distances": [proof.score],
    }
