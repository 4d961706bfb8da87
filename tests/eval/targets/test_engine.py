from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from corpus.errors import SettingsError
from eval.errors import SuiteInvalid, TargetUnavailable
from eval.records import Query, ReplyOutcome
from eval.runner import run
from eval.scoring import score
from eval.targets import TARGETS, Options, Target, open_target
from eval.targets.engine import EngineTarget
from eval.targets.holding import COMPLETE, folder_for, hold
from eval.targets.http import HttpTarget
from eval.targets.leg import LegTarget
from eval.targets.names import Names, service_id
from service.errors import InvalidQuestion
from service.settings import Settings
from tests.eval.tiny import QUERIES, TEXTS, suite
from tests.fakes import HashingEncoder
from tests.service.articles import service, settings_for

EVERYTHING = Settings(abstain_threshold=0.0)


def ready(target: Target, chosen=None) -> Target:
    target.prepare(chosen or suite(), lambda done, total: None)
    return target


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Target]:
    target = EngineTarget(EVERYTHING, tmp_path, encoder=HashingEncoder())
    yield ready(target)
    target.close()


def test_an_answer_cites_the_suites_own_text(engine: Target) -> None:
    reply = engine.ask(QUERIES[0], 2)
    assert reply.outcome is ReplyOutcome.ANSWERED
    assert reply.retrieved[0].doc_id == "baidu"
    assert len({found.doc_id for found in reply.retrieved}) == 2
    assert reply.citations[0].sentence == 0
    assert reply.sentences[0] in reply.answer
    for cited in reply.citations:
        assert TEXTS[cited.doc_id][cited.start : cited.end] == cited.quote
    for found in reply.retrieved:
        assert found.start is not None
        assert TEXTS[found.doc_id][found.start : found.end] == found.text
    assert reply.threshold == 0.0


def test_a_run_through_the_engine_scores(engine: Target, tmp_path: Path) -> None:
    scores = score(suite(), run(suite(), engine, tmp_path / "run", quiet=True))
    assert scores.failed == 0
    assert scores.measures["citation_exact"].value == 1.0
    assert scores.measures["R@10"].value == 1.0
    assert scores.settings["encoder_fingerprint"] == "hashing-64"
    assert scores.settings["abstain_threshold"] == "0.0"
    assert scores.settings["tell_language"] == "false"


def test_what_is_held_is_found_again(tmp_path: Path) -> None:
    first, second = HashingEncoder(), HashingEncoder()
    for encoder in (first, second):
        target = EngineTarget(EVERYTHING, tmp_path, encoder=encoder)
        reply = ready(target).ask(QUERIES[0], 1)
        target.close()
        assert reply.retrieved[0].doc_id == "baidu"
    calibration = HashingEncoder()
    ready(EngineTarget(EVERYTHING, tmp_path / "elsewhere", encoder=calibration)).close()
    assert second.encoded == calibration.encoded - len(TEXTS)


def test_another_encoder_of_the_same_name_is_encoded_anew(tmp_path: Path) -> None:
    ready(EngineTarget(EVERYTHING, tmp_path, encoder=HashingEncoder())).close()
    target = EngineTarget(EVERYTHING, tmp_path, encoder=HashingEncoder(32, "other"))
    assert ready(target).ask(QUERIES[0], 1).retrieved[0].doc_id == "baidu"
    assert target.settings()["encoder_fingerprint"] == "other-32"
    target.close()


def test_an_ingest_that_was_killed_goes_on(tmp_path: Path) -> None:
    folder = folder_for(tmp_path, suite(), "x")

    def stop(done: int, total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        hold(suite(), folder, stop)
    assert not (folder / COMPLETE).exists()
    counted: list[int] = []
    hold(suite(), folder, lambda done, total: counted.append(done))
    assert counted == [1, 2, 3]
    hold(suite(), folder, lambda done, total: counted.append(done))
    assert counted == [1, 2, 3]  # complete: nothing is read again
    assert folder_for(tmp_path, suite(sha256="6" * 64), "x") != folder != folder_for(tmp_path, suite(), "y")


def test_ids_of_any_kind_and_texts_twice(tmp_path: Path) -> None:
    texts = {"doc/ä 1": TEXTS["baidu"], "twin": TEXTS["baidu"], "grid": TEXTS["grid"], "empty": " "}
    odd = suite(texts=texts)
    target = ready(EngineTarget(EVERYTHING, tmp_path, encoder=HashingEncoder()), odd)
    reply = target.ask(QUERIES[0], 3)
    assert [found.doc_id for found in reply.retrieved[:2]] == ["doc/ä 1", "twin"]
    assert [found.rank for found in reply.retrieved] == list(range(1, len(reply.retrieved) + 1))
    assert reply.citations[0].doc_id == "doc/ä 1"
    target.close()
    again = ready(EngineTarget(EVERYTHING, tmp_path, encoder=HashingEncoder()), odd)
    assert again.ask(QUERIES[0], 3).retrieved == reply.retrieved
    again.close()


def test_nothing_to_be_found_is_told(tmp_path: Path) -> None:
    with pytest.raises(SuiteInvalid, match="holds text"):
        hold(suite(texts={"a": "", "b": "  "}), tmp_path, lambda done, total: None)


def test_names() -> None:
    names = Names()
    names.add("a", "a")
    names.add_twin("a", "b")
    names.add(service_id("x/y"), "x/y")
    names.add_twin(service_id("x/y"), "z")
    assert (names("a"), names(service_id("x/y")), names("other")) == (("a", "b"), ("x/y", "z"), ("other",))
    assert Names(names.known)("a") == ("a", "b")
    assert service_id("x" * 201) != service_id("x" * 202)
    assert len(service_id("ü")) <= 200


def test_the_passage_size_can_be_chosen(tmp_path: Path) -> None:
    target = ready(EngineTarget(EVERYTHING, tmp_path, encoder=HashingEncoder(), passage_size=50))
    reply = target.ask(QUERIES[0], 3)
    assert all(found.end is not None and found.end - (found.start or 0) <= 50 for found in reply.retrieved)
    assert target.settings()["passage_size"] == "50"
    target.close()


def test_what_the_engine_refuses_is_an_error_of_the_question(engine: Target) -> None:
    with pytest.raises(InvalidQuestion):
        engine.ask(Query("long", "Wort " * 1000), 3)


@pytest.mark.parametrize("leg", ["lexical", "dense"])
def test_one_leg_alone(tmp_path: Path, leg: str) -> None:
    target = LegTarget(leg, EVERYTHING, tmp_path, encoder=HashingEncoder())
    reply = ready(target).ask(replace(QUERIES[0], text="Baidu eigene Chips"), 2)
    assert reply.outcome is ReplyOutcome.RETRIEVED
    assert reply.retrieved[0].doc_id == "baidu"
    assert [found.score for found in reply.retrieved] == sorted((r.score for r in reply.retrieved), reverse=True)
    assert target.settings()["encoder_fingerprint"] == "hashing-64"
    nothing = target.ask(replace(QUERIES[0], text="Xylophonquartett"), 2)
    assert bool(nothing.retrieved) is (leg == "dense")
    target.close()


def test_a_leg_that_there_is_not(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="expected one of lexical, dense"):
        LegTarget("third", EVERYTHING, tmp_path)


def test_every_target_has_a_name(tmp_path: Path) -> None:
    options = Options(work=tmp_path, url="http://127.0.0.1:1", run_file=tmp_path / "run.trec")
    for kind in TARGETS:
        target = open_target(kind, options)
        assert target.name == kind
        target.close()
    with pytest.raises(SettingsError, match="expected one of engine, lexical"):
        open_target("solr", options)
    with pytest.raises(SettingsError, match="run file"):
        open_target("trec_run", Options(work=tmp_path))


# Over HTTP


def test_a_server_replies_as_the_engine_does(tmp_path: Path, engine: Target) -> None:
    with service(settings_for(tmp_path / "served", api_key="a-key-of-some-length", max_k=4)) as address:
        target = HttpTarget(address, key="a-key-of-some-length", push=True)
        ready(target)
        for query in QUERIES:
            there, here = target.ask(query, 3), engine.ask(query, 3)
            assert (there.outcome, there.answer, there.sentences) == (here.outcome, here.answer, here.sentences)
            # A server calls a document without a title by its address, which moves scores a little.
            assert [replace(found, passage_id=None, score=0) for found in there.retrieved] == [
                replace(found, passage_id=None, score=0) for found in here.retrieved
            ]
            assert there.citations == here.citations
        assert target.settings() == {"url": address, "tell_language": "false"}
        target.close()
        # What is there is recognised without being sent again.
        again = HttpTarget(address, key="a-key-of-some-length")
        assert ready(again).ask(QUERIES[0], 1).retrieved[0].doc_id == "baidu"
        again.close()


def test_articles_are_recognised_by_their_text(tmp_path: Path) -> None:
    articles = [{"doc_id": f"server-{doc_id}", "text": text, "title": doc_id} for doc_id, text in TEXTS.items()]
    twins = suite(texts={**TEXTS, "twin": TEXTS["baidu"]})
    with service(settings_for(tmp_path / "served"), articles) as address:
        target = ready(HttpTarget(address), twins)
        reply = target.ask(QUERIES[0], 2)
        assert [found.doc_id for found in reply.retrieved] == ["baidu", "twin"]
        target.close()


def test_a_server_that_will_not_do(tmp_path: Path) -> None:
    def refused(address: str, key: str | None, reason: str) -> None:
        with closing(HttpTarget(address, key=key)) as target, pytest.raises(TargetUnavailable, match=reason):
            ready(target)

    with pytest.raises(SettingsError, match="expected http"):
        HttpTarget("localhost:8000")
    refused("http://127.0.0.1:1", None, r"http://127\.0\.0\.1:1")
    with service(settings_for(tmp_path / "served", api_key="a-key-of-some-length")) as address:
        refused(address, "another-key-of-some-length", "key")
        lacking = r"lacks 3 of the 3 documents of tiny, such as 'baidu'; --push"
        refused(address, "a-key-of-some-length", lacking)
