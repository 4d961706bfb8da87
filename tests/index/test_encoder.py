"""The bundled encoder, loaded once, and the batching around any model."""

from __future__ import annotations

import os
import shutil
import threading
from pathlib import Path

import numpy as np
import pytest

from corpus.documents import Span
from index import batches as batching
from index import encoder as encoding
from index.backends import AUTO, FLOAT32, TORCH, reference
from index.backends.calibration import Choice
from index.backends.reference import LibraryBatches, TorchReader, reference_batches
from index.batches import TokenBatches
from index.encoder import SentenceEncoder, encoder_fingerprint, load_encoder
from index.errors import EncoderUnavailable
from index.model_folder import locate
from index.prompts import Prompts

pytestmark = pytest.mark.model

GERMAN = "Baidu setzt nach den amerikanischen Ausfuhrbeschränkungen auf eigene Chips."
ENGLISH = "After the American export restrictions Baidu relies on its own chips."
UNRELATED = "Im Garten blühen die Rosen besonders schön."


@pytest.fixture(scope="module", params=[TORCH, FLOAT32])
def encoder(request) -> SentenceEncoder:
    return load_encoder(backend=request.param)


@pytest.fixture(scope="module")
def model():
    return reference.load_reference(locate("bundled"))


def around(model, prompts: Prompts) -> SentenceEncoder:
    batches = reference_batches(model, prompts)
    return SentenceEncoder(batches, batches, "made here", prompts, Choice(TORCH, TORCH))


@pytest.fixture(scope="module")
def texts() -> list[str]:
    random = np.random.default_rng(0)
    words = f"{GERMAN} {ENGLISH} {UNRELATED}".split()
    return [" ".join(random.choice(words, size=count)) for count in random.integers(1, 150, size=24)]


def test_vectors_are_unit_rows_of_the_stated_dimension(encoder, texts):
    vectors = encoder.encode_passages(texts)
    assert vectors.dtype == np.float32
    assert vectors.shape == (24, encoder.dimension) == (24, 384)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)


def test_a_german_and_an_english_sentence_of_one_meaning_are_near(encoder):
    german, english, unrelated = encoder.encode_passages([GERMAN, ENGLISH, UNRELATED])
    assert german @ english > 0.7
    assert german @ unrelated < 0.4


def test_a_row_depends_on_its_text_alone(encoder, texts, monkeypatch):
    together = encoder.encode_passages(texts)
    assert np.abs(together - np.vstack([encoder.encode_passages([text]) for text in texts])).max() < 1e-5
    assert np.abs(together - encoder.encode_passages(texts[::-1])[::-1]).max() < 1e-5
    monkeypatch.setattr(batching, "_TOKENS_PER_BATCH", 300)
    monkeypatch.setattr(encoding, "_TEXTS_PER_ROUND", 7)
    assert np.abs(together - encoder.encode_passages(texts)).max() < 1e-5


def test_our_batching_gives_what_the_library_gives(encoder, model, texts):
    assert isinstance(encoder._passages, TokenBatches)
    expected = model.encode(texts, batch_size=8, normalize_embeddings=True, show_progress_bar=False)
    assert np.abs(encoder.encode_passages(texts) - expected).max() < 1e-5
    assert np.abs(encoder.encode_questions(texts) - expected).max() < 1e-5


def test_odd_texts_have_a_direction(encoder):
    odd = ["", " ", "\n", "🙂", "\u00a0", "x" * 5000, "\ud7ff", "ß" * 300]
    vectors = encoder.encode_passages(odd)
    assert np.isfinite(vectors).all()
    assert encoder.encode_passages([]).shape == (0, 384)
    assert encoder.encode_questions([]).shape == (0, 384)


def test_progress_counts_every_text_once_and_ends_at_the_total(encoder, texts, monkeypatch):
    monkeypatch.setattr(batching, "_TOKENS_PER_BATCH", 700)
    seen: list[tuple[int, int]] = []
    encoder.encode_passages(texts, progress=lambda done, total: seen.append((done, total)))
    assert len(seen) > 3
    assert [done for done, _ in seen] == sorted({done for done, _ in seen})
    assert {total for _, total in seen} == {24}
    assert seen[-1] == (24, 24)


def test_many_threads_may_encode_at_once(encoder, texts):
    expected = encoder.encode_questions(texts)
    wrong: list[int] = []

    def ask(first: int) -> None:
        for row in range(first, len(texts), 4):
            if np.abs(encoder.encode_questions([texts[row]])[0] - expected[row]).max() > 1e-5:
                wrong.append(row)

    threads = [threading.Thread(target=ask, args=(first,)) for first in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_prompts_are_put_before_questions_and_passages(encoder, model):
    prompted = around(model, Prompts("Frage: ", "Text: "))
    assert np.abs(prompted.encode_questions([GERMAN]) - encoder.encode_passages([f"Frage: {GERMAN}"])).max() < 1e-5
    assert np.abs(prompted.encode_passages([GERMAN]) - encoder.encode_passages([f"Text: {GERMAN}"])).max() < 1e-5


def test_the_library_s_batching_takes_over_where_ours_would_differ(encoder, model, texts, monkeypatch):
    read = TorchReader.__call__

    def reversed_vectors(self, ids, mask):
        vectors, states = read(self, ids, mask)
        return vectors[:, ::-1], states

    monkeypatch.setattr(TorchReader, "__call__", reversed_vectors)
    fallen_back = around(model, Prompts("Frage: ", ""))
    assert isinstance(fallen_back._questions, LibraryBatches)
    monkeypatch.undo()
    expected = encoder.encode_passages([f"Frage: {text}" for text in texts])
    assert np.abs(fallen_back.encode_questions(texts) - expected).max() < 1e-5


def test_padding_goes_to_the_side_the_tokenizer_wants(encoder):
    batch = [[101, 5, 6, 102], [101, 102]]
    for left, ids, mask in ((True, [0, 0, 101, 102], [0, 0, 1, 1]), (False, [101, 102, 0, 0], [1, 1, 0, 0])):
        batches = TokenBatches(encoder._passages._tokenizer, encoder._passages._reader, padding=0, left=left)
        padded, real = batches._padded(batch, 4)
        assert padded.tolist() == [batch[0], ids]
        assert real.tolist() == [[1, 1, 1, 1], mask]


@pytest.mark.parametrize("backend", [TORCH, FLOAT32])
def test_loading_asks_neither_the_network_nor_for_the_weights_twice(backend, monkeypatch, capsys):
    def refuse(*args, **kwargs):
        raise OSError("the network is closed in this test")

    monkeypatch.setattr("socket.socket.connect", refuse)
    before = dict(os.environ)
    loaded = load_encoder(backend=backend)
    assert loaded.fingerprint == encoder_fingerprint()
    assert {key: value for key, value in os.environ.items() if before.get(key) != value} == {}
    assert "Loading weights" not in capsys.readouterr().err


def test_half_precision_weights_are_computed_in_full(model):
    assert str(model.dtype) == "torch.float32"


@pytest.mark.parametrize("backend", [TORCH, AUTO, FLOAT32])
def test_a_folder_with_damaged_weights_cannot_be_loaded(backend, tmp_path):
    folder = tmp_path / "damaged"
    shutil.copytree(Path(encoding.__file__).parent / "pack" / "encoder", folder)
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(EncoderUnavailable, match=r"cannot be loaded|cannot be read|cut short"):
        load_encoder(str(folder), backend=backend)


def test_a_sentence_is_the_mean_of_its_tokens_in_the_passage(encoder, model):
    text = f"{GERMAN} {UNRELATED} {ENGLISH}"
    bounds = [Span(0, len(GERMAN)), Span(len(GERMAN) + 1, len(GERMAN) + 1 + len(UNRELATED))]
    vectors, parts = encoder.encode_with_sentences([GERMAN, text], [[], bounds])
    assert np.abs(vectors - encoder.encode_passages([GERMAN, text])).max() < 1e-5
    assert parts[0].shape == (0, 384)

    states = model.encode([text], output_value="token_embeddings", show_progress_bar=False)[0].numpy()
    offsets = encoder._passages._tokenizer.encode(text).offsets
    for span, part in zip(bounds, parts[1], strict=True):
        inside = [row for row, (start, end) in enumerate(offsets) if start < end and span.start <= start < span.end]
        expected = states[inside].mean(axis=0)
        assert np.abs(part - expected / np.linalg.norm(expected)).max() < 1e-5


def test_a_sentence_beyond_the_model_s_reach_gets_the_passage_s_vector(encoder):
    text = f"{UNRELATED} " * 60 + GERMAN
    vectors, parts = encoder.encode_with_sentences([text], [[Span(len(text) - len(GERMAN), len(text))]])
    assert np.abs(parts[0][0] - vectors[0]).max() < 1e-5


def test_models_that_do_not_pool_by_the_mean_read_sentences_as_texts(encoder, monkeypatch):
    monkeypatch.setattr(encoder._passages._reader, "mean", False)
    text = f"{GERMAN} {UNRELATED}"
    vectors, parts = encoder.encode_with_sentences([text, UNRELATED], [[Span(0, len(GERMAN))], []])
    assert np.abs(vectors - encoder.encode_passages([text, UNRELATED])).max() < 1e-5
    assert np.abs(parts[0] - encoder.encode_passages([GERMAN])).max() < 1e-5
    assert parts[1].shape == (0, 384)


def test_a_vector_without_direction_is_an_error(encoder, monkeypatch):
    monkeypatch.setattr(
        encoder, "_questions", lambda texts, prompt: iter([(np.arange(len(texts)), np.zeros((len(texts), 384)))])
    )
    with pytest.raises(EncoderUnavailable, match="no direction"):
        encoder.encode_questions(["x"])
