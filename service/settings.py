"""One table of settings: name, type, default, help, secret. Read once from the environment and the command line.

Every row is a field of `Settings`; `FUNDSTELLE_` and the field's name in capitals is its environment variable. A flag
of the command line wins over the environment, which wins over the default. Nothing here is global.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, NamedTuple, cast
from urllib.parse import urlsplit

from corpus.errors import SettingsError
from corpus.limits import Limits
from index.backends import AUTO, CHOICES

PREFIX = "FUNDSTELLE_"
SHORTEST_KEY = 16  # characters; shorter keys can be guessed

_LIMITS = Limits()


class Kind(NamedTuple):
    """How the text of a setting becomes its value, and how to say what is expected."""

    expected: str
    parse: Callable[[str], object]  # given the text without white space around it unless verbatim; raises ValueError
    verbatim: bool = False


def _whole(least: int, most: int) -> Kind:
    def parse(text: str) -> int:
        value = int(text.replace("_", ""))
        if not least <= value <= most:
            raise ValueError(text)
        return value

    return Kind(f"a whole number from {least} to {most}", parse)


def _number(least: float, most: float) -> Kind:
    def parse(text: str) -> float:
        value = float(text)
        if not least <= value <= most:
            raise ValueError(text)
        return value

    return Kind(f"a number from {least:g} to {most:g}", parse)


def _one_of(*choices: str) -> Kind:
    def parse(text: str) -> str:
        if text.lower() not in choices:
            raise ValueError(text)
        return text.lower()

    return Kind("one of " + ", ".join(choices), parse)


def _web_address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(text)
    return text.rstrip("/")


def _key(text: str) -> str:
    if len(text) < SHORTEST_KEY or not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError(text)
    return text


def _host(text: str) -> str:
    if not text or any(character in text for character in "/ @"):
        raise ValueError(text)
    return text.strip("[]")


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip().lower() for name in text.split(",") if name.strip())


def _prompt(text: str) -> str:
    return "" if text.strip().lower() == "none" else text


TEXT = Kind("text", str)
PROMPT = Kind("text, or `none`", _prompt, verbatim=True)  # the space at the end of "query: " counts
FOLDER = Kind("a folder", lambda text: Path(text).expanduser())
HOST = Kind("a host name or address without scheme or port", _host)
NAMES = Kind("names, with commas between them", _names)
ADDRESS = Kind("an address that starts with http:// or https://", _web_address)
KEY = Kind(f"at least {SHORTEST_KEY} printable ASCII characters without spaces", _key)


def _setting(default: object, kind: Kind, help_text: str, *, secret: bool = False) -> Any:  # noqa: ANN401 - like field()
    return field(default=default, repr=not secret, metadata={"kind": kind, "help": help_text, "secret": secret})


@dataclass(frozen=True, slots=True)
class Settings:
    """The table. A value of None means: not set."""

    data: Path = _setting(Path("data"), FOLDER, "Folder of the store and its indexes.")  # noqa: RUF009 - immutable
    host: str = _setting("127.0.0.1", HOST, "Address to listen on; beyond loopback an API key is required.")
    port: int = _setting(8000, _whole(0, 65535), "Port to listen on; 0 takes a free one.")
    allowed_hosts: tuple[str, ...] = _setting((), NAMES, "Further host names this service is reached by (proxies).")
    public_url: str | None = _setting(
        None, ADDRESS, "Where browsers reach this service, for links in chats; else the address a request came to."
    )
    api_key: str | None = _setting(None, KEY, "Key that /v1 and /metrics then ask for.", secret=True)
    encoder: str = _setting("bundled", TEXT, "`bundled`, a folder, or a sentence-transformers model name.")
    encoder_backend: str = _setting(
        AUTO, _one_of(*CHOICES), "What runs the encoder; `auto` takes what is fastest here and as exact."
    )
    dictionary: str = _setting(
        "off", TEXT, "More translations: `auto` (trans-de-en where it is installed), a file in Ding's format, or `off`."
    )
    query_prompt: str | None = _setting(None, PROMPT, "Put before questions instead of the model's own prompt.")
    passage_prompt: str | None = _setting(None, PROMPT, "Put before passages, likewise.")
    threads: int = _setting(0, _whole(0, 1024), "Threads of the encoder; 0 takes one per core.")
    workers: int = _setting(4, _whole(1, 64), "Questions answered at the same time.")
    max_waiting: int = _setting(64, _whole(0, 10_000), "Questions that may wait for a worker; more are refused.")
    abstain_threshold: float | None = _setting(
        None, _number(0, 1), "Answer only above this probability, instead of the calibrated one."
    )
    max_question_characters: int = _setting(1000, _whole(1, 100_000), "Longest question, in characters.")
    max_k: int = _setting(100, _whole(1, 1000), "Most passages per question.")
    max_body_bytes: int = _setting(64 * 2**20, _whole(1024, 2**34), "Largest body of a request that sends documents.")
    max_files: int = _setting(100, _whole(1, 10_000), "Most files in one multipart request.")
    max_bytes: int = _setting(_LIMITS.max_bytes, _whole(1, 2**34), "Largest single document, in bytes.")
    max_pages: int = _setting(_LIMITS.max_pages, _whole(1, 10**6), "Most pages of a PDF.")
    max_characters: int = _setting(_LIMITS.max_characters, _whole(1, 10**9), "Longest text of a document.")
    max_expansion: int = _setting(
        _LIMITS.max_expansion, _whole(1, 10**6), "How many times its size an archive or PDF may unpack to."
    )
    max_expanded_bytes: int = _setting(
        _LIMITS.max_expanded_bytes, _whole(1, 2**40), "How many bytes one archive or PDF may unpack to."
    )
    max_inputs: int = _setting(_LIMITS.max_inputs, _whole(1, 10**9), "Most inputs of one ingest.")
    max_metadata: int = _setting(_LIMITS.max_metadata, _whole(0, 10**6), "Most metadata entries of a document.")
    max_field_characters: int = _setting(
        _LIMITS.max_field_characters, _whole(1, 10**6), "Longest title, source, address or metadata entry."
    )
    max_nesting: int = _setting(_LIMITS.max_nesting, _whole(1, 10**4), "Deepest nesting of JSON, YAML or HTML.")
    llm_url: str | None = _setting(
        None, ADDRESS, "OpenAI-compatible endpoint (…/v1) that words the answers; off when empty."
    )
    llm_model: str | None = _setting(None, TEXT, "Name of the model to ask there.")
    llm_key: str | None = _setting(None, TEXT, "Key of that endpoint.", secret=True)
    llm_timeout: float = _setting(30.0, _number(0.1, 600), "Seconds until the extractive answer is served instead.")
    log_level: str = _setting("info", _one_of("debug", "info", "warning", "error"), "Least level that is logged.")

    @classmethod
    def load(cls, environ: Mapping[str, str], flags: Mapping[str, object | None] | None = None) -> Settings:
        """Settings from the environment, overridden by flags that are not None.

        Raises SettingsError naming key, value and what was expected. An empty variable counts as not set.
        """
        values: dict[str, object] = {}
        for row in rows():
            if (text := environ.get(row.variable, "")).strip():
                values[row.name] = _parsed(row, row.variable, text)
        for name, value in (flags or {}).items():
            if value is not None:
                row = _row(name)
                values[name] = _parsed(row, row.flag, str(value))
        settings = cls(**cast("dict[str, Any]", values))
        settings._check_together()
        return settings

    def _check_together(self) -> None:
        if self.llm_url and not self.llm_model:
            raise SettingsError(f"{PREFIX}LLM_URL is set, so {PREFIX}LLM_MODEL must name a model", field="llm_model")

    @property
    def limits(self) -> Limits:
        """What one document, and one ingest, may amount to."""
        return Limits(**{each.name: getattr(self, each.name) for each in fields(Limits)})

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach the address we listen on."""
        return is_loopback(self.host)

    def check_serving(self) -> None:
        """Raises SettingsError when serving with these settings would leave the articles open to the network."""
        if not self.loopback and self.api_key is None:
            raise SettingsError(
                f"{PREFIX}HOST={self.host} can be reached from other machines; set {PREFIX}API_KEY first "
                f"(expected: {KEY.expected}), or listen on 127.0.0.1",
                field="api_key",
            )


class Row(NamedTuple):
    """One row of the table, as shown by `fundstelle settings` and the documentation."""

    name: str
    kind: Kind
    default: object
    help: str
    secret: bool

    @property
    def variable(self) -> str:
        """The environment variable."""
        return PREFIX + self.name.upper()

    @property
    def flag(self) -> str:
        """The flag of the command line, where a command has it."""
        return "--" + self.name.replace("_", "-")

    def shown(self, value: object) -> str:
        """A value for people; secrets are masked."""
        if value is None or value == ():
            return ""
        if isinstance(value, tuple):
            return ",".join(value)
        return "********" if self.secret else str(value)


def rows() -> Iterator[Row]:
    """The table, in order."""
    for item in fields(Settings):
        meta = item.metadata
        yield Row(item.name, meta["kind"], item.default, meta["help"], meta["secret"])


def origin(row: Row, environ: Mapping[str, str], flags: Mapping[str, object | None]) -> str:
    """Where a value came from: `flag`, `environment` or `default`."""
    if flags.get(row.name) is not None:
        return "flag"
    return "environment" if environ.get(row.variable, "").strip() else "default"


def unknown_variables(environ: Mapping[str, str]) -> list[str]:
    """Variables with our prefix that no setting reads: most likely misspelled."""
    known = {row.variable for row in rows()}
    return sorted(name for name in environ if name.startswith(PREFIX) and name not in known)


def is_loopback(host: str) -> bool:
    """Whether a host name or address means this machine and no other."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _row(name: str) -> Row:
    for row in rows():
        if row.name == name:
            return row
    raise SettingsError(f"there is no setting {name!r}", field=name)


def _parsed(row: Row, key: str, text: str) -> object:
    try:
        return row.kind.parse(text if row.kind.verbatim else text.strip())
    except ValueError:
        value = "(secret)" if row.secret else repr(text)
        raise SettingsError(f"{key}: expected {row.kind.expected}, got {value}", field=row.name) from None
