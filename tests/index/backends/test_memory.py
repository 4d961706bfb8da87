import json
import logging
import sys

import pytest

from index.backends import BFLOAT16, INT8, TORCH
from index.backends import memory as memory_module
from index.backends.calibration import Choice, Trial
from index.backends.memory import circumstances, recall, remember

HERE = {"encoder": "bundled-1", "processor": "abacus"}
CHOICE = Choice(INT8, BFLOAT16, (Trial(TORCH, 30.5, 13.1, 1.0), Trial(INT8, 90.0, 3.0, 0.998), Trial("x", refused="y")))


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "encoder-calibration.json"
    remember(path, HERE, CHOICE)
    return path


def test_what_was_chosen_is_remembered(file):
    assert recall(file, HERE) == CHOICE


@pytest.mark.parametrize("there", [{**HERE, "encoder": "bundled-2"}, {**HERE, "processor": "slide rule"}, {}])
def test_under_other_circumstances_nothing_is_remembered(file, there, caplog):
    assert recall(file, there) is None
    assert caplog.records == []


def test_where_nothing_was_chosen_nothing_is_remembered(tmp_path, caplog):
    assert recall(tmp_path / "encoder-calibration.json", HERE) is None
    assert caplog.records == []


def altered(text: str) -> str:
    content = json.loads(text)
    content["kept"]["choice"]["questions"] = TORCH
    return json.dumps(content)


@pytest.mark.parametrize("damage", [lambda text: text[:-20], lambda _: "", lambda _: "[]", lambda _: "{}", altered])
def test_a_damaged_file_is_said_and_written_anew(file, damage, caplog):
    file.write_text(damage(file.read_text(encoding="utf-8")))
    with caplog.at_level(logging.WARNING):
        assert recall(file, HERE) is None
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert str(file) in caplog.text
    remember(file, HERE, CHOICE)
    assert recall(file, HERE) == CHOICE


def test_bytes_that_are_no_text_are_a_damaged_file(file):
    file.write_bytes(b"\xff\xfe\x00")
    assert recall(file, HERE) is None


def test_a_folder_that_cannot_be_written_to_is_no_error(tmp_path, caplog):
    remember(tmp_path / "missing" / "encoder-calibration.json", HERE, CHOICE)
    assert "cannot be kept" in caplog.text


def test_circumstances_tell_encoders_threads_and_libraries_apart(monkeypatch):
    here = circumstances("bundled-1", 0)
    assert here == circumstances("bundled-1", 0)
    assert all(isinstance(value, str) and value for value in here.values())
    assert here != circumstances("bundled-2", 0)
    assert here != circumstances("bundled-1", 2)
    monkeypatch.setattr(memory_module, "version", lambda name: "99")
    assert circumstances("bundled-1", 0) != here


def test_a_library_that_is_missing_is_a_circumstance(monkeypatch):
    def missing(name: str) -> str:
        raise memory_module.PackageNotFoundError(name)

    monkeypatch.setattr(memory_module, "version", missing)
    assert circumstances("bundled-1", 0)["openvino"] == "none"


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc/cpuinfo")
def test_processors_of_one_name_differ_by_what_they_can_do(monkeypatch, tmp_path):
    block = (
        "processor\t: 0\nmodel name\t: Abacus\ncpu MHz\t: {mhz}\nflags\t: {flags}\n\nprocessor\t: 1\nmodel name\t: X\n"
    )

    def named(**facts: str) -> str:
        monkeypatch.setattr(memory_module.Path, "read_text", lambda self, encoding: block.format(**facts))
        return memory_module.processor()

    plain = named(mhz="2000", flags="avx2")
    assert plain.startswith("Abacus ")
    assert named(mhz="3000", flags="avx2") == plain
    assert named(mhz="2000", flags="avx2 amx_int8") != plain
