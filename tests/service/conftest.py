from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from service.engine import Engine
from service.settings import Settings
from tests.fakes import HashingEncoder
from tests.service.articles import ARTICLES, inputs_of, service, settings_for


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service that tests only read from."""
    with service(settings_for(tmp_path_factory.mktemp("data"), max_k=20, max_question_characters=200), ARTICLES) as it:
        yield it


@pytest.fixture
def client(site: str) -> Iterator[httpx.Client]:
    """Talks to `site`."""
    with httpx.Client(base_url=site, timeout=30) as client:
        yield client


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_for(tmp_path / "data")


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    with Engine.open(settings, encoder=HashingEncoder()) as engine:
        engine.ingest(inputs_of(settings, *ARTICLES))
        yield engine
