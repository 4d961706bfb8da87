"""The main job with the bundled language pack: articles in, right and cited answers out, or none.

Marked ``model``: the encoder is loaded once and two small folders of articles are read. What the samples must reach
stands in eval/suites/sample/floors.toml; `fundstelle eval gate sample` holds it against the same questions.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus.limits import Limits
from corpus.sources import read_paths
from eval.commands.gate import measured_of
from eval.gate import check, read_floors
from eval.records import Run, Suite
from eval.runner import run
from eval.scores import Scores
from eval.scoring import score
from eval.suites import load_suite
from eval.targets.engine import EngineTarget
from index.backends import FLOAT32
from index.encoder import load_encoder
from index.protocols import Encoder
from service.answers import Answer, Outcome
from service.engine import Engine
from service.settings import Settings

pytestmark = pytest.mark.model

ROOT = Path(__file__).parents[1]
SEEDS = ROOT.parent / "shared" / "seeds"
QUESTIONS = ROOT / "tests" / "data" / "seed_questions.json"
SUITE = ROOT / "eval" / "suites" / "sample"
SANCTIONS = ("How does Baidu cope with sanctions?", "Wie geht Baidu mit den Sanktionen um?")


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return load_encoder(backend=FLOAT32)  # no calibration: the same numbers on every machine


def opened(folder: Path, articles: Path, encoder: Encoder) -> Iterator[Engine]:
    with Engine.open(Settings(data=folder), encoder=encoder) as engine:
        ledger = engine.ingest(read_paths([articles], Limits()))
        assert {entry.outcome.value for entry in ledger.entries} == {"added"}
        yield engine


@pytest.fixture(scope="module")
def samples(encoder: Encoder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    yield from opened(tmp_path_factory.mktemp("samples"), ROOT / "corpus" / "articles", encoder)


@pytest.fixture(scope="module")
def seeds(encoder: Encoder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    if not SEEDS.is_dir():
        pytest.skip("the seed articles are not beside the repository (shared/seeds)")
    yield from opened(tmp_path_factory.mktemp("seeds"), SEEDS, encoder)


@pytest.fixture(scope="module")
def suite() -> Suite:
    return load_suite(SUITE)


@pytest.fixture(scope="module")
def asked(suite: Suite, encoder: Encoder, tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("sample")
    target = EngineTarget(Settings(), folder / "work", encoder=encoder)
    try:
        return run(suite, target, folder / "run", quiet=True)
    finally:
        target.close()


@pytest.fixture(scope="module")
def scores(suite: Suite, asked: Run) -> Scores:
    return score(suite, asked)


def assert_proved(engine: Engine, answer: Answer) -> None:
    for citation in answer.citations:
        stored = engine.store.document(citation.document.doc_id)
        assert stored.text[citation.span.start : citation.span.end] == citation.quote
        assert stored.sha256 == citation.document.sha256
        assert f"[{citation.number}]" in answer.text


@pytest.mark.parametrize("question", SANCTIONS)
def test_the_samples_say_how_baidu_copes(samples: Engine, question: str) -> None:
    answer = samples.ask(question)
    assert answer.outcome is Outcome.ANSWERED
    first = answer.citations[0]
    assert first.document.title.startswith("Wie Baidu mit den US-Sanktionen umgeht")
    assert "eigenen Chips" in first.quote
    assert "Full-Stack" in first.quote
    assert_proved(samples, answer)


@pytest.mark.parametrize("question", SANCTIONS)
def test_the_seeds_say_how_baidu_copes(seeds: Engine, question: str) -> None:
    answer = seeds.ask(question)
    assert answer.outcome is Outcome.ANSWERED
    assert "Baidu" in answer.citations[0].quote
    assert "Full-Stack" in answer.citations[0].quote
    assert_proved(seeds, answer)


@pytest.mark.parametrize("question", ["What is the capital of Australia?", "Wer gewann die Fußball-Weltmeisterschaft?"])
def test_what_no_article_says_is_not_answered(samples: Engine, question: str) -> None:
    answer = samples.ask(question)
    assert (answer.outcome, answer.text, answer.citations) == (Outcome.ABSTAINED, "", ())
    assert answer.reason
    assert answer.answerability.score < answer.answerability.threshold
    assert answer.passages, "the nearest misses are shown"


def test_the_seeds_abstain_too(seeds: Engine) -> None:
    assert seeds.ask("What is the capital of Australia?").outcome is Outcome.ABSTAINED


def rank(answer: Answer, needles: list[str]) -> int | None:
    """Of the first passage that holds one of the needles, from 1."""
    for found in answer.passages:
        if any(" ".join(needle.split()) in " ".join(found.passage.text.split()) for needle in needles):
            return found.rank
    return None


def test_questions_about_the_seeds_find_their_passage(seeds: Engine) -> None:
    questions = [each for each in json.loads(QUESTIONS.read_text(encoding="utf-8")) if each["needles"]]
    answers = [seeds.ask(each["question"]) for each in questions]
    ranks = [rank(answer, each["needles"]) for answer, each in zip(answers, questions, strict=True)]
    assert len(ranks) == 20
    assert sum(found == 1 for found in ranks) >= 17
    assert sum(found is not None and found <= 3 for found in ranks) >= 19
    for answer in answers:
        assert_proved(seeds, answer)


def test_the_sample_suite_holds_its_floors(suite: Suite, scores: Scores) -> None:
    assert (scores.questions, scores.failed) == (len(suite.queries), 0)
    checks = check(read_floors(SUITE / "floors.toml"), suite.sha256, measured_of(scores))
    assert checks
    assert [str(each) for each in checks if not each.holds] == []


def test_every_citation_stands_where_it_says(scores: Scores) -> None:
    exact = scores.measures["citation_exact"]
    assert (exact.value, exact.count > 200) == (1.0, True)
    assert scores.measures["sentences_cited"].value == 1.0


def test_english_questions_reach_german_passages_about_as_well_as_german_ones(scores: Scores) -> None:
    gap = scores.measures["language_gap(passage_success@1)"]
    assert gap.count >= 100, "every gold is asked for in both languages"
    assert gap.value >= 0.9


@pytest.mark.parametrize("question", [*SANCTIONS, "What is the capital of Australia?"])
def test_how_many_passages_are_shown_does_not_change_the_answer(samples: Engine, question: str) -> None:
    few, many = samples.ask(question, k=1), samples.ask(question, k=10)
    assert (len(few.passages), len(many.passages)) == (1, 10)
    assert (few.outcome, few.text) == (many.outcome, many.text)
    assert few.answerability.score == pytest.approx(many.answerability.score)
