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
from index.encoder import LibraryBatches, SentenceEncoder, TokenBatches, encoder_fingerprint, load_encoder
from index.errors import EncoderUnavailable
from index.prompts import Prompts

pytestmark = pytest.mark.model

GERMAN = "Baidu setzt nach den amerikanischen Ausfuhrbeschränkungen auf eigene Chips."
ENGLISH = "After the American export restrictions Baidu relies on its own chips."
UNRELATED = "Im Garten blühen die Rosen besonders schön."


@pytest.fixture(scope="module")
def encoder() -> SentenceEncoder:
    return load_encoder()


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


def test_our_batching_gives_what_the_library_gives(encoder, texts):
    assert isinstance(encoder._batches, TokenBatches)
    expected = encoder._batches._model.encode(texts, batch_size=8, normalize_embeddings=True, show_progress_bar=False)
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


def test_prompts_are_put_before_questions_and_passages(encoder):
    model = encoder._batches._model
    prompted = SentenceEncoder(model, "prompted", Prompts("Frage: ", "Text: "))
    assert np.abs(prompted.encode_questions([GERMAN]) - encoder.encode_passages([f"Frage: {GERMAN}"])).max() < 1e-5
    assert np.abs(prompted.encode_passages([GERMAN]) - encoder.encode_passages([f"Text: {GERMAN}"])).max() < 1e-5


def test_the_library_s_batching_takes_over_where_ours_would_differ(encoder, texts, monkeypatch):
    model = encoder._batches._model
    forward = TokenBatches._forward

    def reversed_vectors(self, batch, longest):
        vectors, states = forward(self, batch, longest)
        return vectors[:, ::-1], states

    monkeypatch.setattr(TokenBatches, "_forward", reversed_vectors)
    fallen_back = SentenceEncoder(model, "fallen-back", Prompts("Frage: ", ""))
    assert isinstance(fallen_back._batches, LibraryBatches)
    monkeypatch.undo()
    expected = encoder.encode_passages([f"Frage: {text}" for text in texts])
    assert np.abs(fallen_back.encode_questions(texts) - expected).max() < 1e-5


def test_padding_goes_to_the_side_the_tokenizer_wants(encoder, monkeypatch):
    batches = TokenBatches(encoder._batches._model)
    given: list[dict[str, object]] = []

    class Model:
        device = "cpu"

        def __call__(self, features):
            given.append(features)
            return encoder._batches._model(dict(features))

    monkeypatch.setattr(batches, "_model", Model())
    monkeypatch.setattr(batches, "_left", True)
    batches._forward([[101, 5, 6, 102], [101, 102]], 4)
    assert given[0]["input_ids"].tolist() == [[101, 5, 6, 102], [0, 0, 101, 102]]
    assert given[0]["attention_mask"].tolist() == [[1, 1, 1, 1], [0, 0, 1, 1]]


def test_loading_asks_neither_the_network_nor_for_the_weights_twice(monkeypatch, capsys):
    def refuse(*args, **kwargs):
        raise OSError("the network is closed in this test")

    monkeypatch.setattr("socket.socket.connect", refuse)
    before = dict(os.environ)
    loaded = load_encoder()
    assert loaded.fingerprint == encoder_fingerprint()
    assert {key: value for key, value in os.environ.items() if before.get(key) != value} == {}
    assert "Loading weights" not in capsys.readouterr().err


def test_half_precision_weights_are_computed_in_full(encoder):
    assert str(encoder._batches._model.dtype) == "torch.float32"


def test_a_folder_with_damaged_weights_cannot_be_loaded(tmp_path):
    folder = tmp_path / "damaged"
    shutil.copytree(Path(encoding.__file__).parent / "pack" / "encoder", folder)
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:1000])
    with pytest.raises(EncoderUnavailable, match="cannot be loaded"):
        load_encoder(str(folder))


def test_a_sentence_is_the_mean_of_its_tokens_in_the_passage(encoder):
    text = f"{GERMAN} {UNRELATED} {ENGLISH}"
    bounds = [Span(0, len(GERMAN)), Span(len(GERMAN) + 1, len(GERMAN) + 1 + len(UNRELATED))]
    vectors, parts = encoder.encode_with_sentences([GERMAN, text], [[], bounds])
    assert np.abs(vectors - encoder.encode_passages([GERMAN, text])).max() < 1e-5
    assert parts[0].shape == (0, 384)

    model = encoder._batches._model
    states = model.encode([text], output_value="token_embeddings", show_progress_bar=False)[0].numpy()
    offsets = encoder._batches._tokenizer.encode(text).offsets
    for span, part in zip(bounds, parts[1], strict=True):
        inside = [row for row, (start, end) in enumerate(offsets) if start < end and span.start <= start < span.end]
        expected = states[inside].mean(axis=0)
        assert np.abs(part - expected / np.linalg.norm(expected)).max() < 1e-5


def test_a_sentence_beyond_the_model_s_reach_gets_the_passage_s_vector(encoder):
    text = f"{UNRELATED} " * 60 + GERMAN
    vectors, parts = encoder.encode_with_sentences([text], [[Span(len(text) - len(GERMAN), len(text))]])
    assert np.abs(parts[0][0] - vectors[0]).max() < 1e-5


def test_models_that_do_not_pool_by_the_mean_read_sentences_as_texts(encoder, monkeypatch):
    monkeypatch.setattr(encoder, "_mean", False)
    text = f"{GERMAN} {UNRELATED}"
    vectors, parts = encoder.encode_with_sentences([text, UNRELATED], [[Span(0, len(GERMAN))], []])
    assert np.abs(vectors - encoder.encode_passages([text, UNRELATED])).max() < 1e-5
    assert np.abs(parts[0] - encoder.encode_passages([GERMAN])).max() < 1e-5
    assert parts[1].shape == (0, 384)


def test_a_vector_without_direction_is_an_error(encoder, monkeypatch):
    monkeypatch.setattr(
        encoder, "_batches", lambda texts, prompt: iter([(np.arange(len(texts)), np.zeros((len(texts), 384)))])
    )
    with pytest.raises(EncoderUnavailable, match="no direction"):
        encoder.encode_questions(["x"])
