from __future__ import annotations

from pathlib import Path

import pytest

from eval.errors import SuiteInvalid
from eval.suites import labels_of, load_suite
from tests.eval.suites.files import beir, own, qa, question, squad, write_text


def test_the_suite_that_comes_with_the_project_goes_by_its_name():
    folder = Path(__file__).parents[3] / "eval" / "suites" / "sample"
    assert load_suite(Path("sample")).sha256 == load_suite(folder).sha256
    assert labels_of(Path("sample")) == labels_of(folder) == folder / "qrels" / "labels.tsv"


def test_a_manifest_may_be_named_itself(tmp_path):
    folder = own(tmp_path, [question("q1")])
    assert load_suite(folder / "suite.json").sha256 == load_suite(folder).sha256


def test_labels_lie_beside_a_file_and_within_a_folder(tmp_path):
    path = squad(tmp_path / "one.json", [("Ein Satz.", [qa("a", "Was?", ("Satz", 4))]), ("Noch einer.", [])])
    assert labels_of(path) == tmp_path / "one-labels.tsv"
    write_text(labels_of(path), "a\tp001\t1")
    assert load_suite(path).qrels == {"a": {"p000": 2, "p001": 1}}
    folder = beir(tmp_path / "tiny")
    assert labels_of(folder) == folder / "qrels" / "labels.tsv"
    write_text(labels_of(folder), "q2\td3\t2")
    assert load_suite(folder).qrels["q2"] == {"d2": 1, "d3": 2}


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda path: None, "there is no such file or folder; expected a suite"),
        (lambda path: path.mkdir(), r"no suite is here: expected suite\.json, or corpus\.jsonl"),
        (lambda path: path.write_text("x"), "expected a folder, or a JSON file as SQuAD's"),
    ],
)
def test_no_suite_says_what_was_expected(tmp_path, make, problem):
    path = tmp_path / "nothing"
    make(path)
    with pytest.raises(SuiteInvalid, match=f"{path}: {problem}"):
        load_suite(path)


def test_the_format_is_no_part_of_the_hash(tmp_path):
    folder = beir(
        tmp_path / "beir",
        corpus=[{"_id": "d1", "text": "Ein Satz."}],
        queries=[{"_id": "q1", "text": "Was?"}],
        qrels=["q1\td1\t1"],
    )
    trec = tmp_path / "trec"
    write_text(trec / "topics.tsv", "q1\tWas?")
    write_text(trec / "qrels.txt", "q1 0 d1 1")
    write_text(trec / "documents.tsv", "d1\tEin Satz.")
    write_text(
        trec / "suite.json",
        '{"name": "t", "format": "trec", "topics": "topics.tsv", "qrels": "qrels.txt", "documents": "documents.tsv"}',
    )
    assert load_suite(folder).sha256 == load_suite(trec).sha256
