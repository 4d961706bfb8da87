from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from eval.errors import SuiteInvalid
from eval.suites import load_suite
from tests.eval.suites.files import write_jsonl, write_text

TOPICS = """<top>
<num> Number: 301
<title> Chips &amp; Strom
<desc> Description:
What do chips need?
<narr> Narrative: Anything.
</top>

<top>
<num> Number: 302
<title> Power in
Virginia
</top>
"""
CLEF = """<top lang="de">
<num>C041</num>
<DE-title>Pestizide in Babykost</DE-title>
<EN-title>Pesticides in Baby Food</EN-title>
</top>
"""
XML = '<topics><topic number="1"><query>coronavirus origin</query></topic></topics>\n'


def collection(folder: Path, topics: str, *, name: str = "topics.txt", qrels: tuple[str, ...] = ()) -> Path:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(topics, encoding="utf-8")
    write_text(folder / "qrels.txt", *(qrels or ("301 0 d1 2", "301 0 d2 0", "302 0 d2 1")))
    rows = [{"docid": "d1", "title": "Chips", "text": "Ein Chip."}, {"docid": "d2", "contents": "Power is short."}]
    write_jsonl(folder / "documents.jsonl", rows)
    return folder


def asked(folder: Path, language: str | None = None) -> dict[str, str]:
    return {query.query_id: query.text for query in load_suite(folder, language).queries}


def test_tagged_topics(tmp_path):
    folder = collection(tmp_path / "robust", TOPICS)
    suite = load_suite(folder, document_language="de")
    assert suite.name == "robust"
    assert asked(folder) == {"301": "Chips & Strom", "302": "Power in Virginia"}
    assert suite.qrels == {"301": {"d1": 2, "d2": 0}, "302": {"d2": 1}}
    assert [(each.doc_id, each.title, each.text, each.language) for each in suite.documents()] == [
        ("d1", "Chips", "Ein Chip.", "de"),
        ("d2", None, "Power is short.", "de"),
    ]


def test_topics_of_several_languages(tmp_path):
    folder = collection(tmp_path, CLEF, qrels=("C041 0 d1 1",))
    assert asked(folder, "de") == {"C041": "Pestizide in Babykost"}
    assert asked(folder, "en") == {"C041": "Pesticides in Baby Food"}
    with pytest.raises(SuiteInvalid, match=r"line 1: <title>: missing or empty; the topic has <num>, <de-title>"):
        load_suite(folder)


def test_topics_of_xml(tmp_path):
    assert asked(collection(tmp_path, XML, name="topics.xml", qrels=("1 0 d1 2",))) == {"1": "coronavirus origin"}


def test_the_layout_of_miracl(tmp_path):
    name = "miracl-v1.0-de-dev"
    write_text(tmp_path / "topics" / f"topics.{name}.tsv", "7#0\tWas ist ein Chip?")
    write_text(tmp_path / "qrels" / f"qrels.{name}.tsv", "7#0\tQ0\t12#0\t1", "7#0\tQ0\t13#1\t0")
    for number, row in enumerate(({"docid": "12#0", "text": "Ein Chip."}, {"docid": "13#1", "text": "Ein Fluss."})):
        path = tmp_path / "docs" / f"docs-{number}.jsonl.gz"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(gzip.compress(json.dumps(row).encode()))
    suite = load_suite(tmp_path, "de", "de")
    assert suite.document_count == 2
    assert suite.qrels == {"7#0": {"12#0": 1, "13#1": 0}}
    assert [(query.text, query.language) for query in suite.queries] == [("Was ist ein Chip?", "de")]


def test_a_manifest_names_files_and_field(tmp_path):
    folder = collection(tmp_path, TOPICS, name="fragen.trec")
    write_text(folder / "docs.tsv", "d1\tEin Chip.", "d2\tPower is short.")
    manifest = {"name": "named", "format": "trec", "topics": "fragen.trec", "qrels": "qrels.txt", "topic_field": "desc"}
    write_text(folder / "suite.json", json.dumps(manifest | {"documents": ["*.tsv"], "version": "2"}))
    with pytest.raises(SuiteInvalid, match=r"fragen\.trec, line 9: <desc>: missing"):
        load_suite(folder)
    write_text(folder / "suite.json", json.dumps(manifest | {"documents": "*.tsv", "topic_field": "title"}))
    suite = load_suite(folder)
    assert (suite.name, suite.document_count) == ("named", 2)


def test_topics_without_judgement_and_judgements_without_topic_are_dropped(tmp_path):
    suite = load_suite(collection(tmp_path, TOPICS, qrels=("301 0 d1 1", "999 0 d2 1")))
    assert [query.query_id for query in suite.queries] == ["301"]
    assert [(Path(each.file).name, each.line) for each in suite.dropped] == [("qrels.txt", 2), ("topics.txt", 9)]


@pytest.mark.parametrize(
    ("topics", "line", "problem"),
    [
        ("<top>\n<num> 1\n<title> a\n", 1, "<top> is not closed"),
        ("<top>\n<num> 1\n<top>\n<num> 2\n<title> b\n</top>\n", 1, "not closed before the next"),
        ("\n<top>\n<title> a\n</top>\n", 2, "<num>: missing"),
        ("1\tWas?\n2 Wer?\n", 2, "expected a topic's id, a tab and its question"),
        ("1\tWas?\n1\tWer?\n", 2, "query_id '1' is taken already by topics.txt, line 1"),
    ],
)
def test_malformed_topics_are_said_with_their_line(tmp_path, topics, line, problem):
    folder = collection(tmp_path, topics)
    with pytest.raises(SuiteInvalid) as caught:
        load_suite(folder)
    assert str(caught.value).startswith(f"{folder / 'topics.txt'}, line {line}: ")
    assert problem in str(caught.value)


def test_topics_in_another_encoding(tmp_path):
    folder = collection(tmp_path, TOPICS)
    (folder / "topics.txt").write_bytes(CLEF.replace("Babykost", "Säuglingskost").encode("latin-1"))
    with pytest.raises(SuiteInvalid, match=r"topics\.txt, line 3: expected UTF-8, got the byte 0xe4"):
        load_suite(folder, "de")


def test_several_files_of_topics_have_to_be_chosen_from(tmp_path):
    folder = collection(tmp_path, TOPICS)
    write_text(folder / "topics.dev.tsv", "1\tWas?")
    with pytest.raises(SuiteInvalid, match=r"topics: several files could be it .*name one in suite\.json"):
        load_suite(folder)


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"topics": "nowhere.txt"}, "topics: there is no nowhere.txt"),
        ({"documents": "*.gz"}, r"documents: there is no \*.gz"),
        ({"documents": 3}, "documents: expected a path or a list of paths"),
        ({"topic": "title"}, "topic: there is no such field"),
        ({"format": "clef"}, "format: expected one of fundstelle, beir, trec, squad, got 'clef'"),
        ({"name": None}, "name: missing or empty"),
    ],
)
def test_a_wrong_manifest(tmp_path, fields, problem):
    folder = collection(tmp_path, TOPICS)
    manifest = {"name": "n", "format": "trec", "topics": "topics.txt", "qrels": "qrels.txt", "documents": "*.jsonl"}
    write_text(folder / "suite.json", json.dumps(manifest | fields))
    with pytest.raises(SuiteInvalid, match=rf"suite\.json, line 1: {problem}"):
        load_suite(folder)
