"""A suite's documents in a store of their own, kept in the work folder for the next run of the same suite.

They go in as the suite holds them, text and blocks, because its gold spans count exactly these code points.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from corpus.chunking import chunk
from corpus.documents import Block, BlockKind, Document, PassageDraft, Span
from corpus.language import detect_document_language
from corpus.store import STORE_FILE, CorpusStore, PutOutcome
from eval.errors import SuiteInvalid
from eval.records import Suite, SuiteDocument
from eval.targets.names import Names, service_id
from index.protocols import Progress

COMPLETE = "suite.json"  # beside the store, once every document is in it


def folder_for(work: Path, suite: Suite, *settings: object) -> Path:
    """The data folder of these documents under these settings: others have another."""
    said = json.dumps([suite.documents_sha256, *(str(each) for each in settings)])
    words = "".join(letter if letter.isalnum() else "-" for letter in suite.name)[:40]
    return work / f"{words}-{hashlib.sha256(said.encode()).hexdigest()[:12]}"


def hold(suite: Suite, folder: Path, progress: Progress, *, passage_size: int | None = None) -> Names:
    """Put what is not there yet into the store in ``folder``; returns the ids by which it is called.

    ``progress`` counts documents. Raises SuiteInvalid where there is nothing to be found in them.
    """
    known = _known(folder, suite)
    if known is not None:
        return known
    names = Names()
    with CorpusStore.open(folder / STORE_FILE) as store:
        for done, given in enumerate(suite.documents(), 1):
            document = _document(given)
            names.add(document.doc_id, given.doc_id)
            blocks = given.blocks or (Block(BlockKind.TEXT, Span(0, len(given.text))),)
            drafts = _cut(document, blocks, passage_size)
            if drafts:
                put = store.put(document, drafts, blocks=blocks)
                if put.outcome is PutOutcome.DUPLICATE and put.duplicate_of is not None:
                    names.add_twin(put.duplicate_of, given.doc_id)
            progress(done, suite.document_count)
        if not store.counts().passages:
            raise SuiteInvalid(f"{suite.origin}: none of its {suite.document_count} documents holds text")
    partial = folder / f"{COMPLETE}.partial"
    partial.write_text(json.dumps({"suite": suite.documents_sha256, "names": names.known}), encoding="utf-8")
    partial.replace(folder / COMPLETE)
    return names


def _known(folder: Path, suite: Suite) -> Names | None:
    """The names of an earlier, complete ingest."""
    marker = folder / COMPLETE
    if not marker.exists() or not (folder / STORE_FILE).exists():
        return None
    said = json.loads(marker.read_text(encoding="utf-8"))
    return Names(said["names"]) if said["suite"] == suite.documents_sha256 else None


def _document(given: SuiteDocument) -> Document:
    doc_id = service_id(given.doc_id)
    return Document(
        doc_id=doc_id,
        title=given.title or "",
        text=given.text,
        uri=f"suite:{doc_id}",
        media_type="text/plain",
        language=given.language or detect_document_language(given.text),
        published=given.published,
        source=given.source,
        url=given.url,
    )


def _cut(document: Document, blocks: Sequence[Block], size: int | None) -> list[PassageDraft]:
    title = document.title
    if size is None:
        return chunk(document.text, blocks, document.language, title=title)
    return chunk(document.text, blocks, document.language, title=title, size=size, smallest=min(200, size // 2))
