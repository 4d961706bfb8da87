"""The prompts of the model families, as their model cards state them."""

from __future__ import annotations

import json

import pytest

from index.prompts import Prompts, declared_prompts, known_prompts, prompts_for

SEARCHING = "Represent this sentence for searching relevant passages: "
WEB = "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery:"


@pytest.mark.parametrize(
    ("name", "question", "passage"),
    [
        ("intfloat/multilingual-e5-small", "query: ", "passage: "),
        ("intfloat/e5-base-v2", "query: ", "passage: "),
        ("intfloat/multilingual-e5-large-instruct", WEB + " ", ""),
        ("intfloat/e5-mistral-7b-instruct", WEB + " ", ""),
        ("BAAI/bge-m3", "", ""),
        ("BAAI/bge-small-en-v1.5", SEARCHING, ""),
        ("BAAI/bge-large-en", SEARCHING, ""),
        ("BAAI/bge-base-zh-v1.5", "为这个句子生成表示以用于检索相关文章：", ""),
        ("Snowflake/snowflake-arctic-embed-m-v2.0", "query: ", ""),
        ("Snowflake/snowflake-arctic-embed-l-v2.0", "query: ", ""),
        ("Snowflake/snowflake-arctic-embed-m-v1.5", SEARCHING, ""),
        ("Snowflake/snowflake-arctic-embed-xs", SEARCHING, ""),
        ("google/embeddinggemma-300m", "task: search result | query: ", "title: none | text: "),
        ("Qwen/Qwen3-Embedding-0.6B", WEB, ""),
    ],
)
def test_known_families(name, question, passage):
    assert known_prompts(name) == Prompts(question, passage)
    assert known_prompts(name.rsplit("/", 1)[1].replace("-", "_").upper()) == Prompts(question, passage)


@pytest.mark.parametrize(
    "name", ["bundled", "sentence-transformers/all-MiniLM-L6-v2", "thenlper/gte-small", "large5-x"]
)
def test_other_models_get_no_prompt(name, tmp_path):
    assert known_prompts(name) is None
    assert prompts_for(name, tmp_path) == Prompts()


def declare(folder, prompts):
    (folder / "config_sentence_transformers.json").write_text(json.dumps({"prompts": prompts}), encoding="utf-8")


def test_what_the_folder_declares_wins_over_the_family_and_a_setting_over_both(tmp_path):
    folder = tmp_path / "multilingual-e5-small"
    folder.mkdir()
    assert prompts_for(str(folder), folder) == Prompts("query: ", "passage: ")
    declare(folder, {"query": "Frage: ", "document": "Text: "})
    assert prompts_for(str(folder), folder) == Prompts("Frage: ", "Text: ")
    assert prompts_for(str(folder), folder, question="? ") == Prompts("? ", "Text: ")
    assert prompts_for(str(folder), folder, question="", passage="") == Prompts()


def test_empty_prompts_are_what_the_library_writes_for_models_that_declare_none(tmp_path):
    declare(tmp_path, {"query": "", "document": ""})
    assert declared_prompts(tmp_path) is None
    assert prompts_for("intfloat/e5-small", tmp_path) == Prompts("query: ", "passage: ")
    declare(tmp_path, {"query": "query: "})
    assert prompts_for("intfloat/e5-small", tmp_path) == Prompts("query: ", "")


def test_a_renamed_folder_is_known_by_the_name_in_its_configuration(tmp_path):
    (tmp_path / "config.json").write_text(json.dumps({"_name_or_path": "intfloat/multilingual-e5-base"}))
    assert prompts_for("mein-modell", tmp_path) == Prompts("query: ", "passage: ")


@pytest.mark.parametrize("content", ["", "[1, 2]", '{"prompts": 3}', "{"])
def test_a_configuration_that_says_nothing_usable_declares_nothing(content, tmp_path):
    (tmp_path / "config_sentence_transformers.json").write_text(content)
    assert declared_prompts(tmp_path) is None
