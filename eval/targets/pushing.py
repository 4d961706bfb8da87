"""A suite's documents sent to a Fundstelle server: as files where they came as files, else as JSON in batches."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

from corpus.errors import CorpusError
from corpus.media import file_name
from eval.records import Suite, SuiteDocument
from eval.targets.names import service_id
from eval.targets.server import Server
from index.protocols import Progress

BATCH_DOCUMENTS = 100
BATCH_CHARACTERS = 2_000_000  # the server takes 64 MiB unless told otherwise
_log = logging.getLogger("fundstelle.eval")
_FIELDS = ("title", "source", "url", "published", "language")


def push(server: Server, suite: Suite, progress: Progress) -> set[str]:
    """Send every document; those that are there already are found unchanged. Returns the ids of those rejected."""
    sent = 0
    rejected: set[str] = set()
    for batch in _batches(suite):
        entries = _send(server, batch)
        for document, entry in zip(batch, entries, strict=True):
            if entry["outcome"] == "rejected":
                rejected.add(document.doc_id)
                _log.warning("%s was rejected: %s", document.doc_id, entry["reason"])
        sent += len(batch)
        progress(sent, suite.document_count)
    return rejected


def _send(server: Server, batch: list[SuiteDocument]) -> Any:  # noqa: ANN401 - JSON
    """The lines of the ledger, one a document; a document that is refused by itself has a line too."""
    try:
        if batch[0].original is not None:
            return _send_original(server, batch[0])["ledger"]
        return server.post("/v1/documents", {"documents": [_plain(document) for document in batch]})["ledger"]
    except CorpusError as error:
        if len(batch) > 1:
            raise
        return [{"outcome": "rejected", "reason": error.detail}]


def _batches(suite: Suite) -> Iterator[list[SuiteDocument]]:
    """Documents without an original together, within the limits; those with one alone."""
    batch: list[SuiteDocument] = []
    characters = 0
    for document in suite.documents():
        alone = document.original is not None
        if batch and (alone or len(batch) == BATCH_DOCUMENTS or characters + len(document.text) > BATCH_CHARACTERS):
            yield batch
            batch, characters = [], 0
        if alone:
            yield [document]
        else:
            batch.append(document)
            characters += len(document.text)
    if batch:
        yield batch


def _plain(document: SuiteDocument) -> dict[str, Any]:
    said = {"doc_id": service_id(document.doc_id), "text": document.text}
    return said | {name: value for name in _FIELDS if (value := getattr(document, name))}


def _send_original(server: Server, document: SuiteDocument) -> Any:  # noqa: ANN401 - JSON
    raw = document.original
    if raw is None:
        raise ValueError(f"{document.doc_id} has no original")
    fields = {name: value for name in _FIELDS if isinstance(value := raw.fields.get(name), str)}
    file = file_name(raw.uri) or "document", raw.data, raw.media_type
    return server.send_file(file, {**fields, "doc_id": service_id(document.doc_id)})
