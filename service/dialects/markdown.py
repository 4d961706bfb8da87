r"""Text of strangers in Markdown: whatever an article or its title says is shown, and none of it is markup.

Brackets, backslashes, angle brackets and dollars become character references and not backslash escapes: several chat
front ends take ``\[`` and ``\(`` for mathematics before they look at Markdown, and a reference can be no delimiter.
"""

from __future__ import annotations

import re
import unicodedata

_REFERENCES = {character: f"&#{ord(character)};" for character in "[]\\"} | {"<": "&lt;"}
_ESCAPED = frozenset("*_`~")
_REFERENCE = re.compile(r"&(?=#\d{1,7};|#[xX][0-9a-fA-F]{1,6};|[A-Za-z][A-Za-z0-9]{1,31};)")
_OPENING = re.compile(r"(\d{1,9})([.)])(?=\s|\Z)|[-+#>=:|]")  # what makes a line a list, heading, quote or rule
_BESIDE_JOINER = ("So", "Sk")
_JOINER = "\u200d"
_PICTURE = "\ufe0f"


def plain(text: str) -> str:
    """``text`` on one line without control, invisible and private characters; joiners inside emoji stay.

    Characters that turn the direction of writing are invisible ones, and private ones are some front ends' markers.
    """
    kept: list[str] = []
    for character in text:
        category = unicodedata.category(character)
        if character.isspace():
            kept.append(" ")
        elif category not in ("Cc", "Cf", "Cs", "Co", "Cn") or (character == _JOINER and _joins(kept)):
            kept.append(character)
    return " ".join("".join(kept).split())


def escape(text: str, *, opening: bool = True, dollars: bool = True) -> str:
    """``plain(text)`` so that any Markdown renderer shows exactly that.

    ``opening`` says that it may stand at the start of a line, ``dollars`` that another dollar may come near: two of
    them can enclose mathematics.
    """
    words = plain(text)
    head = ""
    if opening and (match := _OPENING.match(words)):
        head = f"{match[1]}\\{match[2]}" if match[1] else f"\\{match[0]}"
        words = words[match.end() :]
    words = _REFERENCE.sub("&amp;", words)
    shown = "".join(
        _REFERENCES.get(character) or (f"\\{character}" if character in _ESCAPED else character) for character in words
    )
    shown = shown.replace("{{", "&#123;&#123;")  # some front ends fill in what stands between double braces
    return head + (shown.replace("$", "&#36;") if dollars else shown)


def link(label: str, address: str) -> str:
    """A link whose label is text. ``address`` is one of ours, see service/dialects/links.py."""
    return f"[{escape(label, opening=False)}]({address})"


def _joins(kept: list[str]) -> bool:
    return bool(kept) and (kept[-1] == _PICTURE or unicodedata.category(kept[-1]) in _BESIDE_JOINER)
