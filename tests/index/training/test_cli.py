"""The command: a pack from end to end, stopped and taken up again, and what it says of wrong input."""

from __future__ import annotations

import hashlib
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from index.training import cli, recipe
from index.training.distil import Training
from tests.index.training.tiny import GLOSSARY, pairs, passages, write_source

ROOT = Path(__file__).parents[3]


@pytest.fixture
def text(tmp_path, monkeypatch) -> Path:
    """A folder of parallel text; the project's own text is replaced by as little."""
    folder = tmp_path / "parallel"
    folder.mkdir()
    write_source(folder, "tatoeba", pairs(150))
    write_source(folder, "debian_web", pairs(150, seed=3))
    monkeypatch.setattr(recipe, "read_passages", lambda: (passages(6), passages(2, seed=8)))
    monkeypatch.setattr(recipe, "read_glossary", lambda: GLOSSARY)
    return folder


@pytest.fixture
def train(text, teacher, tmp_path):
    def called(*more: str, out: str = "pack") -> int:
        common = ["--teacher", str(teacher), "--pieces", "150", "--precision", "float32", "--out", str(tmp_path / out)]
        return cli.main([str(text), *common, *more])

    return called


def contents(pack: Path) -> dict[str, bytes]:
    return {path.relative_to(pack).as_posix(): path.read_bytes() for path in pack.rglob("*") if path.is_file()}


def test_a_pack_is_made_checksummed_described_and_the_same_again(train, tmp_path, capsys):
    assert train("--steps", "6") == 0
    said = capsys.readouterr().err
    for stage in ("read", "align", "vocabulary", "start", "examples", "distil", "save", "lexicon"):
        assert re.search(rf"^{stage}: \d+ s$", said, re.MULTILINE)
    pack = tmp_path / "pack"
    files = contents(pack)
    assert {"README.md", "SHA256SUMS", "lexicon.tsv.zst", "compounds.txt.zst", "encoder/model.safetensors"} <= set(
        files
    )
    sums = dict(reversed(line.split("  ")) for line in files["SHA256SUMS"].decode().splitlines())
    assert set(sums) == {name for name in files if not name.endswith(("README.md", "SHA256SUMS"))}
    assert all(hashlib.sha256(files[name]).hexdigest() == digest for name, digest in sums.items())
    card = files["README.md"].decode()
    assert "| tatoeba | CC BY 2.0 FR | 150 |" in card
    assert re.search(r"^6 steps in 0 minutes on .+, seed 0; read were [\d,]+ sentence pairs", card, re.MULTILINE)
    assert "Not measured" in card
    assert max(map(len, card.splitlines())) < 400
    assert train("--steps", "6", out="again") == 0
    again = contents(tmp_path / "again")
    assert {name: files[name] for name in sums} == {name: again[name] for name in sums}


def test_what_a_stopped_training_had_done_is_not_done_again(train, tmp_path, monkeypatch, capsys):
    step = Training.step

    def interrupted(self: Training, batch) -> float:
        distance = step(self, batch)
        if self.done == 2:
            os.kill(os.getpid(), signal.SIGINT)
        return distance

    monkeypatch.setattr(Training, "step", interrupted)
    assert train("--steps", "5") == cli.STOPPED
    assert "the same command goes on" in capsys.readouterr().err
    monkeypatch.setattr(Training, "step", step)
    assert train("--steps", "5") == 0
    said = capsys.readouterr().err
    assert "the checkpoint is at step 2" in said
    for stage in ("align", "vocabulary", "start"):
        assert f"{stage}: from the work folder" in said
    assert train("--steps", "5", out="whole") == 0
    weights = [tmp_path / out / "encoder" / "model.safetensors" for out in ("pack", "whole")]
    assert weights[0].read_bytes() == weights[1].read_bytes()


def test_other_arguments_for_the_same_work_are_refused(train, tmp_path, capsys):
    work = ["--work", str(tmp_path / "work")]
    assert train("--steps", "2", *work) == 0
    capsys.readouterr()
    for more, message in (
        (["--steps", "3"], "was begun with steps 2, not 3"),
        (["--steps", "2", "--seed", "1"], "was begun with seed 0, not 1"),
        (["--steps", "2", "--pieces", "140"], "was begun with pieces 150, not 140"),
    ):
        assert train(*more, *work) == 2
        assert message in capsys.readouterr().err


def test_a_damaged_checkpoint_is_refused(train, tmp_path, capsys):
    work = tmp_path / "work"
    assert train("--steps", "2", "--work", str(work)) == 0
    path = work / "checkpoint.safetensors"
    path.write_bytes(path.read_bytes()[:300])
    assert train("--steps", "2", "--work", str(work)) == 2
    assert "checkpoint.safetensors is damaged" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("harm", "message"),
    [
        (
            lambda folder: [path.unlink() for path in folder.iterdir()],
            "holds no parallel text; looked for tatoeba.tsv.zst",
        ),
        (lambda folder: write_source(folder, "tatoeba", [("A dog.", "")]), "tatoeba.tsv.zst, line 1: expected English"),
        (
            lambda folder: (folder / "tatoeba.tsv.zst").write_bytes(b"no archive"),
            "tatoeba.tsv.zst is not UTF-8 text packed by zstd",
        ),
    ],
)
def test_text_that_cannot_be_read_is_named(train, text, capsys, harm, message):
    harm(text)
    assert train() == 2
    said = capsys.readouterr().err
    assert said.splitlines()[-1].startswith("fundstelle-train: ")
    assert message in said


def test_a_missing_teacher_and_missing_questions_are_said_before_the_work(train, text, tmp_path, monkeypatch, capsys):
    assert train("--score", str(tmp_path)) == 2
    assert "holds no xquad.de.json" in capsys.readouterr().err
    assert cli.main([str(text), "--out", str(tmp_path / "pack"), "--teacher", str(tmp_path)]) == 2
    assert "holds no config.json: is it the folder of all-MiniLM-L6-v2?" in capsys.readouterr().err
    monkeypatch.setattr(cli.importlib.util, "find_spec", lambda name: None)
    assert cli.main([str(text), "--out", str(tmp_path / "pack")]) == 2
    assert "pip install 'fundstelle[train]'" in capsys.readouterr().err
    assert not (tmp_path / "pack").exists()


@pytest.mark.parametrize(
    "wrong", [["--steps", "0"], ["--minutes", "-1"], ["--minutes", "nan"], ["--pieces", "x"], ["--out"]]
)
def test_wrong_usage_exits_with_2(wrong, text, tmp_path, capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main([str(text), "--out", str(tmp_path / "pack"), *wrong])
    assert ended.value.code == 2
    assert "usage: fundstelle-train" in capsys.readouterr().err


def test_help_imports_nothing_slow():
    script = (
        "import sys\n"
        "from index.training.cli import main\n"
        "try:\n"
        "    main(['--help'])\n"
        "finally:\n"
        "    print(*sorted(sys.modules), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "exit status" in done.stdout
    loaded = {module.partition(".")[0] for module in done.stderr.split()}
    assert not loaded & {"torch", "transformers", "tokenizers", "numpy", "scipy", "zstandard"}
