"""What a gate found, as JUnit XML for continuous integration and as JSON for programs."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from typing import Any

from eval.gate import EVERYTHING, Check, Floors

_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(floors: Floors, checks: Sequence[Check], seconds: float = 0.0) -> bytes:
    """One test case for each floor, grouped by slice; a floor that is not reached is a failure. UTF-8."""
    failed = sum(not check.holds for check in checks)
    counts = {"tests": str(len(checks)), "failures": str(failed), "errors": "0", "time": f"{seconds:.3f}"}
    root = ET.Element("testsuites", {"name": "fundstelle eval gate", **counts})
    suite = ET.SubElement(root, "testsuite", {"name": _clean(floors.suite), **counts})
    for check in checks:
        group = f"{floors.suite}.{check.floor.slice or 'all questions'}"
        case = ET.SubElement(suite, "testcase", {"classname": _clean(group), "name": _clean(check.floor.measure)})
        if not check.holds:
            failure = ET.SubElement(case, "failure", {"type": "regressed", "message": _clean(str(check))})
            failure.text = _clean(f"measured {check.value!r}, the floor is {check.floor.bound!r}")
    return _written(root)


def junit_error(suite: str, code: str, detail: str) -> bytes:
    """What continuous integration should see where the gate could not be run at all. UTF-8."""
    counts = {"tests": "1", "failures": "0", "errors": "1", "time": "0.000"}
    root = ET.Element("testsuites", {"name": "fundstelle eval gate", **counts})
    group = ET.SubElement(root, "testsuite", {"name": _clean(suite), **counts})
    case = ET.SubElement(group, "testcase", {"classname": _clean(suite), "name": "could be run"})
    ET.SubElement(case, "error", {"type": code, "message": _clean(detail)})
    return _written(root)


def verdict(floors: Floors, checks: Sequence[Check]) -> dict[str, Any]:
    """The same for programs."""
    return {
        "suite": floors.suite,
        "suite_sha256": floors.sha256,
        "holds": all(check.holds for check in checks),
        "checks": [
            {
                "measure": check.floor.measure,
                "slice": None if check.floor.slice == EVERYTHING else check.floor.slice,
                "value": check.value,
                "at_most" if check.floor.most else "at_least": check.floor.bound,
                "holds": check.holds,
            }
            for check in checks
        ],
    }


def _written(root: ET.Element) -> bytes:
    ET.indent(root)
    text: str = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'.encode()


def _clean(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
