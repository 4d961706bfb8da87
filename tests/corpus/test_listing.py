from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.documents import DocumentInfo, Filters
from corpus.store import CorpusStore
from tests.corpus.documents import cut, make

SOURCES = (None, "", "Musterredaktion", "musterredaktion", "Ab", "Straße & Co. %_'\"", "😀")
LANGUAGES = ("de", "en", "und")
DATES = (None, "0001-01-01", "2023-12-31", "2024-01-01", "2024-02-29", "9999-12-31")
TITLES = ("Öl und Gas", "ÖL", "Strasse", "100 % mehr", "a_b")


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    with CorpusStore.open(tmp_path_factory.mktemp("listing")) as opened:
        for number in range(60):
            text = f"Dokument {number} {'x' * (number % 4)}"
            document = make(
                f"d{number:02d}",
                text,
                title=TITLES[number % len(TITLES)],
                source=SOURCES[number * 5 % len(SOURCES)],
                language=LANGUAGES[number * 7 % len(LANGUAGES)],
                published=DATES[number * 11 % len(DATES)],
            )
            opened.put(document, cut(text, 5) if number % 9 else [])
        opened.remove("d07")
        yield opened


def values(known, *others):
    return st.lists(st.one_of(st.sampled_from(known), st.sampled_from(others)), max_size=3).map(tuple)


FILTERS = st.builds(
    Filters,
    sources=values([source for source in SOURCES if source is not None], "nie", "Ab\0c", "\ud800"),
    languages=values(LANGUAGES, "fr", "DE"),
    doc_ids=values([f"d{number:02d}" for number in range(60)], "d7", "\0", "d0\0"),
    published_from=st.sampled_from([*DATES, "2024-01-02", "2024", "\ud800", ""]),
    published_to=st.sampled_from([*DATES, "2024-01-02", "2024", ""]),
)


def holds(filters: Filters, document: DocumentInfo) -> bool:
    """The filters' meaning, spelled out a second time."""
    if filters.sources and document.source not in filters.sources:
        return False
    if filters.languages and document.language not in filters.languages:
        return False
    if filters.doc_ids and document.doc_id not in filters.doc_ids:
        return False
    if (filters.published_from or filters.published_to) and document.published is None:
        return False
    published = document.published or ""
    return not (filters.published_from and published < filters.published_from) and not (
        filters.published_to and published > filters.published_to
    )


@settings(max_examples=300, deadline=None)
@given(filters=FILTERS)
def test_filters_choose_what_a_plain_comparison_chooses(store, filters):
    everything = store.documents(limit=1000).documents
    expected = [document for document in everything if holds(filters, document)]
    page = store.documents(filters, limit=1000)
    assert list(page.documents) == expected
    assert page.total == len(expected)
    ids = [passage.passage_id for document in expected for passage in store.passages_of(document.doc_id)]
    assert list(store.passage_ids(filters)) == sorted(ids)


def test_the_newest_come_first_and_the_undated_last(store):
    documents = store.documents(limit=1000).documents
    assert len(documents) == 59
    dated = [document for document in documents if document.published]
    assert list(documents[: len(dated)]) == dated
    assert dated == sorted(sorted(dated, key=lambda d: d.doc_id), key=lambda d: d.published or "", reverse=True)
    undated = [document.doc_id for document in documents[len(dated) :]]
    assert undated == sorted(undated)


@settings(max_examples=50, deadline=None)
@given(limit=st.integers(0, 70), offset=st.integers(0, 70))
def test_pages_follow_each_other(store, limit, offset):
    everything = store.documents(limit=1000).documents
    page = store.documents(limit=limit, offset=offset)
    assert page.documents == everything[offset : offset + limit]
    assert page.total == 59


@pytest.mark.parametrize(
    ("query", "titles", "sources"),
    [
        ("öl", {"Öl und Gas", "ÖL"}, set()),
        ("O\u0308L", {"Öl und Gas", "ÖL"}, set()),
        ("STRASSE", {"Strasse"}, {"Straße & Co. %_'\""}),
        ("%", {"100 % mehr"}, {"Straße & Co. %_'\""}),
        ("a_b", {"a_b"}, set()),
        (" musterREDAKTION ", set(), {"Musterredaktion", "musterredaktion"}),
        ("nirgends", set(), set()),
        ("\0", set(), set()),
        ("\ud800", set(), set()),
    ],
)
def test_a_query_is_looked_for_in_title_and_source_whatever_its_case(store, query, titles, sources):
    everything = store.documents(limit=1000).documents
    expected = [d for d in everything if d.title in titles or d.source in sources]
    page = store.documents(query=query, limit=1000)
    assert list(page.documents) == expected
    assert page.total == len(expected)


def test_an_empty_query_is_none(store):
    assert store.documents(query="  ") == store.documents()


def test_a_query_and_filters_must_both_hold(store):
    page = store.documents(Filters(languages=("de",)), query="öl", limit=1000)
    assert page.documents
    assert all(document.language == "de" and "l" in document.title.lower() for document in page.documents)


@pytest.mark.parametrize("bounds", [{"limit": -1}, {"offset": -1}])
def test_negative_bounds_are_a_mistake(store, bounds):
    with pytest.raises(ValueError, match="count from 0"):
        store.documents(**bounds)


def test_no_documents_no_passages(tmp_path):
    with CorpusStore.open(tmp_path) as empty:
        assert list(empty.passage_ids()) == []
        assert empty.passage_ids().typecode == "q"
        assert empty.documents().documents == ()
        assert empty.sources() == []
        assert empty.counts().languages == {}
