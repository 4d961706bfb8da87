from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from corpus.errors import SettingsError
from corpus.limits import Limits
from service.settings import Settings, is_loopback, origin, rows, unknown_variables

KEY = "0123456789abcdef"


def test_defaults_without_an_environment() -> None:
    settings = Settings.load({})
    assert settings == Settings()
    assert (settings.data, settings.host, settings.port) == (Path("data"), "127.0.0.1", 8000)
    assert settings.api_key is None
    assert settings.limits == Limits()


def test_the_environment_is_typed_and_flags_win() -> None:
    environ = {
        "FUNDSTELLE_DATA": "~/x",
        "FUNDSTELLE_PORT": " 9000 ",
        "FUNDSTELLE_MAX_BYTES": "1_000",
        "FUNDSTELLE_ABSTAIN_THRESHOLD": "0.25",
        "FUNDSTELLE_ALLOWED_HOSTS": "News.example, other.example",
        "FUNDSTELLE_LOG_LEVEL": "DEBUG",
        "FUNDSTELLE_API_KEY": "",
    }
    settings = Settings.load(environ, {"port": 9001, "host": None})
    assert settings.data == Path.home() / "x"
    assert settings.port == 9001
    assert settings.limits.max_bytes == 1000
    assert settings.abstain_threshold == 0.25
    assert settings.allowed_hosts == ("news.example", "other.example")
    assert settings.log_level == "debug"
    assert settings.api_key is None


def test_prompts_keep_their_spaces_and_none_means_none() -> None:
    settings = Settings.load({"FUNDSTELLE_QUERY_PROMPT": "query: ", "FUNDSTELLE_PASSAGE_PROMPT": "none"})
    assert (settings.query_prompt, settings.passage_prompt) == ("query: ", "")


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("PORT", "eighty", "a whole number from 0 to 65535"),
        ("PORT", "65536", "a whole number from 0 to 65535"),
        ("MAX_K", "0", "a whole number from 1 to 1000"),
        ("ABSTAIN_THRESHOLD", "nan", "a number from 0 to 1"),
        ("LLM_URL", "localhost:11434", "an address that starts with http:// or https://"),
        ("LOG_LEVEL", "loud", "one of debug, info, warning, error"),
        ("HOST", "http://0.0.0.0", "a host name or address without scheme or port"),
    ],
)
def test_errors_name_key_value_and_what_was_expected(name: str, value: str, expected: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.load({f"FUNDSTELLE_{name}": value})
    assert caught.value.detail == f"FUNDSTELLE_{name}: expected {expected}, got {value!r}"
    assert caught.value.field == name.lower()
    assert caught.value.exit_status == 2


def test_a_flag_is_named_as_a_flag() -> None:
    with pytest.raises(SettingsError, match=r"--port: expected a whole number"):
        Settings.load({}, {"port": "x"})


@pytest.mark.parametrize("value", ["short", "x" * 15, "with space 0123456", "umlaut-ä-0123456789"])
def test_a_bad_key_is_refused_without_being_shown(value: str) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.load({"FUNDSTELLE_API_KEY": value})
    assert value not in str(caught.value)


def test_secrets_are_neither_in_the_repr_nor_in_the_table() -> None:
    settings = Settings.load({"FUNDSTELLE_API_KEY": KEY, "FUNDSTELLE_LLM_KEY": "sk-geheim"})
    assert KEY not in repr(settings)
    assert "sk-geheim" not in repr(settings)
    shown = {row.name: row.shown(getattr(settings, row.name)) for row in rows()}
    assert (shown["api_key"], shown["llm_key"]) == ("********", "********")


def test_a_language_model_needs_a_name() -> None:
    with pytest.raises(SettingsError, match="LLM_MODEL"):
        Settings.load({"FUNDSTELLE_LLM_URL": "http://127.0.0.1:11434/v1"})


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.2", "news.example"])
def test_beyond_loopback_a_key_is_required(host: str) -> None:
    with pytest.raises(SettingsError, match="FUNDSTELLE_API_KEY"):
        Settings(host=host).check_serving()
    Settings(host=host, api_key=KEY).check_serving()


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost", "LOCALHOST"])
def test_loopback_needs_none(host: str) -> None:
    assert is_loopback(host)
    Settings(host=host).check_serving()


def test_every_limit_of_the_corpus_is_a_setting() -> None:
    limits = {each.name: each.default for each in dataclasses.fields(Limits)}
    table = {row.name: row.default for row in rows()}
    assert {name: table.get(name) for name in limits} == limits


def test_every_default_is_what_its_kind_would_parse() -> None:
    for row in rows():
        if row.default not in (None, ()):
            assert row.kind.parse(str(row.default)) == row.default, row.name


def test_origins_and_misspelled_variables() -> None:
    table = {row.name: row for row in rows()}
    environ = {"FUNDSTELLE_PORT": "1", "FUNDSTELLE_PROT": "2", "FUNDSTELLE_HOST": " "}
    assert origin(table["port"], environ, {}) == "environment"
    assert origin(table["port"], environ, {"port": 3}) == "flag"
    assert origin(table["host"], environ, {"host": None}) == "default"
    assert unknown_variables(environ) == ["FUNDSTELLE_PROT"]
