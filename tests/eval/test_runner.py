from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from corpus.errors import SettingsError
from eval import run_folder, trec_runs
from eval.errors import RunInvalid, TargetUnavailable
from eval.load import Load
from eval.records import Reply, ReplyOutcome, Run
from eval.runner import run
from eval.scoring import score
from eval.targets.trec_run import TrecRunTarget
from service.errors import InvalidQuestion
from tests.eval.tiny import QUERIES, Told, retrieved, suite

FOUND = {
    "q1": Reply("q1", ReplyOutcome.RETRIEVED, retrieved=retrieved("baidu", "grid")),
    "q2": Reply("q2", ReplyOutcome.RETRIEVED, retrieved=retrieved("tencent", "baidu")),
    "q3": Reply("q3", ReplyOutcome.RETRIEVED, retrieved=retrieved("grid")),
}


def test_every_question_has_its_reply_on_disk(tmp_path: Path) -> None:
    target = Told(FOUND, encoder="hashing")
    done = run(suite(), target, tmp_path / "run", k=3, quiet=True)
    assert target.asked == ["q1", "q2", "q3", "q4"]
    assert not target.closed  # that is the caller's
    assert Run.open(tmp_path / "run") == done
    assert done.settings == {"encoder": "hashing", "k": "3"}
    assert done.environment["python"]
    replies = {reply.query_id: reply for reply in done.replies()}
    assert replies["q2"].retrieved == FOUND["q2"].retrieved
    assert all(reply.seconds > 0 for reply in replies.values())
    assert (tmp_path / "run" / "run.trec").read_text(encoding="utf-8").splitlines()[:2] == [
        "q1 Q0 baidu 1 1 tiny-told",
        "q1 Q0 grid 2 0.5 tiny-told",
    ]
    (session,) = run_folder.sessions(tmp_path / "run")
    assert (session.questions, session.concurrency, session.rate) == (4, 1, None)


def test_a_killed_run_goes_on_where_it_stopped(tmp_path: Path) -> None:
    killed = Told(FOUND | {"q3": KeyboardInterrupt()})
    with pytest.raises(KeyboardInterrupt):
        run(suite(), killed, tmp_path, quiet=True)
    with (tmp_path / "replies.jsonl").open("a", encoding="utf-8") as stream:
        stream.write('{"query_id": "q3", "outc')  # the line being written when the power went
    target = Told(FOUND)
    done = run(suite(), target, tmp_path, quiet=True)
    assert target.asked == ["q3", "q4"]
    assert [reply.query_id for reply in done.replies()] == ["q1", "q2", "q3", "q4"]
    assert [session.questions for session in run_folder.sessions(tmp_path)] == [2]
    again = Told(FOUND)
    run(suite(), again, tmp_path, quiet=True)
    assert again.asked == []


SLOW = """
import sys, time
from dataclasses import replace
from pathlib import Path
from eval.runner import run
from tests.eval.tiny import QUERIES, Told, suite

class Slow(Told):
    def ask(self, query, k):
        time.sleep(0.02)
        return super().ask(query, k)

many = [replace(QUERIES[0], query_id=f"q{number}") for number in range(500)]
run(suite(many), Slow({}), Path(sys.argv[1]), quiet=True)
"""


def test_a_process_that_was_killed_loses_no_reply(tmp_path: Path) -> None:
    many = [replace(QUERIES[0], query_id=f"q{number}") for number in range(500)]
    process = subprocess.Popen([sys.executable, "-c", SLOW, str(tmp_path)], cwd=Path(__file__).parents[2])
    replies = tmp_path / "replies.jsonl"
    while not replies.exists() or replies.read_bytes().count(b"\n") < 3:
        assert process.poll() is None
        time.sleep(0.01)
    process.kill()
    process.wait()
    before = replies.read_bytes()
    held = before.count(b"\n")
    assert held < 500
    target = Told({})
    done = run(suite(many), target, tmp_path, quiet=True)
    assert len(target.asked) == 500 - held
    assert [reply.query_id for reply in done.replies()] == [query.query_id for query in many]
    assert replies.read_bytes().startswith(before[: before.rindex(b"\n") + 1])


@pytest.mark.parametrize(
    ("content", "kept"),
    [("", ""), ("torn", ""), ("one\n", "one\n"), ("one\ntwo\nto", "one\ntwo\n"), ("ä\n" + "x" * 200_000, "ä\n")],
)
def test_a_torn_line_is_cut_off(tmp_path: Path, content: str, kept: str) -> None:
    path = tmp_path / "replies.jsonl"
    path.write_text(content, encoding="utf-8")
    run_folder.cut_torn_line(path)
    assert path.read_text(encoding="utf-8") == kept


def test_another_run_in_the_folder_is_not_gone_on_with(tmp_path: Path) -> None:
    run(suite(), Told(FOUND, encoder="one"), tmp_path, quiet=True)
    with pytest.raises(RunInvalid, match="another settings: encoder=one, k=10"):
        run(suite(), Told(FOUND, encoder="two"), tmp_path, quiet=True)
    with pytest.raises(RunInvalid, match="another suite"):
        run(suite(sha256="7" * 64), Told(FOUND, encoder="one"), tmp_path, quiet=True)


def test_a_question_that_fails_is_kept_with_its_error(tmp_path: Path) -> None:
    target = Told(FOUND | {"q2": InvalidQuestion("question: too long")})
    done = run(suite(), target, tmp_path, quiet=True)
    errors = {reply.query_id: reply.error for reply in done.replies()}
    assert errors == {"q1": None, "q2": "invalid_question: question: too long", "q3": None, "q4": None}


@pytest.mark.parametrize("load", [Load(), Load(concurrency=3)])
def test_a_target_that_is_gone_ends_the_run(tmp_path: Path, load: Load) -> None:
    target = Told({"q1": FOUND["q1"], **{name: TargetUnavailable("gone") for name in ("q2", "q3", "q4")}})
    with pytest.raises(TargetUnavailable, match="gone"):
        run(suite(), target, tmp_path, load=load, quiet=True)
    assert {reply.query_id for reply in Run.open(tmp_path).replies()} <= {"q1"}
    assert run_folder.sessions(tmp_path) == []


def test_a_limit_takes_the_first_questions(tmp_path: Path) -> None:
    target = Told(FOUND)
    run(suite(), target, tmp_path, limit=2, quiet=True)
    assert target.asked == ["q1", "q2"]


def test_several_workers_ask_every_question_once(tmp_path: Path) -> None:
    target = Told(FOUND)
    done = run(suite(), target, tmp_path, load=Load(concurrency=3, rate=1000), quiet=True)
    assert sorted(target.asked) == ["q1", "q2", "q3", "q4"]
    assert sorted(reply.query_id for reply in done.replies()) == ["q1", "q2", "q3", "q4"]
    scores = score(suite(), done)
    assert scores.latency is not None
    assert scores.latency.throughput
    assert (scores.latency.concurrency, scores.latency.rate) == (3, 1000)


@pytest.mark.parametrize("wrong", [{"concurrency": 0}, {"rate": 0.0}, {"rate": -1.0}])
def test_a_load_that_cannot_be(wrong: dict[str, float]) -> None:
    with pytest.raises(SettingsError, match=next(iter(wrong))):
        Load(**wrong)  # type: ignore[arg-type]


# TREC run files


def test_a_run_file_scores_the_same_when_read_back(tmp_path: Path) -> None:
    ties = tuple(replace(found, score=0.1) for found in retrieved("tencent", "baidu", "grid"))
    told = Told(FOUND | {"q2": replace(FOUND["q2"], retrieved=ties)})
    first = score(suite(), run(suite(), told, tmp_path / "first", quiet=True))
    target = TrecRunTarget(tmp_path / "first" / "run.trec")
    second = score(suite(), run(suite(), target, tmp_path / "second", quiet=True))
    for name in ("nDCG@10", "R@10", "RR@10", "Success@1", "Success@5", "AP"):
        assert second.measures[name] == first.measures[name]


def test_scores_fall_strictly_in_single_precision() -> None:
    same = Reply("q 1", ReplyOutcome.RETRIEVED, retrieved=tuple(replace(r, score=0.3) for r in retrieved(*"abc")))
    lines = [line.split() for line in trec_runs.lines(same, "a tag")]
    assert [line[2] for line in lines] == ["a", "b", "c"]
    assert {(line[0], line[5]) for line in lines} == {("q%201", "a%20tag")}
    import numpy as np

    written = [np.float32(line[4]) for line in lines]
    assert written[0] > written[1] > written[2]
    assert written[2] == pytest.approx(0.3)


def test_passages_of_one_document_are_one_line() -> None:
    reply = Reply("q1", ReplyOutcome.RETRIEVED, retrieved=retrieved("a", "b", "a"))
    assert trec_runs.documents(reply) == [("a", 1.0), ("b", 0.5)]


def test_a_run_file_is_ordered_as_trec_eval_orders_it(tmp_path: Path) -> None:
    path = tmp_path / "run.trec"
    # The rank is not looked at; equal scores, in single precision, go by document id, descending.
    path.write_text(
        "q1 Q0 a 1 0.5 x\nq1 Q0 b 2 0.9 x\nq1 Q0 c 3 0.5 x\n\nq1 Q0 d 4 0.500000000001 x\n", encoding="utf-8"
    )
    assert [doc_id for doc_id, _ in trec_runs.read(path)["q1"]] == ["b", "d", "c", "a"]


def test_ids_with_spaces_come_back(tmp_path: Path) -> None:
    texts = {"a b": "eins", "c": "zwei"}
    held = suite(texts=texts, qrels={"q1": {"a b": 1}}, queries=[suite().queries[0]])
    told = Told({"q1": Reply("q1", ReplyOutcome.RETRIEVED, retrieved=retrieved("c", "a b"))})
    run(held, told, tmp_path / "first", quiet=True)
    target = TrecRunTarget(tmp_path / "first" / "run.trec")
    target.prepare(held, lambda done, total: None)
    assert [found.doc_id for found in target.ask(held.queries[0], 10).retrieved] == ["c", "a b"]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"q1 Q0 a 1 0.5\n", "line 1: 5 fields, expected 6"),
        (b"q1 Q0 a 1 0.5 x\nq1 Q0 b 2 high x\n", "line 2: expected a number for the score, got 'high'"),
        (b"q1 Q0 a 1 nan x\n", "line 1: expected a number for the score, got 'nan'"),
        (b"q1 Q0 a 1 0.5 x\nq1 Q0 a 2 0.4 x\n", "line 2: a is there twice for q1"),
        (b"\n", "there is no line in it"),
        (b"q1 Q0 \xe4 1 0.5 x\n", "not UTF-8"),
    ],
)
def test_a_malformed_run_file_is_refused(tmp_path: Path, content: bytes, problem: str) -> None:
    path = tmp_path / "run.trec"
    path.write_bytes(content)
    with pytest.raises(RunInvalid, match=problem):
        trec_runs.read(path)


def test_a_run_file_for_other_questions_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.trec"
    with pytest.raises(RunInvalid, match="No such file"):
        TrecRunTarget(path).prepare(suite(), lambda done, total: None)
    path.write_text("x1 Q0 a 1 0.5 x\n", encoding="utf-8")
    with pytest.raises(RunInvalid, match="none of the 4 questions"):
        TrecRunTarget(path).prepare(suite(), lambda done, total: None)


def test_sessions_that_are_none_are_told(tmp_path: Path) -> None:
    (tmp_path / "sessions.jsonl").write_text(json.dumps({"questions": 1}) + "\n", encoding="utf-8")
    with pytest.raises(RunInvalid, match="line 1"):
        run_folder.sessions(tmp_path)
