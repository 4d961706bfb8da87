from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given

from corpus.normalise import normalise
from tests.corpus.hostile import hostile_text


@pytest.mark.parametrize(
    ("raw", "text", "removed"),
    [
        ("a\r\nb\rc\nd", "a\nb\nc\nd", 0),
        ("a\u2028b\u2029c\x0cd\x0be\x85f", "a\nb\nc\nd\ne\nf", 0),
        ("u\u0308ber Halb\xadleiter", "über Halbleiter", 1),
        ("\ufeffTitel", "Titel", 1),
        ("a\u200bb\u200cc\u2060d", "abcd", 3),
        ("\u202eevil\u202c \u2066x\u2069", "evil x", 4),
        ("a\x00b\x07c\x7fd\x9be", "abcde", 4),
        ("tab\tund\nZeile", "tab\tund\nZeile", 0),
        ("lone \ud800 surrogate", "lone  surrogate", 1),
        ("70\u00a0% und 1\u202f000", "70\u00a0% und 1\u202f000", 0),
        ("👩‍💻 👩🏽‍🔬 ❤️ 1️⃣ ☎︎", "👩‍💻 👩🏽‍🔬 ❤️ 1️⃣ ☎︎", 0),
        ("a\u200db x\ufe0fy", "ab xy", 2),
        ("hidden\U000e0041\U000e0042 tags", "hidden tags", 2),
        ("data\U000e0100\ufe01 in selectors", "data in selectors", 2),
        ("نمی\u200cخواهم", "نمی\u200cخواهم", 0),
        ("\ue000 private \uf8ff", "\ue000 private \uf8ff", 0),
        ("\u212b and \u2126", "\u00c5 and \u03a9", 0),
        ("", "", 0),
    ],
)
def test_known_texts(raw: str, text: str, removed: int):
    assert normalise(raw).text == text
    assert normalise(raw).invisible_removed == removed


def test_a_composition_the_soft_hyphen_hid_is_made():
    assert normalise("u\xad\u0308").text == "ü"


@given(hostile_text)
def test_idempotent_nfc_and_encodable(raw: str):
    once = normalise(raw)
    again = normalise(once.text)
    assert again.text == once.text
    assert again.invisible_removed == 0
    assert unicodedata.is_normalized("NFC", once.text)
    once.text.encode("utf-8")
    assert "\r" not in once.text
    assert once.text.splitlines() == once.text.split("\n")[: len(once.text.splitlines())]
