"""Words that German and English spell alike but not the same: "cytotoxic" and "zytotoxisch", "Huguenots", "Hugenotten".

Both are brought to one spelling first (c, k and ck to k, ph to f); what is left apart is counted letter by letter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import product

SHORTEST = 6  # letters of a common spelling; shorter words are alike by chance
LETTERS_PER_EDIT = 5  # so many letters allow for one that differs
MOST = 4

# In this order. German stems have lost their umlauts; English words may have none to lose.
_ONE_SPELLING = (
    *(("ph", "f"), ("th", "t"), ("qu", "kw"), ("ch", "h"), ("ck", "k")),
    *((f"c{vowel}", f"z{vowel}") for vowel in "eiyäö"),
    *(("c", "k"), ("y", "i"), ("ä", "e"), ("ae", "e"), ("ö", "e"), ("oe", "e"), ("ü", "u"), ("ue", "u"), ("ou", "u")),
    *(("x", "ks"), ("v", "w")),
)
_DOUBLED = re.compile(r"(.)\1")
_WRITTEN: dict[str, tuple[str, ...]] = {
    "e": ("e", "ä", "ae", "ö", "oe", "a", "o"),
    "f": ("f", "ph"),
    "h": ("h", "ch"),
    "i": ("i", "y"),
    "k": ("k", "c", "q", "x"),
    "t": ("t", "th"),
    "u": ("u", "ü", "ou"),
    "w": ("w", "v", "u"),  # "qu"
    "z": ("z", "c"),
}


@lru_cache(maxsize=50_000)
def common(word: str) -> str:
    """The spelling that both languages could have ("cyclic", "zyklisch": "ziklik", "ziklish")."""
    for one, other in _ONE_SPELLING:
        word = word.replace(one, other)
    return _DOUBLED.sub(r"\1", word)


def openings(word: str) -> list[str]:
    """With which two letters, or a few more, words begin that might be like ``word``; [] if it is too short."""
    if not word.isalpha() or len(shared := common(word)) < SHORTEST:
        return []
    choices = [_WRITTEN.get(letter, (letter,)) for letter in shared[:2]]
    return sorted({word[:2], *("".join(letters) for letters in product(*choices))})


def nearest(word: str, held: Iterable[str]) -> list[tuple[str, float]]:
    """Those of ``held`` that are like ``word``, likest first, with the share of their letters that is the same.

    The letter in which the common spellings may differ is one in LETTERS_PER_EDIT, and never the first.
    """
    shared = common(word)
    if len(shared) < SHORTEST:
        return []
    allowed = len(shared) // LETTERS_PER_EDIT
    found = []
    for other in held:
        spelled = common(other)
        if abs(len(spelled) - len(shared)) > allowed or spelled[:1] != shared[:1] or not other.isalpha():
            continue
        apart = distance(shared, spelled, allowed)
        if apart <= allowed:
            found.append((other, 1 - apart / max(len(shared), len(spelled))))
    return sorted(found, key=lambda item: (-item[1], item[0]))[:MOST]


def distance(one: str, other: str, most: int) -> int:
    """Letters to put in, take out or change to make one word the other (Levenshtein 1966); ``most`` + 1 if more."""
    row = list(range(len(other) + 1))
    for place, letter in enumerate(one, start=1):
        above, row = row, [place]
        for column, wanted in enumerate(other, start=1):
            row.append(min(above[column] + 1, row[-1] + 1, above[column - 1] + (letter != wanted)))
        if min(row) > most:
            return most + 1
    return min(row[-1], most + 1)
