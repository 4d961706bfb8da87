from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from eval.errors import RunInvalid
from eval.records import Reply, ReplyOutcome, Retrieved
from eval.scores import Scores
from eval.scoring import score
from tests.eval.tiny import QUERIES, cited, gold, retrieved, suite, write_run

ANSWERED, ABSTAINED, RETRIEVED = ReplyOutcome.ANSWERED, ReplyOutcome.ABSTAINED, ReplyOutcome.RETRIEVED

# q1 right; q2 finds the document second and cites the wrong sentence; q3 abstains; q4, unanswerable, is answered.
REPLIES = (
    Reply(
        "q1",
        ANSWERED,
        "Baidu baut eigene Chips. [1]",
        ("Baidu baut eigene Chips.",),
        (cited("baidu", "Baidu baut eigene Chips."),),
        (Retrieved("baidu", 0.9, 1, 1, 0, 24), Retrieved("grid", 0.5, 2, 3, 0, 44)),
        answerability=0.9,
        threshold=0.5,
        seconds=0.1,
    ),
    Reply(
        "q2",
        ANSWERED,
        "They do. Sanctions hurt less. [1]",
        ("They do.", "Sanctions hurt less."),
        (cited("baidu", "Die Sanktionen treffen", 1),),
        (Retrieved("tencent", 0.8, 1, 2, 0, 24), Retrieved("baidu", 0.7, 2, 1, 0, 24)),
        answerability=0.6,
        threshold=0.5,
        seconds=0.2,
    ),
    Reply("q3", ABSTAINED, retrieved=retrieved("tencent"), answerability=0.2, threshold=0.5, seconds=0.3),
    Reply(
        "q4",
        ANSWERED,
        "Tencent lebt vom Vorrat. [1]",
        ("Tencent lebt vom Vorrat.",),
        (cited("tencent", "Tencent lebt vom Vorrat."),),
        retrieved("tencent"),
        answerability=0.7,
        threshold=0.5,
        seconds=0.4,
    ),
)


@pytest.fixture
def scores(tmp_path: Path) -> Scores:
    return score(suite(), write_run(tmp_path / "run", *REPLIES))


def value(scores: Scores, name: str) -> tuple[float, int]:
    return scores.measures[name].value, scores.measures[name].count


def test_retrieval_counts_answerable_questions_alone(scores: Scores) -> None:
    second = 1 / 1.584962500721156  # 1 / log2(3)
    assert value(scores, "nDCG@10") == (pytest.approx((1 + second + 0) / 3), 3)
    assert value(scores, "RR@10") == (pytest.approx((1 + 0.5 + 0) / 3), 3)
    assert value(scores, "Success@1") == (pytest.approx(1 / 3), 3)
    assert value(scores, "R@10") == (pytest.approx(2 / 3), 3)


def test_passages_need_places(scores: Scores) -> None:
    # q3 found a document without a place: nothing is known of its passages.
    assert value(scores, "passage_success@1") == (0.5, 2)
    assert value(scores, "passage_rr@10") == (0.75, 2)


def test_citations(scores: Scores) -> None:
    assert value(scores, "citation_exact") == (1.0, 3)
    assert value(scores, "citation_precision") == (0.5, 2)  # of the answered questions that have gold
    assert value(scores, "citation_recall") == (0.5, 2)
    assert value(scores, "citation_containment") == (0.5, 2)
    assert value(scores, "sentences_cited") == (pytest.approx((1 + 0.5 + 1) / 3), 3)
    assert value(scores, "distinct_sources") == (1.0, 3)
    assert value(scores, "right_answers") == (pytest.approx(1 / 3), 3)


def test_abstention(scores: Scores) -> None:
    assert value(scores, "lost_answers") == (pytest.approx(1 / 3), 3)
    assert value(scores, "false_answers") == (1.0, 1)
    assert value(scores, "auroc") == (pytest.approx(1 / 3), 4)  # 0.9 alone is above 0.7
    # surest first: q1, q4 (no answer), q2, q3
    assert [point.coverage for point in scores.curve] == [0.25, 0.5, 0.75, 1.0]
    assert [point.risk for point in scores.curve] == pytest.approx([0, 1 / 2, 1 / 3, 1 / 4])
    assert [point.wrong for point in scores.curve] == pytest.approx([0, 1 / 2, 2 / 3, 3 / 4])
    assert [point.false_answers for point in scores.curve] == [0, 1, 1, 1]
    assert [point.lost_answers for point in scores.curve] == pytest.approx([2 / 3, 2 / 3, 1 / 3, 0])
    assert value(scores, "aurc") == (pytest.approx((0 + 1 / 2 + 1 / 3 + 1 / 4) / 4), 4)
    assert scores.threshold == 0.5


def test_the_gap_is_between_questions_with_the_same_gold(scores: Scores) -> None:
    assert value(scores, "language_gap(nDCG@10)") == (pytest.approx(1 / 1.584962500721156), 1)
    assert value(scores, "language_gap(right_answers)") == (0.0, 1)


def test_slices(scores: Scores) -> None:
    assert scores.slices["language"]["de"]["nDCG@10"].value == 1.0
    assert scores.slices["pair"]["en-de"]["RR@10"].value == 0.5
    assert scores.slices["pair"]["en-en"]["RR@10"].value == 0.0
    assert scores.slices["source"]["Nordblatt"]["nDCG@10"].count == 3
    assert set(scores.slices["kind"]) == {"fact", "date", "name"}
    assert set(scores.slices["length"]) == {"1-5 words", "6-10 words"}
    assert scores.slices["length"]["6-10 words"]["false_answers"].value == 1.0
    assert "nDCG@10" not in scores.slices["kind"]["name"]


def test_latency(scores: Scores) -> None:
    assert scores.latency is not None
    assert scores.latency.p50 == pytest.approx(0.25)
    assert scores.latency.p95 == pytest.approx(0.385)
    assert (scores.latency.count, scores.latency.most, scores.latency.throughput) == (4, 0.4, None)


def test_what_is_written_is_read_again(scores: Scores) -> None:
    assert Scores.open(scores.folder) == scores
    assert [each.query_id for each in scores.per_question()] == ["q1", "q2", "q3", "q4"]
    assert json.loads((scores.folder / "measures.json").read_text(encoding="utf-8"))["questions"] == 4


def test_a_quote_that_does_not_stand_there_is_neither_exact_nor_right(tmp_path: Path) -> None:
    moved = replace(REPLIES[0].citations[0], start=1, end=25)
    unknown = replace(REPLIES[0].citations[0], doc_id="elsewhere")
    beyond = replace(REPLIES[0].citations[0], start=10_000, end=10_024)
    for wrong in (moved, unknown, beyond):
        run = write_run(tmp_path / f"{wrong.doc_id}-{wrong.start}", replace(REPLIES[0], citations=(wrong,)))
        scores = score(suite(), run)
        for name in ("citation_exact", "citation_precision", "citation_recall", "right_answers", "sentences_cited"):
            assert scores.measures[name].value == 0.0, name


def test_a_failure_is_a_question_not_answered(tmp_path: Path) -> None:
    failed = Reply("q2", ABSTAINED, error="overloaded: busy")
    scores = score(suite(), write_run(tmp_path / "engine", REPLIES[0], failed))
    assert scores.failed == 1
    assert scores.measures["nDCG@10"].value == 0.5
    assert scores.measures["lost_answers"].value == 0.5
    # A target that never answers loses no answer by failing.
    found = Reply("q1", RETRIEVED, retrieved=retrieved("baidu"))
    scores = score(suite(), write_run(tmp_path / "retriever", found, failed))
    assert scores.measures["nDCG@10"].value == 0.5
    assert "lost_answers" not in scores.measures
    assert scores.curve == ()


def test_the_first_reply_to_a_question_counts_and_strangers_do_not(tmp_path: Path) -> None:
    again, stranger = replace(REPLIES[0], retrieved=()), replace(REPLIES[0], query_id="q99")
    scores = score(suite(), write_run(tmp_path / "run", REPLIES[0], again, stranger))
    assert scores.questions == 1
    assert scores.measures["nDCG@10"].value == 1.0


def test_judgements_without_quotes_are_gold_as_whole_documents(tmp_path: Path) -> None:
    bare = suite([replace(QUERIES[0], gold=())], qrels={"q1": {"baidu": 2, "grid": 0}})
    scores = score(bare, write_run(tmp_path / "run", REPLIES[0]))
    assert scores.measures["citation_precision"].value == 1.0
    assert scores.measures["citation_containment"].value == 0.0
    assert "passage_success@1" not in scores.measures
    assert scores.curve[0].wrong == 0.0


def test_several_spans(tmp_path: Path) -> None:
    query = replace(QUERIES[0], gold=(*QUERIES[0].gold, gold("tencent", "Tencent lebt vom Vorrat.")))
    scores = score(suite([query]), write_run(tmp_path / "run", REPLIES[0]))
    assert scores.measures["citation_precision"].value == 1.0
    assert scores.measures["citation_recall"].value == 0.5


def test_a_run_of_another_suite_is_refused(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", *REPLIES)
    with pytest.raises(RunInvalid, match="another suite"):
        score(suite(sha256="6" * 64), run)
    with pytest.raises(RunInvalid, match="no reply"):
        score(suite(), write_run(tmp_path / "empty"))
