"""The choice among paths: by rule with figures at hand, and by trial with stand-ins for the paths."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from index.backends import BFLOAT16, FLOAT32, INT8, TORCH, Unsuitable, calibration
from index.backends.calibration import LEAST_AGREEMENT, Choice, Trial, calibrate, chosen, probes
from index.backends.paths import Paths
from index.batches import TokenBatches
from index.errors import EncoderUnavailable
from index.model_folder import locate
from index.prompts import Prompts


def trial(backend: str, passages: float, milliseconds: float, refused: str = "") -> Trial:
    return Trial(backend, passages, milliseconds, 1.0, refused)


def test_questions_and_passages_may_go_different_ways():
    trials = [trial(TORCH, 30, 13), trial(BFLOAT16, 120, 6), trial(INT8, 90, 3)]
    assert chosen(trials)[:2] == (INT8, BFLOAT16)


@pytest.mark.parametrize(
    ("trials", "expected"),
    [
        ([trial(TORCH, 30, 13), trial(BFLOAT16, 120, 3.3), trial(INT8, 90, 3)], (BFLOAT16, BFLOAT16)),
        ([trial(TORCH, 30, 13), trial(BFLOAT16, 100, 6), trial(INT8, 90, 3)], (INT8, INT8)),
        ([trial(TORCH, 30, 13), trial(FLOAT32, 29, 14)], (TORCH, TORCH)),
        ([trial(TORCH, 30, 13), trial(INT8, 90, 3, refused="too coarse")], (TORCH, TORCH)),
        ([trial(TORCH, 30, 13)], (TORCH, TORCH)),
    ],
)
def test_one_way_serves_both_where_a_second_is_not_worth_its_memory(trials, expected):
    assert chosen(trials)[:2] == expected
    assert chosen(trials).trials == tuple(trials)


def test_a_choice_says_how_fast_it_was():
    choice = Choice(INT8, BFLOAT16, (trial(INT8, 90, 3.04), trial(BFLOAT16, 120.4, 6)))
    assert str(choice) == "passages by openvino-bf16 (120/s), questions by openvino-int8 (3.0 ms)"
    assert str(Choice(TORCH, TORCH)) == "passages by torch, questions by torch"


def test_probes_are_prompted_different_and_of_the_lengths_that_are_timed():
    texts = probes(Prompts("Frage: ", "Text: "))
    assert all(text.startswith("Frage: ") for text in texts.questions)
    assert all(text.startswith("Text: ") for text in [*texts.passages, texts.long])
    assert len(set(texts.questions)) == 16
    assert len(set(texts.passages)) == 6
    tokens = Paths(locate("bundled"), Prompts()).batches(FLOAT32).tokens([*texts.passages, texts.long])
    assert all(150 <= len(ids) <= 250 for ids in tokens[:-1]), [len(ids) for ids in tokens]
    assert len(tokens[-1]) == 256


class Clock:
    """Stands still but for what the readers say they take."""

    now = 0.0


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    monkeypatch.setattr(calibration, "perf_counter", lambda: Clock.now)


DRAWN = np.random.default_rng(5).standard_normal((2, 60_000, 8)).astype(np.float32)


class Fixed:
    """A reader whose vectors are hashes of the tokens, turned away by an angle; a batch takes it so many seconds."""

    def __init__(self, cosine: float = 1.0, *, seconds: float = 0.0, mean: bool = True) -> None:
        self.mean = mean
        self._cosine = cosine
        self._seconds = seconds

    def __call__(self, ids: np.ndarray, mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        Clock.now += self._seconds
        states = DRAWN[0][ids]
        vectors = (states * mask[:, :, None]).sum(axis=1)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        aside = DRAWN[1][ids].sum(axis=1)
        aside -= np.einsum("ij,ij->i", aside, vectors)[:, None] * vectors
        aside /= np.linalg.norm(aside, axis=1, keepdims=True)
        return self._cosine * vectors + np.sqrt(1 - self._cosine**2) * aside, states


class Offering(Paths):
    """Paths that are what the test says; an error in the place of a reader is raised."""

    def __init__(self, made: dict[str, Fixed | Exception]) -> None:
        super().__init__(locate("bundled"), Prompts())
        self._readers = made
        self.released: list[str] = []

    def offered(self) -> Sequence[str]:
        return [name for name in self._readers if name != TORCH]

    def batches(self, backend: str) -> TokenBatches:
        reader = self._readers[backend]
        if isinstance(reader, Exception):
            raise reader
        tokenizer = super().batches(FLOAT32)._tokenizer
        return TokenBatches(tokenizer, reader)

    def release(self, backend: str) -> None:
        self.released.append(backend)


def test_the_fastest_sound_path_is_taken_and_the_others_are_let_go():
    paths = Offering({TORCH: Fixed(seconds=0.4), FLOAT32: Fixed(seconds=0.1), INT8: Fixed(0.999, seconds=0.05)})
    choice = calibrate(paths)
    assert choice[:2] == (INT8, INT8)
    assert [each.backend for each in choice.trials] == [TORCH, FLOAT32, INT8]
    assert [each.agreement for each in choice.trials] == pytest.approx([1.0, 1.0, 0.999], abs=1e-5)
    assert [each.question_milliseconds for each in choice.trials] == pytest.approx([400, 100, 50])
    assert [each.passages_per_second for each in choice.trials] == pytest.approx([15, 60, 120])
    assert paths.released == [FLOAT32, INT8]


def test_a_path_that_differs_is_refused_however_fast():
    choice = calibrate(Offering({TORCH: Fixed(seconds=0.01), INT8: Fixed(LEAST_AGREEMENT - 0.001, seconds=0.001)}))
    assert choice[:2] == (TORCH, TORCH)
    assert "0.9960" in choice.trials[1].refused
    assert choice.trials[1].passages_per_second == 0


def test_a_path_that_only_imitates_its_numbers_is_not_even_timed():
    choice = calibrate(Offering({TORCH: Fixed(seconds=0.01), BFLOAT16: Fixed(seconds=0.4), INT8: Fixed(seconds=0.02)}))
    assert choice.trials[1] == Trial(BFLOAT16, refused="it is 40 times as slow as the reference")
    assert not choice.trials[2].refused


@pytest.mark.parametrize("wrong", [float("nan"), 0.0])
def test_a_path_that_gives_nonsense_is_refused(wrong):
    choice = calibrate(Offering({TORCH: Fixed(seconds=0.01), FLOAT32: Fixed(wrong, seconds=0.001)}))
    assert choice[:2] == (TORCH, TORCH)
    assert choice.trials[1].refused


@pytest.mark.parametrize("failed", [Unsuitable("its architecture is new"), EncoderUnavailable("OpenVINO failed")])
def test_a_path_that_fails_says_why_and_the_others_are_tried(failed):
    choice = calibrate(Offering({TORCH: Fixed(seconds=0.005), BFLOAT16: failed, FLOAT32: Fixed(seconds=0.001)}))
    assert choice[:2] == (FLOAT32, FLOAT32)
    assert choice.trials[1] == Trial(BFLOAT16, refused=str(failed))


def test_a_model_that_does_not_pool_by_the_mean_stays_with_the_reference():
    assert calibrate(Offering({TORCH: Fixed(mean=False), FLOAT32: Fixed(seconds=0)})) == Choice(TORCH, TORCH)


def test_a_machine_without_fast_paths_needs_no_trial():
    assert calibrate(Offering({TORCH: Fixed()})) == Choice(TORCH, TORCH)
