"""OpenVINO's readers against torch: the same tokens in, the same states out, as far as the number format goes."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from corpus.documents import Span
from index.backends import BFLOAT16, FAST, FLOAT32, INT8, TORCH, Unsuitable, compiled
from index.backends.blueprint import read_blueprint
from index.backends.calibration import LEAST_AGREEMENT
from index.backends.compiled import CompiledReader, offered
from index.backends.paths import Paths
from index.batches import TokenBatches, gathered, lengths
from index.errors import EncoderUnavailable
from index.model_folder import locate
from index.prompts import Prompts

pytestmark = pytest.mark.model

TEXTS = [
    "Der Wind treibt den Park an, und die Stadt baut eine Brücke.",
    "Strom",
    "The city of power: a bridge, a farm?",
    "",
    "ein sehr langer satz " * 90,
]


def states_of(paths: Paths, backend: str, tokens: list[list[int]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(vectors, states, mask) of one padded batch."""
    batches = paths.batches(backend)
    assert isinstance(batches, TokenBatches)
    ids, mask = batches._padded(tokens, max(map(len, tokens)))
    return *batches._reader(ids, mask), mask


@pytest.fixture(scope="module")
def bundled() -> Paths:
    return Paths(locate("bundled"), Prompts())


@pytest.fixture(scope="module", params=["bundled", "bert", "float16", "bfloat16", "xlm-roberta"])
def paths(request, make_encoder, bundled) -> Paths:
    if request.param == "bundled":
        return bundled
    if request.param.startswith("xlm"):
        return Paths(make_encoder(request.param, num_hidden_layers=3), Prompts())
    return Paths(make_encoder(dtype="float32" if request.param == "bert" else request.param), Prompts())


def test_the_graph_gives_the_states_that_torch_gives(paths):
    tokens = paths.batches(TORCH).tokens(TEXTS)
    vectors, states, mask = states_of(paths, TORCH, tokens)
    ours, our_states, _ = states_of(paths, FLOAT32, tokens)
    assert our_states.shape == states.shape
    assert np.abs(our_states - states)[mask == 1].max() < 1e-4
    assert np.abs(ours / lengths(ours)[:, None] - vectors / lengths(vectors)[:, None]).max() < 1e-5


def test_tokens_are_those_of_the_library(paths):
    own = paths.batches(FLOAT32).tokens(TEXTS)
    assert own == paths.batches(TORCH).tokens(TEXTS)
    model = paths.batches(TORCH)._reader._model
    assert own == [
        model.tokenizer(text, truncation=True, max_length=model.max_seq_length)["input_ids"] for text in TEXTS
    ]


@pytest.mark.parametrize(("backend", "least"), [(BFLOAT16, 0.999), (INT8, LEAST_AGREEMENT)])
def test_coarser_numbers_stay_near(bundled, backend, least):
    if backend not in offered():
        pytest.skip(f"this processor offers no {backend}")
    expected = gathered(bundled.batches(TORCH)(TEXTS))
    given = gathered(bundled.batches(backend)(TEXTS))
    assert np.einsum("ij,ij->i", given, expected).mean() > least
    assert not np.array_equal(given, expected)


def test_sentences_are_found_alike_on_every_path(bundled):
    text = "Der Wind treibt die Anlage an. Die Stadt baut eine neue Brücke über den Kanal! Wer zahlt?"
    spans = [Span(0, 30), Span(31, 78), Span(79, len(text))]
    expected = list(bundled.batches(TORCH).with_sentences([text, "Kurz."], [spans, []]))
    for backend in offered():
        given = list(bundled.batches(backend).with_sentences([text, "Kurz."], [spans, []]))
        least = 0.99999 if backend == FLOAT32 else 0.99
        for (rows, _, means), (other_rows, _, other_means) in zip(given, expected, strict=True):
            assert rows.tolist() == other_rows.tolist()
            for mean, other in zip(means, other_means, strict=True):
                assert mean.shape == other.shape
                assert (np.einsum("ij,ij->i", mean, other) > least).all()


@pytest.mark.parametrize("backend", [FLOAT32, INT8])
def test_a_reader_may_be_used_from_many_threads(bundled, backend):
    batches = bundled.batches(backend)
    texts = [f"{'Die Brücke ' * (1 + number)}gehört der Stadt {number}." for number in range(12)]
    expected = [gathered(batches([text])) for text in texts]
    wrong: list[str] = []

    def ask(first: int) -> None:
        for turn in range(60):
            number = (first + turn) % len(texts)
            if np.abs(gathered(batches([texts[number]])) - expected[number]).max() > 1e-5:
                wrong.append(texts[number])

    threads = [threading.Thread(target=ask, args=(first,)) for first in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_the_number_of_threads_is_respected(make_encoder):
    reader = CompiledReader(read_blueprint(make_encoder()), FLOAT32, threads=1)
    assert reader._compiled.get_property("INFERENCE_NUM_THREADS") == 1


def test_a_batch_without_tokens_gives_zeros_and_no_warning(make_encoder):
    reader = CompiledReader(read_blueprint(make_encoder()), FLOAT32)
    vectors, _ = reader(np.zeros((1, 1), dtype=np.int64), np.zeros((1, 1), dtype=np.int64))
    assert not vectors.any()


def test_every_processor_offers_32_bits_and_only_what_we_know():
    assert FLOAT32 in offered()
    assert set(offered()) <= set(FAST)


def test_without_the_library_there_is_no_fast_path(make_encoder, monkeypatch):
    monkeypatch.setitem(sys.modules, "openvino", None)
    compiled._core.cache_clear()
    try:
        assert offered() == ()
        with pytest.raises(Unsuitable, match="not installed"):
            CompiledReader(read_blueprint(make_encoder()), FLOAT32)
    finally:
        compiled._core.cache_clear()


def test_a_graph_that_cannot_be_compiled_is_unsuitable(make_encoder, monkeypatch):
    class Core:
        def compile_model(self, *_):
            raise RuntimeError("no such instruction")

    monkeypatch.setattr(compiled, "_core", Core)
    with pytest.raises(Unsuitable, match="no such instruction"):
        CompiledReader(read_blueprint(make_encoder()), FLOAT32)


class Failing:
    def __init__(self, answer: object) -> None:
        self._answer = answer

    def infer(self, *_, **__):
        if isinstance(self._answer, Exception):
            raise self._answer
        return [self._answer]


@pytest.mark.parametrize("answer", [RuntimeError("illegal instruction"), np.zeros((0, 0, 64), dtype=np.float32)])
def test_a_graph_that_fails_at_work_says_so_and_its_request_is_not_used_again(make_encoder, answer):
    reader = CompiledReader(read_blueprint(make_encoder()), FLOAT32)
    reader._idle.append(Failing(answer))
    ids = np.array([[2, 3]])
    with pytest.raises(EncoderUnavailable, match=r"illegal instruction|\(0, 0, 64\) for \(1, 2\)") as raised:
        reader(ids, np.ones_like(ids))
    assert raised.value.field == "encoder_backend"
    assert reader(ids, np.ones_like(ids))[1].shape == (1, 2, 64)


def test_the_library_tells_nobody_that_it_is_used(tmp_path):
    program = (
        "import socket, sys\n"
        "def refuse(*args, **kwargs): raise SystemExit('a connection was tried')\n"
        "socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse\n"
        "from index.backends.compiled import offered\n"
        "assert offered()\n"
        "print([name for name in sys.modules if 'telemetry' in name and sys.modules[name] and 'ovc' not in name])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"HOME": str(tmp_path), "PATH": ""},
        cwd=Path(compiled.__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "[]", "")
    assert list(tmp_path.iterdir()) == []
