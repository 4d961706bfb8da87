"""The sample suite's gate bites: an encoder that understands nothing does not get through.

The engine is whole but for its encoder, which hashes words: English questions no longer reach German passages by
meaning. With the bundled encoder the floors are held in tests/test_main_job.py.
"""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from eval.cli import main
from eval.records import Suite
from eval.runner import run
from eval.scores import Scores
from eval.scoring import score
from eval.suites import load_suite
from eval.targets.engine import EngineTarget
from eval.targets.trec_run import TrecRunTarget
from service.settings import Settings
from tests.fakes import HashingEncoder


@pytest.fixture(scope="module")
def suite() -> Suite:
    return load_suite(Path("sample"))


@pytest.fixture(scope="module")
def broken(suite: Suite, tmp_path_factory: pytest.TempPathFactory) -> Scores:
    """A run of every question with an encoder that hashes words."""
    folder = tmp_path_factory.mktemp("broken")
    target = EngineTarget(Settings(), folder / "work", encoder=HashingEncoder())
    try:
        return score(suite, run(suite, target, folder / "run", quiet=True))
    finally:
        target.close()


def test_what_is_cited_is_exact_all_the_same(broken: Scores, suite: Suite) -> None:
    assert (broken.questions, broken.failed) == (len(suite.queries), 0)
    assert broken.measures["citation_exact"].value == 1.0
    assert broken.measures["sentences_cited"].value == 1.0


def test_every_gold_is_asked_for_in_both_languages(broken: Scores) -> None:
    gap = broken.measures["language_gap(passage_success@1)"]
    assert gap.count >= 100
    assert gap.value < 1.0


def test_the_gate_fails_with_exit_status_1(broken: Scores, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["gate", str(broken.folder), "--suite", "sample", "--json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert said["holds"] is False
    assert said == json.loads((broken.folder / "gate.json").read_text(encoding="utf-8"))
    cases = ElementTree.parse(broken.folder / "junit.xml").getroot().iter("testcase")
    failed = {(case.get("classname"), case.get("name")) for case in cases if case.find("failure") is not None}
    everything = "sample.all questions"
    assert {(everything, "right_answers"), ("sample.language=en", "passage_success@3")} <= failed
    assert (everything, "citation_exact") not in failed


def test_the_run_file_scores_the_same_when_read_back(broken: Scores, suite: Suite, tmp_path: Path) -> None:
    target = TrecRunTarget(broken.folder / "run.trec")
    again = score(suite, run(suite, target, tmp_path / "run", quiet=True))
    for name in ("nDCG@10", "R@10", "RR@10", "Success@1", "Success@5", "AP"):
        assert again.measures[name] == broken.measures[name], name
