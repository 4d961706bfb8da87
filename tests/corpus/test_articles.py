"""The bundled sample articles, and the questions about the seeds, keep their promises."""

import datetime
import json
import re
import unicodedata
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest
import yaml

ROOT = Path(__file__).parents[2]
ARTICLES = sorted((ROOT / "corpus" / "articles").glob("*.md"))
SEEDS = ROOT.parent / "shared" / "seeds"

SHORTEST, LONGEST = 250, 700  # words of an article's body
SHARED_WORDS = 8  # this many words in a row in common with a seed would be a copied sentence
STOP_WORDS = {"de": {"der", "die", "und", "das", "nicht"}, "en": {"the", "of", "and", "to", "that"}}

needs_seeds = pytest.mark.skipif(not SEEDS.is_dir(), reason="the folder shared/seeds is not beside the repository")


class Article(NamedTuple):
    front: dict[str, Any]
    body: str


@cache
def article(path: Path) -> Article:
    opening, front, body = re.split(r"^---\n", path.read_text(encoding="utf-8"), maxsplit=2, flags=re.MULTILINE)
    assert opening == "", f"{path.name} does not begin with front matter"
    return Article(yaml.safe_load(front), body)


def words(text: str) -> list[str]:
    return re.findall(r"\w+", unicodedata.normalize("NFC", text).casefold())


def runs(text: str, length: int) -> set[tuple[str, ...]]:
    """Every run of ``length`` words in ``text``."""
    tokens = words(text)
    return {tuple(tokens[i : i + length]) for i in range(len(tokens) - length + 1)}


SEED: list[dict[str, Any]] = json.loads((ROOT / "tests" / "data" / "seed_questions.json").read_text(encoding="utf-8"))
each_article = pytest.mark.parametrize("path", ARTICLES, ids=lambda path: path.stem)


def test_number_and_languages() -> None:
    assert Counter(article(path).front["language"] for path in ARTICLES) == {"de": 14, "en": 4}


@each_article
def test_front_matter(path: Path) -> None:
    front, body = article(path)
    assert set(front) == {"title", "source", "published", "language", "url"}
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", path.stem)
    assert isinstance(front["published"], datetime.date)
    assert datetime.date(2025, 5, 1) <= front["published"] <= datetime.date(2026, 2, 28)
    desk = {"de": "Fundstelle Musterredaktion", "en": "Fundstelle Sample Desk"}[front["language"]]
    assert front["source"] == desk or front["source"].startswith(f"{desk}, ")
    url = urlsplit(front["url"])
    assert (url.scheme, url.netloc) == ("https", "articles.fundstelle.example")
    assert url.path == f"/{front['published'].year}/{path.stem}"
    assert body.lstrip().startswith(f"# {front['title']}\n")


@pytest.mark.parametrize("field", ["title", "url"])
def test_unique(field: str) -> None:
    values = [article(path).front[field] for path in ARTICLES]
    assert sorted(values) == sorted(set(values))


@each_article
def test_length(path: Path) -> None:
    assert SHORTEST <= len(article(path).body.split()) <= LONGEST


@each_article
def test_form(path: Path) -> None:
    """Subheads, one line per paragraph, NFC and nothing invisible: what a reader of the source would expect."""
    body = article(path).body
    assert len(re.findall(r"^## \S", body, re.MULTILINE)) >= 3
    assert body == unicodedata.normalize("NFC", body)
    assert not [c for c in body if unicodedata.category(c) in {"Cf", "Cc"} and c != "\n"]
    for block in body.strip().split("\n\n"):
        assert "\n" not in block or all(line.startswith("- ") for line in block.split("\n"))


@each_article
def test_language(path: Path) -> None:
    front, body = article(path)
    counts = Counter(words(body))
    found = {language: sum(counts[word] for word in stops) for language, stops in STOP_WORDS.items()}
    assert max(found, key=found.__getitem__) == front["language"]


def test_german_quotation_marks_are_paired() -> None:
    for path in ARTICLES:
        body = article(path).body
        assert re.findall("[„“]", body) == list("„“") * body.count("„"), path.name


@needs_seeds
@each_article
def test_no_sentence_of_a_seed(path: Path) -> None:
    own = runs(path.read_text(encoding="utf-8"), SHARED_WORDS)
    for seed in SEEDS.glob("*.txt"):
        shared = own & runs(seed.read_text(encoding="utf-8"), SHARED_WORDS)
        assert not shared, f"{seed.name}: {' '.join(min(shared))}"


def test_seed_questions_are_unique() -> None:
    for field in ("id", "question"):
        assert [value for value, n in Counter(item[field] for item in SEED).items() if n > 1] == []


def test_seed_questions_are_enough() -> None:
    answerable = [item for item in SEED if item["needle"] is not None]
    assert Counter(item["language"] for item in answerable) == {"de": 10, "en": 10}
    assert set(Counter(item["seed"] for item in answerable).values()) == {4}
    assert len({item["seed"] for item in answerable}) == 5
    assert len(SEED) - len(answerable) == 8


@pytest.mark.parametrize("item", SEED, ids=lambda item: item["id"])
def test_needles_are_short(item: dict[str, Any]) -> None:
    """A needle names an answer; it is never a stretch of somebody's text."""
    assert item["needles"][:1] == ([] if item["needle"] is None else [item["needle"]])
    assert all(len(needle.split()) <= 4 for needle in item["needles"])


@needs_seeds
@pytest.mark.parametrize("item", [item for item in SEED if item["needle"]], ids=lambda item: item["id"])
def test_needles_stand_in_their_seed(item: dict[str, Any]) -> None:
    text = (SEEDS / item["seed"]).read_text(encoding="utf-8")
    assert [text.count(needle) for needle in item["needles"]] == [1] * len(item["needles"])
