"""Vectors of stored passages: from the store's cache where it has them, from the encoder where it has not.

What is searched is always what comes back from the cache, so that a vector is the same to the bit whether it was
encoded a moment or a year ago.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from corpus.documents import retrieval_text
from corpus.sentences import sentence_spans
from corpus.store import CorpusStore, EmbeddingInput
from index.embedding import pack, unpack
from index.errors import EncoderUnavailable
from index.protocols import Encoder, Ids, Progress, Vectors

BLOCK = 1024  # passages encoded between two writes: what a kill can lose


class StoreChanged(Exception):
    """A passage went away while its vector was being fetched; look again."""


def stored_vectors(
    store: CorpusStore,
    encoder: Encoder | str,
    ids: Ids,
    *,
    encode_again: bool = False,
    progress: Progress | None = None,
) -> Iterator[Vectors]:
    """Blocks of vectors, their rows in the order of ``ids``; what is encoded is kept in the store block by block.

    ``progress`` counts passages whose vector is at hand. Where ``encoder`` is only a fingerprint, nothing can be
    encoded: raises EncoderUnavailable when something must be. Raises StoreChanged when a passage is gone.
    """
    inputs = store.embedding_inputs(ids.tolist())
    renewed: set[bytes] | None = set() if encode_again else None
    done = 0
    while block := list(islice(inputs, BLOCK)):
        if [row.passage_id for row in block] != ids[done : done + len(block)].tolist():
            raise StoreChanged
        yield unpack(_packed(store, encoder, block, renewed, _from(progress, done, len(ids))))
        done += len(block)
        if progress is not None:
            progress(done, len(ids))
    if done != len(ids):
        raise StoreChanged


def cached_vectors(store: CorpusStore, fingerprint: str, ids: Ids) -> dict[int, Vectors]:
    """Those vectors that the cache holds, by passage id."""
    inputs = list(store.embedding_inputs(ids.tolist()))
    held = store.embeddings(fingerprint, [row.embedding_key for row in inputs])
    return {row.passage_id: unpack([held[row.embedding_key]])[0] for row in inputs if row.embedding_key in held}


def _packed(
    store: CorpusStore,
    encoder: Encoder | str,
    block: Sequence[EmbeddingInput],
    renewed: set[bytes] | None,
    progress: Progress | None,
) -> list[bytes]:
    """The block's vectors as the cache keeps them. With ``renewed``, only what was encoded in this run counts."""
    fingerprint = encoder if isinstance(encoder, str) else encoder.fingerprint
    inputs = {row.embedding_key: row for row in block}
    asked = [key for key in inputs if renewed is None or key in renewed]
    held = store.embeddings(fingerprint, asked)
    lacking = [key for key in inputs if key not in held]
    if lacking:
        if isinstance(encoder, str):
            raise EncoderUnavailable(f"{len(lacking)} passages must be encoded, and {encoder} is not loaded.")
        fresh = dict(zip(lacking, _encoded(encoder, [inputs[key] for key in lacking], progress), strict=True))
        store.put_embeddings(fingerprint, fresh.items())
        held |= fresh
        if renewed is not None:
            renewed.update(fresh)
    return [held[row.embedding_key] for row in block]


def _encoded(encoder: Encoder, inputs: Sequence[EmbeddingInput], progress: Progress | None) -> list[bytes]:
    """Passages and their sentences, read once, as the cache keeps them."""
    texts = [retrieval_text(row.title, row.heading, row.text) for row in inputs]
    sentences = [
        [span.shifted(len(text) - len(row.text)) for span in sentence_spans(row.text, row.language)]
        for text, row in zip(texts, inputs, strict=True)
    ]
    vectors, parts = encoder.encode_with_sentences(texts, sentences, progress)
    return [pack(vector, part) for vector, part in zip(vectors, parts, strict=True)]


def _from(progress: Progress | None, start: int, total: int) -> Progress | None:
    """``progress`` for one block of a longer work."""
    return None if progress is None else lambda done, _: progress(start + done, total)
