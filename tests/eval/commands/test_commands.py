"""The commands of `fundstelle eval`, from the suite on disk to the exit status."""

from __future__ import annotations

import io
import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from eval import cli
from eval.records import Run
from eval.targets import TARGETS
from eval.targets.bm25 import ANALYSES
from index import retriever
from tests.eval.commands.conftest import Command
from tests.service.articles import service, settings_for

RUN = Path("runs/small-engine")


@pytest.fixture
def break_retrieval(monkeypatch: pytest.MonkeyPatch) -> None:
    """The passage found first comes last."""
    monkeypatch.setattr(
        retriever, "spread", lambda scores, documents: [(place, scores[place]) for place in range(len(scores))][::-1]
    )


def test_the_command_line_names_what_there_is() -> None:
    assert {*cli.TARGETS, "http", "trec_run"} == set(TARGETS)
    assert set(cli.ANALYSES) == {"defaults", *ANALYSES}


def test_run_prints_a_table_and_writes_the_report(command: Command, suite: Path) -> None:
    status, out, err = command("run", suite)
    assert (status, err.splitlines()) == (0, [])
    assert out.splitlines()[0] == "small: 5 questions (4 answerable, 1 not) asked of engine"
    line = next(line for line in out.splitlines() if line.startswith("nDCG@10"))
    assert line.split()[1] == "1.000"
    assert out.splitlines()[-1] == f"Report: {RUN / 'report.html'}"
    assert {path.name for path in RUN.iterdir()} >= {
        "run.json",
        "replies.jsonl",
        "run.trec",
        "measures.json",
        "report.html",
    }
    assert "small: small-engine" in (RUN / "report.html").read_text(encoding="utf-8")


def test_run_as_json(command: Command, suite: Path) -> None:
    status, out, _ = command("run", suite, "--json", "--measure", "P@1", "--out", "elsewhere")
    said = json.loads(out)
    assert (status, said["primary"], said["measures"]["P@1"]["value"]) == (0, "P@1", 1.0)
    assert "nDCG@10" not in said["measures"]
    assert Path("elsewhere/report.html").exists()


def test_a_run_that_was_cut_short_goes_on(command: Command, suite: Path) -> None:
    command("run", suite)
    replies = RUN / "replies.jsonl"
    lines = replies.read_text(encoding="utf-8").splitlines(keepends=True)
    marked = [line.replace('"answer":"', '"answer":"KEPT ', 1) for line in lines[:2]]
    replies.write_text("".join(marked) + lines[2][:20], encoding="utf-8")
    status, _, err = command("run", suite)
    assert (status, "Going on with runs/small-engine: 2 of 5 questions are answered." in err) == (0, True)
    kept = [reply.answer.startswith("KEPT") for reply in Run.open(RUN).replies()]
    assert kept == [True, True, False, False, False]
    command("run", suite)  # a finished one is asked anew
    assert not any(reply.answer.startswith("KEPT") for reply in Run.open(RUN).replies())


def test_other_settings_do_not_mix_with_a_run_that_was_cut_short(command: Command, suite: Path) -> None:
    command("run", suite)
    replies = RUN / "replies.jsonl"
    replies.write_text("".join(replies.read_text(encoding="utf-8").splitlines(keepends=True)[:2]), encoding="utf-8")
    status, _, err = command("run", suite, "--k", "3")
    assert status == 2
    assert "holds a run with another settings" in err
    assert command("run", suite, "--k", "3", "--again")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--target", "bm25", "--url", "http://127.0.0.1:1"], "--target and --url: expected one of them"),
        (["--set", "encoder"], "'encoder': expected NAME=VALUE"),
        (["--set", "colour=red"], "there is no setting 'colour'"),
        (["--set", "workers=many"], "--workers: expected a whole number from 1 to 64"),
        (["--k", "0"], "k: expected 1 or more"),
        (["--rate", "0"], "rate: expected more than 0"),
        (["--measure", "Colour@3"], "Colour@3"),
        (["--run-file", "nowhere.run"], "nowhere.run"),
        (["--url", "http://127.0.0.1:1"], "http://127.0.0.1:1"),
    ],
)
def test_what_cannot_be_run_ends_with_two(command: Command, suite: Path, arguments: list[str], expected: str) -> None:
    status, out, err = command("run", suite, *arguments)
    assert (status, out) == (2, "")
    assert expected in err


def test_a_missing_suite_ends_with_two(command: Command) -> None:
    assert command("run", "nowhere")[0] == 2


def test_a_server_is_asked_the_same(command: Command, suite: Path, tmp_path: Path) -> None:
    inside = json.loads(command("run", suite, "--json")[1])
    settings = settings_for(tmp_path / "served", api_key="a-key-of-some-length", abstain_threshold=0.0)
    with service(settings) as address:
        given = ["run", suite, "--url", address, "--key", "a-key-of-some-length", "--json", "--out", "served"]
        assert command(*given)[0] == 2  # it holds none of the documents yet
        status, out, _ = command(*given, "--push")
    outside = json.loads(out)
    assert (status, outside["target"], outside["settings"]["url"]) == (0, "http", address)
    assert "a-key-of-some-length" not in out + Path("served/run.json").read_text(encoding="utf-8")
    for name in ("nDCG@10", "right_answers", "citation_exact", "sentences_cited"):
        assert outside["measures"][name]["value"] == inside["measures"][name]["value"], name


def test_compare_tells_one_leg_from_the_whole(command: Command, suite: Path) -> None:
    status, out, _ = command("compare", "lexical", "engine,abstain_threshold=0.5", "--suite", suite)
    lines = out.splitlines()
    assert (status, lines[:2]) == (0, ["before: small-lexical", "after:  small-engine-abstain_threshold-0.5"])
    assert any(line.startswith("nDCG@10") for line in lines)
    assert any(line.startswith("No difference between small-lexical and") for line in lines)
    report = Path(lines[-1].removeprefix("Report: "))
    assert report == Path("runs/small-engine-abstain_threshold-0.5/compare-small-lexical.html")
    assert "abstain_threshold" in report.read_text(encoding="utf-8")


def test_compare_reads_runs_that_are_there(command: Command, suite: Path) -> None:
    command("run", suite, "--out", "a/run")
    command("run", suite, "--out", "b/run", "--k", "1")
    status, out, _ = command("compare", "a/run", "b/run", "--json", "--measure", "nDCG@3")
    said = json.loads(out)
    assert (status, said["before"], said["after"], said["primary"]) == (0, "a/run", "b/run", "nDCG@3")
    assert said["settings"] == {"k": ["10", "1"]}
    (found,) = [each for each in said["measures"] if each["measure"] == "nDCG@3"]
    assert (found["count"], found["difference"], found["better"]) == (4, 0.0, None)
    assert command("compare", "a/run", "a/run")[0] == 2
    assert command("compare", "a/run", "nothing", "--suite", suite)[0] == 2


def test_compare_sees_what_was_broken(command: Command, suite: Path, request: pytest.FixtureRequest) -> None:
    command("run", suite, "--out", "before")
    request.getfixturevalue("break_retrieval")
    command("run", suite, "--out", "after")
    said = json.loads(command("compare", "before", "after", "--json")[1])
    (found,) = [each for each in said["measures"] if each["measure"] == "nDCG@10"]
    assert found["difference"] < 0
    assert len(said["questions"]) == 4
    assert all(each["gain"] < 0 for each in said["questions"])


def test_the_gate_holds_and_fails_when_retrieval_is_broken(
    command: Command, suite: Path, request: pytest.FixtureRequest
) -> None:
    status, out, _ = command("gate", suite, "--update")
    assert (status, (suite / "floors.toml").exists()) == (0, True)
    status, out, _ = command("gate", suite)
    assert (status, out.splitlines()[-1].endswith("floors hold.")) == (0, True)
    request.getfixturevalue("break_retrieval")
    status, out, _ = command("gate", suite, "--junit", "junit.xml", "--json")
    said = json.loads(out)
    assert (status, said["holds"]) == (1, False)
    assert {each["measure"] for each in said["checks"] if not each["holds"]} >= {
        "nDCG@10",
        "RR@10",
        "passage_success@1",
    }
    root = ET.fromstring(Path("junit.xml").read_bytes())
    assert int(root.attrib["failures"]) == sum(not each["holds"] for each in said["checks"])
    assert json.loads((RUN / "gate.json").read_bytes()) == said


def test_floors_fall_only_when_that_is_said(command: Command, suite: Path, request: pytest.FixtureRequest) -> None:
    command("gate", suite, "--update")
    before = (suite / "floors.toml").read_text(encoding="utf-8")
    request.getfixturevalue("break_retrieval")
    assert command("gate", suite, "--update")[0] == 1
    assert (suite / "floors.toml").read_text(encoding="utf-8") == before
    assert command("gate", RUN, "--update", "--lower")[0] == 0
    assert (suite / "floors.toml").read_text(encoding="utf-8") != before
    assert command("gate", RUN)[0] == 0


def test_floors_of_another_suite_are_refused(command: Command, suite: Path) -> None:
    command("gate", suite, "--update")
    questions = suite / "questions.jsonl"
    questions.write_text(questions.read_text(encoding="utf-8").replace("Wer leitet", "Wer führt"), encoding="utf-8")
    status, _, err = command("gate", suite, "--junit", "junit.xml")
    assert (status, "the floors belong to the suite with SHA-256" in err) == (2, True)
    assert ET.fromstring(Path("junit.xml").read_bytes()).attrib["errors"] == "1"
    assert command("gate", suite, "--update")[0] == 2
    assert command("gate", suite, "--update", "--lower")[0] == 0
    assert command("gate", suite)[0] == 0


def test_a_run_that_was_cut_short_passes_no_gate(command: Command, suite: Path) -> None:
    command("gate", suite, "--update")
    replies = RUN / "replies.jsonl"
    replies.write_text("".join(replies.read_text(encoding="utf-8").splitlines(keepends=True)[:4]), encoding="utf-8")
    status, _, err = command("gate", RUN)
    assert (status, "4 of 5 questions are answered" in err) == (2, True)


def test_a_gate_without_floors_cannot_be_run(command: Command, suite: Path) -> None:
    status, _, err = command("gate", suite, "--target", "bm25")
    assert (status, "floors.toml: No such file" in err) == (2, True)


def test_sweep_names_a_winner_and_goes_on(command: Command, suite: Path) -> None:
    arguments = ["sweep", suite, "--grid", "target=bm25,lexical", "--grid", "k=1,10", "--by", "RR@10"]
    status, out, err = command(*arguments)
    assert status == 0
    assert "4 of 4: target=lexical,k=10" in err
    rows = [line for line in out.splitlines() if line.startswith("target=")]
    assert len(rows) == 4
    assert rows[0].endswith("best")
    assert "Best by RR@10: target=" in out
    folder = Path("runs/small-sweep")
    assert {"sweep.json", "report.html"} <= {path.name for path in folder.iterdir()}
    replies = folder / "target=bm25,k=1" / "replies.jsonl"
    stamp = replies.stat().st_mtime_ns
    assert command(*arguments)[1] == out or replies.stat().st_mtime_ns == stamp
    assert replies.stat().st_mtime_ns == stamp  # nothing was asked again
    command(*arguments, "--again")
    assert replies.stat().st_mtime_ns != stamp


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("k", "'k': expected NAME=A,B"),
        ("k=1,", "'k=1,': expected NAME=A,B"),
        ("k=1,1", "k: a value stands there twice"),
        ("k=1,many", "k: expected a whole number above 0, got 'many'"),
        ("tell_language=yes", "tell_language: expected true or false"),
        ("colour=red", "there is no setting 'colour'"),
        ("k=" + ",".join(map(str, range(1, 600))), "the grid has 599 combinations, more than 500"),
    ],
)
def test_a_grid_is_checked_before_anything_is_run(command: Command, suite: Path, given: str, expected: str) -> None:
    status, out, err = command("sweep", suite, "--grid", given)
    assert (status, out, Path("runs").exists()) == (2, "", False)
    assert expected in err


def test_reports_are_written_again(command: Command, suite: Path) -> None:
    command("run", suite, "--target", "bm25")
    command("run", suite, "--target", "lexical")
    (Path("runs/small-bm25") / "report.html").unlink()
    runs = [Path("runs/small-bm25"), Path("runs/small-lexical")]
    status, out, _ = command("report", *runs, "--out", "all.html")
    assert (status, out.splitlines()) == (0, [str(run / "report.html") for run in runs] + ["all.html"])
    page = Path("all.html").read_text(encoding="utf-8")
    assert "small-bm25" in page
    assert "small-lexical" in page


def test_a_run_file_scores_as_the_run_it_was_written_by(command: Command, suite: Path) -> None:
    first = json.loads(command("run", suite, "--target", "bm25", "--json")[1])
    again = json.loads(command("run", suite, "--run-file", "runs/small-bm25/run.trec", "--json")[1])
    assert again["target"] != first["target"]
    for name in ("nDCG@10", "R@10", "RR@10", "AP"):
        assert again["measures"][name]["value"] == first["measures"][name]["value"]


def test_a_suite_is_begun_from_articles(command: Command, suite: Path) -> None:
    status, out, _ = command("new", "mine", "--articles", suite / "articles", "--count", "4")
    assert status == 0
    assert "lines over 3 documents" in out
    assert {"suite.json", "questions.jsonl", "README.md"} <= {path.name for path in Path("mine").iterdir()}
    assert command("new", "mine", "--articles", suite / "articles")[0] == 2


def test_what_runs_found_is_judged(command: Command, suite: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command("run", suite, "--target", "bm25")
    monkeypatch.setattr("sys.stdin", io.StringIO("y\nn\nq\n"))
    status, out, _ = command("label", suite, "--runs", "runs/small-bm25")
    assert (status, "2 of" in out) == (0, True)
    labels = (suite / "qrels" / "labels.tsv").read_text(encoding="utf-8").splitlines()
    assert len(labels) == 3
    assert command("gate", "runs/small-bm25", "--update")[0] == 0  # the run still counts, with the new judgements
