"""Articles of seeded words, and what an index of them must hold."""

from __future__ import annotations

import numpy as np

from corpus.documents import Document, PassageDraft, Span
from corpus.store import CorpusStore
from index.embedding import pack, unpack
from index.plan import bundled_lexicon, plan
from index.sync import Generation
from tests.fakes import HashingEncoder

WORDS = ("Chip", "Handel", "Börse", "Strom", "Netz", "Labor", "Werk", "Hafen", "Zoll", "Europa", "Modell", "Daten")


def article(number: int, passages: int = 3, title: str = "Artikel") -> tuple[Document, list[PassageDraft]]:
    """Sentences of seeded words; the first passage of each names its number."""
    random = np.random.default_rng(number)
    parts = [" ".join([f"Meldung{number}", *random.choice(WORDS, size=12), f"Absatz{row}."]) for row in range(passages)]
    starts = np.cumsum([0, *(len(part) + 1 for part in parts)]).tolist()
    document = Document(f"doc-{number}", f"{title} {number}", "\n".join(parts), f"test:{number}", "text/plain", "de")
    spans = [Span(start, start + len(part)) for start, part in zip(starts, parts, strict=False)]
    return document, [PassageDraft(span) for span in spans]


def put(store: CorpusStore, *numbers: int, passages: int = 3, title: str = "Artikel") -> None:
    for number in numbers:
        store.put(*article(number, passages, title))


def lexical_ids(generation: Generation, word: str) -> set[int]:
    question = plan(word, "de", "de", bundled_lexicon())
    return {hit.passage_id for hit in generation.lexical.search(question, 1000)}


def assert_holds_the_store(generation: Generation, store: CorpusStore, encoder: HashingEncoder) -> None:
    """Both legs hold the store's passages and nothing else, and every vector is its passage's."""
    ids = store.passage_ids().tolist()
    assert generation.dense.ids.tolist() == ids
    assert generation.lexical.count == generation.count == len(ids)
    assert generation.revision == store.revision
    for passage_id, (passage, document) in store.passages(ids).items():
        text = f"{document.title}\n{passage.text}"
        expected = unpack(
            [
                pack(
                    HashingEncoder(encoder.dimension).encode_passages([text])[0],
                    np.empty((0, encoder.dimension), np.float32),
                )
            ]
        )
        assert (generation.dense.vectors(np.array([passage_id])) == expected).all()
        assert passage_id in lexical_ids(generation, passage.text.split()[0])
