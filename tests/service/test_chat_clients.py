"""The real `openai` client against a running server, whole and streamed, sync and async."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import openai
import pytest

from tests.service.articles import ARTICLES, QUESTION, service, settings_for

KEY = "ein-langer-schluessel-0123456789"
MESSAGES = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": QUESTION}]


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service with a key: what the client sends as Bearer."""
    with service(settings_for(tmp_path_factory.mktemp("data"), api_key=KEY), ARTICLES) as address:
        yield f"{address}/v1"


@pytest.fixture
def client(locked: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=locked, api_key=KEY, max_retries=0) as client:
        yield client


def test_models(client: openai.OpenAI) -> None:
    names = [model.id for model in client.models.list()]
    assert names[0] == "fundstelle"
    assert client.models.retrieve("fundstelle-openwebui").owned_by == "fundstelle"


def test_a_whole_answer_with_its_annotations(client: openai.OpenAI) -> None:
    reply = client.chat.completions.create(model="fundstelle", messages=MESSAGES)
    (choice,) = reply.choices
    assert choice.finish_reason == "stop"
    text = choice.message.content or ""
    (annotation,) = choice.message.annotations or []
    note = annotation.url_citation
    assert text[note.start_index : note.end_index] == f"[[1]]({note.url})"
    assert note.title == "Baidu baut eigene Chips, Nordblatt, 2025-05-21"
    assert reply.usage is not None
    assert reply.usage.total_tokens == 0
    assert reply.model_extra is not None
    (proof,) = reply.model_extra["fundstelle"]["citations"]
    assert text.startswith(proof["quote"])


def test_a_streamed_answer_is_the_same(client: openai.OpenAI) -> None:
    whole = client.chat.completions.create(model="fundstelle", messages=MESSAGES).choices[0].message
    options = {"include_usage": True}
    with client.chat.completions.create(
        model="fundstelle", messages=MESSAGES, stream=True, stream_options=options
    ) as stream:
        parts = list(stream)
    assert "".join(part.choices[0].delta.content or "" for part in parts if part.choices) == whole.content
    finishing = next(part.choices[0] for part in parts if part.choices and part.choices[0].finish_reason)
    assert finishing.delta.model_extra is not None
    assert finishing.delta.model_extra["annotations"] == [each.model_dump() for each in whole.annotations or []]
    assert parts[-1].usage is not None
    assert parts[-1].choices == []


def test_the_client_s_own_reader_of_streams_puts_the_message_together(client: openai.OpenAI) -> None:
    with client.chat.completions.stream(model="fundstelle-openwebui", messages=MESSAGES) as stream:
        deltas = [event.delta for event in stream if event.type == "content.delta"]
        message = stream.get_final_completion().choices[0].message
    assert "".join(deltas) == message.content
    assert re.search(r" \[1\]\Z", message.content or "")


def test_the_async_client(locked: str) -> None:
    async def run() -> str:
        async with openai.AsyncOpenAI(base_url=locked, api_key=KEY, max_retries=0) as client:
            stream = await client.chat.completions.create(model="fundstelle", messages=MESSAGES, stream=True)
            return "".join([part.choices[0].delta.content or "" async for part in stream])

    assert "[[1]](http" in asyncio.run(run())


def test_responses(client: openai.OpenAI) -> None:
    reply = client.responses.create(model="fundstelle", input=QUESTION)
    whole = client.chat.completions.create(model="fundstelle", messages=MESSAGES).choices[0].message
    assert reply.output_text == whole.content
    assert reply.status == "completed"


def test_streamed_responses(client: openai.OpenAI) -> None:
    with client.responses.stream(model="fundstelle", input=QUESTION) as stream:
        text = "".join(event.delta for event in stream if event.type == "response.output_text.delta")
        final = stream.get_final_response()
    assert final.output_text == text
    (note,) = final.output[0].content[0].annotations
    assert text[note.start_index : note.end_index] == f"[[1]]({note.url})"


def test_errors_are_the_client_s_own(client: openai.OpenAI, locked: str) -> None:
    with pytest.raises(openai.NotFoundError) as missing:
        client.chat.completions.create(model="gpt-5", messages=MESSAGES)
    assert (missing.value.code, missing.value.param) == ("model_not_found", "model")
    with pytest.raises(openai.UnprocessableEntityError) as wrong:
        client.chat.completions.create(model="fundstelle", messages=MESSAGES, n=2)
    assert (wrong.value.code, wrong.value.param) == ("invalid_request", "n")
    stranger = openai.OpenAI(base_url=locked, api_key="falsch", max_retries=0)
    with stranger, pytest.raises(openai.AuthenticationError) as refused:
        stranger.models.list()
    assert refused.value.code == "unauthorized"


def test_an_error_in_the_middle_of_a_stream_is_raised(tmp_path: Path) -> None:
    from service.app import create_app
    from tests.service.articles import wait_until_ready
    from tests.service.streams import WaitingEncoder
    from tests.service.web_fakes import served

    encoder = WaitingEncoder()
    with served(create_app(settings_for(tmp_path), encoder=encoder)) as address:
        wait_until_ready(address)
        with openai.OpenAI(base_url=f"{address}/v1", api_key=KEY, max_retries=0) as client:
            import httpx

            httpx.post(f"{address}/v1/documents", json=ARTICLES[0], timeout=30).raise_for_status()
            encoder.error = RuntimeError("geheimes Detail")
            stream = client.chat.completions.create(model="fundstelle", messages=MESSAGES, stream=True)
            with pytest.raises(openai.APIError, match="could not be finished") as caught:
                list(stream)
    assert caught.value.code == "internal_error"
