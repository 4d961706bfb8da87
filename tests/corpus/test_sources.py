from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest

from corpus.errors import DocumentTooLarge, ExtractionFailed, InvalidDocument, UnsupportedMediaType
from corpus.limits import Limits
from corpus.sources import RawInput, Rejected, expand, read_paths


def read(*paths: Path, limits: Limits | None = None) -> list[RawInput | Rejected]:
    return list(read_paths(paths, limits or Limits()))


def names(inputs: list[RawInput | Rejected]) -> list[str]:
    return [item.uri.rsplit("/", 1)[-1] for item in inputs]


def test_a_folder_is_read_in_order_and_hidden_names_are_not(tmp_path: Path):
    for name in ("b.txt", "a/2.md", "a/1.txt", "c/deep/x.txt", ".hidden.txt", ".git/x.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    inputs = read(tmp_path)
    assert names(inputs) == ["b.txt", "1.txt", "2.md", "x.txt"]
    assert all(isinstance(item, RawInput) for item in inputs)
    assert inputs == read(tmp_path)
    assert isinstance(inputs[1], RawInput)
    assert (inputs[1].uri, inputs[1].data) == ((tmp_path / "a/1.txt").resolve().as_uri(), b"a/1.txt")


def test_one_bad_file_never_stops_the_rest(tmp_path: Path):
    (tmp_path / "a.txt").write_text("gut")
    (tmp_path / "b.png").write_bytes(b"\x89PNG")
    (tmp_path / "c.txt").write_bytes(b"x" * 101)
    (tmp_path / "d.txt").write_text("auch gut")
    inputs = read(tmp_path, tmp_path / "fehlt.txt", limits=Limits(max_bytes=100))
    assert names(inputs) == ["a.txt", "b.png", "c.txt", "d.txt", "fehlt.txt"]
    errors = [item.error for item in inputs if isinstance(item, Rejected)]
    assert [type(error) for error in errors] == [UnsupportedMediaType, DocumentTooLarge, ExtractionFailed]
    assert (errors[1].field, errors[1].limit) == ("max_bytes", 100)
    assert "No such file" in errors[2].detail


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_a_file_without_permission_is_rejected(tmp_path: Path):
    (tmp_path / "a.txt").write_text("geheim")
    (tmp_path / "a.txt").chmod(0)
    (item,) = read(tmp_path)
    assert isinstance(item, Rejected)
    assert "Permission" in item.error.detail


def test_links_out_of_the_folder_are_refused_and_those_within_are_read_once(tmp_path: Path):
    outside = tmp_path / "outside.txt"
    outside.write_text("draußen")
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a.txt").write_text("drinnen")
    (folder / "b.txt").symlink_to(folder / "a.txt")
    (folder / "c.txt").symlink_to(outside)
    (folder / "d").symlink_to(folder)
    (folder / "e.txt").symlink_to(folder / "nowhere")
    inputs = read(folder)
    assert names(inputs) == ["a.txt", "c.txt", "e.txt"]
    assert [isinstance(item, Rejected) for item in inputs] == [False, True, True]
    assert isinstance(inputs[1], Rejected)
    assert "out of the folder" in inputs[1].error.detail


def test_a_link_named_on_purpose_is_followed(tmp_path: Path):
    (tmp_path / "a.txt").write_text("drinnen")
    (tmp_path / "b.txt").symlink_to(tmp_path / "a.txt")
    (item,) = read(tmp_path / "b.txt")
    assert item.uri == (tmp_path / "a.txt").resolve().as_uri()


def test_only_regular_files_are_opened(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe.txt")
    (item,) = read(tmp_path)
    assert isinstance(item, Rejected)
    assert "not a regular file" in item.error.detail


def test_inputs_are_limited(tmp_path: Path):
    for number in range(5):
        (tmp_path / f"{number}.txt").write_text("x")
    inputs = read(tmp_path, limits=Limits(max_inputs=3))
    assert names(inputs) == ["0.txt", "1.txt", "2.txt", "3.txt"]
    assert isinstance(inputs[3], Rejected)
    assert (inputs[3].error.field, inputs[3].error.limit) == ("max_inputs", 3)


def test_json_lines_of_a_file(tmp_path: Path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(
        b'\xef\xbb\xbf{"text": "eins", "doc_id": "d1"}\n\n{"text": "zwei", "url": "https://a.example/2"}\nkaputt\n'
        b'{"text": "drei"}\r\n{"text": ""}\n{"text": "' + b"x" * 200 + b'"}\n{"text": "vier"}'
    )
    inputs = read(path, limits=Limits(max_bytes=100))
    uri = path.resolve().as_uri()
    assert [item.uri for item in inputs] == [
        f"{uri}#d1", "https://a.example/2", f"{uri}#4", f"{uri}#5", f"{uri}#6", f"{uri}#7", f"{uri}#8",
    ]  # fmt: skip
    assert [item.data for item in inputs if isinstance(item, RawInput)] == [b"eins", b"zwei", b"drei", b"vier"]
    errors = [item.error for item in inputs if isinstance(item, Rejected)]
    assert [type(error) for error in errors] == [InvalidDocument, InvalidDocument, DocumentTooLarge]
    assert [error.field for error in errors] == ["json", "text", "max_bytes"]
    assert [error.detail[:6] for error in errors] == ["Line 4", "Line 6", "Line 7"]


def test_standard_input(monkeypatch: pytest.MonkeyPatch):
    def piped(data: bytes, limits: Limits | None = None) -> list[RawInput | Rejected]:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        return read(Path("-"), limits=limits)

    (first,), (second,) = piped(b"Ein Artikel."), piped(b"Ein anderer.")
    assert isinstance(first, RawInput)
    assert first.data == b"Ein Artikel."
    assert first.uri.startswith("stdin:")
    assert first.uri != second.uri
    assert piped(b"Ein Artikel.") == [first]
    assert [item.data for item in piped(b'{"text": "a"}\n{"text": "b"}\n') if isinstance(item, RawInput)] == [
        b"a",
        b"b",
    ]
    (rejected,) = piped(b"x" * 20, Limits(max_bytes=10))
    assert isinstance(rejected, Rejected)


def test_expand_takes_whole_inputs_apart():
    sent = {"source": "Blatt", "metadata": {"a": "1"}}
    lines = RawInput(
        "upload:x.jsonl", None, b'{"text": "a", "metadata": {"b": "2"}}\n{"text": "b", "source": "Eigen"}', sent
    )
    first, second = list(expand(lines, Limits()))
    assert isinstance(first, RawInput)
    assert isinstance(second, RawInput)
    assert first.fields == {"source": "Blatt", "metadata": {"a": "1", "b": "2"}}
    assert second.fields == {"source": "Eigen", "metadata": {"a": "1"}}
    plain = RawInput("upload:x.txt", None, b"text")
    assert list(expand(plain, Limits())) == [plain]
    (rejected,) = expand(RawInput("upload:x.xlsx", None, b"text"), Limits())
    assert isinstance(rejected, Rejected)
