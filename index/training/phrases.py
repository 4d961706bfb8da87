"""English terms of two words that German writes as one ("supply chain", "Lieferkette"), found in parallel text."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence, Set
from itertools import pairwise
from typing import NamedTuple

from index.training.alignment import Alignment
from index.training.sources import Pair

SHORTEST_COMPOUND = 8  # letters
LEAST_CHANCE = 0.05  # of either English word given the German one
LEAST_TOGETHER = 3  # sentences
LEAST_DICE = 0.3


class Phrase(NamedTuple):
    """Two English words, a space between them, and one German word; ``dice`` is in (0, 1]."""

    english: str
    german: str
    dice: float


def phrases(sentences: Sequence[Pair], alignment: Alignment, stops: Set[str]) -> list[Phrase]:
    """Neighbouring English words that stand together where the German word stands, sorted.

    ``sentences`` are the words that ``alignment`` was made from, spaces between them. A candidate is a pair of
    neighbours, neither among ``stops``, each of which may translate the German word; how much they belong together says
    Dice's coefficient (1945): twice the sentences with both, over those with the one plus those with the other.
    """
    english_of: dict[str, set[str]] = defaultdict(set)
    for left, right, chance in zip(alignment.left, alignment.right, alignment.english_given_german, strict=True):
        english, german = alignment.english[left], alignment.german[right]
        if chance >= LEAST_CHANCE and len(german) >= SHORTEST_COMPOUND and english not in stops:
            english_of[german].add(english)
    together: Counter[tuple[str, str]] = Counter()
    english_seen: Counter[str] = Counter()
    german_seen: Counter[str] = Counter()
    for english, german in sentences:
        neighbours = {pair for pair in pairwise(english.split()) if pair[0] != pair[1] and not stops & set(pair)}
        english_seen.update(" ".join(pair) for pair in neighbours)
        for word in {word for word in german.split() if word in english_of}:
            german_seen[word] += 1
            together.update((" ".join(pair), word) for pair in neighbours if english_of[word].issuperset(pair))
    found = (
        Phrase(english, german, 2 * count / (english_seen[english] + german_seen[german]))
        for (english, german), count in together.items()
        if count >= LEAST_TOGETHER
    )
    return sorted(phrase for phrase in found if phrase.dice >= LEAST_DICE)
