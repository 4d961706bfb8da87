"""Which model folders are loaded, which are refused, and what their fingerprint depends on."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from index.errors import EncoderUnavailable
from index.model_folder import fingerprint_of, locate
from index.prompts import Prompts


@pytest.fixture
def folder(tmp_path) -> Path:
    """The shape of a model, without its weight."""
    made = tmp_path / "small-model"
    (made / "1_Pooling").mkdir(parents=True)
    modules = [
        {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
        {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
    ]
    (made / "modules.json").write_text(json.dumps(modules))
    (made / "config.json").write_text('{"model_type": "bert"}')
    (made / "tokenizer.json").write_text("{}")
    (made / "model.safetensors").write_bytes(b"weights")
    (made / "1_Pooling" / "config.json").write_text('{"pooling_mode": "mean"}')
    (made / "config_sentence_transformers.json").write_text("{}")
    (made / "README.md").write_text("a model")
    return made


def fingerprint(folder: Path, prompts: Prompts | None = None) -> str:
    return fingerprint_of(str(folder), folder, prompts or Prompts())


def test_a_folder_is_found_under_its_path(folder, monkeypatch):
    assert locate(str(folder)) == folder.resolve()
    monkeypatch.chdir(folder.parent)
    assert locate("./small-model") == folder.resolve()
    assert locate("small-model") == folder.resolve()


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "model.safetensors").write_bytes(b"Weights"),
        lambda folder: (folder / "tokenizer.json").write_text("{ }"),
        lambda folder: (folder / "1_Pooling" / "config.json").write_text('{"pooling_mode": "cls"}'),
        lambda folder: (folder / "sentence_bert_config.json").write_text('{"max_seq_length": 128}'),
        lambda folder: (folder / "model.safetensors").rename(folder / "model-00001-of-00001.safetensors"),
    ],
)
def test_whatever_shapes_the_vectors_changes_the_fingerprint(folder, change):
    before = fingerprint(folder)
    change(folder)
    assert fingerprint(folder) != before


def test_prompts_change_the_fingerprint_and_notes_do_not(folder):
    before = fingerprint(folder)
    (folder / "README.md").write_text("a good model")
    (folder / "config_sentence_transformers.json").write_text('{"__version__": {"torch": "3"}}')
    assert fingerprint(folder) == before
    assert before.startswith("small-model-")
    assert len({before, fingerprint(folder, Prompts("query: ")), fingerprint(folder, Prompts("", "query: "))}) == 3


def test_the_fingerprint_is_the_same_wherever_the_folder_lies(folder, tmp_path):
    elsewhere = tmp_path / "elsewhere" / folder.name
    shutil.copytree(folder, elsewhere)
    assert fingerprint(folder) == fingerprint(elsewhere)


@pytest.mark.parametrize("unsafe", ["pytorch_model.bin", "model.pt", "weights.ckpt", "model.pkl"])
def test_weights_that_can_run_code_are_refused(folder, unsafe):
    (folder / "model.safetensors").rename(folder / unsafe)
    with pytest.raises(EncoderUnavailable, match="format that can run code") as refused:
        locate(str(folder))
    assert Path(unsafe).suffix in refused.value.detail
    assert refused.value.field == "encoder"


def test_unsafe_weights_of_a_module_are_refused_and_beside_safe_ones_ignored(folder):
    (folder / "pytorch_model.bin").write_bytes(b"old")
    assert locate(str(folder)) == folder.resolve()
    (folder / "1_Pooling" / "pytorch_model.bin").write_bytes(b"old")
    with pytest.raises(EncoderUnavailable, match="1_Pooling"):
        locate(str(folder))


def test_a_folder_without_weights_is_refused(folder):
    (folder / "model.safetensors").unlink()
    with pytest.raises(EncoderUnavailable, match="no weights"):
        locate(str(folder))


def test_a_model_that_brings_code_is_refused(folder):
    modules = json.loads((folder / "modules.json").read_text())
    modules[0]["type"] = "modeling_own.OwnTransformer"
    (folder / "modules.json").write_text(json.dumps(modules))
    with pytest.raises(EncoderUnavailable, match="modeling_own"):
        locate(str(folder))


@pytest.mark.parametrize("path", ["../elsewhere", "/etc"])
def test_a_module_outside_the_folder_is_refused(folder, path):
    modules = json.loads((folder / "modules.json").read_text())
    modules[1]["path"] = path
    (folder / "modules.json").write_text(json.dumps(modules))
    with pytest.raises(EncoderUnavailable, match="outside"):
        locate(str(folder))


@pytest.mark.parametrize("content", ["{", '{"a": 1}', "[3]"])
def test_damaged_module_lists_are_refused(folder, content):
    (folder / "modules.json").write_text(content)
    with pytest.raises(EncoderUnavailable, match=r"modules\.json"):
        locate(str(folder))


@pytest.mark.parametrize("name", ["/no/such/folder", "./nothing", "~/nothing-here", "a/b/c", "", "mein Modell"])
def test_a_folder_that_is_not_there_is_not_looked_for_on_the_hub(name, no_network):
    with pytest.raises(EncoderUnavailable, match="no folder"):
        locate(name)


@pytest.fixture
def no_network(monkeypatch):
    """Any attempt to connect fails the test."""
    attempts: list[object] = []

    def refuse(self, address):
        attempts.append(address)
        raise OSError("the network is closed in this test")

    monkeypatch.setattr("socket.socket.connect", refuse)
    yield attempts
    assert attempts == []


def cached(folder: Path, cache: Path, name: str) -> Path:
    """Lay ``folder`` into a hub cache the way the hub's client does: blobs, and links to them."""
    repository = cache / f"models--{name.replace('/', '--')}"
    commit = "0123456789abcdef0123456789abcdef01234567"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text(commit)
    (repository / "blobs").mkdir()
    snapshot = repository / "snapshots" / commit
    for number, path in enumerate(sorted(path for path in folder.rglob("*") if path.is_file())):
        blob = repository / "blobs" / f"{number:040x}"
        shutil.copy(path, blob)
        link = snapshot / path.relative_to(folder)
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(os.path.relpath(blob, link.parent))
    return snapshot


def test_a_downloaded_model_is_used_without_asking_the_network(folder, tmp_path, no_network):
    snapshot = cached(folder, tmp_path / "cache", "someone/small-model")
    found = locate("someone/small-model", cache_folder=tmp_path / "cache")
    assert found == snapshot
    assert fingerprint_of("someone/small-model", found, Prompts()) == fingerprint(folder)


def test_a_bare_name_means_the_library_s_own_models(folder, tmp_path, no_network):
    snapshot = cached(folder, tmp_path / "cache", "sentence-transformers/small-model")
    assert locate("small-model", cache_folder=tmp_path / "cache") == snapshot


def test_a_model_that_is_not_downloaded_says_so(tmp_path, no_network):
    with pytest.raises(EncoderUnavailable, match="has not been downloaded yet"):
        locate("someone/other", cache_folder=tmp_path, download=False)


def test_a_hub_that_cannot_be_reached_says_so(tmp_path, monkeypatch):
    def refuse(*args, **kwargs):
        raise OSError("the network is closed in this test")

    monkeypatch.setattr("socket.create_connection", refuse)
    monkeypatch.setattr("socket.socket.connect", refuse)
    with pytest.raises(EncoderUnavailable, match="could not be downloaded"):
        locate("someone/other", cache_folder=tmp_path)


def test_fingerprints_need_no_torch():
    program = (
        "import sys; from index.encoder import encoder_fingerprint as f; print(f());"
        "print([m for m in ('torch', 'transformers', 'sentence_transformers', 'faiss') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    name, loaded = done.stdout.splitlines()
    assert name.startswith("bundled-")
    assert loaded == "[]"
