from __future__ import annotations

import json

import pytest

from corpus.documents import Block, BlockKind, Span
from corpus.extract import extract
from corpus.limits import Limits
from eval.errors import SuiteInvalid
from eval.records import GoldQuote, SuiteDocument
from eval.suites import load_suite
from eval.suites.documents import final_row
from eval.suites.own import question_row
from tests.eval.suites.files import own, question, write_jsonl, write_text

QUOTE = "Dou Shen führt das Geschäft."


def test_quotes_are_located_in_the_text_that_ingest_makes(tmp_path):
    suite = load_suite(
        own(
            tmp_path,
            [
                question("q1", language="de", kind="name", metadata={"author": "me"}),
                question("q2", gold=[{"doc_id": "baidu", "start": 7, "end": 15}, {"doc_id": "strom/texas"}]),
                question("q3", gold=[{"doc_id": "baidu", "quote": "Umsatz", "start": 40, "end": 46}], follows="q1"),
                {"query_id": "q4", "question": "Wer war das?", "answerable": False, "note": "nobody"},
                {"query_id": "q5", "question": "Noch nicht beurteilt?"},
                {"query_id": "q6", "question": ""},
            ],
        )
    )
    texts = {each.doc_id: each.text for each in suite.documents()}
    assert texts == {
        "baidu": f"Baidu\n\n{QUOTE} Der Umsatz stieg um 42 Prozent.",
        "strom/texas": "Strom\n\nIn Texas fehlt Strom. Der Preis stieg. Der Preis stieg.",
    }
    golds = {query.query_id: query.gold for query in suite.queries}
    assert golds == {
        "q1": (GoldQuote("baidu", QUOTE, Span(7, 35)),),
        "q2": (GoldQuote("baidu", "Dou Shen", Span(7, 15)), GoldQuote("strom/texas")),
        "q3": (GoldQuote("baidu", "Umsatz", Span(40, 46)),),
        "q4": (),
        "q5": (),
    }
    first, third = suite.queries[0], suite.queries[2]
    assert (first.language, first.kind, first.metadata, third.follows) == ("de", "name", {"author": "me"}, "q1")
    assert [query.answerable for query in suite.queries] == [True, True, True, False, True]
    assert suite.qrels == {"q1": {"baidu": 1}, "q2": {"baidu": 1, "strom/texas": 1}, "q3": {"baidu": 1}}
    assert (suite.name, suite.origin) == ("tiny", f"{tmp_path}, version 1")
    assert [(each.line, each.reason) for each in suite.dropped] == [(6, "'q6': the question is not written yet")]


def test_a_document_is_what_ingest_would_make_of_its_original(tmp_path):
    suite = load_suite(own(tmp_path, [question("q1")]))
    for document in suite.documents():
        assert document.original is not None
        read = extract(document.original, Limits())
        assert (read.document.text, read.blocks) == (document.text, document.blocks)
        assert (read.document.title, read.document.language) == (document.title, document.language)
    first = next(suite.documents())
    assert [block.kind for block in first.blocks] == [BlockKind.HEADING, BlockKind.TEXT]


def test_documents_of_jsonl_are_read_as_ingest_reads_them_or_taken_as_they_are(tmp_path):
    folder = own(tmp_path, [question("q1", gold=[{"doc_id": "a", "quote": "Ein Satz."}])])
    exact = SuiteDocument("b", "Titel\n\nNoch ein Satz.  Ende.", "Titel", "Blatt", "2025-01-02", "de", None)
    blocks = (Block(BlockKind.HEADING, Span(0, 5)), Block(BlockKind.TEXT, Span(7, 28)))
    exact = SuiteDocument(*[getattr(exact, name) for name in exact.__slots__[:7]], blocks=blocks)
    rows = [{"doc_id": "a", "text": "Ein Satz.", "source": "Blatt"}, final_row(exact), {"text": "Ohne Namen hier."}]
    write_jsonl(folder / "documents.jsonl", rows)
    write_text(folder / "suite.json", '{"name": "jsonl", "documents": "documents.jsonl"}')
    documents = list(load_suite(folder).documents())
    assert documents[1] == exact
    assert [(each.doc_id, each.text, each.source) for each in documents[::2]] == [
        ("a", "Ein Satz.", "Blatt"),
        ("documents#3", "Ohne Namen hier.", None),
    ]


def test_files_that_differ_in_nothing_but_their_ending_keep_it(tmp_path):
    folder = own(tmp_path, [question("q1", gold=[{"doc_id": "baidu.md", "quote": QUOTE}])])
    write_text(folder / "articles" / "baidu.txt", "Ein anderer Text über das Geschäft.")
    write_text(folder / "articles" / "bild.xyz", "kein Artikel")
    suite = load_suite(folder)
    assert sorted(each.doc_id for each in suite.documents()) == ["baidu.md", "baidu.txt", "strom/texas"]
    assert ["no extractor reads .xyz" in each.reason for each in suite.dropped] == [True]


def test_a_list_of_files_and_objects_in_json(tmp_path):
    folder = own(tmp_path, [question("q1")])
    write_text(folder / "more.json", json.dumps([{"text": "Eins, zwei, drei."}, {"doc_id": "vier", "text": "Vier."}]))
    manifest = {"name": "list", "documents": ["articles/baidu.md", "articles/strom", "more.json"]}
    write_text(folder / "suite.json", json.dumps(manifest))
    names = [each.doc_id for each in load_suite(folder).documents()]
    assert names == ["baidu", "texas", "more#1", "vier"]


def test_judgements_add_to_the_golds(tmp_path):
    folder = own(tmp_path, [question("q1"), {"query_id": "q2", "question": "Was?"}])
    write_text(folder / "qrels" / "more.tsv", "q1\tstrom/texas\t1", "q2\tstrom/texas\t1", "q2\tbaidu\t0")
    suite = load_suite(folder)
    assert suite.qrels == {"q1": {"baidu": 1, "strom/texas": 1}, "q2": {"baidu": 0, "strom/texas": 1}}
    assert suite.queries[0].gold == (GoldQuote("baidu", QUOTE, Span(7, 35)), GoldQuote("strom/texas"))
    assert suite.queries[1].gold == (GoldQuote("strom/texas"),)


def test_labels_are_read_with_the_suite_and_leave_what_was_asked_as_it_was(tmp_path):
    rows = [question("q1"), {"query_id": "q2", "question": "Was?"}]
    rows.append({"query_id": "q3", "question": "Und?", "answerable": False})
    folder = own(tmp_path, rows)
    before = load_suite(folder)
    labels = ["q2\tbaidu\t0", "q2\tstrom/texas\t1", "q2\tbaidu\t2", "q1\tbaidu\t0", "q3\tbaidu\t1", "q1\tgone\t2"]
    write_text(folder / "qrels" / "labels.tsv", "query-id\tcorpus-id\tscore", *labels)
    suite = load_suite(folder)
    # A label's yes is 2, and so is what the suite calls relevant; the last label counts; gold stays gold.
    assert suite.qrels == {"q1": {"baidu": 2}, "q2": {"baidu": 2, "strom/texas": 1}}
    assert [(each.line, each.reason) for each in suite.dropped] == [
        (6, "'q3' is marked unanswerable, but 'baidu' is judged relevant"),
        (7, "q1: there is no document 'gone' among the 2 documents"),
    ]
    assert suite.asked_sha256 == before.asked_sha256
    assert suite.sha256 != before.sha256


def test_a_label_s_yes_is_the_highest_grade_of_a_suite_that_has_more(tmp_path):
    folder = own(tmp_path, [{"query_id": "q1", "question": "Was?"}, {"query_id": "q2", "question": "Wie?"}])
    write_text(folder / "qrels" / "test.tsv", "q1\tbaidu\t3", "q1\tstrom/texas\t1")
    write_text(folder / "qrels" / "labels.tsv", "q2\tbaidu\t2", "q2\tstrom/texas\t1")
    assert load_suite(folder).qrels == {"q1": {"baidu": 3, "strom/texas": 1}, "q2": {"baidu": 3, "strom/texas": 1}}


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"query_id": None}, "query_id: missing"),
        ({"question": None}, "question: missing"),
        ({"question": 7.5}, "question: expected text, got 7.5"),
        ({"gold": []}, "gold: 'q1' has an empty list; expected one, or answerable: false"),
        ({"golds": []}, "golds: there is no such field; there are query_id, question"),
        ({"gold": "baidu"}, "gold: expected a list"),
        ({"gold": ["baidu"]}, 'expected an object, got "baidu"'),
        ({"gold": [{"quote": QUOTE}]}, "doc_id: missing"),
        ({"gold": [{"doc_id": "nowhere", "quote": "x"}]}, "gold: there is no document 'nowhere' among the 2 documents"),
        ({"gold": [{"doc_id": "baidu", "quote": "Ling Shen"}]}, "gold: 'Ling Shen' does not stand in 'baidu'"),
        ({"gold": [{"doc_id": "baidu", "quote": "Dou  Shen"}]}, "it does with other white space"),
        ({"gold": [{"doc_id": "strom/texas", "quote": "Der Preis stieg."}]}, "stands more than once in 'strom/texas'"),
        ({"gold": [{"doc_id": "baidu", "quote": "Dou", "start": 8, "end": 11}]}, "at 8 in 'baidu' stands 'ou ', not"),
        ({"gold": [{"doc_id": "baidu", "start": 3}]}, "expected both start and end, or neither"),
        ({"gold": [{"doc_id": "baidu", "start": 9, "end": 9}]}, "expected start before end"),
        ({"gold": [{"doc_id": "baidu", "start": 9, "end": 900}]}, "'baidu' has 67 characters, got the span 9 to 900"),
        ({"gold": [{"doc_id": "baidu", "start": -1, "end": 9}]}, "start: expected a whole number from 0, got -1"),
        ({"gold": [{"doc_id": "baidu", "quote": " "}]}, "quote: expected the words of the document"),
        ({"answerable": False}, "'q1' has gold, but answerable is false"),
        ({"answerable": "yes"}, "answerable: expected true or false"),
        ({"language": "Deutsch"}, "language: expected an ISO 639-1 code"),
        ({"follows": "q9"}, "follows: expected the query_id of a question above, got 'q9'"),
        ({"follows": "q1"}, "follows: expected"),
        ({"metadata": 3}, "metadata: expected an object"),
    ],
)
def test_what_is_malformed_is_said_with_file_and_line(tmp_path, fields, problem):
    folder = own(tmp_path, [question("q0"), question("q1") | fields])
    with pytest.raises(SuiteInvalid) as caught:
        load_suite(folder)
    assert str(caught.value).startswith(f"{folder / 'questions.jsonl'}, line 2: ")
    assert problem in str(caught.value)


def test_an_id_is_taken_once(tmp_path):
    with pytest.raises(SuiteInvalid, match=r"line 3: query_id 'q1' is taken already by questions\.jsonl, line 1"):
        load_suite(own(tmp_path, [question("q1"), question("q2"), question("q1")]))


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ({"text": "abc"}, "doc_id: missing"),
        ({"doc_id": "a", "text": "Gro\u0308\u00dfe"}, "expected normalised text, because blocks are given"),
        ({"doc_id": "a", "text": "abc", "blocks": [["text", 0, 9]]}, "9 is beyond the text's end at 3"),
        ({"doc_id": "a", "text": "abc", "blocks": [["prose", 0, 3]]}, "expected lists of kind, start and end"),
        ({"doc_id": "a", "text": "abc", "blocks": [3]}, "expected lists of kind, start and end"),
        ({"doc_id": "a", "text": "abc", "titel": "x"}, "titel: there is no such field"),
    ],
)
def test_malformed_documents(tmp_path, row, problem):
    folder = own(tmp_path, [question("q1")], manifest={"name": "jsonl", "documents": "documents.jsonl"})
    write_jsonl(folder / "documents.jsonl", [{"blocks": [["text", 0, 3]]} | row])
    with pytest.raises(SuiteInvalid) as caught:
        load_suite(folder)
    assert str(caught.value).startswith(f"{folder / 'documents.jsonl'}, line 1: ")
    assert problem in str(caught.value)


def test_a_gold_in_a_document_that_cannot_be_read(tmp_path):
    folder = own(tmp_path, [question("q1", gold=[{"doc_id": "leer", "quote": "x"}])])
    (folder / "articles" / "leer.md").write_text("   \n", encoding="utf-8")
    with pytest.raises(SuiteInvalid, match=r"line 1: gold: document 'leer' cannot be used: The input is empty"):
        load_suite(folder)


def test_documents_that_are_not_there(tmp_path):
    folder = own(tmp_path, [question("q1")], manifest={"name": "n", "documents": "texts/"})
    with pytest.raises(SuiteInvalid, match=r"suite\.json, line 1: documents: there is no texts/"):
        load_suite(folder)


def test_a_row_comes_back_as_it_was_written(tmp_path):
    rows = [question("q1", language="de", kind="name", gold=[{"doc_id": "baidu", "start": 7, "end": 15}])]
    rows.append({"query_id": "q2", "question": "Wer?", "answerable": False, "follows": "q1", "metadata": {"a": "b"}})
    queries = load_suite(own(tmp_path, rows)).queries
    gold = [{"doc_id": "baidu", "quote": "Dou Shen", "start": 7, "end": 15}]
    assert [question_row(query) for query in queries] == [rows[0] | {"gold": gold, "answerable": True}, rows[1]]
