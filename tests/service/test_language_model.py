from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from service.errors import LanguageModelTimeout, LanguageModelUnavailable
from service.language_model import MAX_RESPONSE_BYTES, LanguageModel
from tests.service.model_stub import Reply, StubServer, drips, fails, says, sends, sleeps, stub_server

ASKED = [{"role": "user", "content": "Wer?"}]


@pytest.fixture
def server() -> Iterator[StubServer]:
    with stub_server() as server:
        yield server


@pytest.fixture
def model(server: StubServer) -> Iterator[LanguageModel]:
    made = LanguageModel(server.url, "small", key="geheim", timeout=0.5, rest=0.0)
    yield made
    made.close()


def test_it_asks_as_the_format_says(server: StubServer, model: LanguageModel) -> None:
    server.reply = says("Die Antwort [1].")
    assert model.complete(ASKED) == "Die Antwort [1]."
    (request,) = server.asked
    assert request["path"] == "/v1/chat/completions"
    assert request["headers"]["authorization"] == "Bearer geheim"
    assert request["body"]["model"] == "small"
    assert request["body"]["messages"] == ASKED
    assert request["body"]["temperature"] == 0


@pytest.mark.parametrize(
    ("reply", "error"),
    [
        (fails(500), LanguageModelUnavailable),
        (fails(429), LanguageModelUnavailable),
        (fails(302), LanguageModelUnavailable),
        (sends(b"not json"), LanguageModelUnavailable),
        (sends(b'{"choices": []}'), LanguageModelUnavailable),
        (sends(b'{"choices": [{"message": {"content": null}}]}'), LanguageModelUnavailable),
        (sends(b"[1]"), LanguageModelUnavailable),
        (sends(b" " * (MAX_RESPONSE_BYTES + 1)), LanguageModelUnavailable),
        (sleeps(2), LanguageModelTimeout),
    ],
)
def test_every_failure_is_one_of_two_errors(
    server: StubServer, model: LanguageModel, reply: Reply, error: type[Exception]
) -> None:
    server.reply = reply
    with pytest.raises(error):
        model.complete(ASKED)


def test_a_reply_that_drips_without_end_is_cut_off(server: StubServer, model: LanguageModel) -> None:
    server.reply = drips(20)
    with pytest.raises((LanguageModelTimeout, LanguageModelUnavailable)):
        model.complete(ASKED)


def test_nobody_there() -> None:
    with stub_server() as server:
        url = server.url
    model = LanguageModel(url, "small", key=None, timeout=1, rest=0)
    with pytest.raises(LanguageModelUnavailable, match="cannot be reached"):
        model.complete(ASKED)
    model.close()


def test_after_a_failure_it_is_left_alone_for_a_while(server: StubServer) -> None:
    model = LanguageModel(server.url, "small", key=None, timeout=1, rest=60)
    server.reply = fails(500)
    with pytest.raises(LanguageModelUnavailable, match="status 500"):
        model.complete(ASKED)
    server.reply = says("wieder da")
    with pytest.raises(LanguageModelUnavailable, match="tried again in"):
        model.complete(ASKED)
    assert len(server.asked) == 1
    model.close()


def test_the_key_stays_out_of_errors(server: StubServer, model: LanguageModel) -> None:
    server.reply = fails(401)
    with pytest.raises(LanguageModelUnavailable) as caught:
        model.complete(ASKED)
    assert "geheim" not in json.dumps([caught.value.detail, repr(caught.value)])
