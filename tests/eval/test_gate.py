"""Floors: read, held, tightened, and never loosened by accident."""

from __future__ import annotations

import json
import math
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eval.errors import FloorsInvalid, RunInvalid
from eval.gate import (
    DIGITS,
    EVERYTHING,
    Check,
    Floor,
    Floors,
    bound_for,
    check,
    first_floors,
    read_floors,
    tightened,
    write_floors,
)
from eval.junit import junit, junit_error, verdict

SHA = "ab" * 32
TOML = f"""
suite = "tiny"
sha256 = "{SHA}"
about = "engine"

[at_least]
"nDCG@10" = 0.9

[at_most]
"false_answers" = 0.25

[slices."language=en".at_least]
"nDCG@10" = 0.8
"""
FLOORS = Floors(
    "tiny",
    SHA,
    (
        Floor("nDCG@10", 0.9),
        Floor("false_answers", 0.25, most=True),
        Floor("nDCG@10", 0.8, slice="language=en"),
    ),
    "engine",
)
MEASURED = {EVERYTHING: {"nDCG@10": 0.91, "false_answers": 0.25}, "language=en": {"nDCG@10": 0.79}}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "floors.toml"
    path.write_text(TOML, encoding="utf-8")
    return path


def test_floors_are_read(path: Path) -> None:
    assert read_floors(path) == FLOORS


@pytest.mark.parametrize("name", ["floors.toml", "floors.json"])
def test_what_is_written_is_read_again(tmp_path: Path, name: str) -> None:
    write_floors(tmp_path / name, FLOORS)
    assert read_floors(tmp_path / name) == FLOORS
    assert list(tmp_path.iterdir()) == [tmp_path / name]


@settings(deadline=None, max_examples=50)
@given(
    st.lists(
        st.builds(
            Floor,
            st.text(st.characters(codec="utf-8"), min_size=1),
            st.floats(-1e9, 1e9),
            st.booleans(),
            st.text(st.characters(codec="utf-8")),
        ),
        min_size=1,
        max_size=5,
        unique_by=lambda floor: floor.key,
    )
)
def test_any_names_survive_the_file(tmp_path_factory: pytest.TempPathFactory, floors: list[Floor]) -> None:
    for name in ("floors.toml", "floors.json"):
        path = tmp_path_factory.getbasetemp() / name
        write_floors(path, Floors('suite "one"\n', SHA, tuple(floors)))
        read = read_floors(path)
        assert read.suite == 'suite "one"\n'
        assert sorted(read.floors, key=str) == sorted(floors, key=str)


def test_a_value_at_its_floor_holds() -> None:
    found = check(FLOORS, SHA, MEASURED)
    assert [each.holds for each in found] == [True, True, False]
    assert str(found[2]) == "nDCG@10 (language=en) at least 0.8: 0.7900, not reached"


def test_what_is_no_number_does_not_hold() -> None:
    assert not Check(Floor("auroc", 0.0), math.nan).holds
    assert not Check(Floor("aurc", 1.0, most=True), math.nan).holds


def test_floors_of_another_suite_are_refused() -> None:
    with pytest.raises(FloorsInvalid, match=r"ababababab.*cdcdcdcdcd"):
        check(FLOORS, "cd" * 32, MEASURED)


def test_a_floor_without_a_value_is_no_pass() -> None:
    with pytest.raises(RunInvalid, match="no value in this run: nDCG@10 \\(language=en\\)"):
        check(FLOORS, SHA, {EVERYTHING: MEASURED[EVERYTHING]})


def test_floors_are_tightened_and_never_loosened() -> None:
    moved = tightened(FLOORS, {EVERYTHING: {"nDCG@10": 0.95678, "false_answers": 0.3}, "language=en": {"nDCG@10": 0.7}})
    assert [floor.bound for floor in moved.floors] == [0.9567, 0.25, 0.8]
    assert [floor.bound for floor in tightened(FLOORS, {}).floors] == [0.9, 0.25, 0.8]


def test_lowering_has_to_be_said() -> None:
    values = {EVERYTHING: {"nDCG@10": 0.5, "false_answers": 0.30001}, "language=en": {"nDCG@10": 0.7}}
    moved = tightened(FLOORS, values, lower=True)
    assert [floor.bound for floor in moved.floors] == [0.5, 0.3001, 0.7]
    assert all(each.holds for each in check(moved, SHA, values))


def test_a_margin_leaves_room() -> None:
    moved = tightened(FLOORS, {EVERYTHING: {"nDCG@10": 0.95, "false_answers": 0.1}}, margin=0.02)
    assert [floor.bound for floor in moved.floors] == [0.93, 0.12, 0.8]


@given(st.floats(0, 1), st.booleans())
def test_a_measured_value_holds_its_own_bound(value: float, most: bool) -> None:
    bound = bound_for(value, most)
    assert Floor("x", bound, most).holds(value + (1e-9 if not most else -1e-9))
    assert abs(bound - value) <= 1.001 / 10**DIGITS


def test_first_floors_take_directions() -> None:
    made = first_floors("tiny", SHA, {EVERYTHING: {"a": 0.5, "b": 0.5, "c": math.nan}}, lambda name: name == "b", 0.1)
    assert made.floors == (Floor("a", 0.4), Floor("b", 0.6, most=True))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("suite = 1", "suite: expected text, got 1"),
        ('suite = "x"', "sha256: expected text, got None"),
        ("suite = ", "not TOML"),
        (f'suite = "x"\nsha256 = "{SHA}"', "expected a bound under"),
        (f'suite = "x"\nsha256 = "{SHA}"\nat_least = 3', "at_least: expected a table"),
        (f'suite = "x"\nsha256 = "{SHA}"\n[atleast]\na = 1', "atleast: expected at_least, at_most"),
        (f'suite = "x"\nsha256 = "{SHA}"\n[at_least]\na = "1"', "at_least.a: expected a number, got '1'"),
        (f'suite = "x"\nsha256 = "{SHA}"\n[at_least]\na = nan', "at_least.a: expected a number, got nan"),
        (f'suite = "x"\nsha256 = "{SHA}"\n[at_least]\na = true', "at_least.a: expected a number, got True"),
        (f'suite = "x"\nsha256 = "{SHA}"\n[slices.x.least]\na = 1', "slices.x.least: expected at_least or at_most"),
    ],
)
def test_a_malformed_file_is_refused(path: Path, text: str, expected: str) -> None:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FloorsInvalid, match=expected) as caught:
        read_floors(path)
    assert str(path) in caught.value.detail
    assert caught.value.exit_status == 2


def test_other_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FloorsInvalid, match="No such file"):
        read_floors(tmp_path / "floors.toml")
    (tmp_path / "floors.toml").write_bytes(b'suite = "\xff"')
    with pytest.raises(FloorsInvalid, match="not TOML"):
        read_floors(tmp_path / "floors.toml")
    (tmp_path / "floors.json").write_text("[1]", encoding="utf-8")
    with pytest.raises(FloorsInvalid, match="expected a table"):
        read_floors(tmp_path / "floors.json")


def test_junit_says_which_floor_is_not_reached() -> None:
    root = ET.fromstring(junit(FLOORS, check(FLOORS, SHA, MEASURED), 1.5))
    assert (root.tag, root.attrib["tests"], root.attrib["failures"], root.attrib["time"]) == (
        "testsuites", "3", "1", "1.500",
    )  # fmt: skip
    cases = root.findall("testsuite/testcase")
    assert [(case.attrib["classname"], case.attrib["name"]) for case in cases] == [
        ("tiny.all questions", "nDCG@10"),
        ("tiny.all questions", "false_answers"),
        ("tiny.language=en", "nDCG@10"),
    ]
    assert [case.find("failure") is not None for case in cases] == [False, False, True]


def test_junit_is_xml_whatever_names_hold() -> None:
    hostile = Floor('a<b & "c"\x00\ud800', 1.0, slice="]]>\x1b")
    root = ET.fromstring(junit(Floors("x\x0b", SHA, (hostile,)), [Check(hostile, 0.0)]))
    (case,) = root.findall("testsuite/testcase")
    assert case.attrib["name"] == 'a<b & "c"\ufffd\ufffd'


def test_junit_says_that_nothing_could_be_run() -> None:
    root = ET.fromstring(junit_error("tiny", "suite_invalid", "line 3: no id"))
    assert root.attrib["errors"] == "1"
    (error,) = root.iter("error")
    assert error.attrib == {"type": "suite_invalid", "message": "line 3: no id"}


def test_the_verdict_for_programs() -> None:
    said = json.loads(json.dumps(verdict(FLOORS, check(FLOORS, SHA, MEASURED))))
    assert (said["holds"], said["suite_sha256"]) == (False, SHA)
    assert said["checks"][1] == {
        "measure": "false_answers", "slice": None, "value": 0.25, "at_most": 0.25, "holds": True,
    }  # fmt: skip
