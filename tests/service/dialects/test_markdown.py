from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from service.dialects.markdown import escape, link, plain

RENDERER = MarkdownIt("commonmark", {"html": True}).enable(["strikethrough", "table"])
SIGNS = "[](){}<>!*_`~#+-=|:.&;$\\\"'/ \n\t0123456789ab\u202e\u200b"
texts = st.text(st.sampled_from(SIGNS), max_size=30) | st.text(max_size=30)

HOSTILE = [
    "](javascript:alert(1))",
    "[x](javascript:alert(1))",
    "![x](https://evil.example/pixel.png)",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<https://evil.example>",
    "[a]: https://evil.example",
    "one\n\n# two\n\n- three",
    "1. Mai",
    "2025) was",
    "- minus",
    "+ plus",
    "> quote",
    "# Raute",
    "=====",
    "-----",
    "```\ncode\n```",
    "~~~",
    "    code",
    "a | b\n--|--",
    "*betont* und __fett__ und `code` und ~~weg~~",
    "Journalist*innen und Bürger*innen",
    "&lt;script&gt; &amp; &#60; &copy;",
    "\\[x^2\\] und \\(y\\) und $$z$$",
    "{{HTML_FILE_ID_0}} und {{{char}}}",
    ":::artifact{title=x}",
    "| Tabelle |",
    "[1] [2,3] [^1]",
    "\u202egnp.exe",
    "null\u200bbreit\u2060",
    "\ue202turn0search0",
]


def shown(markdown: str) -> str | None:
    """The text of a single paragraph in which nothing is markup; None where there is something else."""
    tokens = RENDERER.parse(markdown)
    if not tokens:
        return ""
    if [token.type for token in tokens] != ["paragraph_open", "inline", "paragraph_close"]:
        return None
    children = tokens[1].children or []
    return "".join(child.content for child in children) if {child.type for child in children} <= {"text"} else None


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(text: str) -> None:
    assert shown(escape(text)) == plain(text)


@settings(max_examples=400, deadline=None)
@given(texts)
@example("1.")
@example("&#1;")
def test_any_text_stays_text(text: str) -> None:
    assert shown(escape(text)) == plain(text)


@settings(max_examples=300, deadline=None)
@given(texts.filter(lambda text: any(character.isalnum() for character in text)))
def test_a_link_has_its_label_and_its_address_whatever_the_label_says(label: str) -> None:
    (_, inline, _) = RENDERER.parse(link(label, "https://news.example/read/a%3Ab?start=1&end=2"))
    children = inline.children or []
    assert [child.type for child in children if child.type != "text"] == ["link_open", "link_close"]
    assert children[0].attrs == {"href": "https://news.example/read/a%3Ab?start=1&end=2"}
    assert children[-1].type == "link_close"
    assert "".join(child.content for child in children) == plain(label)


@given(texts)
def test_plain_text_is_one_line_of_visible_characters(text: str) -> None:
    made = plain(text)
    assert made == plain(made)
    assert made == " ".join(made.split())
    joiner = "\u200d"
    assert all(
        unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co") for character in made.replace(joiner, "")
    )


def test_joiners_stay_inside_emoji_alone() -> None:
    assert plain("👩🏽\u200d🔬 und ❤\ufe0f\u200d🔥") == "👩🏽\u200d🔬 und ❤\ufe0f\u200d🔥"
    assert plain("un\u200dsichtbar") == "unsichtbar"


def test_one_dollar_stays_and_two_cannot_enclose_mathematics() -> None:
    assert escape("5 $", dollars=False) == "5 $"
    assert "$" not in escape("5 $ und 6 $")


def test_ordinary_words_are_left_as_they_are() -> None:
    text = "Rund 30.000 Chips (laut „Nordblatt“): 5 % mehr als 2024 - und das für 3 € & Co.!"
    assert escape(text) == text
