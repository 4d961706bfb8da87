from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.extract import extract
from corpus.json_lines import from_object, read_json, read_json_lines
from corpus.limits import Limits
from corpus.sources import RawInput, Rejected


def one(value: Any, **limits: int) -> RawInput | Rejected:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    (item,) = read_json_lines(io.BytesIO(data), "file:///a.jsonl", Limits(**limits), {})
    return item


def test_every_field_arrives():
    fields = {
        "doc_id": "d-1", "title": "Titel", "source": "Blatt", "url": "https://a.example/1", "published": "2025-07-23",
        "language": "de",
    }  # fmt: skip
    item = one({"text": "Größe 5 €.", **fields, "metadata": {"a": "x", "n": 3, "ok": True}})
    assert isinstance(item, RawInput)
    assert item.uri == "https://a.example/1"
    assert item.fields == {**fields, "metadata": {"a": "x", "n": "3", "ok": "true"}}
    document = extract(item, Limits()).document
    assert (document.text, document.doc_id, document.title) == ("Größe 5 €.", "d-1", "Titel")
    assert document.metadata == {"a": "x", "n": "3", "ok": "true"}


def test_other_plain_values_are_kept_as_metadata():
    item = one(
        {"text": "x", "author": "Erika", "rank": 7, "title": None, "tags": ["a"], "long": "y" * 3_000, "doc_id": 17}
    )
    assert isinstance(item, RawInput)
    assert item.fields == {"doc_id": "17", "metadata": {"author": "Erika", "rank": "7"}}


def test_markup_may_be_sent():
    item = one({"text": "# Titel\n\nEin *Satz*.", "media_type": "text/markdown"})
    assert isinstance(item, RawInput)
    assert extract(item, Limits()).document.text == "Titel\n\nEin Satz."


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ({}, "text"),
        ({"text": None}, "text"),
        ({"text": 5}, "text"),
        ({"text": "  "}, "text"),
        ({"text": "x", "title": ["a"]}, "title"),
        ({"text": "x", "url": True}, "url"),
        ({"text": "x", "metadata": "a"}, "metadata"),
        ({"text": "x", "metadata": {"a": [1]}}, "metadata"),
        ({"text": "x", "media_type": "application/pdf"}, "media_type"),
        (["text"], "text"),
        ("text", "text"),
        (b"{", "json"),
        (b'{"text": "a"} extra', "json"),
        (b'{"text": ' + b"9" * 5_000 + b"}", "json"),
    ],
)
def test_bad_objects_name_the_field(value: Any, field: str):
    item = one(value)
    assert isinstance(item, Rejected)
    assert item.error.field == field
    assert item.error.detail.startswith("Line 1: ")


def test_nesting_is_limited():
    item = one(b'{"text": "[[[[[[", "metadata": ' + b"[" * 200 + b"]" * 200 + b"}")
    assert isinstance(item, Rejected)
    assert (item.error.field, item.error.limit) == ("max_nesting", 100)
    assert isinstance(one({"text": "[" * 5_000}), RawInput)


def test_other_encodings_are_refused():
    item = one('{"text": "ü"}'.encode("latin-1"))
    assert isinstance(item, Rejected)
    assert "not UTF-8 at byte 10" in item.error.detail


def test_half_a_surrogate_pair_is_dropped():
    item = one(b'{"text": "a\\ud83dz \\ud83d\\ude00"}')
    assert isinstance(item, RawInput)
    assert item.data.decode() == "az 😀"


def test_json_files_hold_one_object_or_a_list():
    limits = Limits()
    (single,) = read_json(b'{"text": "a"}', "file:///a.json", limits, {})
    assert single.uri == "file:///a.json"
    several = list(read_json(b'[{"text": "a"}, {"texd": "b"}, {"text": "c"}]', "file:///a.json", limits, {}))
    assert [type(item) for item in several] == [RawInput, Rejected, RawInput]
    assert [item.uri for item in several] == ["file:///a.json#1", "file:///a.json#2", "file:///a.json#3"]
    (broken,) = read_json(b"[", "file:///a.json", limits, {})
    assert isinstance(broken, Rejected)


any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["text", "title", "metadata", "doc_id", "x"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(any_json)
def test_any_json_is_read_or_rejected(value: Any):
    item = one(value)
    assert isinstance(item, RawInput | Rejected)
    if isinstance(item, RawInput):
        assert from_object(value, "file:///a.jsonl#1", "file:///a.jsonl", Limits(), {}) == item
