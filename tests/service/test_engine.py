from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from corpus.documents import Filters
from corpus.errors import DocumentNotFound, StoreLocked
from corpus.ingest import LedgerOutcome, ingest
from corpus.locking import WriterLock
from index.errors import EncoderUnavailable, IndexCorrupt, IndexMismatch
from service import answering
from service.answers import Outcome
from service.citations import verify_quote
from service.engine import Engine
from service.errors import InvalidQuestion, InvalidRequest, Overloaded
from service.settings import Settings
from tests.fakes import HashingEncoder
from tests.service.articles import ARTICLES, QUESTION, inputs_of, settings_for
from tests.service.model_stub import fails, says, stub_server


class RecordingEncoder(HashingEncoder):
    """Remembers which articles it was given: what calibrates itself at start may encode texts of its own."""

    def __init__(self, dimension: int = 64, name: str = "hashing") -> None:
        super().__init__(dimension, name)
        self.articles: list[str] = []

    def encode_passages(self, texts: Any, progress: Any = None) -> Any:
        titles = [each["title"] for each in ARTICLES]
        self.articles += [text for text in texts if text.startswith(tuple(titles))]
        return super().encode_passages(texts, progress)


def test_ingest_reports_every_entry_once_it_is_on_disk(settings: Settings) -> None:
    with Engine.open(settings, encoder=HashingEncoder()) as engine:
        seen: list[tuple[str, int]] = []
        encoded: list[tuple[int, int]] = []
        ledger = engine.ingest(
            inputs_of(settings, *ARTICLES, {"text": ""}),
            on_entry=lambda entry: seen.append((entry.outcome.value, engine.store.counts().documents)),
            progress=lambda done, total: encoded.append((done, total)),
        )
        assert seen == [("added", 1), ("added", 2), ("added", 3), ("rejected", 3)]
        assert ledger.counts[LedgerOutcome.ADDED] == 3
        assert encoded[-1] == (3, 3)
        assert engine.behind == 0
        assert {found.document.doc_id for found in engine.search("Baidu Tencent grid", k=9).passages} == {
            each["doc_id"] for each in ARTICLES
        }


def test_every_citation_is_proved_and_timed(engine: Engine) -> None:
    answer = engine.ask(QUESTION)
    assert answer.outcome is Outcome.ANSWERED
    assert answer.revision == engine.store.revision
    assert answer.timings["total"] >= max(answer.timings["dense"], answer.timings["answer"])
    for proof in answer.citations:
        text = engine.store.document(proof.document.doc_id).text
        assert verify_quote(text, proof.quote, proof.span.start, proof.span.end)


def test_limits_hold_for_every_door(engine: Engine) -> None:
    with pytest.raises(InvalidQuestion, match="k: expected 1 to 100"):
        engine.ask(QUESTION, k=101)
    with pytest.raises(InvalidQuestion):
        engine.search("   ")


def test_filters_reach_both_legs(engine: Engine) -> None:
    found = engine.search(QUESTION, k=9, filters=Filters(sources=("Südblatt",)))
    assert [each.document.doc_id for each in found.passages] == ["tencent-vorrat"]
    assert engine.ask(QUESTION, filters=Filters(sources=("Westblatt",))).outcome is Outcome.ABSTAINED


def test_the_index_is_opened_again_without_encoding(engine: Engine, settings: Settings) -> None:
    before = engine.ask(QUESTION)
    encoder = RecordingEncoder()
    with Engine.open(settings, encoder=encoder) as again:
        after = again.ask(QUESTION)
    assert encoder.articles == []
    assert replace(after, timings={}) == replace(before, timings={})


def test_a_store_that_is_ahead_is_caught_up_with_when_it_opens(settings: Settings) -> None:
    encoder = HashingEncoder()
    with Engine.open(settings, encoder=encoder) as engine:
        engine.ingest(inputs_of(settings, ARTICLES[0]))

        ingest(engine.store, inputs_of(settings, ARTICLES[1]), limits=settings.limits)  # as if killed before indexing
        assert engine.behind == 1
        assert engine.status().behind == 1
    with Engine.open(settings, encoder=HashingEncoder()) as engine:
        assert engine.behind == 0
        assert {each.document.doc_id for each in engine.search("Tencent Vorrat", k=9).passages} == {
            "baidu-chips",
            "tencent-vorrat",
        }


def test_another_writer_is_waited_for_without_failing_to_open(engine: Engine, settings: Settings) -> None:
    held, release = threading.Event(), threading.Event()

    def hold() -> None:
        with WriterLock(settings.data):
            held.set()
            release.wait(30)

    thread = threading.Thread(target=hold)
    thread.start()
    assert held.wait(30)
    try:
        with pytest.raises(StoreLocked):
            engine.ingest(inputs_of(settings, ARTICLES[0]))
        with pytest.raises(StoreLocked):
            engine.remove("grid")
        assert engine.ask(QUESTION).outcome is Outcome.ANSWERED  # reading goes on
    finally:
        release.set()
        thread.join()
    assert engine.remove("grid").passages_removed == 1


def test_a_removal_is_proved(engine: Engine) -> None:
    gone = [each.passage_id for each in engine.store.passages_of("baidu-chips")]
    receipt = engine.remove("baidu-chips")
    assert (receipt.passages_removed, receipt.dense_hits, receipt.lexical_hits) == (len(gone), 0, 0)
    assert receipt.revision == engine.store.revision
    found = engine.search(QUESTION, k=50)
    assert not {each.passage.passage_id for each in found.passages} & set(gone)
    with pytest.raises(DocumentNotFound):
        engine.remove("baidu-chips")


def test_a_removal_that_an_index_does_not_follow_is_an_error(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    index = engine._index
    stale = index.generation
    monkeypatch.setattr(index, "sync", lambda progress=None: stale)

    with pytest.raises(IndexCorrupt, match="still indexed"):
        engine.remove("baidu-chips")


def test_an_empty_store_abstains(settings: Settings) -> None:
    with Engine.open(settings, encoder=HashingEncoder()) as engine:
        answer = engine.ask("Was frisst der Fuchs?")
        assert (answer.outcome, answer.reason) == (Outcome.ABSTAINED, answering.NO_DOCUMENTS)
        assert answer.language == "de"
        assert engine.search("What does the fox eat?").language == "en"


def test_another_encoder_is_noticed_and_offered_a_rebuild(engine: Engine, settings: Settings) -> None:
    other = RecordingEncoder(dimension=32, name="other")
    with Engine.open(settings, encoder=other) as changed:
        with pytest.raises(IndexMismatch, match="hashing-64"):
            changed.ask(QUESTION)
        with pytest.raises(IndexMismatch):
            changed.ingest(inputs_of(settings, {"text": "Noch ein Satz über Chips."}))
        assert changed.store.counts().documents == 3  # refused before anything was written
        assert any("fundstelle rebuild" in note for note in changed.notes.all())
        assert not changed.readiness()["index"].ok
        changed.rebuild()
        assert changed.ask(QUESTION).outcome is Outcome.ANSWERED
        assert all(check.ok for check in changed.readiness().values())
    assert len(other.articles) == 3


def test_an_engine_that_waits_for_a_rebuild_takes_up_that_of_another(engine: Engine, settings: Settings) -> None:
    with Engine.open(settings, encoder=HashingEncoder(name="other")) as waiting:
        with pytest.raises(IndexMismatch):
            waiting.ask(QUESTION)
        with Engine.open(settings, encoder=HashingEncoder(name="other")) as rebuilding:
            rebuilding.rebuild()
        assert waiting.ask(QUESTION).outcome is Outcome.ANSWERED


def test_a_damaged_index_is_rebuilt_from_the_truth_and_said_so(engine: Engine, settings: Settings) -> None:
    before = engine.search(QUESTION, k=9)
    engine.close()
    damaged = [path for path in (settings.data / "index").rglob("*") if path.suffix in (".faiss", ".npy", ".store")]
    assert damaged
    content = bytearray(damaged[0].read_bytes())
    content[len(content) // 2] ^= 0xFF
    damaged[0].write_bytes(content)
    encoder = RecordingEncoder()
    with Engine.open(settings, encoder=encoder) as again:
        assert encoder.articles == []
        assert any(damaged[0].name in note for note in again.notes.all())
        assert [each.passage.passage_id for each in again.search(QUESTION, k=9).passages] == [
            each.passage.passage_id for each in before.passages
        ]
        assert again.verify().sound


def test_verify_tells_store_from_index(engine: Engine, settings: Settings) -> None:
    assert engine.verify().sound
    (file,) = list((settings.data / "index").glob("gen-*/dense-*"))
    file.write_bytes(file.read_bytes()[:-1])
    whole = engine.verify()
    assert (whole.sound, whole.store) == (False, ())
    assert file.name in whole.index[0]
    engine.rebuild()
    assert engine.verify().sound


def test_status_needs_neither_model_nor_index(engine: Engine, settings: Settings) -> None:
    with Engine.open(settings, encoder=HashingEncoder(), prepare=False) as idle:
        status = idle.status()
        assert idle._index.generation is None
    assert (status.counts.documents, status.counts.passages, status.behind) == (3, 3, 0)
    assert status.index is not None
    assert (status.index.passages, status.index.dimension) == (3, 64)
    assert status.fingerprint == status.index.fingerprint == "hashing-64"
    assert status.notes == ()
    assert status.store_bytes > 0


def test_status_of_an_empty_folder_with_a_missing_encoder(tmp_path: Path) -> None:
    settings = settings_for(tmp_path / "data", encoder=str(tmp_path / "nowhere"))
    with Engine.open(settings, prepare=False) as engine:
        status = engine.status()
        assert (status.index, status.fingerprint, status.behind) == (None, None, 0)
        assert "nowhere" in status.notes[0]


def test_a_missing_encoder_is_said_when_it_is_needed(tmp_path: Path) -> None:
    settings = settings_for(tmp_path / "data", encoder=str(tmp_path / "nowhere"))
    with Engine.open(settings) as engine, pytest.raises(EncoderUnavailable, match="nowhere"):
        engine.ingest(inputs_of(settings, ARTICLES[0]))


def test_verify_quote_needs_both_ends(engine: Engine) -> None:
    with pytest.raises(InvalidRequest):
        engine.verify_quote("grid", "x", 3)
    checked = engine.verify_quote("grid", "power lines")
    assert (checked.verified, checked.found, len(checked.occurrences)) == (True, None, 1)


def test_a_stopping_engine_ends_its_building_and_the_next_goes_on(settings: Settings) -> None:
    with Engine.open(settings, encoder=HashingEncoder()) as engine:
        engine.stop()
        with pytest.raises(Overloaded, match="stopping"):
            engine.ingest(inputs_of(settings, *ARTICLES))
        assert engine.store.counts().documents == 3  # acknowledged is acknowledged
    with Engine.open(settings, encoder=HashingEncoder()) as engine:
        assert engine.search("Baidu").passages


def test_a_document_is_read_at_one_revision(engine: Engine) -> None:
    info, document, passages = engine.document("baidu-chips")
    assert info.sha256 == document.sha256
    assert all(each.span.of(document.text) == each.text for each in passages)


def test_the_language_model_words_the_answer(tmp_path: Path) -> None:
    with stub_server() as stub:
        settings = settings_for(tmp_path, llm_url=stub.url, llm_model="small")
        stub.reply = says("Baidu entwickelt eigene Chips [1].")
        with Engine.open(settings, encoder=HashingEncoder()) as engine:
            engine.ingest(inputs_of(settings, *ARTICLES))
            answer = engine.ask(QUESTION)
            assert (answer.generator, answer.text) == ("language_model", "Baidu entwickelt eigene Chips. [1]")
            (proof,) = answer.citations
            text = engine.store.document(proof.document.doc_id).text
            assert verify_quote(text, proof.quote, proof.span.start, proof.span.end)
            stub.reply = fails(503)
            fallen = engine.ask(QUESTION)
            assert fallen.generator == "extractive"
            assert fallen.citations
            assert fallen.reason
            assert "503" in fallen.reason
