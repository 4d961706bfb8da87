"""The real pipeline over documents at hand: the store, the indexes, the retriever, in a folder that can be kept."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import numpy as np
from tqdm import tqdm

from corpus.chunking import chunk
from corpus.documents import Block, BlockKind, Document, Span
from corpus.normalise import normalise
from corpus.store import CorpusStore
from index.errors import IndexMismatch
from index.generation import Generation
from index.protocols import Encoder, Progress, Vectors
from index.retriever import Retriever
from index.sync import IndexSync
from index.trust import scales


class Foresight:
    """An encoder that was told all questions beforehand and encoded them in batches; gives what it would have given."""

    def __init__(self, encoder: Encoder, questions: Iterable[str]) -> None:
        self._encoder = encoder
        self.fingerprint = encoder.fingerprint
        self.dimension = encoder.dimension
        self.encode_passages = encoder.encode_passages
        self.encode_with_sentences = encoder.encode_with_sentences
        known = list(dict.fromkeys(questions))
        self._known = dict(zip(known, encoder.encode_questions(known), strict=True))

    def encode_questions(self, texts: Sequence[str]) -> Vectors:
        """(len(texts), dimension), from memory where all are known."""
        if all(text in self._known for text in texts):
            return np.stack([self._known[text] for text in texts])
        return self._encoder.encode_questions(texts)


@dataclass(frozen=True, slots=True)
class Pipeline:
    """What answers questions over one set of documents."""

    store: CorpusStore
    generation: Generation
    encoder: Encoder
    retriever: Retriever

    def ranking(self, question: str, k: int, language: str | None = None) -> list[str]:
        """Document ids, best passage first, each once; enough passages are asked for to fill ``k``."""
        found = self.retriever.retrieve(self.generation, question, k=3 * k, language=language).passages
        return list(dict.fromkeys(passage.document.doc_id for passage in found))[:k]


@contextmanager
def pipeline(folder: Path, documents: Mapping[str, tuple[str, str]], encoder: Encoder) -> Iterator[Pipeline]:
    """Hold (text, language) by document id in ``folder``, one paragraph a document, and open it for questions.

    Documents of an earlier run that are not among these are removed; embeddings are kept from run to run.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with CorpusStore.open(folder) as store:
        for info in store.documents(limit=1_000_000).documents:
            if info.doc_id not in documents:
                store.remove(info.doc_id)
        for doc_id, (text, language) in documents.items():
            text = normalise(text).text
            drafts = chunk(text, [Block(BlockKind.TEXT, Span(0, len(text)))], language)
            store.put(Document(doc_id, "", text, f"eval:{doc_id}", "text/plain", language), drafts)
        with tqdm(unit="passages", file=sys.stderr, disable=None) as bar:
            generation = _indexed(
                IndexSync(store, encoder, folder / "index"), lambda done, total: _show(bar, done, total)
            )
        yield Pipeline(store, generation, encoder, Retriever(store, encoder, scales=scales(encoder)))


def _indexed(sync: IndexSync, progress: Progress) -> Generation:
    """The index of this encoder; one of another that an earlier run left is built anew."""
    try:
        return sync.sync(progress)
    except IndexMismatch:
        return sync.rebuild(progress=progress)


def _show(bar: tqdm[NoReturn], done: int, total: int) -> None:
    bar.total = total
    bar.update(done - bar.n)
