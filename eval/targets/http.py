"""Any Fundstelle by its address, with the documents that it holds or that are sent to it.

Its documents are recognised by their id or, as a server names articles in its own way, by the SHA-256 of their text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Any

from corpus.errors import FundstelleError
from eval.errors import TargetUnavailable
from eval.records import Query, Reply, Suite
from eval.targets.engine import PASSAGES_PER_DOCUMENT, told
from eval.targets.names import Names, service_id
from eval.targets.pushing import push
from eval.targets.replies import reply_from_answer
from eval.targets.server import Server, text_digest
from index.protocols import Progress


@dataclass(frozen=True, slots=True)
class Held:
    """How many of the suite's documents a server lacks, and how many it has with another text."""

    missing: int
    first_missing: str | None
    different: int


class HttpTarget:
    """Asks POST /v1/ask. Safe to use from many threads."""

    name = "http"

    def __init__(
        self,
        url: str,
        *,
        key: str | None = None,
        push: bool = False,
        tell_language: bool = False,
        timeout: float = 120.0,
    ) -> None:
        self._server = Server(url, key, timeout)
        self._push = push
        self._tell_language = tell_language
        self._names = Names()
        self._most = 1000  # passages that the server gives for a question, once it has said so
        self._said: dict[str, str] = {}

    def settings(self) -> Mapping[str, str]:
        """The address, and what is known of the documents there; never the key."""
        return {"url": self._server.url, "tell_language": str(self._tell_language).lower(), **self._said}

    def prepare(self, suite: Suite, progress: Progress) -> None:
        """Send the documents where that is asked for, and find out what the server calls them.

        Raises TargetUnavailable where the server does not answer, refuses the key, or lacks documents.
        """
        self._server.check()
        rejected = push(self._server, suite, progress) if self._push else set()
        self._names = Names()
        held = _match(suite, self._server.documents(), self._names, rejected, progress)
        if held.missing:
            raise TargetUnavailable(
                f"{self._server.url} lacks {held.missing} of the {suite.document_count} documents of {suite.name}, "
                f"such as {held.first_missing!r}; --push sends them"
            )
        if rejected:
            self._said["documents_rejected"] = str(len(rejected))
        if held.different:
            self._said["documents_with_another_text"] = str(held.different)

    def ask(self, query: Query, k: int) -> Reply:
        """Answer, cite, or abstain."""
        body: dict[str, Any] = {"question": query.text}
        language = told(query, self._tell_language)
        if language is not None:
            body["language"] = language
        try:
            answer = self._server.post("/v1/ask", body | {"k": min(self._most, PASSAGES_PER_DOCUMENT * k)})
        except FundstelleError as error:
            if error.field != "k" or not error.limit or error.limit >= self._most:
                raise
            self._most = error.limit
            answer = self._server.post("/v1/ask", body | {"k": min(self._most, PASSAGES_PER_DOCUMENT * k)})
        try:
            return reply_from_answer(query.query_id, answer, self._names, k)
        except (KeyError, TypeError, ValueError) as error:
            raise TargetUnavailable(f"{self._server.url}: not a Fundstelle's answer: {error!r}") from error

    def close(self) -> None:
        """Close the connections."""
        self._server.close()


def _match(suite: Suite, held: Iterator[tuple[str, str]], names: Names, rejected: Set[str], progress: Progress) -> Held:
    """Find each of the suite's documents on the server, by id or by text, and note the names that differ."""
    digests = dict(held)
    by_text = {digest: given for given, digest in digests.items()}
    taken: set[str] = set()
    missing: list[str] = []
    different = 0
    for done, document in enumerate(suite.documents(), 1):
        own, digest = service_id(document.doc_id), text_digest(document.text)
        given = own if digests.get(own) == digest else by_text.get(digest)
        if given is None and own in digests:
            given, different = own, different + 1
        if given is not None:
            (names.add_twin if given in taken else names.add)(given, document.doc_id)
            taken.add(given)
        elif document.doc_id not in rejected:
            missing.append(document.doc_id)
        progress(done, suite.document_count)
    return Held(len(missing), missing[0] if missing else None, different)
