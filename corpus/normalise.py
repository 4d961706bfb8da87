"""Text as we keep it: one newline, NFC once, nothing invisible.

Offsets count code points of the result, so this runs exactly once per document, before any span is made.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_NEWLINES = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")

# Soft hyphen, zero width, bidi controls, tags, variation selectors, controls, noncharacters, lone surrogates.
_INVISIBLE = (
    "\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u034f\u061c\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffc\ufffe\uffff\ufdd0-\ufdef\ud800-\udfff"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_EMOJI = (
    "#*0-9\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u23ff\u25a0-\u27bf\u2900-\u297f\u2b00-\u2bff"
    "\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
)
_SKIN = "\U0001f3fb-\U0001f3ff"
_JOINING = "\u0620-\u0dff"  # Arabic to Sinhala: scripts in which joiners spell words

_SOMETHING_TO_DO = re.compile(f"[{_INVISIBLE}]")
_INVISIBLE_OR_KEPT = re.compile(
    f"(?P<kept>[{_EMOJI}](?:\ufe0f?\u20e3|[\ufe0e\ufe0f{_SKIN}])?(?:\u200d[{_EMOJI}][\ufe0e\ufe0f{_SKIN}]?)*"
    f"|(?<=[{_JOINING}])[\u200c\u200d](?=[{_JOINING}]))|[{_INVISIBLE}]+"
)


@dataclass(frozen=True, slots=True)
class Normalised:
    """Normalised text, and how many invisible characters it lost on the way."""

    text: str
    invisible_removed: int


def normalise(text: str) -> Normalised:
    """LF line ends, NFC, invisible characters removed and counted; idempotent.

    Joiners and variation selectors stay inside emoji sequences, joiners also between letters of scripts that spell
    with them. No-break spaces stay: they are seen.
    """
    text = _NEWLINES.sub("\n", text)
    removed = 0
    if _SOMETHING_TO_DO.search(text):
        before = len(text)
        text = _INVISIBLE_OR_KEPT.sub(_keep, text)
        removed = before - len(text)
    if not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    return Normalised(text, removed)


def _keep(match: re.Match[str]) -> str:
    return match["kept"] or ""
