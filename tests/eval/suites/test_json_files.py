from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.errors import SuiteInvalid
from eval.suites import load_suite
from eval.suites.json_files import JsonFile
from tests.eval.suites.files import qa, squad

LEAVES = st.none() | st.booleans() | st.integers() | st.text(max_size=8)
VALUES = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner))


@given(
    before=VALUES,
    rows=st.lists(st.dictionaries(st.text(max_size=4), VALUES, max_size=3), max_size=5),
    indent=st.sampled_from([None, 0, 1, 4]),
    ascii_only=st.booleans(),
)
def test_every_item_is_found_on_its_line(before: Any, rows: list[dict[str, Any]], indent: int | None, ascii_only: bool):
    marked = [row | {"the mark": number} for number, row in enumerate(rows)]
    text = json.dumps({"before": before, "rows": marked, "after": before}, indent=indent, ensure_ascii=ascii_only)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "any.json"
        path.write_text(text, encoding="utf-8", newline="\n")
        file = JsonFile(path)
    places = file.items(file.root, "rows")
    assert [file.row(at).fields for at in places] == marked
    lines = text.split("\n")
    for at in places:
        line = file.place(at).line
        assert line is not None
        assert sum(len(each) + 1 for each in lines[: line - 1]) <= at < sum(len(each) + 1 for each in lines[:line])
        assert text[at] == "{"


def test_of_a_name_that_is_there_twice_the_last_counts_as_everywhere(tmp_path):
    path = tmp_path / "twice.json"
    path.write_text('{"rows": [1],\n "rows": [{"a": 1}]}', encoding="utf-8")
    file = JsonFile(path)
    assert [(file.row(at).fields, file.place(at).line) for at in file.items(file.root, "rows")] == [({"a": 1}, 2)]


@pytest.mark.parametrize(("text", "line"), [("", 1), ("\n\n[", 3), ("{} {}", 1), ("\ufeff{", 1)])
def test_what_is_not_json(tmp_path, text, line):
    path = tmp_path / "broken.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SuiteInvalid, match=rf"broken\.json, line {line}: not JSON"):
        JsonFile(path)


@given(
    before=st.text(alphabet="aä\u0308\u200b\r\n \ufeffe\u0301ß", max_size=12),
    answer=st.text(alphabet="aoäe\u0301 ß", min_size=1, max_size=6).filter(str.strip),
    after=st.text(alphabet="aä \u200b.\n", max_size=8),
)
def test_a_gold_span_always_holds_its_quote(before, answer, after):
    context = before + answer + after
    with TemporaryDirectory() as folder:
        path = squad(Path(folder) / "one.json", [(context + " Ende.", [qa("a", "Was?", (answer, len(before)))])])
        suite = load_suite(path)
    (document,) = suite.documents()
    for gold in suite.queries[0].gold:
        assert gold.span is None or (gold.span.of(document.text) == gold.quote and gold.quote)
