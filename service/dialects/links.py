"""Addresses of the reading page: an article with the quoted words highlighted."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from corpus.documents import DocumentInfo, Span
from service.answers import Citation, RetrievedPassage


@dataclass(frozen=True, slots=True)
class Links:
    """Makes addresses below ``base``: scheme and host, without a slash at the end."""

    base: str

    def place(self, document: DocumentInfo, span: Span) -> str:
        """Where a browser finds ``span`` (code points) highlighted in a document.

        The checksum lets the page say whether the words are still those that were cited. Nothing in the address needs
        escaping in Markdown: no space, no bracket, no parenthesis.
        """
        name = quote(document.doc_id, safe="")
        return f"{self.base}/read/{name}?start={span.start}&end={span.end}&sha256={document.sha256}"

    def citation(self, proof: Citation) -> str:
        """Where a quote can be read."""
        return self.place(proof.document, proof.span)

    def passage(self, found: RetrievedPassage) -> str:
        """Where a passage can be read."""
        return self.place(found.document, found.passage.span)
