"""The list of words that German compounds are made of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from index.analysis import SHORTEST_PART, stem, terms
from index.stopwords import GERMAN
from index.training.glossary import Entry

LEAST_COUNT = 5  # times a part's stem was seen in the text; rarer ones are often misspelled or split by mistake


def parts(seen: Mapping[str, Counter[str]], entries: Iterable[Entry]) -> list[str]:
    """The parts, sorted, one word for each stem: German words of the text (counted, by stem) and of the glossary.

    Of several words with one stem the commonest stands for it. Stop words are no parts ("nachdem": "nach").
    """
    chosen = {
        part: min(counts.items(), key=lambda item: (-item[1], item[0]))[0]
        for part, counts in seen.items()
        if counts.total() >= LEAST_COUNT
    }
    for _, translations in entries:
        for term in (term for german in translations for term in terms(german, "de")):
            chosen.setdefault(term.stem, term.word)
    stops = {stem(word, "de") for word in GERMAN}
    return sorted(
        word for part, word in chosen.items() if part.isalpha() and len(part) >= SHORTEST_PART and part not in stops
    )
