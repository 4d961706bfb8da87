"""The suite about the bundled articles keeps its promises: gold that stands there, every kind, both languages."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from eval.records import Query, Suite
from eval.suites import load_suite

ROOT = Path(__file__).parents[2]
SUITE = ROOT / "eval" / "suites" / "sample"
ARTICLES = ROOT / "corpus" / "articles"
KINDS = {"fact", "number", "name", "reason", "comparison", "disagreement", "date", "follow-up"}
MISSING = {"fact", "entity", "everything"}  # what the articles lack of an unanswerable question

Line = dict[str, Any]
LINES: list[Line] = [json.loads(line) for line in (SUITE / "questions.jsonl").read_text(encoding="utf-8").splitlines()]
ANSWERABLE = [line for line in LINES if line["answerable"]]


@pytest.fixture(scope="module")
def suite() -> Suite:
    return load_suite(SUITE)


@cache
def body(doc_id: str) -> str:
    return (ARTICLES / f"{doc_id}.md").read_text(encoding="utf-8").split("---\n", 2)[2]


def twin(query_id: str) -> str:
    """The id of the same question in the other language."""
    stem, _, language = query_id.rpartition("-")
    return f"{stem}-{'en' if language == 'de' else 'de'}"


def test_it_loads_whole(suite: Suite) -> None:
    assert suite.name == "sample"
    assert suite.dropped == ()
    assert suite.document_count == len(list(ARTICLES.glob("*.md"))) == 18
    assert [query.query_id for query in suite.queries] == [line["query_id"] for line in LINES]


def test_every_gold_is_located_exactly(suite: Suite) -> None:
    texts = {document.doc_id: document.text for document in suite.documents()}
    golds = [gold for query in suite.queries for gold in query.gold]
    assert len(golds) > 400
    for gold in golds:
        assert gold.quote
        assert gold.span
        assert gold.span.of(texts[gold.doc_id]) == gold.quote


def test_there_are_enough_questions_of_every_kind() -> None:
    counts = Counter((line["language"], line["kind"]) for line in ANSWERABLE)
    assert set(counts) == {(language, kind) for language in ("de", "en") for kind in KINDS}
    assert min(counts.values()) >= 10
    assert len(ANSWERABLE) >= 80


def test_most_questions_without_an_answer_are_hard() -> None:
    """Right entity, missing fact: nothing but the fact itself tells them from a question with an answer."""
    unanswerable = [line for line in LINES if not line["answerable"]]
    missing = Counter(line["metadata"]["missing"] for line in unanswerable)
    assert set(missing) == MISSING
    assert missing["fact"] >= 24
    assert missing["fact"] >= 0.8 * len(unanswerable)
    assert {line["kind"] for line in unanswerable} == KINDS


def test_each_question_is_asked_in_both_languages_with_the_same_gold(suite: Suite) -> None:
    queries: dict[str, Query] = {query.query_id: query for query in suite.queries}
    for query in suite.queries:
        other = queries[twin(query.query_id)]
        assert {query.language, other.language} == {"de", "en"}
        assert query.query_id.endswith(f"-{query.language}")
        assert (query.kind, query.answerable, query.gold) == (other.kind, other.answerable, other.gold)
        assert other.follows == (twin(query.follows) if query.follows else None)


def test_follow_ups_follow_a_question_of_their_language(suite: Suite) -> None:
    queries = {query.query_id: query for query in suite.queries}
    for query in suite.queries:
        assert (query.kind == "follow-up") == (query.follows is not None)
        if query.follows:
            assert queries[query.follows].language == query.language
            assert queries[query.follows].answerable


def test_questions_are_unique() -> None:
    for field in ("query_id", "question"):
        assert [value for value, n in Counter(line[field] for line in LINES).items() if n > 1] == []


def test_every_article_answers_questions() -> None:
    asked: dict[str, set[str]] = defaultdict(set)
    for line in ANSWERABLE:
        for gold in line["gold"]:
            asked[gold["doc_id"]].add(line["query_id"])
    assert {path.stem for path in ARTICLES.glob("*.md")} == set(asked)
    assert min(map(len, asked.values())) >= 6


def test_english_questions_mostly_need_german_articles(suite: Suite) -> None:
    german = {document.doc_id for document in suite.documents() if document.language == "de"}
    english = [line for line in ANSWERABLE if line["language"] == "en"]
    crossing = [line for line in english if german & {gold["doc_id"] for gold in line["gold"]}]
    assert len(crossing) >= 0.8 * len(english)


@pytest.mark.parametrize("line", LINES, ids=lambda line: line["query_id"])
def test_gold_stands_in_its_article_as_a_whole_sentence(line: Line) -> None:
    assert bool(line["gold"]) == line["answerable"]
    for gold in line["gold"]:
        quote, text = gold["quote"], body(gold["doc_id"])
        assert text.count(quote) == 1
        assert re.fullmatch(r"[^\n*_#`\[\]]+[.!?]", quote), "one line, a whole sentence, no Markdown"
        (paragraph,) = (each for each in text.split("\n") if quote in each)
        assert not paragraph.startswith("#")
        before = paragraph.removeprefix("- ").partition(quote)[0]
        assert before == "" or re.search(r"[.!?:“] $", before), "the quote begins a sentence"


def test_the_documentation_counts_right() -> None:
    page = (ROOT / "docs" / "evaluation.md").read_text(encoding="utf-8")
    said = page.partition("## The sample suite")[2].partition("\n## ")[0].replace("\n", " ")
    hard = sum(line.get("metadata", {}).get("missing") == "fact" for line in LINES)
    assert f"{len(LINES)} questions about the {len(list(ARTICLES.glob('*.md')))} bundled articles" in said
    assert f"{len(ANSWERABLE)} have an answer" in said
    assert f"{len(LINES) - len(ANSWERABLE)} have none, {hard} of them of the hard sort" in said
