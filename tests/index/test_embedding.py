from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from index.embedding import pack, unpack, unpack_sentences


def unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(rows / np.linalg.norm(rows, axis=-1, keepdims=True), dtype=np.float32)


def random_unit(seed: int, count: int, dimension: int) -> NDArray[np.float32]:
    return unit(np.random.default_rng(seed).normal(size=(count, dimension)).astype(np.float32))


@given(st.integers(0, 10_000), st.sampled_from([32, 64, 384, 1024]), st.integers(0, 12))
def test_cosines_survive_packing(seed: int, dimension: int, sentences: int) -> None:
    rows = random_unit(seed, sentences + 2, dimension)
    vector, question, parts = rows[0], rows[1], rows[2:]
    kept = pack(vector, parts)
    assert len(kept) <= 2 * dimension + sentences * dimension + 16
    back = unpack([kept])[0]
    assert np.linalg.norm(back) == pytest.approx(1.0, abs=1e-6)
    assert abs(float(back @ question) - float(vector @ question)) < 1e-3
    fine = unpack_sentences(kept)
    assert fine.shape == (sentences, dimension)
    assert fine.dtype == np.float32
    assert np.linalg.norm(fine, axis=1) == pytest.approx(np.ones(sentences), abs=1e-5)
    assert np.abs(fine @ question - parts @ question).max(initial=0.0) < 0.01
    assert (fine * parts).sum(axis=1) == pytest.approx(np.ones(sentences), abs=0.01)


@given(st.integers(0, 10_000), st.integers(1, 8))
def test_what_comes_back_is_the_same_to_the_bit_alone_or_among_others(seed: int, count: int) -> None:
    rows = random_unit(seed, count, 64)
    kept = [pack(row, rows[:number]) for number, row in enumerate(rows)]
    together = unpack(kept)
    assert together.shape == (count, 64)
    for number, packed in enumerate(kept):
        assert (unpack([packed])[0] == together[number]).all()
        assert unpack_sentences(packed).tobytes() == unpack_sentences(bytes(packed)).tobytes()


def test_packing_is_deterministic_and_depends_on_every_part() -> None:
    rows = random_unit(1, 4, 32)
    assert pack(rows[0], rows[1:]) == pack(rows[0].copy(), rows[1:].copy())
    different = {
        pack(rows[0], rows[1:]),
        pack(rows[1], rows[1:]),
        pack(rows[0], rows[1:3]),
        pack(rows[0], rows[3:0:-1]),
    }
    assert len(different) == 4


def test_a_passage_without_sentence_vectors_keeps_its_own() -> None:
    vector = random_unit(2, 1, 48)[0]
    kept = pack(vector, np.zeros((0, 48), dtype=np.float32))
    assert unpack_sentences(kept).shape == (0, 48)
    assert float(unpack([kept])[0] @ vector) == pytest.approx(1.0, abs=1e-5)


def test_a_sentence_without_a_direction_stays_without_one() -> None:
    parts = np.zeros((2, 16), dtype=np.float32)
    parts[1, 3] = -1.0
    back = unpack_sentences(pack(parts[1], parts))
    assert (back == parts).all()


def test_the_order_of_sentences_and_signs_stay() -> None:
    parts = unit(np.asarray([[1, 2, -3, 0], [-4, 0, 1, 1], [0, 0, 0, 5]], dtype=np.float32))
    back = unpack_sentences(pack(parts[0], parts))
    assert np.abs(back - parts).max() < 0.01
    assert (np.sign(back) == np.sign(parts)).all()
