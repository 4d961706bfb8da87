from __future__ import annotations

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.wrapping import is_wrapped, unwrap

PROSE = (
    "Die Regierung in Peking will mit dem Geld eine eigene Fertigung aufbauen, und das nicht erst seit gestern. Baidu "
    "und Huawei sollen eigene Chips liefern, sobald die Werke laufen. Danach ist Schluss damit."
)


@pytest.mark.parametrize("width", [40, 60, 72, 100])
def test_wrapped_paragraphs_are_whole_again(width: int):
    lines = [*textwrap.wrap(PROSE, width), "", *textwrap.wrap(PROSE, width)]
    assert is_wrapped(lines)
    assert unwrap("\n".join(lines)) == f"{PROSE}\n\n{PROSE}"


@pytest.mark.parametrize(
    "lines",
    [
        [PROSE, PROSE, PROSE, PROSE],
        ["Kurz", "Noch kürzer", "Eins", "Zwei", "Drei"],
        [
            "- eins ist ein Punkt von einiger Länge",
            "- zwei ist ein Punkt von einiger Länge",
            "- drei auch",
            "- vier auch",
        ],
        ["Ein Satz von gewisser Länge steht hier.", "Noch ein Satz von gewisser Länge.", "Und noch einer.", "Ende."],
        [],
    ],
)
def test_other_lines_are_not_wrapped(lines: list[str]):
    assert not is_wrapped(lines)


def test_lists_keep_their_lines():
    text = "Die Regierung in Peking will mit dem Geld drei Dinge erreichen, und zwar\n- eigene Chips\n- eigene Modelle"
    assert unwrap(text) == text


@pytest.mark.parametrize(
    ("above", "below", "joined"),
    [
        ("eine eigene Ferti-", "gung im Land", "eine eigene Fertigung im Land"),
        ("die ganze KI-", "Förderung im Land", "die ganze KI-Förderung im Land"),
        ("alle Chip-", "und Modellfirmen", "alle Chip- und Modellfirmen"),
        ("Jahre 2020-", "2025 im Land", "Jahre 2020- 2025 im Land"),
        ("im ganzen", "Land", "im ganzen Land"),
    ],
)
def test_hyphens(above: str, below: str, joined: str):
    assert unwrap(f"{above}\n{below}", hyphens=True) == joined


@given(st.text("ab .-\n", max_size=200))
def test_no_character_but_hyphens_and_space_is_lost(text: str):
    assert unwrap(text).replace(" ", "").replace("\n", "") == text.replace(" ", "").replace("\n", "")
    assert unwrap(text, hyphens=True).replace("-", "").split() or not text.replace("-", "").split()
