"""A suite's document ids and those that a Fundstelle takes: letters, digits and . _ : - (1 to 200)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence

_LEGAL = re.compile(r"[A-Za-z0-9._:-]{1,200}")


def service_id(doc_id: str) -> str:
    """The id itself where it is legal, else one made from its SHA-256: the same on every run."""
    if _LEGAL.fullmatch(doc_id):
        return doc_id
    return "suite:" + hashlib.sha256(doc_id.encode("utf-8", "surrogatepass")).hexdigest()[:40]


class Names:
    """From a service's document ids back to the suite's. Only those that differ take memory."""

    def __init__(self, known: Mapping[str, Sequence[str]] | None = None) -> None:
        """``known`` is what `known` of another said."""
        self.known: dict[str, list[str]] = {given: list(names) for given, names in (known or {}).items()}

    def add(self, given: str, doc_id: str) -> None:
        """Note that the service calls the suite's ``doc_id`` by the id ``given``."""
        if given != doc_id:
            self.known[given] = [doc_id]

    def add_twin(self, given: str, doc_id: str) -> None:
        """Note that ``given`` has the text of the suite's ``doc_id`` as well, and that it was taken in only once."""
        self.known.setdefault(given, [given]).append(doc_id)

    def __call__(self, given: str) -> tuple[str, ...]:
        """The suite's ids of the document that the service calls ``given``; the one taken in comes first."""
        return tuple(self.known.get(given, (given,)))
