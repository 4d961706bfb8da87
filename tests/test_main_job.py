"""The main job with the bundled language pack: articles in, right and cited answers out, or none.

Marked ``model``: the encoder is loaded once and two small folders of articles are read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus.limits import Limits
from corpus.sources import read_paths
from eval.sample import Asked, ask_all, read_questions
from index.encoder import SentenceEncoder, load_encoder
from service.answers import Answer, Outcome
from service.engine import Engine
from service.settings import Settings

pytestmark = pytest.mark.model

ROOT = Path(__file__).parents[1]
SEEDS = ROOT.parent / "shared" / "seeds"
QUESTIONS = ROOT / "tests" / "data"
SANCTIONS = ("How does Baidu cope with sanctions?", "Wie geht Baidu mit den Sanktionen um?")


@pytest.fixture(scope="module")
def encoder() -> SentenceEncoder:
    return load_encoder()


def opened(folder: Path, articles: Path, encoder: SentenceEncoder) -> Iterator[Engine]:
    with Engine.open(Settings(data=folder), encoder=encoder) as engine:
        ledger = engine.ingest(read_paths([articles], Limits()))
        assert {entry.outcome.value for entry in ledger.entries} == {"added"}
        yield engine


@pytest.fixture(scope="module")
def samples(encoder: SentenceEncoder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    yield from opened(tmp_path_factory.mktemp("samples"), ROOT / "corpus" / "articles", encoder)


@pytest.fixture(scope="module")
def seeds(encoder: SentenceEncoder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    if not SEEDS.is_dir():
        pytest.skip("the seed articles are not beside the repository (shared/seeds)")
    yield from opened(tmp_path_factory.mktemp("seeds"), SEEDS, encoder)


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


def ranks(asked: list[Asked]) -> tuple[int, int, int]:
    """How many right passages came first, how many among three, of how many questions."""
    found = [each.rank for each in asked if each.needles]
    return sum(rank == 1 for rank in found), sum(rank is not None and rank <= 3 for rank in found), len(found)


def test_questions_about_the_seeds_find_their_passage(seeds: Engine) -> None:
    asked = ask_all(seeds, read_questions(QUESTIONS / "seed_questions.json"))
    first, three, count = ranks(asked)
    assert count == 20
    assert first >= 17
    assert three >= 19
    for each in asked:
        assert_proved(seeds, each.answer)


def test_questions_about_the_samples_find_their_passage_and_their_words(samples: Engine) -> None:
    asked = ask_all(samples, read_questions(QUESTIONS / "sample_questions.json"))
    first, three, count = ranks(asked)
    assert count == 84
    assert first >= 64
    assert three >= 75
    answered = [each for each in asked if each.needles and each.answer.outcome is Outcome.ANSWERED]
    assert len(answered) >= 76
    assert sum(each.cited for each in answered) >= 56
    for each in asked:
        assert_proved(samples, each.answer)


def test_english_questions_reach_german_passages_about_as_well_as_german_ones(samples: Engine) -> None:
    entries = json.loads((QUESTIONS / "sample_questions.json").read_text(encoding="utf-8"))
    by_language = {
        language: ranks(
            ask_all(
                samples,
                [
                    (e["question"], language, tuple(g["quote"] for g in e["gold"]))
                    for e in entries
                    if e["language"] == language
                ],
            )
        )
        for language in ("de", "en")
    }
    assert by_language["en"][1] >= 0.9 * by_language["de"][1]


@pytest.mark.parametrize("question", [*SANCTIONS, "What is the capital of Australia?"])
def test_how_many_passages_are_shown_does_not_change_the_answer(samples: Engine, question: str) -> None:
    few, many = samples.ask(question, k=1), samples.ask(question, k=10)
    assert (len(few.passages), len(many.passages)) == (1, 10)
    assert (few.outcome, few.text) == (many.outcome, many.text)
    assert few.answerability.score == pytest.approx(many.answerability.score)
