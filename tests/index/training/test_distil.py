"""The training: optimiser, loss, the order of batches, and that a stopped one goes on as if it had not been."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch

from index.training.distil import RowAdam, Training, _contrast, run
from index.training.examples import Stream
from index.training.plan import Plan, batch_for, examples_read
from index.training.student import load_bert
from index.training.vocabulary import build_tokenizer, english_tokenizer, word_weights
from index.training.weights import CHECKPOINT, TABLE, read_checkpoint
from tests.index.training.tiny import HIDDEN, pairs

SENTENCES = pairs(400)
KINDS = ("sentence", "paragraph", "word")


@pytest.fixture(scope="module")
def tokenizer(teacher):
    weights = word_weights([german for _, german in SENTENCES], [], most=60)
    return build_tokenizer(english_tokenizer(teacher), [english for english, _ in SENTENCES], weights, 200)


@pytest.fixture(scope="module")
def streams(tokenizer):
    return {kind: Stream(kind, SENTENCES, tokenizer, seed=number) for number, kind in enumerate(KINDS)}


@pytest.fixture
def begin(teacher, tokenizer):
    def begun(plan: Plan, dtype: torch.dtype = torch.float32) -> Training:
        table = 0.02 * np.random.default_rng(2).standard_normal((tokenizer.get_vocab_size(), HIDDEN))
        bert, english = load_bert(teacher), english_tokenizer(teacher)
        return Training(bert, english, load_bert(teacher), tokenizer, table.astype(np.float32), plan, dtype=dtype)

    return begun


def quiet(done: int, distances: dict[str, float]) -> None:
    assert done > 0
    assert distances


def test_row_adam_is_adam_where_every_row_is_touched():
    generator = torch.Generator().manual_seed(4)
    start = torch.randn(7, 3, generator=generator)
    parameter = torch.nn.Parameter(start.clone())
    adam = torch.optim.Adam([parameter], lr=0.01, betas=(0.9, 0.99))
    rows = RowAdam(start.clone())
    for _ in range(20):
        gradient = torch.randn(7, 3, generator=generator)
        parameter.grad = gradient.clone()
        adam.step()
        order = torch.randperm(7, generator=generator)
        rows.step(order, gradient[order], 0.01)
    assert (rows.table - parameter.detach()).abs().max() < 1e-6


def test_row_adam_leaves_other_rows_alone_and_counts_each_row_s_own_steps():
    rows = RowAdam(torch.zeros(3, 2))
    for _ in range(3):
        rows.step(torch.tensor([1]), torch.ones(1, 2), 0.1)
    rows.step(torch.tensor([2]), torch.full((1, 2), -5.0), 0.1)
    assert rows.table[0].tolist() == [0, 0]
    assert rows.table[1].tolist() == pytest.approx([-0.3, -0.3], abs=1e-5)
    assert rows.table[2].tolist() == pytest.approx([0.1, 0.1], abs=1e-5)  # a first step is as long as the rate
    assert rows.count.tolist() == [0, 3, 1]


def test_goals_of_the_same_meaning_are_no_wrong_answers():
    goal, found = (
        torch.stack([torch.cos(angles), torch.sin(angles)], dim=1)
        for angles in (torch.deg2rad(torch.tensor(degrees)) for degrees in ([0.0, 5.0, 60.0], [28.0, 33.0, 31.0]))
    )
    scores = (30 * found @ goal.T).double()
    expected = 0.0
    for row, others in enumerate([(0, 2), (1, 2), (0, 1, 2)]):  # the first two goals mean the same
        expected += float(torch.logsumexp(scores[row, list(others)], 0) - scores[row, row]) / 3
    assert float(_contrast(found, goal)) == pytest.approx(expected, rel=1e-5)


def test_kinds_take_turns_and_no_batch_is_left_out_or_comes_twice(streams):
    plan = Plan(steps=100)
    used = {kind: Counter() for kind in KINDS}

    class Noting:
        def __init__(self, kind: str) -> None:
            self.kind = kind

        def batch(self, number: int):
            used[self.kind][number] += 1
            return streams[self.kind].batch(number)

    noting = {kind: Noting(kind) for kind in KINDS}
    kinds = [batch_for(step, noting, plan).kind for step in range(100)]
    for kind in KINDS:
        assert used[kind] == dict.fromkeys(range(kinds.count(kind)), 1)
    early, late = Counter(kinds[:20]), Counter(kinds[20:])
    assert early["word"] / 20 > late["word"] / 80
    read = examples_read(streams, plan, 100)
    assert read == {
        kind: sum(len(streams[kind].batch(number).german) for number in range(kinds.count(kind))) for kind in KINDS
    }


def test_training_brings_the_student_nearer_to_the_teacher(begin, streams, tmp_path):
    training = begin(Plan(steps=40, warm_up=4, rate=2e-3, table_rate=2e-2))
    before = training.distance(SENTENCES[:20])
    goals = training.goals(["the old dog."])
    run(training, streams, tmp_path, report=quiet, every=10, keep_every=1000)
    assert training.done == 40
    assert training.progress == 1
    assert training.distance(SENTENCES[:20]) < before / 2
    assert torch.equal(training.goals(["the old dog."]), goals)  # the teacher stays as it was


def test_vectors_do_not_depend_on_what_they_are_computed_beside(begin):
    training = begin(Plan(steps=4))
    texts = [german for _, german in SENTENCES[:9]]
    together = training.vectors(texts)
    assert np.abs(np.linalg.norm(together, axis=1) - 1).max() < 1e-5
    assert np.abs(together - np.concatenate([training.vectors([text]) for text in texts])).max() < 1e-5
    assert np.abs(together - training.vectors(texts, most=2)).max() < 1e-5


def weights_of(training: Training) -> dict[str, torch.Tensor]:
    return {name: tensor.clone() for name, tensor in training._tensors().items()}


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_stopped_training_goes_on_as_if_it_had_not_been_stopped(begin, streams, tmp_path, dtype):
    plan = Plan(steps=24, warm_up=3)
    whole = begin(plan, dtype)
    run(whole, streams, tmp_path / "whole", report=quiet)
    first = begin(plan, dtype)
    run(first, streams, tmp_path / "parts", report=quiet, stopped=lambda: first.done == 15)
    assert first.done == 15
    second = begin(plan, dtype)
    assert second.load(tmp_path / "parts")
    run(second, streams, tmp_path / "parts", report=quiet)
    expected, found = weights_of(whole), weights_of(second)
    assert second.done == 24
    assert expected.keys() == found.keys()
    assert all(torch.equal(expected[name], found[name]) for name in expected)


def test_the_weights_are_averaged_from_the_warm_up_on(begin, streams, tmp_path):
    training = begin(Plan(steps=40, warm_up=10, rate=1e-3, table_rate=1e-2))
    seen: list[torch.Tensor] = []
    run(training, streams, tmp_path, report=lambda done, _: seen.append(training.rows.table.clone()), every=10)
    expected = seen[0]
    for turns, table in enumerate(seen[1:], start=1):
        kept = (1 + turns) / (10 + turns)
        expected = kept * expected + (1 - kept) * table
    last = training.vectors(["die alte Brücke."])
    weights, _, _ = read_checkpoint(tmp_path)
    assert np.abs(weights[TABLE] - expected.numpy()).max() < 1e-6
    training.become(weights)
    assert (training.rows.table.numpy() == weights[TABLE]).all()
    assert np.abs(training.vectors(["die alte Brücke."]) - last).max() > 1e-4


def test_before_the_end_of_the_warm_up_there_is_no_average(begin, streams, tmp_path):
    training = begin(Plan(steps=4))
    run(training, streams, tmp_path, report=quiet)
    assert (read_checkpoint(tmp_path)[0][TABLE] == training.rows.table.numpy()).all()


def test_an_average_keeps_more_of_itself_the_older_it_is():
    plan = Plan(steps=9000, warm_up=150)
    assert [plan.kept(done) for done in (10, 149, 150, 155)] == [None, None, 0.0, None]
    assert [plan.kept(done) for done in (160, 170, 7000)] == [2 / 11, 3 / 12, 0.98]


def test_without_a_checkpoint_a_training_begins(begin, tmp_path):
    assert not begin(Plan(steps=4)).load(tmp_path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"steps": 9}, "was begun with steps 8, not 9"),
        ({"seed": 3}, "with seed 0, not 3"),
        ({"contrast": 0.2}, "with contrast 0.1, not 0.2"),
    ],
)
def test_a_checkpoint_of_another_plan_is_refused(begin, tmp_path, change, message):
    begin(Plan(steps=8)).save(tmp_path)
    with pytest.raises(ValueError, match=message):
        begin(Plan(**{"steps": 8} | change)).load(tmp_path)


def test_the_clock_may_be_set_anew(begin, tmp_path):
    begin(Plan(steps=8)).save(tmp_path)
    assert begin(Plan(steps=8, minutes=5.0)).load(tmp_path)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5000])


def empty(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize("harm", [cut, empty])
def test_a_damaged_checkpoint_is_refused_and_named(begin, tmp_path, harm):
    begin(Plan(steps=8)).save(tmp_path)
    harm(tmp_path / CHECKPOINT)
    with pytest.raises(ValueError, match=rf"{CHECKPOINT} is damaged .*; remove it to begin anew"):
        begin(Plan(steps=8)).load(tmp_path)


def test_a_checkpoint_of_another_vocabulary_is_refused(begin, tmp_path):
    training = begin(Plan(steps=8))
    training.rows = RowAdam(torch.zeros(9, HIDDEN))
    training.save(tmp_path)
    with pytest.raises(ValueError, match="of another vocabulary"):
        begin(Plan(steps=8)).load(tmp_path)


def test_the_clock_ends_a_training_too(begin, streams, tmp_path):
    training = begin(Plan(steps=1000, minutes=1e-9))
    run(training, streams, tmp_path, report=quiet)
    assert training.done == 1
    assert training.progress > 1
