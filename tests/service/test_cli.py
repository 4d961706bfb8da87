from __future__ import annotations

import io
import json
import os
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from corpus.locking import WriterLock
from service import engine as engine_module
from service.cli import STOPPED, main
from service.output import Console
from service.schemas import AskResponse, DocumentsResponse, IngestResponse, SearchResponse
from tests.fakes import HashingEncoder
from tests.service.articles import ARTICLES

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    folder = tmp_path / "articles"
    folder.mkdir()
    for each in ARTICLES:
        head = "".join(f"{name}: {each[name]}\n" for name in ("title", "source", "published") if each.get(name))
        (folder / f"{each['doc_id']}.md").write_text(f"---\n{head}---\n\n{each['text']}\n", encoding="utf-8")
    return folder


@pytest.fixture
def run(data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Run]:
    """`fundstelle ...` in this process, with words for an encoder: (status, out, err)."""
    monkeypatch.setattr(engine_module, "LazyEncoder", lambda _: HashingEncoder())
    for name in [name for name in os.environ if name.startswith("FUNDSTELLE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("FUNDSTELLE_DATA", str(data))
    monkeypatch.setenv("FUNDSTELLE_ABSTAIN_THRESHOLD", "0")

    def command(*arguments: str | Path) -> tuple[int, str, str]:
        capsys.readouterr()
        status = main([str(each) for each in arguments])
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return command


def test_ingest_writes_a_line_for_every_input(run: Run, articles: Path) -> None:
    (articles / "bild.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
    status, out, err = run("ingest", articles)
    lines = out.splitlines()
    assert status == 3
    assert [line.split()[0] for line in lines[:-1]] == ["added", "rejected", "added", "added"]
    assert lines[-1] == "4 inputs: 3 added, 1 rejected."
    assert "(unsupported_media_type)" in lines[1]
    assert "Indexing: 3 passages" in err
    (articles / "bild.png").unlink()
    status, out, _ = run("ingest", articles)
    assert (status, out.splitlines()[-1]) == (0, "3 inputs: 3 unchanged.")


def test_ingest_as_json(run: Run, articles: Path) -> None:
    status, out, _ = run("ingest", articles / "grid.md", articles / "fehlt.md", "--json")
    IngestResponse.model_validate_json(out)
    reply = json.loads(out)
    assert status == 3
    assert (reply["counts"]["inputs"], reply["counts"]["added"], reply["counts"]["rejected"]) == (2, 1, 1)


def test_source_and_language_can_be_said(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "notiz.txt"
    path.write_text("Die Stadt plant eine neue Leitung bis zum Jahr 2028.", encoding="utf-8")
    assert run("ingest", path, "--source", "Archiv", "--language", "en")[0] == 0
    (document,) = json.loads(run("documents", "--json")[1])["documents"]
    assert (document["source"], document["language"]) == ("Archiv", "en")


def test_standard_input(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = "\n".join(json.dumps(each) for each in ARTICLES).encode()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(lines), encoding="utf-8"))
    status, out, _ = run("ingest", "-")
    assert (status, out.splitlines()[-1]) == (0, "3 inputs: 3 added.")


def test_an_answer_for_people(run: Run, articles: Path) -> None:
    run("ingest", articles)
    status, out, _ = run("ask", "Welche Chips entwickelt der Suchkonzern Baidu?")
    assert status == 0
    answer, _, proofs = out.partition("\n\n")
    assert answer.endswith("[1]")
    assert proofs.startswith("[1] „Der Suchkonzern Baidu entwickelt seit Jahren eigene Chips")
    assert "Baidu baut eigene Chips · Nordblatt · 2025-05-21 · " in proofs
    assert all(len(line) <= 100 for line in out.splitlines())


def test_an_answer_for_programs(run: Run, articles: Path) -> None:
    run("ingest", articles)
    status, out, _ = run("ask", "Was hat Tencent gekauft?", "--json", "--k", "2", "--source", "Südblatt")
    assert status == 0
    AskResponse.model_validate_json(out)
    reply = json.loads(out)
    assert {each["source"] for each in reply["passages"]} == {"Südblatt"}
    assert reply["citations"]


def test_an_abstention_is_a_result(run: Run, articles: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("ingest", articles)
    monkeypatch.setenv("FUNDSTELLE_ABSTAIN_THRESHOLD", "1")
    status, out, _ = run("ask", "What is the capital of Australia?")
    assert status == 0
    assert out.startswith("No answer. ")
    assert "an answer needs 1.00" in out
    assert "Nearest passages:\n1. " in out


def test_search(run: Run, articles: Path) -> None:
    run("ingest", articles)
    status, out, _ = run("search", "grid operator", "--k", "1")
    assert (status, out.splitlines()[0][:26]) == (0, "1. Power for data centres ")
    SearchResponse.model_validate_json(run("search", "grid operator", "--json")[1])
    assert run("search", "Chips", "--written-in", "fr")[1] == "Nothing found.\n"


def test_documents(run: Run, articles: Path) -> None:
    run("ingest", articles)
    out = run("documents")[1]
    assert out.endswith("1 to 3 of 3 documents\n")
    reply = run("documents", "--json", "--query", "Vorrat")[1]
    DocumentsResponse.model_validate_json(reply)
    (document,) = json.loads(reply)["documents"]
    status, out, _ = run("documents", document["doc_id"])
    assert (status, out.splitlines()[0]) == (0, "Tencent lebt vom Vorrat")
    assert "Der Vorrat reicht" in out


def test_remove(run: Run, articles: Path) -> None:
    run("ingest", articles)
    doc_ids = [each["doc_id"] for each in json.loads(run("documents", "--json")[1])["documents"]]
    assert run("remove", doc_ids[0])[0] == 0
    status, out, _ = run("remove", doc_ids[1], doc_ids[1], "--json")
    (receipt,) = json.loads(out)["removed"]
    assert (status, receipt["doc_id"], receipt["dense_hits"], receipt["lexical_hits"]) == (0, doc_ids[1], 0, 0)
    assert json.loads(run("documents", "--json")[1])["total"] == 1
    status, out, err = run("remove", doc_ids[0])
    assert (status, out) == (1, "")
    assert doc_ids[0] in err


def test_status_verify_rebuild(run: Run, articles: Path, data: Path) -> None:
    assert "none yet" in run("status")[1]
    run("ingest", articles)
    out = run("status")[1]
    assert "Documents  3 (" in out
    assert "up to date" in out
    assert json.loads(run("status", "--json")[1])["index"]["passages"] == 3
    assert run("verify")[:2] == (0, "store: sound\nindex: sound\n")
    (file,) = (data / "index").glob("gen-*/dense-*")
    file.write_bytes(b"")
    status, out, _ = run("verify")
    assert status == 1
    assert file.name in out
    assert json.loads(run("verify", "--json")[1])["sound"] is False
    assert run("rebuild")[0] == 0
    assert run("verify")[0] == 0
    assert json.loads(run("rebuild", "--encode-again", "--json")[1])["behind"] == 0


def test_settings(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FUNDSTELLE_API_KEY", "ein-langer-schluessel")
    monkeypatch.setenv("FUNDSTELLE_PROT", "9000")
    status, out, err = run("settings", "--data", "anderswo")
    assert status == 0
    assert "FUNDSTELLE_DATA = anderswo   [flag]" in out
    assert "FUNDSTELLE_API_KEY = ********   [environment]" in out
    assert "schluessel" not in out
    assert "FUNDSTELLE_PROT" in err
    table = json.loads(run("settings", "--json")[1])
    assert {each["name"]: each["origin"] for each in table["settings"]}["FUNDSTELLE_PORT"] == "default"
    assert table["unknown"] == ["FUNDSTELLE_PROT"]


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["ask", ""], 2, "there are no words in it"),
        (["ask", "Wer?", "--k", "1000"], 2, "k: expected 1 to 100"),
        (["ask", "Wer?", "--from", "gestern"], 2, "expected a date as YYYY-MM-DD"),
        (["documents", "--limit", "0"], 2, "--limit: expected 1 or more"),
        (["serve", "--port", "x"], 2, "--port: expected a whole number"),
        (["serve", "--host", "0.0.0.0"], 2, "FUNDSTELLE_API_KEY"),
        (["documents", "nichts"], 1, "nichts"),
    ],
)
def test_errors_say_what_to_do_and_how_bad_it_is(run: Run, arguments: list[str], status: int, said: str) -> None:
    result, out, err = run(*arguments)
    assert (result, out) == (status, "")
    assert err.startswith("fundstelle: ")
    assert said in err
    assert len(err.splitlines()) == 2


def test_usage(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in ([], ["frage"], ["ask"], ["ask", "Wer?", "--k", "viele"]):
        with pytest.raises(SystemExit) as caught:
            run(*arguments)
        assert caught.value.code == 2
    with pytest.raises(SystemExit) as caught:
        run("--version")
    assert caught.value.code == 0
    assert capsys.readouterr().out.startswith("fundstelle ")


def test_another_writer_is_named(run: Run, articles: Path, data: Path) -> None:
    data.mkdir()
    held, release = threading.Event(), threading.Event()

    def hold() -> None:
        with WriterLock(data):
            held.set()
            release.wait(30)

    thread = threading.Thread(target=hold)
    thread.start()
    assert held.wait(30)
    status, out, err = run("ingest", articles)
    release.set()
    thread.join()
    assert (status, out) == (1, "")
    assert "Wait until it has finished" in err


def test_ctrl_c_is_an_orderly_end(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(engine_module.Engine, "status", interrupted)
    status, _, err = run("status")
    assert status == STOPPED
    assert "everything acknowledged is kept" in err


def test_control_characters_of_an_article_do_not_reach_the_terminal() -> None:
    out = io.StringIO()
    Console(out, out).line("Titel \x1b[31mrot\x07 – „ä“ \u00a0🏭")
    assert out.getvalue() == "Titel \ufffd[31mrot\ufffd – „ä“ \u00a0🏭\n"


def test_a_terminal_of_little_understanding_gets_what_it_can_show() -> None:
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="ascii")
    Console(out, io.StringIO()).line("„Öl“")
    assert raw.getvalue() == b"??l?\n"
    out.close()


def test_a_port_that_is_taken(data: Path, run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        status, _, err = run("serve", "--port", str(taken.getsockname()[1]))
    assert status == 2
    assert "cannot listen on 127.0.0.1" in err
