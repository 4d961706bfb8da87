"""The calibration in a process of its own: its answer, and what becomes of one that does not come."""

from __future__ import annotations

import logging
import subprocess
import sys

import pytest

from index.backends import FLOAT32, TORCH, apart
from index.backends.apart import calibrate_apart
from index.backends.calibration import Choice, Trial
from index.backends.paths import Paths
from index.prompts import Prompts


@pytest.fixture
def paths(make_encoder) -> Paths:
    return Paths(make_encoder(), Prompts("Frage: ", "Text: "), threads=1)


def test_another_process_tries_every_path(paths):
    choice = calibrate_apart(paths)
    assert choice is not None
    assert [trial.backend for trial in choice.trials] == [TORCH, *paths.offered()]
    assert {choice.questions, choice.passages} <= {trial.backend for trial in choice.trials if not trial.refused}
    assert choice.trials[1].agreement == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("import sys; sys.exit('it broke')", "it broke"),
        ("import os; os.abort()", "SIGABRT"),
        ("print('no answer')", "Expecting value"),
        ("print('{}')", "trials"),
        ("", "list index"),
        ("import time; time.sleep(60)", "timed out"),
    ],
)
def test_a_process_that_does_not_end_well_leaves_the_reference(paths, monkeypatch, caplog, program, said):
    run = subprocess.run
    monkeypatch.setattr(apart, "_PATIENCE", 5.0)
    monkeypatch.setattr(apart.subprocess, "run", lambda _, **options: run([sys.executable, "-c", program], **options))
    assert calibrate_apart(paths) is None
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert said in caplog.text


def test_a_model_of_another_kind_needs_no_trial(make_encoder, monkeypatch, caplog):
    monkeypatch.setattr(apart.subprocess, "run", None)
    with caplog.at_level(logging.INFO):
        choice = calibrate_apart(Paths(make_encoder(hidden_act="relu"), Prompts()))
    assert choice == Choice(TORCH, TORCH)
    assert "its hidden_act is relu" in caplog.text


def test_a_machine_without_fast_paths_needs_no_trial(paths, monkeypatch):
    monkeypatch.setattr(apart.subprocess, "run", None)
    monkeypatch.setattr(Paths, "offered", lambda _: ())
    assert calibrate_apart(paths) == Choice(TORCH, TORCH)


def test_a_choice_is_read_as_it_was_written():
    choice = Choice(FLOAT32, TORCH, (Trial(TORCH, 30.0, 13.0, 1.0), Trial(FLOAT32, refused="it rained")))
    assert Choice.read(choice.written()) == choice
