from __future__ import annotations

import io

from service.output import WIDTH, Bar, Console


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_elsewhere_than_on_a_terminal_progress_is_one_line_at_the_end() -> None:
    err = io.StringIO()
    with Bar("Indexing", "passages", err) as bar:
        for done in range(1, 2001):
            bar.advance(done, 2000)
        assert err.getvalue() == ""
    assert err.getvalue() == "Indexing: 2,000 passages\n"


def test_what_had_nothing_to_do_says_nothing() -> None:
    for stream in (io.StringIO(), Terminal()):
        with Bar("Indexing", "passages", stream):
            pass
        assert stream.getvalue() == ""


def test_on_a_terminal_progress_shows_items_rate_and_time_left() -> None:
    err = Terminal()
    with Bar("Indexing", "passages", err) as bar:
        bar.advance(50, 200)
        bar.advance(200, 200)
    shown = err.getvalue()
    assert "Indexing" in shown
    assert "200/200" in shown
    assert "passages/s" in shown
    assert "100%" in shown


def test_steps_of_an_unknown_number_are_counted() -> None:
    err = Terminal()
    lines: list[str] = []
    with Bar("Reading", "documents", err) as bar:
        bar.above(lambda: lines.append("before the bar"))
        bar.step()
        bar.above(lambda: lines.append("above the bar"))
        bar.step()
    assert "2 documents" in err.getvalue()
    assert lines == ["before the bar", "above the bar"]


def test_a_bar_can_be_closed_twice() -> None:
    err = io.StringIO()
    with Bar("Reading", "documents", err) as bar:
        bar.step()
        bar.close()
    assert err.getvalue() == "Reading: 1 documents\n"


def test_paragraphs_are_wrapped_without_breaking_words() -> None:
    out = io.StringIO()
    Console(out, out).paragraph("[1] " + "Stromversorgung " * 30 + "x" * 150, hanging="    ")
    lines = out.getvalue().splitlines()
    assert all(len(line) <= WIDTH for line in lines[:-1])
    assert all(line.startswith("    ") for line in lines[1:])
    assert lines[-1] == "    " + "x" * 150
    assert "".join(lines).count("Stromversorgung") == 30


def test_json_is_utf8_and_takes_numpy() -> None:
    import numpy as np

    out = io.StringIO()
    Console(out, out).json({"ä": np.float32(0.5)})
    assert out.getvalue() == '{\n  "ä": 0.5\n}\n'
