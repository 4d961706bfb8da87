from __future__ import annotations

import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.documents import Block, BlockKind, PassageDraft, Span, embedding_key
from corpus.errors import DocumentNotFound, InvalidDocument, StoreUnavailable
from corpus.store import STORE_FILE, CorpusStore, PutOutcome
from corpus.writing import PART
from tests.corpus.documents import TEXTS, cut, drafts_of, make


@pytest.fixture
def store(tmp_path):
    with CorpusStore.open(tmp_path) as opened:
        yield opened


def test_a_document_comes_back_as_it_was_put(store):
    document = make(
        published="2024-02-29", source="Musterredaktion", url="https://example.org/ä?b=1", metadata={"b": "2", "a": "Ü"}
    )
    receipt = store.put(document, cut(document.text, heading="Chips"))
    assert (receipt.outcome, receipt.doc_id, receipt.duplicate_of, receipt.passages, receipt.revision) == (
        PutOutcome.ADDED,
        "eins",
        None,
        2,
        1,
    )
    assert store.document("eins") == document
    info = store.info("eins")
    assert (info.sha256, info.characters, info.passages) == (document.sha256, len(document.text), 2)
    assert info.ingested_at[10] == "T"
    assert info.ingested_at.endswith("Z")
    assert [passage.text for passage in store.passages_of("eins")] == [
        "Baidu baut eigene Chips. ",
        "Die Sanktionen greifen.",
    ]
    assert {passage.heading for passage in store.passages_of("eins")} == {"Chips"}
    assert [passage.ordinal for passage in store.passages_of("eins")] == [0, 1]


@pytest.mark.parametrize("first", ["new", f"new/{STORE_FILE}"])
def test_a_store_is_opened_by_its_file_or_its_folder(tmp_path, first):
    with CorpusStore.open(tmp_path / first) as store:
        store.put(make(), [])
    for path in (tmp_path / "new", tmp_path / "new" / STORE_FILE):
        with CorpusStore.open(path) as store:
            assert store.document("eins") == make()
            assert store.path == tmp_path / "new" / STORE_FILE


def test_the_same_again_changes_nothing(store):
    document = make(metadata={"a": "1", "b": "2"})
    blocks = [Block(BlockKind.TEXT, Span(0, 5)), Block(BlockKind.CLUTTER, Span(5, 7))]
    store.put(document, cut(document.text), blocks=blocks)
    before = store.passages_of("eins")
    again = make(metadata={"b": "2", "a": "1"})
    receipt = store.put(again, cut(again.text), blocks=blocks)
    assert (receipt.outcome, receipt.passages, receipt.revision) == (PutOutcome.UNCHANGED, 2, 1)
    assert store.passages_of("eins") == before
    assert store.blocks_of("eins") == blocks


@pytest.mark.parametrize(
    "changed",
    [
        {"text": "Ganz andere Worte stehen jetzt hier."},
        {"title": "Neuer Titel"},
        {"uri": "file:///moved"},
        {"media_type": "text/html"},
        {"language": "en"},
        {"published": "2024-01-01"},
        {"source": "Andere"},
        {"url": "https://example.org/"},
        {"metadata": {"a": "1"}},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_any_difference_replaces_the_document_and_its_passages(store, changed):
    store.put(make(), cut(make().text))
    old = [passage.passage_id for passage in store.passages_of("eins")]
    document = make(**changed)
    receipt = store.put(document, cut(document.text))
    assert (receipt.outcome, receipt.revision) == (PutOutcome.REPLACED, 2)
    assert store.document("eins") == document
    assert store.passages(old) == {}
    assert min(passage.passage_id for passage in store.passages_of("eins")) > max(old)
    assert store.check() == []


@pytest.mark.parametrize("drafts", [cut(make().text, 10), cut(make().text, heading="Neu"), []])
def test_other_passages_of_the_same_text_replace_the_document(store, drafts):
    store.put(make(), cut(make().text))
    assert store.put(make(), drafts).outcome is PutOutcome.REPLACED
    assert [(p.span, p.heading) for p in store.passages_of("eins")] == [(d.span, d.heading) for d in drafts]
    assert store.info("eins").passages == len(drafts)


def test_the_same_text_under_another_id_is_a_duplicate(store):
    store.put(make("eins"), cut(make().text))
    receipt = store.put(make("zwei", title="Anders"), cut(make().text))
    assert (receipt.outcome, receipt.duplicate_of, receipt.passages, receipt.revision) == (
        PutOutcome.DUPLICATE,
        "eins",
        0,
        1,
    )
    with pytest.raises(DocumentNotFound):
        store.document("zwei")
    assert store.counts().passages == 2


def test_a_removed_document_is_gone_and_its_ids_are_never_used_again(store):
    store.put(make(), cut(make().text))
    ids = tuple(store.passage_ids())
    removed = store.remove("eins")
    assert (removed.doc_id, removed.passage_ids, removed.revision) == ("eins", ids, 2)
    for ask in (store.document, store.info, store.blocks_of, store.passages_of, store.remove):
        with pytest.raises(DocumentNotFound) as caught:
            ask("eins")
        assert caught.value.field == "doc_id"
    assert store.passages(ids) == {}
    assert list(store.embedding_inputs(ids)) == []
    store.put(make(), cut(make().text))
    assert min(store.passage_ids()) > max(ids)
    assert store.revision == 3


@pytest.mark.parametrize(
    ("document", "drafts", "field"),
    [
        (make(text="NUL \0 darin"), [], "text"),
        (make(text="halbes \ud83d Paar"), [], "text"),
        (make(title="\udfff"), [], "title"),
        (make(metadata={"a": "\0"}), [], "metadata"),
        (make(metadata={"\0": "a"}), [], "metadata"),
        (make(source="\0"), [], "source"),
        (make(doc_id=""), [], "doc_id"),
        (make(published="2024-02-30"), [], "published"),
        (make(published="20240201"), [], "published"),
        (make(text="kurz"), [PassageDraft(Span(0, 5))], "passages"),
        (make(text="kurz"), [PassageDraft(Span(2, 2))], "passages"),
        (make(text="kurz"), [PassageDraft(Span(0, 4), "\0")], "heading"),
    ],
)
def test_what_could_not_be_given_back_is_refused_by_name(store, document, drafts, field):
    with pytest.raises(InvalidDocument) as caught:
        store.put(document, drafts)
    assert caught.value.field == field
    assert store.revision == 0
    assert store.documents().total == 0


@pytest.mark.parametrize("doc_id", ["nie", "", "\0", "\ud800", "eins\0"])
def test_an_unknown_id_is_not_found_whatever_it_holds(store, doc_id):
    store.put(make(), [])
    for ask in (store.document, store.info, store.passages_of, store.remove):
        with pytest.raises(DocumentNotFound):
            ask(doc_id)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_spans_are_exact_for_every_code_point(data, tmp_path_factory):
    text = data.draw(TEXTS)
    # Long enough that passages cross the borders between stored parts.
    text = text * data.draw(st.sampled_from([1, 2, PART // len(text), 2 * PART // len(text) + 1]))
    drafts = data.draw(drafts_of(text))
    document = make(text=text, title=data.draw(TEXTS), metadata={data.draw(TEXTS): data.draw(TEXTS)})
    with CorpusStore.open(tmp_path_factory.mktemp("spans")) as store:
        store.put(document, drafts)
        assert store.document("eins") == document
        held = store.passages_of("eins")
        assert [(p.span, p.text, p.heading) for p in held] == [(d.span, d.span.of(text), d.heading) for d in drafts]
        assert [s.passage for s in store.passages(p.passage_id for p in held).values()] == held
        inputs = list(store.embedding_inputs(store.passage_ids()))
        assert [i.text for i in inputs] == [d.span.of(text) for d in drafts]
        assert [i.embedding_key for i in inputs] == [
            embedding_key(document.title, d.heading, d.span.of(text)) for d in drafts
        ]
        assert store.check() == []


def test_passages_bring_their_document_and_leave_out_what_is_not_there(store):
    for number in range(3):
        document = make(f"d{number}", f"Text Nummer {number} hier.", source=f"Quelle {number}")
        store.put(document, cut(document.text, 8))
    ids = list(store.passage_ids())
    found = store.passages([ids[4], 10**12, ids[0], -1, ids[4]])
    assert list(found) == [ids[0], ids[4]]
    assert found[ids[4]].document == store.info("d1")
    assert found[ids[0]].passage.text == "Text Num"
    assert store.passages([]) == {}


def test_embedding_inputs_keep_the_order_asked_for_over_many_blocks(store):
    document = make(text="Wort " * 1500)
    store.put(document, cut(document.text, 5))
    ids = list(store.passage_ids())[::-1]
    inputs = list(store.embedding_inputs([*ids, 10**12]))
    assert [entry.passage_id for entry in inputs] == ids
    assert inputs[0][2:] == ("Titel", "", "Wort ", "de")


def test_a_closed_store_says_so_and_closes_again_without_complaint(tmp_path):
    store = CorpusStore.open(tmp_path)
    thread = threading.Thread(target=store.counts)
    thread.start()
    thread.join()
    store.close()
    store.close()
    for ask in (lambda: store.revision, store.counts, lambda: store.put(make(), []), lambda: store.remove("eins")):
        with pytest.raises(StoreUnavailable):
            ask()
    assert [path.name for path in tmp_path.iterdir()] == [STORE_FILE]


def test_counts_add_up(store):
    store.put(make("a", "erster Text", source="X"), cut("erster Text", 4))
    store.put(make("b", "second text", source="Y", language="en"), cut("second text", 6))
    store.put(make("c", "dritter Text", source="X"), [])
    store.put(make("d", "vierter Text"), [])
    keys = [entry.embedding_key for entry in store.embedding_inputs(store.passage_ids())]
    store.put_embeddings("f", [(keys[0], b"v")])
    counts = store.counts()
    assert (counts.documents, counts.passages, counts.embeddings, counts.sources) == (4, 5, 1, 2)
    assert counts.languages == {"de": 3, "en": 1}
    assert store.sources() == [("X", 2), ("Y", 1)]
