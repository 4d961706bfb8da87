"""A store, an encoder that is quick, and the sync between them: what the tests of the derived indexes start from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus.store import CorpusStore
from index.sync import IndexSync
from tests.fakes import HashingEncoder


@pytest.fixture
def store(tmp_path) -> Iterator[CorpusStore]:
    with CorpusStore.open(tmp_path) as opened:
        yield opened


@pytest.fixture
def encoder() -> HashingEncoder:
    return HashingEncoder()


@pytest.fixture
def folder(tmp_path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def sync(store, encoder, folder) -> IndexSync:
    return IndexSync(store, encoder, folder)
