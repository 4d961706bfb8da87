"""The store against a plain dictionary, over random sequences of writes, reopenings and abandoned connections."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from corpus.documents import Document, embedding_key
from corpus.errors import DocumentNotFound
from corpus.store import CorpusStore, PutOutcome
from tests.corpus.documents import TEXTS, drafts_of, make

IDS = st.sampled_from(["a", "b", "c", "d"])
WORDS = st.one_of(st.sampled_from(["Chips", "Strom", "Zoll 😀"]), TEXTS)


class StoreModel(RuleBasedStateMachine):
    """``held`` is what the store should hold: document and drafts by id."""

    @initialize()
    def start(self):
        self.folder = Path(tempfile.mkdtemp())
        self.store = CorpusStore.open(self.folder)
        self.held = {}
        self.revision = 0
        self.newest_id = 0
        self.cached = {}

    def teardown(self):
        if hasattr(self, "store"):
            assert self.store.check() == []
            self.store.close()
            shutil.rmtree(self.folder)

    @rule(doc_id=IDS, text=WORDS, source=st.sampled_from([None, "X", "Y"]), data=st.data())
    def put(self, doc_id, text, source, data):
        self.put_and_compare(make(doc_id, text, source=source), data.draw(drafts_of(text)))

    @rule(doc_id=IDS, title=WORDS)
    def put_again(self, doc_id, title):
        if doc_id in self.held:
            document, drafts = self.held[doc_id]
            self.put_and_compare(document, drafts)
            self.put_and_compare(replace(document, title=title), drafts)

    def put_and_compare(self, document: Document, drafts):
        twins = [doc_id for doc_id, (other, _) in self.held.items() if other.text == document.text]
        if self.held.get(document.doc_id) == (document, drafts):
            expected = PutOutcome.UNCHANGED
        elif document.doc_id in self.held:
            expected = PutOutcome.REPLACED
        else:
            expected = PutOutcome.DUPLICATE if twins else PutOutcome.ADDED
        receipt = self.store.put(document, drafts)
        assert receipt.outcome is expected
        if expected is PutOutcome.DUPLICATE:
            assert receipt.duplicate_of in twins
        else:
            self.held[document.doc_id] = (document, drafts)
        self.revision += expected in {PutOutcome.ADDED, PutOutcome.REPLACED}
        assert receipt.revision == self.revision
        if expected in {PutOutcome.ADDED, PutOutcome.REPLACED}:
            self.look_at_new_ids(document.doc_id)

    def look_at_new_ids(self, doc_id):
        ids = [passage.passage_id for passage in self.store.passages_of(doc_id)]
        assert all(passage_id > self.newest_id for passage_id in ids)
        self.newest_id = max([self.newest_id, *ids])

    @rule(doc_id=IDS)
    def remove(self, doc_id):
        if doc_id not in self.held:
            with pytest.raises(DocumentNotFound):
                self.store.remove(doc_id)
            return
        ids = [passage.passage_id for passage in self.store.passages_of(doc_id)]
        assert self.store.remove(doc_id).passage_ids == tuple(sorted(ids))
        assert self.store.passages(ids) == {}
        del self.held[doc_id]
        self.revision += 1

    @rule()
    def cache(self):
        for entry in self.store.embedding_inputs(self.store.passage_ids()):
            self.cached[entry.embedding_key] = entry.text.encode()
        self.store.put_embeddings("f", self.cached.items())

    @rule()
    def reopen(self):
        self.store.close()
        self.store = CorpusStore.open(self.folder)

    @invariant()
    def the_store_holds_what_the_model_holds(self):
        if not hasattr(self, "store"):
            return
        assert self.store.revision == self.revision
        assert {info.doc_id for info in self.store.documents().documents} == set(self.held)
        for doc_id, (document, drafts) in self.held.items():
            assert self.store.document(doc_id) == document
            passages = self.store.passages_of(doc_id)
            assert [(p.span, p.heading, p.text) for p in passages] == [
                (draft.span, draft.heading, draft.span.of(document.text)) for draft in drafts
            ]
        assert len(self.store.passage_ids()) == sum(len(drafts) for _, drafts in self.held.values())
        self.only_used_embeddings_are_cached()

    def only_used_embeddings_are_cached(self):
        used = {
            embedding_key(document.title, draft.heading, draft.span.of(document.text))
            for document, drafts in self.held.values()
            for draft in drafts
        }
        self.cached = {key: vector for key, vector in self.cached.items() if key in used}
        assert self.store.embeddings("f", list(used)) == self.cached
        assert sum(self.store.embedding_counts().values()) == len(self.cached)


StoreModel.TestCase.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
TestStoreModel = StoreModel.TestCase
