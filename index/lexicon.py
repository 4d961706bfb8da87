"""Word translations with probabilities: a question's English term becomes weighted German terms, and back.

The table is the pack's ``lexicon.tsv.zst``: English, German, p(German | English), p(English | German). A word finds
what stands there for its very form, and what stands for other forms of its stem a little less. The English may be a
term of several words ("supply chain") that German writes as one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol, TypeVar

from index.analysis import Term, fold, stem, stems
from index.errors import PackDamaged
from index.stopwords import stop_words

PACK = Path(__file__).parent / "pack"
MOST_TRANSLATIONS = 12
LONGEST_TERM = 3  # words of an English term, stop words not counted
KEPT_ITSELF = 0.3  # a term that has translations also stands for itself with this probability: names, loan words
FURTHER = 0.6  # of a translation's weight that only a dictionary has, for a word that the table knows
OTHER_FORM = 0.9  # of a translation's weight, where it is known of another form of the word ("located", "location")


class Translation(NamedTuple):
    """A stem of the other language; ``weight`` is 1 for the likeliest translation and falls with the square root."""

    stem: str
    weight: float


class Row(NamedTuple):
    """A line of the table: words as they are written, probabilities in (0, 1]."""

    english: str
    german: str
    german_given_english: float
    english_given_german: float


Key = TypeVar("Key")
Options = dict[str, float]  # stems of the other language with probabilities


class Further(Protocol):
    """More translations than the table has (see index.dictionary)."""

    def find(self, language: str, stems: str) -> Options:
        """What the words of a language with these stems, spaces between them, may be in the other; {} if unknown."""


@dataclass(frozen=True, slots=True)
class Direction:
    """Translations out of one language, by folded word; ``forms`` are the words of a stem."""

    words: Mapping[str, Options]
    forms: Mapping[str, Sequence[str]]

    @staticmethod
    def of(words: Mapping[str, Options], stem_of: Mapping[str, str]) -> Direction:
        """From words, given their stems."""
        forms: dict[str, list[str]] = {}
        for word in words:
            forms.setdefault(stem_of[word], []).append(word)
        return Direction(words, forms)

    def of_stem(self, stem_: str) -> Options:
        """What the words of a stem have, of each translation the likeliest."""
        best: Options = {}
        for word in self.forms.get(stem_, ()):
            for found, probability in self.words[word].items():
                best[found] = max(probability, best.get(found, 0.0))
        return best

    def find(self, term: Term) -> tuple[Translation, ...]:
        """The likeliest translations of a term, those of its very form before those of its stem; () if unknown."""
        best = {found: OTHER_FORM * weight for found, weight in _weights(self.of_stem(term.stem))}
        for found, weight in _weights(self.words.get(term.word, {})):
            best[found] = max(weight, best.get(found, 0.0))
        return _ranked(best)


@dataclass(frozen=True, slots=True, eq=False)
class Lexicon:
    """Translations of words in both directions, and of English terms of several words, by their stems.

    ``spelled_out`` has the stems of the English term for a German stem. ``further`` knows words that the table lacks,
    and counts less for those it has.
    """

    to_german: Direction
    to_english: Direction
    terms: Mapping[tuple[str, ...], Options]
    spelled_out: Mapping[str, tuple[str, ...]]
    further: Further | None = None

    def known(self, term: Term, question_language: str, passage_language: str) -> tuple[Translation, ...]:
        """Translations of a question's term, likeliest first; () where there are none or the languages are the same."""
        match question_language, passage_language:
            case "en", "de":
                return self._joined(self.to_german.find(term), "en", term.stem)
            case "de", "en":
                return self._joined(self.to_english.find(term), "de", term.stem)
        return ()

    def _joined(self, found: tuple[Translation, ...], language: str, stems: str) -> tuple[Translation, ...]:
        """What the table has, and what ``further`` adds."""
        more = self.further.find(language, stems) if self.further is not None else {}
        if not more:
            return found
        best = {option: (FURTHER if found else 1.0) * weight for option, weight in _weights(more)}
        for option, weight in found:
            best[option] = max(weight, best.get(option, 0.0))
        return _ranked(best)

    def translations(self, term: Term, question_language: str, passage_language: str) -> tuple[Translation, ...]:
        """What to look up for a question's term in passages of another language, likeliest first.

        The term itself is always among them: alone where it has no translation (names, numbers).
        """
        if question_language == passage_language:
            return (Translation(term.stem, 1.0),)
        itself = stem(term.word, passage_language)
        found = self.known(term, question_language, passage_language)
        if not found:
            return (Translation(itself, 1.0),)
        if any(option.stem == itself for option in found):
            return found
        return (*found, Translation(itself, KEPT_ITSELF**0.5))

    def german_for(self, words: Sequence[Term]) -> tuple[Translation, ...]:
        """What German has for an English term of several words; () for most that stand together by chance."""
        stems = tuple(word.stem for word in words)
        return self._joined(_ranked(dict(_weights(self.terms.get(stems, {})))), "en", " ".join(stems))

    @staticmethod
    def load(path: Path = PACK / "lexicon.tsv.zst") -> Lexicon:
        """Read the pack's table. Raises OSError where it is missing, PackDamaged where it is not such a table."""
        return Lexicon.from_rows(read_rows(path))

    @staticmethod
    def from_rows(rows: Iterable[Row]) -> Lexicon:
        """Sort rows into both directions. A word's probabilities of forms that share a stem add up."""
        kept = [(fold(row[0]), fold(row[1]), row[2], row[3]) for row in rows]
        sources = stems(list({word for row in kept for word in row[0].split()}), "en")
        targets = stems(list({row[1] for row in kept}), "de")
        german: dict[str, Options] = {}
        english: dict[str, Options] = {}
        phrases: dict[tuple[str, ...], Options] = {}
        spelled_out: dict[str, tuple[float, tuple[str, ...]]] = {}
        for left, right, forth, back in kept:
            if not right.isalnum():
                continue
            target = targets[right]
            if left.isalnum():
                _add(german, left, target, forth)
                _add(english, right, sources[left], back)
                continue
            key = tuple(sources[word] for word in left.split() if word not in stop_words("en"))
            if 2 <= len(key) <= LONGEST_TERM:
                _add(phrases, key, target, forth)
                spelled_out[target] = max((back, key), spelled_out.get(target, (0.0, key)))
        out = {target: key for target, (_, key) in spelled_out.items()}
        return Lexicon(Direction.of(german, sources), Direction.of(english, targets), phrases, out)


def _add(table: dict[Key, Options], key: Key, target: str, probability: float) -> None:
    options = table.get(key)
    if options is None:
        table[key] = {target: probability}
    else:
        options[target] = options.get(target, 0.0) + probability


def _ranked(best: Mapping[str, float]) -> tuple[Translation, ...]:
    ranked = sorted(best.items(), key=lambda item: (-item[1], item[0]))[:MOST_TRANSLATIONS]
    return tuple(Translation(found, weight / ranked[0][1]) for found, weight in ranked)


def _weights(options: Options) -> list[tuple[str, float]]:
    if not options:
        return []
    best = max(options.values())
    return [(found, (probability / best) ** 0.5) for found, probability in options.items()]


def read_rows(path: Path) -> Iterator[Row]:
    """The rows of a packed table. Raises OSError where it is missing, PackDamaged where it is not such a table."""
    for number, line in enumerate(read_lines(path), start=1):
        try:
            english, german, forth, back = line.split("\t")
            row = Row(english, german, float(forth), float(back))
        except ValueError as malformed:
            raise PackDamaged(f"{path.name}, line {number}: {malformed}.") from malformed
        if not (0 < row.german_given_english <= 1 and 0 < row.english_given_german <= 1):
            raise PackDamaged(f"{path.name}, line {number}: a probability is not in (0, 1].")
        yield row


def read_lines(path: Path) -> Iterator[str]:
    """The lines of a zstd file. Raises OSError where it is missing, PackDamaged where it cannot be unpacked."""
    import zstandard

    try:
        text = zstandard.ZstdDecompressor().decompress(path.read_bytes()).decode()
    except (zstandard.ZstdError, UnicodeDecodeError) as damaged:
        raise PackDamaged(f"{path.name} cannot be unpacked: {damaged}.") from damaged
    yield from text.removesuffix("\n").split("\n")
