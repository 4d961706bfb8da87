"""Commands that other packages join to the command line by entry points."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from service import cli
from service.cli import JOINED, joined, main, purpose

ROOT = Path(__file__).parents[2]


def joining(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setattr(cli, "joined", lambda: {"extra": EntryPoint("extra", value, JOINED)})


def test_eval_is_joined_by_its_entry_point() -> None:
    assert joined()["eval"].value == "eval.cli:main"


def test_help_names_a_joined_command_without_importing_it() -> None:
    script = (
        "import sys\n"
        "from service.cli import main\n"
        "try:\n"
        "    main(['--help'])\n"
        "finally:\n"
        "    assert 'eval' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "    eval                measure on suites of questions" in done.stdout


def test_a_joined_command_gets_what_follows_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    joining(monkeypatch, f"{__name__}:given")
    assert main(["extra", "--flag", "word"]) == 7
    assert GIVEN == ["--flag", "word"]


def test_a_joined_command_says_its_errors_as_all_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    joining(monkeypatch, f"{__name__}:failing")
    assert main(["extra"]) == 2
    assert (
        capsys.readouterr().err
        == "fundstelle: nothing there\nCorrect the named line; docs/evaluation.md describes every format.\n"
    )


@pytest.mark.parametrize("value", ["tests.service.test_cli_joined:given", "nowhere.at.all:main", "os:getcwd"])
def test_the_purpose_is_read_where_there_is_one(value: str) -> None:
    said = purpose(EntryPoint("extra", value, JOINED))
    assert said == ("commands that other packages join to the command line by entry points" if "tests" in value else "")


GIVEN: list[str] = []


def given(arguments: list[str]) -> int:
    GIVEN[:] = arguments
    return 7


def failing(arguments: list[str]) -> int:
    from eval.errors import SuiteInvalid

    raise SuiteInvalid("nothing there")
