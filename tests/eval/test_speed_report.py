import pytest

from eval.speed_encoder import PLAIN
from eval.speed_report import BEGIN, END, render, write

AT = {
    "passages": 1002,
    "inside_p50": 10.04,
    "inside_p95": 15.0,
    "http_p50": 12.46,
    "http_p95": 18.0,
    "http_adds": 2.42,
    "first_start_seconds": 16.61,
    "start_seconds": 2.06,
    "rss_bytes": 512_400_000,
    "rss_peak_bytes": 600_000_000,
    "store_bytes": 2_004_000,
    "index_bytes": 1_002_000,
    "index_per_second": 4321.4,
}
RESULT = {
    "machine": {"processor": "Abacus", "cores": "2", "python": "3.11.7", "system": "Linux"},
    "help_ms": 123.4,
    "encoder": {
        "passages": 64,
        "questions": 40,
        "paths": {PLAIN: {"passages_per_second": 30.0, "question_ms": 12.0}},
        "starts": {"the plain library": 9.87},
        "chosen": "passages by torch, questions by torch",
    },
    "questions": 200,
    "ingest": {"passages": 600, "per_second": 30.04, "encoder_per_second": 33.0, "share": 0.9103},
    "sizes": {"1000": AT, "20000": {**AT, "passages": 20001}},
}


def cells(table, start):
    (line,) = [line for line in table.splitlines() if line.startswith(f"| {start}")]
    return [cell.strip() for cell in line.strip("|").split("|")][1:]


def test_figures_are_rounded_into_the_table():
    table = render(RESULT)
    assert "2 cores of Abacus" in table
    assert cells(table, "question in process") == ["10.0 / 15.0 ms"] * 2
    assert cells(table, "HTTP adds") == ["2.4 ms"] * 2
    assert cells(table, "memory of the service") == ["512 / 600 MB"] * 2
    assert cells(table, "first start") == ["16.6 s"] * 2
    assert cells(table, "every later start") == ["2.1 s"] * 2
    assert cells(table, PLAIN) == ["30.0", "1.0", "12.0", "1.0"]
    assert cells(table, "disk per passage") == ["2.0 / 1.0 kB", "0.1 / 0.1 kB"]
    assert cells(table, "index built") == ["4,321 passages/s"] * 2
    assert cells(table, "share") == ["0.91"]
    assert cells(table, "`fundstelle --help`") == ["123 ms"]


def test_a_system_that_does_not_tell_memory_is_said_so():
    at = {name: value for name, value in AT.items() if not name.startswith("rss")}
    table = render({**RESULT, "sizes": {"1000": at}})
    assert cells(table, "memory of the service") == ["not told by this system"]


def test_the_table_takes_the_place_between_the_markers_and_no_other(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    write("new", page)
    assert page.read_text(encoding="utf-8") == f"before\n{BEGIN}\nnew\n{END}\nafter\n"


def test_a_page_without_markers_is_left_alone(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("nothing here\n", encoding="utf-8")
    with pytest.raises(ValueError, match="lacks the markers"):
        write("new", page)
    assert page.read_text(encoding="utf-8") == "nothing here\n"
