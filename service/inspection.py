"""What a data folder holds and whether it can answer, found without loading a model or an index."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from corpus.errors import FundstelleError
from corpus.store import CorpusStore
from index.errors import EncoderUnavailable, IndexCorrupt
from index.protocols import Encoder
from service.lazy_encoder import LazyEncoder
from service.live_index import FOLDER, LiveIndex
from service.notes import Notes
from service.receipts import Check, IndexStatus, Status
from service.settings import Settings


def status_of(settings: Settings, store: CorpusStore, encoder: Encoder, notes: Notes) -> Status:
    """The status of a data folder; what is wrong with it becomes a note."""
    said = notes.all()
    fingerprint = None
    try:
        fingerprint = encoder.local_fingerprint() if isinstance(encoder, LazyEncoder) else encoder.fingerprint
    except EncoderUnavailable as error:
        said.append(f"{error.detail} {error.remedy}")
    index = None
    try:
        index = index_on_disk(settings.data / FOLDER)
    except IndexCorrupt as error:
        said.append(f"{error.detail} {error.remedy}")
    if index and fingerprint and index.passages and index.fingerprint != fingerprint:
        said.append(
            f"The index was built with the encoder {index.fingerprint}, the one set is {fingerprint}. "
            "Run `fundstelle rebuild` to encode the passages again."
        )
    revision = store.revision
    return Status(
        data=str(settings.data),
        revision=revision,
        counts=store.counts(),
        store_bytes=_bytes(store.path),
        encoder=settings.encoder,
        fingerprint=fingerprint,
        index=index,
        behind=revision - (index.revision if index else 0),
        notes=tuple(dict.fromkeys(said)),
    )


def index_on_disk(folder: Path) -> IndexStatus | None:
    """What the manifest in force says, without checking the files behind it. Raises IndexCorrupt."""
    from index.generation import GenerationFolder

    generations = GenerationFolder(folder)
    pointer = generations.pointer()
    if pointer is None:
        return None
    manifest = generations.manifest(pointer)
    return IndexStatus(
        name=pointer.name,
        revision=manifest.revision,
        passages=manifest.passages,
        dimension=manifest.dimension,
        fingerprint=manifest.fingerprint,
        bytes=sum(record.bytes for record in manifest.files.values()),
    )


def readiness(
    store: CorpusStore, encoder: Encoder, index: LiveIndex, failure: FundstelleError | None, *, prepared: bool
) -> Mapping[str, Check]:
    """One check each for store, encoder and index; ``prepared`` says whether all of it has been tried once."""
    return {
        "store": _store(store),
        "encoder": _encoder(encoder, failure, prepared),
        "index": _index(store, index, failure),
    }


def _store(store: CorpusStore) -> Check:
    try:
        counts = store.counts()
    except FundstelleError as error:
        return Check(False, error.detail)
    return Check(True, f"{counts.documents} documents, {counts.passages} passages")


def _encoder(encoder: Encoder, failure: FundstelleError | None, prepared: bool) -> Check:
    if isinstance(failure, EncoderUnavailable):
        return Check(False, failure.detail)
    if isinstance(encoder, LazyEncoder) and not encoder.loaded:
        return Check(False, "loading")
    runs_on = f": {encoder.runs_on}" if isinstance(encoder, LazyEncoder) else ""
    return Check(prepared, f"loaded{runs_on}" if prepared else "warming up")


def _index(store: CorpusStore, index: LiveIndex, failure: FundstelleError | None) -> Check:
    if index.mismatch is not None:
        return Check(False, f"{index.mismatch.detail} {index.mismatch.remedy}")
    generation = index.generation
    if generation is not None:
        behind = index.behind
        return Check(True, f"at revision {generation.revision}" + (f", {behind} behind" if behind else ""))
    if failure is not None:
        return Check(False, failure.detail)
    if not index.opened:
        return Check(False, "being opened")
    try:
        empty = store.counts().passages == 0
    except FundstelleError as error:
        return Check(False, error.detail)
    return Check(empty, "nothing to index yet" if empty else "being built")


def _bytes(path: Path) -> int:
    return sum(file.stat().st_size for file in path.parent.glob(f"{path.name}*") if file.is_file())
