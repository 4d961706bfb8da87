from __future__ import annotations

import gzip

import pytest

from eval.errors import SuiteInvalid
from eval.records import GoldQuote
from eval.suites import load_suite
from tests.eval.suites.files import beir, write_jsonl, write_text


def test_a_folder_is_read(tmp_path):
    suite = load_suite(beir(tmp_path / "tiny"))
    assert (suite.name, suite.document_count, suite.dropped) == ("tiny", 3, ())
    assert [(query.query_id, query.language, query.kind, query.answerable) for query in suite.queries] == [
        ("q1", "de", "number", True),
        ("q2", None, None, True),
        ("q3", None, None, False),
    ]
    assert suite.queries[0].gold == (GoldQuote("d1"),)
    assert suite.qrels == {"q1": {"d1": 2, "d2": 0}, "q2": {"d2": 1}}
    documents = list(suite.documents())
    assert [(each.doc_id, each.title, each.text, each.language) for each in documents] == [
        ("d1", "Chips", "Der Chip kostet 40 Euro.", "de"),
        ("d2", None, "Power is short in Virginia.", None),
        ("d3", None, "Nur ein Titel", None),
    ]
    assert list(suite.documents()) == documents  # read anew


def test_packed_files_are_the_same_suite(tmp_path):
    plain = load_suite(beir(tmp_path / "plain"))
    packed = beir(tmp_path / "packed")
    for name in ("corpus.jsonl", "queries.jsonl"):
        (packed / f"{name}.gz").write_bytes(gzip.compress((packed / name).read_bytes()))
        (packed / name).unlink()
    assert load_suite(packed).sha256 == plain.sha256


def test_languages_hold_where_the_rows_name_none(tmp_path):
    suite = load_suite(beir(tmp_path / "tiny"), document_language="en")
    assert [each.language for each in suite.documents()] == ["de", "en", "en"]
    asked = load_suite(beir(tmp_path / "tiny"), question_language="en")
    assert [(query.query_id, query.language) for query in asked.queries] == [("q2", "en"), ("q3", "en")]


def test_test_is_the_split_unless_a_manifest_says_otherwise(tmp_path):
    folder = beir(tmp_path / "tiny")
    write_text(folder / "qrels" / "dev.tsv", "query-id\tcorpus-id\tscore", "q1\td3\t1")
    assert load_suite(folder).qrels["q1"] == {"d1": 2, "d2": 0}
    write_text(folder / "suite.json", '{"name": "of dev", "format": "beir", "split": "dev"}')
    suite = load_suite(folder)
    assert suite.name == "of dev"
    assert suite.qrels == {"q1": {"d3": 1}}
    assert [query.query_id for query in suite.queries] == ["q1", "q3"]  # nobody judged q2 in dev
    assert [(each.line, each.reason) for each in suite.dropped] == [(2, "query 'q2' has no relevant document")]


def test_a_document_without_any_text_is_dropped_with_its_judgements(tmp_path):
    corpus = [{"_id": "d1", "text": "Ein Satz."}, {"_id": "d2", "text": " "}]
    queries = [{"_id": "q1", "text": "Was?"}]
    suite = load_suite(beir(tmp_path, corpus=corpus, queries=queries, qrels=["q1\td1\t1", "q1\td2\t1"]))
    assert suite.document_count == 1
    assert [each.doc_id for each in suite.documents()] == ["d1"]
    assert [each.reason for each in suite.dropped] == [
        "document 'd2': it has no text",
        "q1: document 'd2' cannot be used: it has no text",
    ]


def test_judgements_of_other_queries_and_twice_the_same_one_are_no_matter(tmp_path):
    suite = load_suite(beir(tmp_path, qrels=["q1\td1\t1", "q1\td1\t1", "q9\td1\t1", "q2\td2\t1"]))
    assert suite.qrels == {"q1": {"d1": 1}, "q2": {"d2": 1}}
    assert [(each.line, each.reason) for each in suite.dropped] == [(4, "query 'q9' is not asked")]


@pytest.mark.parametrize(
    ("file", "lines", "line", "problem"),
    [
        ("corpus.jsonl", ['{"_id": "d1", "text": "a"}', '{"text": "b"}'], 2, "_id: missing"),
        (
            "corpus.jsonl",
            ['{"_id": "d1", "text": "a"}', "", '{"_id": "d1", "text": "b"}'],
            3,
            "taken already by line 1",
        ),
        ("corpus.jsonl", ['{"_id": "d1", "text": "a"'], 1, "not JSON"),
        ("corpus.jsonl", ['["d1"]'], 1, "expected an object"),
        ("corpus.jsonl", ['{"_id": "d1", "text": ["a"]}'], 1, "text: expected text"),
        ("queries.jsonl", ['{"_id": "q1"}'], 1, "text: missing"),
        ("queries.jsonl", ['{"_id": "q1", "text": "a \\ud800"}'], 1, "half a surrogate pair"),
        ("queries.jsonl", ['{"_id": "q1", "text": "a"}', '{"_id": "q1", "text": "b"}'], 2, "queries.jsonl, line 1"),
        ("queries.jsonl", ['{"_id": "q1", "text": "a", "metadata": {"answerable": "no"}}'], 1, "answerable: expected"),
        ("qrels/test.tsv", ["q\td\ts", "q1\td1\t1", "q1\td9\t1"], 3, "no document 'd9' among the 3 documents"),
        ("qrels/test.tsv", ["q\td\ts", "q1\td9\t0"], 2, "no document 'd9'"),
        ("qrels/test.tsv", ["q\td\ts", "q1\td1"], 2, "got 2 columns"),
        ("qrels/test.tsv", ["q\td\ts", "q1\td1\tgut"], 2, "grade: expected a whole number, got 'gut'"),
        ("qrels/test.tsv", ["q\td\ts", "q1\td1\t1", "q1\td1\t2"], 3, "judged 1 already"),
        ("qrels/test.tsv", ["q\td\ts", "q3\td1\t1"], 2, "marked unanswerable"),
    ],
)
def test_what_is_malformed_is_said_with_file_and_line(tmp_path, file, lines, line, problem):
    folder = beir(tmp_path / "tiny")
    write_text(folder / file, *lines)
    with pytest.raises(SuiteInvalid) as caught:
        load_suite(folder)
    assert str(caught.value).startswith(f"{folder / file}, line {line}: ")
    assert problem in str(caught.value)


def test_another_encoding_is_named_with_its_line(tmp_path):
    folder = beir(tmp_path / "tiny")
    text = '{"_id": "d1", "text": "a"}\n{"_id": "d2", "text": "Käse"}\n'
    (folder / "corpus.jsonl").write_bytes(text.encode("latin-1"))
    with pytest.raises(SuiteInvalid, match=r"corpus\.jsonl, line 2: expected UTF-8, got the byte 0xe4"):
        load_suite(folder)


def test_a_byte_order_mark_is_no_matter(tmp_path):
    folder = beir(tmp_path / "tiny")
    before = load_suite(folder).sha256
    for name in ("corpus.jsonl", "queries.jsonl", "qrels/test.tsv"):
        (folder / name).write_bytes(b"\xef\xbb\xbf" + (folder / name).read_bytes().replace(b"\n", b"\r\n"))
    assert load_suite(folder).sha256 == before


def test_a_missing_split_names_those_there_are(tmp_path):
    folder = beir(tmp_path / "tiny")
    (folder / "qrels" / "test.tsv").rename(folder / "qrels" / "train.tsv")
    write_text(folder / "qrels" / "dev.tsv", "q1\td1\t1")
    with pytest.raises(SuiteInvalid, match=r"expected test\.tsv, got dev, train"):
        load_suite(folder)


def test_damaged_archives_are_no_crash(tmp_path):
    folder = beir(tmp_path / "tiny")
    packed = gzip.compress((folder / "corpus.jsonl").read_bytes())
    (folder / "corpus.jsonl").unlink()
    for damaged in (packed[:-12], b"no archive", packed[:20] + b"\x00\xff" * 20):
        (folder / "corpus.jsonl.gz").write_bytes(damaged)
        with pytest.raises(SuiteInvalid, match=r"corpus\.jsonl\.gz"):
            load_suite(folder)


def test_no_question_left_says_why(tmp_path):
    folder = beir(tmp_path / "tiny", queries=[{"_id": "q8", "text": "Was?"}])
    with pytest.raises(SuiteInvalid, match=r"no question is left; 4 dropped, the first in .*test\.tsv, line 2"):
        load_suite(folder)


def test_the_hashes_follow_what_they_stand_for(tmp_path):
    first = load_suite(beir(tmp_path / "a"))
    judged = load_suite(beir(tmp_path / "b", qrels=["q1\td1\t1", "q2\td2\t1"]))
    assert (judged.documents_sha256, judged.asked_sha256) == (first.documents_sha256, first.asked_sha256)
    assert judged.sha256 != first.sha256
    folder = beir(tmp_path / "c")
    write_jsonl(folder / "queries.jsonl", [{"_id": "q1", "text": "Anders gefragt?"}, {"_id": "q2", "text": "Wo?"}])
    asked = load_suite(folder)
    assert asked.documents_sha256 == first.documents_sha256
    assert asked.asked_sha256 != first.asked_sha256
