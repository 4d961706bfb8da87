from __future__ import annotations

import json
import logging

import pytest

from corpus import ingest as ingesting
from corpus.errors import DocumentTooLarge, StoreCorrupt, StoreFull, StoreLocked, StoreUnavailable
from corpus.ingest import Ledger, LedgerOutcome, ingest
from corpus.limits import Limits
from corpus.sources import RawInput, Rejected, read_paths
from corpus.store import CorpusStore

LIMITS = Limits()
ARTICLE = """# Baidu setzt auf eigene Chips

Der Konzern Baidu entwickelt seine Chips inzwischen selbst. Die Sanktionen der Vereinigten Staaten treffen ihn deshalb
weniger als andere Anbieter.

## Ausblick

Im kommenden Jahr soll ein Rechenzentrum mit 30.000 eigenen Beschleunigern den Betrieb aufnehmen.
"""


@pytest.fixture
def store(tmp_path):
    with CorpusStore.open(tmp_path / "data") as opened:
        yield opened


def raw(name="baidu.md", text=ARTICLE, media_type="text/markdown", **fields):
    return RawInput(f"file:///{name}", media_type, text.encode() if isinstance(text, str) else text, fields)


def outcomes(ledger):
    return [entry.outcome.value for entry in ledger.entries]


def test_an_article_is_read_cut_and_stored(store):
    ledger = ingest(store, [raw(doc_id="baidu", source="Musterredaktion")], limits=LIMITS)
    (entry,) = ledger.entries
    assert entry.outcome is LedgerOutcome.ADDED
    assert (entry.uri, entry.doc_id, entry.title, entry.language) == (
        "file:///baidu.md",
        "baidu",
        "Baidu setzt auf eigene Chips",
        "de",
    )
    assert (entry.duplicate_of, entry.code, entry.reason) == (None, None, None)
    document = store.document("baidu")
    passages = store.passages_of("baidu")
    assert entry.passages == len(passages) == 2
    assert all(passage.text == passage.span.of(document.text) for passage in passages)
    assert [passage.heading for passage in passages] == ["", "Ausblick"]
    assert passages[1].text.startswith("Im kommenden Jahr")
    assert store.info("baidu").source == "Musterredaktion"
    assert store.blocks_of("baidu") != []
    assert ledger.changed


def test_every_outcome_has_its_line_and_the_lines_add_up(store):
    inputs = [
        raw("a.md", doc_id="a"),
        raw("a.md", doc_id="a"),
        raw("a.md", ARTICLE.replace("30.000", "40.000"), doc_id="a"),
        raw("b.md", ARTICLE.replace("30.000", "40.000"), doc_id="b"),
        raw("c.md", "", doc_id="c"),
        Rejected("file:///d.md", DocumentTooLarge("Bytes: 9 is over max_bytes = 8.", field="max_bytes", limit=8)),
        raw("e.md", doc_id="not allowed!"),
        raw("f.bin", b"\x7fELF\x00\x01\x02", media_type="application/x-executable"),
        raw("g.md", ARTICLE.replace("30.000", "50.000"), doc_id="g"),
    ]
    heard = []
    ledger = ingest(store, iter(inputs), limits=LIMITS, on_entry=heard.append)
    assert outcomes(ledger) == [
        "added",
        "unchanged",
        "replaced",
        "duplicate",
        "rejected",
        "rejected",
        "rejected",
        "rejected",
        "added",
    ]
    assert heard == list(ledger.entries)
    assert [entry.uri for entry in heard] == [given.uri for given in inputs]
    assert ledger.entries[3].duplicate_of == "a"
    assert [entry.code for entry in ledger.entries[4:8]] == [
        "empty_document",
        "document_too_large",
        "invalid_document",
        "unsupported_media_type",
    ]
    assert all(entry.reason and entry.passages == 0 for entry in ledger.entries[4:8])
    assert {outcome.value: number for outcome, number in ledger.counts.items()} == {
        "added": 2,
        "unchanged": 1,
        "replaced": 1,
        "duplicate": 1,
        "rejected": 4,
    }
    assert sum(ledger.counts.values()) == len(inputs)
    assert {info.doc_id for info in store.documents().documents} == {"a", "g"}
    assert store.revision == 3


def test_nothing_in_nothing_out(store):
    ledger = ingest(store, [], limits=LIMITS)
    assert ledger == Ledger()
    assert sum(ledger.counts.values()) == 0
    assert not ledger.changed


def test_an_entry_is_heard_only_when_its_document_is_there(store, tmp_path):
    with CorpusStore.open(tmp_path / "data") as other:

        def look(entry):
            assert other.info(entry.doc_id).passages == entry.passages

        inputs = [raw(f"{n}.md", ARTICLE.replace("30.000", str(n)), doc_id=f"d{n}") for n in range(5)]
        ingest(store, inputs, limits=LIMITS, on_entry=look)
        assert other.documents().total == 5


def test_invisible_characters_are_counted(store):
    (entry,) = ingest(store, [raw(text=ARTICLE.replace("Chips", "Ch\u00adi\u200bps"))], limits=LIMITS).entries
    assert entry.invisible_removed == 4
    assert "\u00ad" not in store.document(entry.doc_id).text


def test_the_default_source_holds_where_none_is_given(store):
    inputs = [raw("a.md", doc_id="a"), raw("b.md", ARTICLE + "\nMehr dazu morgen.", doc_id="b", source="Eigene")]
    ingest(store, inputs, limits=LIMITS, default_source="Archiv")
    assert (store.info("a").source, store.info("b").source) == ("Archiv", "Eigene")


@pytest.mark.parametrize("failing", ["extract", "chunk"])
@pytest.mark.parametrize("error", [RuntimeError("kaputt"), RecursionError(), MemoryError(), KeyError("x"), OSError(5)])
def test_whatever_a_library_raises_over_one_input_the_rest_go_on(store, monkeypatch, caplog, failing, error):
    real = getattr(ingesting, failing)

    def sometimes(given, *arguments, **options):
        text = given.data.decode() if isinstance(given, RawInput) else given
        if "Bombe" in text:
            raise error
        return real(given, *arguments, **options)

    monkeypatch.setattr(ingesting, failing, sometimes)
    inputs = [raw("a.md", doc_id="a"), raw("b.md", ARTICLE + "Bombe", doc_id="b"), raw("c.md", ARTICLE + "C")]
    with caplog.at_level(logging.DEBUG, logger="corpus.ingest"):
        ledger = ingest(store, inputs, limits=LIMITS)
    assert outcomes(ledger) == ["added", "rejected", "added"]
    entry = ledger.entries[1]
    assert entry.code == "extraction_failed"
    assert type(error).__name__ in entry.reason
    assert any(record.exc_info and "b.md" in record.getMessage() for record in caplog.records)


def test_a_person_who_interrupts_is_obeyed(store, monkeypatch):
    def interrupt(*_arguments, **_options):
        raise KeyboardInterrupt

    monkeypatch.setattr(ingesting, "extract", interrupt)
    with pytest.raises(KeyboardInterrupt):
        ingest(store, [raw()], limits=LIMITS)


@pytest.mark.parametrize("error", [StoreFull, StoreLocked, StoreCorrupt, StoreUnavailable])
def test_trouble_with_the_store_is_reported_and_then_raised(store, monkeypatch, error):
    real = store.put

    def put(document, drafts, *, blocks):
        if document.doc_id == "b":
            raise error("der Grund")
        return real(document, drafts, blocks=blocks)

    monkeypatch.setattr(store, "put", put)
    heard = []
    inputs = iter([raw(f"{name}.md", ARTICLE + name, doc_id=name) for name in ("a", "b", "c")])
    with pytest.raises(error, match="der Grund"):
        ingest(store, inputs, limits=LIMITS, on_entry=heard.append)
    assert [(entry.doc_id, entry.outcome.value, entry.code) for entry in heard] == [
        ("a", "added", None),
        ("b", "rejected", error.code),
    ]
    assert [given.uri for given in inputs] == ["file:///c.md"]
    assert store.info("a").passages == heard[0].passages


def test_a_full_disk_keeps_what_was_acknowledged(store):
    with store._database.writing() as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages + 12}")
    heard = []
    inputs = [raw(f"{n}.md", ARTICLE + f"\nNummer {n}. " * 90, doc_id=f"d{n}") for n in range(40)]
    with pytest.raises(StoreFull):
        ingest(store, inputs, limits=LIMITS, on_entry=heard.append)
    *acknowledged, last = heard
    assert acknowledged
    assert (last.outcome, last.code) == (LedgerOutcome.REJECTED, "store_full")
    assert {info.doc_id for info in store.documents().documents} == {entry.doc_id for entry in acknowledged}
    assert store.check() == []


def test_replaced_words_leave_the_disk_with_the_run(store, tmp_path):
    secret = "Der Vertrag mit der Bank Rotkehlchen wurde gekündigt."
    ingest(store, [raw(text=ARTICLE + "\n" + secret, doc_id="a")], limits=LIMITS)
    ingest(store, [raw(doc_id="a")], limits=LIMITS)
    held = b"".join(path.read_bytes() for path in (tmp_path / "data").iterdir())
    assert secret.encode() not in held


def test_a_folder_with_one_bad_file_among_good_ones(store, tmp_path):
    folder = tmp_path / "inputs"
    (folder / "unter").mkdir(parents=True)
    (folder / "a.md").write_text(ARTICLE, encoding="utf-8")
    (folder / "b.pdf").write_bytes(b"%PDF-1.7 this is all there is")
    (folder / "leer.txt").write_bytes(b"")
    old = "Der Ölpreis fällt. Händler in Köln erwarten mehr Angebot."
    (folder / "unter" / "c.txt").write_bytes(old.encode("cp1252"))
    lines = [{"doc_id": "j1", "text": "Tencent meldet einen Gewinn von 5,3 Mrd. Euro."}, {"text": 7}]
    (folder / "d.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines) + "{kaputt\n", encoding="utf-8")
    first = ingest(store, read_paths([folder], LIMITS), limits=LIMITS)
    assert sorted(outcomes(first)) == ["added"] * 3 + ["rejected"] * 4
    texts = {store.document(info.doc_id).text for info in store.documents().documents}
    assert {old, "Tencent meldet einen Gewinn von 5,3 Mrd. Euro."} < texts
    second = ingest(store, read_paths([folder], LIMITS), limits=LIMITS)
    assert sorted(outcomes(second)) == ["rejected"] * 4 + ["unchanged"] * 3
    assert not second.changed
    assert store.check() == []
