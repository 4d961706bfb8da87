from __future__ import annotations

import threading
from pathlib import Path

import pytest

import index.encoder
from corpus.documents import Span
from index.errors import EncoderUnavailable
from service.lazy_encoder import LazyEncoder
from service.settings import Settings
from tests.fakes import HashingEncoder


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str | None, str | None]]:
    """What was loaded, with which prompts; words for an encoder take its place."""
    seen: list[tuple[str, str | None, str | None]] = []

    def load(name: str, *, query_prompt: str | None, passage_prompt: str | None) -> HashingEncoder:
        seen.append((name, query_prompt, passage_prompt))
        return HashingEncoder()

    monkeypatch.setattr(index.encoder, "load_encoder", load)
    monkeypatch.setattr(index.encoder, "encoder_fingerprint", lambda name, **_: f"read-{name}")
    return seen


def test_it_loads_on_first_use_and_once(loads: list[tuple[str, str | None, str | None]]) -> None:
    encoder = LazyEncoder(Settings(encoder="modell", query_prompt="query: ", passage_prompt=""))
    assert encoder.fingerprint == "read-modell"
    assert not encoder.loaded
    assert loads == []
    threads = [threading.Thread(target=encoder.encode_questions, args=(["Wer?"],)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert loads == [("modell", "query: ", "")]
    assert encoder.loaded
    assert encoder.fingerprint == "hashing-64"
    assert encoder.dimension == 64


def test_it_is_the_encoder_it_loads(loads: list[tuple[str, str | None, str | None]]) -> None:
    lazy, real = LazyEncoder(Settings()), HashingEncoder()
    texts = ["Ein Satz. Noch einer.", "Dritter."]
    spans = [[Span(0, 9), Span(10, 21)], [Span(0, 8)]]
    assert (lazy.encode_questions(texts) == real.encode_questions(texts)).all()
    assert (lazy.encode_passages(texts) == real.encode_passages(texts)).all()
    whole, parts = lazy.encode_with_sentences(texts, spans)
    expected, expected_parts = real.encode_with_sentences(texts, spans)
    assert (whole == expected).all()
    assert all((one == other).all() for one, other in zip(parts, expected_parts, strict=True))


def test_a_model_that_is_not_here_yet_is_loaded_for_its_fingerprint_but_not_for_a_look(
    loads: list[tuple[str, str | None, str | None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(name: str, **_: object) -> str:
        raise EncoderUnavailable(f"{name} has not been downloaded yet")

    monkeypatch.setattr(index.encoder, "encoder_fingerprint", missing)
    encoder = LazyEncoder(Settings(encoder="intfloat/multilingual-e5-small"))
    with pytest.raises(EncoderUnavailable):
        encoder.local_fingerprint()
    assert loads == []
    assert encoder.fingerprint == "hashing-64"
    assert len(loads) == 1
    assert encoder.local_fingerprint() == "hashing-64"


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    encoder = LazyEncoder(Settings(encoder=str(tmp_path / "nowhere")))
    for use in (lambda: encoder.fingerprint, encoder.load, lambda: encoder.encode_questions(["x"])):
        with pytest.raises(EncoderUnavailable, match="nowhere"):
            use()
    assert not encoder.loaded
