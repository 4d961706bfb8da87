"""A German-English dictionary of the machine's own, read where it is installed: more translations for the lexical leg.

Dictionaries in Ding's format, such as Debian's package trans-de-en (/usr/share/trans/de-en), have a line of German and
English, " :: " between them; "|" parts what belongs together on both sides, ";" what means the same. They may be under
licences that forbid shipping them with a program (trans-de-en: GPL), so nothing of them is part of this project: the
words are put into a file beside the indexes, on the machine where the dictionary is installed, and stay there.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
import sqlite3
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

from index.analysis import Term, terms
from index.errors import PackDamaged
from index.lexicon import LONGEST_TERM, Lexicon, Options
from index.plan import bundled_lexicon
from index.stopwords import stop_words

INSTALLED = Path("/usr/share/trans/de-en")
MOST_OPTIONS = 12
MOST_SPACES = 3  # in a word with its articles and particles; what has more is a sentence
_FORMAT = f"1 {version('PyStemmer')}"  # of the file made from a dictionary; it holds stems

_NOTE = re.compile(r"\{[^}]*\}|\[[^\]]*\]|\([^)]*\)|<[^>]*>|/[^/\s]*[^\x00-\x7f/][^/]*/")  # and how to say it
_SOMEBODY = re.compile(r"\b(?:etw|jdn|jdm|jds|jmd|jd|sb|sth)\b\.?|\b(?:sich|oneself|sb's)\b")
_log = logging.getLogger("fundstelle.dictionary")
_SCHEMA = "CREATE TABLE found (key TEXT PRIMARY KEY, options TEXT NOT NULL) WITHOUT ROWID"


def located(setting: str) -> Path | None:
    """The dictionary that the setting names: ``off``, ``auto`` (the installed one, if any), or a file.

    Raises PackDamaged where the file is not there.
    """
    if setting == "off":
        return None
    if setting == "auto":
        return INSTALLED if INSTALLED.is_file() else None
    path = Path(setting).expanduser()
    if not path.is_file():
        raise PackDamaged(f"There is no dictionary {setting!r}.", field="dictionary")
    return path


def lexicon_for(setting: str, folder: Path) -> Lexicon:
    """The pack's lexicon, with the dictionary that the setting names; what is made of it is kept in ``folder``.

    Raises PackDamaged where the dictionary is not there or cannot be read.
    """
    source = located(setting)
    if source is None:
        return bundled_lexicon()
    return replace(bundled_lexicon(), further=Dictionary.open(source, folder))


class Dictionary:
    """Translations of stems in both directions, looked up in a file; safe to use from many threads."""

    def __init__(self, made: Path) -> None:
        """``made`` is what ``write`` has written. Raises sqlite3.Error where it is anything else."""
        self._held = sqlite3.connect(
            f"{made.absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
        )
        self._lock = threading.Lock()
        self.find = lru_cache(maxsize=20_000)(self._find)
        self._find("en", "")

    @staticmethod
    def open(source: Path, folder: Path) -> Dictionary:
        """Open what was made of the dictionary before; the first time, and when it has changed, make it in ``folder``.

        Making takes about half a minute, and is logged. Raises PackDamaged where the dictionary cannot be read.
        """
        try:
            content = source.read_bytes()
            made = folder / f"dictionary-{hashlib.sha256(content + _FORMAT.encode()).hexdigest()[:16]}.sqlite3"
            if made.is_file():
                try:
                    return Dictionary(made)
                except sqlite3.Error:
                    made.unlink()
            for old in folder.glob("dictionary-*.sqlite3"):
                old.unlink()
            _log.info("Reading the dictionary %s; this happens once, and again when it changes", source)
            write(entries(content.decode().splitlines()), made)
            return Dictionary(made)
        except (OSError, UnicodeDecodeError, sqlite3.Error) as unreadable:
            problem = f"The dictionary {source} cannot be read: {unreadable}."
            raise PackDamaged(problem, field="dictionary") from unreadable

    def _find(self, language: str, stems: str) -> Options:
        """What the words of a language with these stems, spaces between them, may be in the other; {} if unknown."""
        with self._lock:
            row = self._held.execute("SELECT options FROM found WHERE key = ?", (f"{language} {stems}",)).fetchone()
        return {} if row is None else {found: int(count) for found, count in _pairs(row[0])}


def _pairs(options: str) -> Iterator[list[str]]:
    return (option.split(":") for option in options.split(" "))


def entries(lines: Iterable[str]) -> Iterator[tuple[list[str], list[str]]]:
    """German and English words that mean the same; lines of another form are passed over, as are comments."""
    for line in lines:
        german, parted, english = line.partition(" :: ")
        sides = german.split("|"), english.split("|")
        if line.startswith("#") or not parted or len(sides[0]) != len(sides[1]):
            continue
        for left, right in zip(*sides, strict=True):
            yield [*_meanings(left)], [*_meanings(right)]


def _meanings(side: str) -> Iterator[str]:
    for meaning in _NOTE.sub(" ", side).split(";"):
        if word := " ".join(_SOMEBODY.sub(" ", meaning).removeprefix("to ").split()):
            yield word


def write(found: Iterable[tuple[list[str], list[str]]], path: Path) -> None:
    """Keep, by the stems of either side, what the other has, with the number of entries that say so."""
    counts: dict[str, Counter[str]] = {}
    for german, english in found:
        left = [key for word in german if len(key := _key(word, "de")) == 1]
        right = [key for word in english if 1 <= len(key := _key(word, "en")) <= LONGEST_TERM]
        for one, other in ((one, other) for one in left for other in right):
            counts.setdefault(f"en {' '.join(other)}", Counter())[one[0]] += 1
            if len(other) == 1:
                counts.setdefault(f"de {one[0]}", Counter())[other[0]] += 1
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(f".{os.getpid()}.tmp")
    unfinished.unlink(missing_ok=True)
    with sqlite3.connect(unfinished) as table:
        table.execute(_SCHEMA)
        table.executemany("INSERT INTO found VALUES (?, ?)", ((key, _options(held)) for key, held in counts.items()))
    table.close()
    unfinished.replace(path)


def _options(counted: Counter[str]) -> str:
    best = sorted(counted.items(), key=lambda item: (-item[1], item[0]))[:MOST_OPTIONS]
    return " ".join(f"{found}:{count}" for found, count in best)


def _key(text: str, language: str) -> tuple[str, ...]:
    if text.count(" ") > MOST_SPACES:
        return ()
    found: list[Term] = [term for term in terms(text, language) if term.word not in stop_words(language)]
    return tuple(term.stem for term in found if term.word.isalnum())
