"""The translation lexicon: by which words of the other language a question's word may be found.

    python -m index.training.translations FOLDER [--into PACK]

FOLDER holds the parallel text of ``index.training.sources``. What it shows is mixed with what the glossary says: one
knows how words are used, the other knows words that the text lacks. Written are ``lexicon.tsv.zst`` (English, German,
p(German | English), p(English | German); the English may be a term of several words) and ``compounds.txt.zst``. The
same input gives the same bytes.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from index.analysis import Term, terms
from index.lexicon import Row
from index.stopwords import stop_words
from index.training.alignment import Alignment, align
from index.training.compounds import parts
from index.training.glossary import Entry, read_glossary
from index.training.phrases import Phrase, phrases
from index.training.sources import Pair, read_all

GLOSSARY_SHARE = 0.5  # of a word's probability that the glossary has, where the text knows the word as well
LEAST_PROBABILITY = 0.02  # less likely translations are left out
LEAST_TOGETHER = 0.7  # expected alignments; fewer are chance
MOST_TRANSLATIONS = 12  # of a word in either direction
PACK = Path(__file__).parents[1] / "pack"

Chances = dict[tuple[str, str], float]  # (English, German) to a probability


@dataclass(slots=True)
class Forms:
    """The words of one language as the text has them, by stem, so that a stem can be written as a word again."""

    language: str
    counts: dict[str, Counter[str]]

    @staticmethod
    def of(language: str) -> Forms:
        """Of no text yet."""
        return Forms(language, defaultdict(Counter))

    def stems(self, text: str) -> str:
        """The stems of a text's words, numbers left out; the words are counted."""
        found = [term for term in terms(text, self.language) if term.word.isalpha()]
        for term in found:
            self.counts[term.stem][term.word] += 1
        return " ".join(term.stem for term in found)

    def word(self, stem: str) -> str:
        """The commonest word of the stem, the first of equals in the order of letters."""
        return min(self.counts[stem].items(), key=lambda item: (-item[1], item[0]))[0]

    def is_stop(self, stem: str) -> bool:
        """Whether the stem is one of words that carry no subject."""
        return self.word(stem) in stop_words(self.language)


def text_chances(alignment: Alignment, english: Forms, german: Forms) -> tuple[Chances, Chances]:
    """p(German | English) and p(English | German) of words, from an alignment of stems.

    A pair counts as much as both directions agree on (the geometric mean of the two), which drops the one-sided
    guesses that rare words attract; stop words and single letters are left out, and what is left adds up to 1.
    """
    kept: Chances = {}
    stops = {
        **{("en", stem): english.is_stop(stem) or len(stem) < 2 for stem in alignment.english},
        **{("de", stem): german.is_stop(stem) or len(stem) < 2 for stem in alignment.german},
    }
    columns = (alignment.left, alignment.right, alignment.german_given_english, alignment.english_given_german)
    for left, right, forth, back, together in zip(*columns, alignment.together, strict=True):
        pair = (alignment.english[left], alignment.german[right])
        agreed = float(forth * back) ** 0.5
        if agreed < LEAST_PROBABILITY or together < LEAST_TOGETHER or stops["en", pair[0]] or stops["de", pair[1]]:
            continue
        kept[english.word(pair[0]), german.word(pair[1])] = agreed
    return shares(kept, 0), shares(kept, 1)


def glossary_chances(entries: Iterable[Entry]) -> tuple[Chances, Chances]:
    """The same from the glossary: of a word's translations the n-th counts 1 / n."""
    weights: Chances = defaultdict(float)
    for english, translations in entries:
        source = content(english, "en")
        if not source:
            continue
        for rank, translation in enumerate(translations, start=1):
            target = content(translation, "de")
            if len(target) == 1:
                weights[" ".join(term.word for term in source), target[0].word] += 1 / rank
    return shares(weights, 0), shares(weights, 1)


def content(text: str, language: str) -> list[Term]:
    """The terms of a text without stop words ("kündigte an": "kündigte")."""
    return [term for term in terms(text, language) if term.word not in stop_words(language)]


def shares(weights: Mapping[tuple[str, str], float], given: int) -> Chances:
    """Weights of pairs as shares of all that have the same word in place ``given`` (0 English, 1 German)."""
    totals: dict[str, float] = defaultdict(float)
    for pair, weight in weights.items():
        totals[pair[given]] += weight
    return {pair: weight / totals[pair[given]] for pair, weight in weights.items()}


def mix(text: Chances, glossary: Chances, given: int) -> Chances:
    """What text and glossary say of a word, GLOSSARY_SHARE from the glossary where both know it; the likeliest only."""
    known = [{pair[given] for pair in chances} for chances in (text, glossary)]
    mixed: Chances = defaultdict(float)
    for chances, share, others in ((text, 1 - GLOSSARY_SHARE, known[1]), (glossary, GLOSSARY_SHARE, known[0])):
        for pair, chance in chances.items():
            mixed[pair] += chance * (share if pair[given] in others else 1.0)
    by_word: dict[str, list[tuple[float, tuple[str, str]]]] = defaultdict(list)
    for pair, chance in mixed.items():
        by_word[pair[given]].append((-chance, pair))
    return {pair: -negative for options in by_word.values() for negative, pair in sorted(options)[:MOST_TRANSLATIONS]}


def rows(forth: Chances, back: Chances, mined: Sequence[Phrase] = ()) -> list[Row]:
    """Every pair that is likely enough in either direction, sorted; a direction that lacks it has the least there is.

    A word that only ever stands for itself is left out: the lexical leg looks every word up as itself anyway.
    """
    table = {
        pair: (forth.get(pair, LEAST_PROBABILITY), back.get(pair, LEAST_PROBABILITY))
        for pair in forth.keys() | back.keys()
        if max(forth.get(pair, 0.0), back.get(pair, 0.0)) >= LEAST_PROBABILITY
    }
    met = Counter(word for pair in table for word in (("en", pair[0]), ("de", pair[1])))
    for pair in [pair for pair in table if pair[0] == pair[1] and met["en", pair[0]] == met["de", pair[1]] == 1]:
        del table[pair]
    for phrase in mined:
        table.setdefault((phrase.english, phrase.german), (phrase.dice, phrase.dice))
    return [Row(*pair, *table[pair]) for pair in sorted(table)]


def build(pairs: Iterable[Pair], entries: Sequence[Entry]) -> tuple[list[Row], list[str]]:
    """The lexicon's rows and the compound parts."""
    english, german = Forms.of("en"), Forms.of("de")
    stems = [(english.stems(left), german.stems(right)) for left, right in pairs]
    alignment = align(stems, split=str.split, least_probability=LEAST_PROBABILITY / 4)
    text, glossary = text_chances(alignment, english, german), glossary_chances(entries)
    mined = [
        Phrase(" ".join(english.word(stem) for stem in found.english.split()), german.word(found.german), found.dice)
        for found in phrases(stems, alignment, {stem for stem in alignment.english if english.is_stop(stem)})
    ]
    table = rows(mix(text[0], glossary[0], 0), mix(text[1], glossary[1], 1), mined)
    return table, parts(german.counts, entries)


def packed(lines: Iterable[str]) -> bytes:
    """Lines as a zstd file."""
    import zstandard

    return zstandard.ZstdCompressor(level=19).compress("".join(f"{line}\n" for line in lines).encode())


def lexicon_bytes(table: Iterable[Row]) -> bytes:
    """The file ``lexicon.tsv.zst``. Probabilities to three digits, of which none is 0."""
    return packed(f"{row.english}\t{row.german}\t{max(row[2], 0.001):.3f}\t{max(row[3], 0.001):.3f}" for row in table)


def main() -> None:
    """Read the parallel text, write the lexicon and the compound parts."""
    parser = argparse.ArgumentParser(prog="python -m index.training.translations", description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="parallel text: NAME.tsv.zst")
    parser.add_argument("--into", type=Path, default=PACK, help="where lexicon.tsv.zst and compounds.txt.zst go")
    chosen = parser.parse_args()
    entries = read_glossary()
    table, known = build((pair for pairs in read_all(chosen.folder).values() for pair in pairs), entries)
    chosen.into.mkdir(parents=True, exist_ok=True)
    (chosen.into / "lexicon.tsv.zst").write_bytes(lexicon_bytes(table))
    (chosen.into / "compounds.txt.zst").write_bytes(packed(known))
    sys.stdout.write(f"{len(table)} pairs of words and {len(known)} compound parts in {chosen.into}\n")


if __name__ == "__main__":
    main()
