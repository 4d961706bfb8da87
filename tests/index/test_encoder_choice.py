"""Which path an encoder takes: what is calibrated, remembered, and imported."""

from __future__ import annotations

import logging
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from index import encoder as encoding
from index.backends import BFLOAT16, FLOAT32, INT8, TORCH, compiled
from index.backends.calibration import Choice, Trial
from index.backends.memory import circumstances, recall, remember
from index.encoder import encoder_fingerprint, load_encoder
from index.errors import EncoderUnavailable
from index.model_folder import locate

pytestmark = pytest.mark.model

TRIALS = (Trial(TORCH, 30, 13, 1.0), Trial(FLOAT32, 40, 6, 1.0), Trial(INT8, refused="it was raining"))
GERMAN = "Die Stadt sperrt die Brücke für Lastwagen."
ENGLISH = "Why was the bridge closed to lorries?"


@pytest.fixture
def memory(tmp_path) -> Path:
    return tmp_path / "encoder-calibration.json"


@pytest.fixture
def calibrations(monkeypatch) -> list[Choice | None]:
    """The choices that calibrations will make, the first one first; empty when all have been made."""
    ahead = [Choice(FLOAT32, FLOAT32, TRIALS)]
    monkeypatch.setattr(encoding, "calibrate_apart", lambda _: ahead.pop(0))
    return ahead


def test_a_calibration_is_made_once_and_remembered(memory, calibrations, caplog):
    with caplog.at_level(logging.INFO):
        first = load_encoder(memory=memory)
    assert first.choice == Choice(FLOAT32, FLOAT32, TRIALS)
    assert "openvino-int8 is not used for the encoder: it was raining" in caplog.text
    assert calibrations == []
    second = load_encoder(memory=memory)
    assert second.choice == first.choice
    assert np.array_equal(second.encode_questions([ENGLISH]), first.encode_questions([ENGLISH]))


def test_a_calibration_that_did_not_end_well_is_made_again_by_the_next_start(memory, calibrations):
    calibrations[:] = [None]
    assert load_encoder(memory=memory).choice == Choice(TORCH, TORCH)
    assert not memory.exists()


def test_a_damaged_memory_is_written_anew(memory, calibrations):
    memory.write_text('{"kept": {}, "sha256": "0"}', encoding="utf-8")
    assert load_encoder(memory=memory).choice.passages == FLOAT32
    assert recall(memory, circumstances(encoder_fingerprint(), 0)) == Choice(FLOAT32, FLOAT32, TRIALS)


def test_a_remembered_path_that_does_not_run_any_more_is_chosen_again(memory, calibrations, monkeypatch, caplog):
    remember(memory, circumstances(encoder_fingerprint(), 0), Choice(FLOAT32, FLOAT32, TRIALS))
    calibrations[:] = [Choice(TORCH, TORCH)]
    monkeypatch.setitem(sys.modules, "openvino", None)
    compiled._core.cache_clear()
    try:
        assert load_encoder(memory=memory).choice == Choice(TORCH, TORCH)
    finally:
        compiled._core.cache_clear()
    assert "does not run any more" in caplog.text
    assert recall(memory, circumstances(encoder_fingerprint(), 0)) == Choice(TORCH, TORCH)


def test_the_remembered_path_imports_neither_torch_nor_the_library_around_it(memory):
    remember(memory, circumstances(encoder_fingerprint(), 0), Choice(FLOAT32, FLOAT32, TRIALS))
    program = (
        "import sys; from pathlib import Path; from index.encoder import load_encoder\n"
        "encoder = load_encoder(memory=Path(sys.argv[1]))\n"
        "print(encoder.encode_questions(['Wer?']).shape, encoder.encode_passages(['Wir.']).shape, encoder.choice)\n"
        "print([m for m in ('torch', 'transformers', 'sentence_transformers', 'sklearn') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(memory)], capture_output=True, text=True, check=True, timeout=200
    )
    shapes, loaded = done.stdout.splitlines()
    assert shapes == "(1, 384) (1, 384) passages by openvino-f32 (40/s), questions by openvino-f32 (6.0 ms)"
    assert loaded == "[]"


def test_paths_work_with_one_another():
    texts = [GERMAN, ENGLISH, "Im Garten blühen die Rosen besonders schön.", "Who won the final?"]
    reference = load_encoder(backend=TORCH)
    expected = reference.encode_passages(texts) @ reference.encode_questions(texts).T
    for backend in compiled.offered():
        fast = load_encoder(backend=backend)
        assert fast.fingerprint == reference.fingerprint
        for questions, passages in ((fast, reference), (reference, fast)):
            cosines = passages.encode_passages(texts) @ questions.encode_questions(texts).T
            assert np.abs(cosines - expected).max() < (1e-5 if backend == FLOAT32 else 0.02), backend


@pytest.mark.parametrize("backend", [BFLOAT16, FLOAT32, INT8])
def test_a_backend_that_was_asked_for_and_does_not_fit_is_an_error(backend, tmp_path):
    folder = tmp_path / "first"
    shutil.copytree(locate("bundled"), folder)
    (folder / "1_Pooling" / "config.json").write_text('{"embedding_dimension": 384, "pooling_mode": "cls"}')
    with pytest.raises(EncoderUnavailable, match=f"{backend} cannot run .*not the mean") as raised:
        load_encoder(str(folder), backend=backend)
    assert raised.value.field == "encoder_backend"


def test_a_model_of_another_kind_stays_with_the_reference(tmp_path):
    folder = tmp_path / "first"
    shutil.copytree(locate("bundled"), folder)
    (folder / "1_Pooling" / "config.json").write_text('{"embedding_dimension": 384, "pooling_mode": "cls"}')
    encoder = load_encoder(str(folder), memory=tmp_path / "memory.json")
    assert encoder.choice == Choice(TORCH, TORCH)
    assert encoder.encode_questions([ENGLISH]).shape == (1, 384)


def test_the_whole_way_from_calibration_to_vectors(memory):
    encoder = load_encoder(memory=memory, threads=1)
    assert [trial.backend for trial in encoder.choice.trials] == [TORCH, *compiled.offered()]
    assert recall(memory, circumstances(encoder.fingerprint, 1)) == encoder.choice
    german, english, other = encoder.encode_passages([GERMAN, ENGLISH, "Im Garten blühen die Rosen besonders schön."])
    assert german @ english > 0.5 > german @ other
