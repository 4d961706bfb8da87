from __future__ import annotations

import threading
from pathlib import Path

import pytest

import index.encoder
from corpus.documents import Span
from index.backends import AUTO, FLOAT32, TORCH
from index.backends.calibration import Choice, Trial
from index.errors import EncoderUnavailable
from service.lazy_encoder import CALIBRATION, LazyEncoder
from service.settings import Settings
from tests.fakes import HashingEncoder

Loads = list[dict[str, object]]


class Chosen(HashingEncoder):
    choice = Choice(TORCH, FLOAT32, (Trial(TORCH, 30.0, 13.14, 1.0), Trial(FLOAT32, 41.4, 13.5, 1.0)))


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> Loads:
    """What was loaded, and how; words for an encoder take its place."""
    seen: Loads = []

    def load(name: str, **options: object) -> Chosen:
        seen.append({"name": name, **options})
        return Chosen()

    monkeypatch.setattr(index.encoder, "load_encoder", load)
    monkeypatch.setattr(index.encoder, "encoder_fingerprint", lambda name, **_: f"read-{name}")
    return seen


def test_it_loads_on_first_use_and_once(loads: Loads) -> None:
    encoder = LazyEncoder(
        Settings(encoder="modell", query_prompt="query: ", passage_prompt="", threads=3, data=Path("here"))
    )
    assert encoder.fingerprint == "read-modell"
    assert not encoder.loaded
    assert encoder.runs_on == ""
    assert loads == []
    threads = [threading.Thread(target=encoder.encode_questions, args=(["Wer?"],)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert loads == [
        {
            "name": "modell",
            "query_prompt": "query: ",
            "passage_prompt": "",
            "backend": AUTO,
            "threads": 3,
            "memory": Path("here") / CALIBRATION,
        }
    ]
    assert encoder.loaded
    assert encoder.runs_on == "passages by openvino-f32 (41/s), questions by torch (13.1 ms)"
    assert encoder.fingerprint == "hashing-64"
    assert encoder.dimension == 64


def test_it_is_the_encoder_it_loads(loads: Loads) -> None:
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
    loads: Loads, monkeypatch: pytest.MonkeyPatch
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
