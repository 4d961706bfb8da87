"""The project's own German-English glossary: what the parallel text does not say, or not often enough.

    python -m index.training.glossary NOTES... --into FOLDER

``glossary/words.tsv`` holds single English words and ``glossary/terms.tsv`` terms of several; a line is the English,
a tab, and its German translations, the commonest first, with "; " between them. The command makes such files from notes
("english = German; German"), so that a correction is a line in a text file and never a matter of form.
"""

from __future__ import annotations

import argparse
import re
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

FOLDER = Path(__file__).parent / "glossary"
FILES = ("words.tsv", "terms.tsv")
MOST_TRANSLATIONS = 8

Entry = tuple[str, tuple[str, ...]]  # English in lower case, its German translations

_WORDS = r"[^\W_]+(?:(?: |['.&/-] ?)[^\W_]+)*"
_ENGLISH = re.compile(rf"{_WORDS}\.?")
_GERMAN = re.compile(rf"-?{_WORDS}[.-]?")
_ASIDE = re.compile(r"\s*[(\[{][^)\]}]*[)\]}]\s*")


def read_glossary(folder: Path = FOLDER) -> list[Entry]:
    """All entries, words before terms, each file in its order.

    Raises OSError where a file is missing and ValueError, with the line, where one is not as the module says.
    """
    entries = []
    for name in FILES:
        with (folder / name).open(encoding="utf-8", newline="\n") as lines:
            for number, line in enumerate(lines, start=1):
                entry = _entry(line.rstrip("\n").split("\t"))
                if entry is None:
                    raise ValueError(f"{name}, line {number}: expected English, a tab, and German; German")
                entries.append(entry)
    return entries


def _entry(sides: list[str]) -> Entry | None:
    if len(sides) != 2 or not _ENGLISH.fullmatch(sides[0]):
        return None
    german = tuple(sides[1].split("; "))
    return (sides[0], german) if all(_GERMAN.fullmatch(word) for word in german) else None


def gather(notes: Iterable[str]) -> tuple[dict[str, tuple[str, ...]], Counter[str]]:
    """Notes to entries by English, sorted, and how many lines and translations were left out, by reason.

    What several lines say of one word is joined in their order. A word that stands only for itself ("radio = Radio")
    is left out, since the lexical leg looks every word up as itself; so is what has more than four words.
    """
    found: dict[str, dict[str, None]] = {}
    left_out: Counter[str] = Counter()
    for line in notes:
        if not line.strip():
            continue
        english, parted, german = unicodedata.normalize("NFC", line).replace("\t", " = ", 1).partition("=")
        english = _plain(english).lower()
        if not parted or not _ENGLISH.fullmatch(english):
            left_out["lines that are no entry"] += 1
            continue
        options = found.setdefault(english, {})
        for option in german.split(";"):
            word = _plain(option)
            if not _GERMAN.fullmatch(word) or len(word.split()) > 4:
                left_out["translations that are no word"] += 1
            elif word not in options:
                options[word] = None
    entries = {}
    for english, options in sorted(found.items()):
        german_words = tuple(options)[:MOST_TRANSLATIONS]
        if all(word.casefold() == english.casefold() for word in german_words):
            left_out["words that stand for themselves"] += 1
        else:
            entries[english] = german_words
    return entries, left_out


def _plain(side: str) -> str:
    return " ".join(_ASIDE.sub(" ", side).split()).replace("’", "'")


def write_glossary(entries: dict[str, tuple[str, ...]], folder: Path) -> None:
    """Write both files anew."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        several = name == FILES[1]
        chosen = {english: german for english, german in entries.items() if (" " in english) == several}
        text = "".join(f"{english}\t{'; '.join(german)}\n" for english, german in chosen.items())
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


def main() -> None:
    """Read notes and what the folder holds already, write the folder, say what was left out."""
    parser = argparse.ArgumentParser(prog="python -m index.training.glossary", description=__doc__.splitlines()[0])
    parser.add_argument("notes", nargs="+", type=Path, help='text files of lines "english = German; German"')
    parser.add_argument("--into", type=Path, default=FOLDER, help="the folder of words.tsv and terms.tsv")
    chosen = parser.parse_args()
    lines = [line for path in chosen.notes for line in path.read_text(encoding="utf-8").splitlines()]
    if all((chosen.into / name).is_file() for name in FILES):
        lines = [f"{english} = {'; '.join(german)}" for english, german in read_glossary(chosen.into)] + lines
    entries, left_out = gather(lines)
    write_glossary(entries, chosen.into)
    for reason, count in sorted(left_out.items()):
        sys.stdout.write(f"{count} {reason} left out\n")
    sys.stdout.write(f"{len(entries)} entries in {chosen.into}\n")


if __name__ == "__main__":
    main()
