"""The parallel text a pack may be made from, and under which licence each source stands.

A source is one file ``NAME.tsv.zst``: English, tab, German, one pair a line, in the order of its documents. Only
sources are listed whose licence lets their text be used in something that is passed on. What is not listed is not read.
"""

from __future__ import annotations

import io
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

Pair = tuple[str, str]  # English, German

LONGEST_SENTENCE = 60  # words on either side


@dataclass(frozen=True, slots=True)
class Source:
    """A file of sentence pairs. ``share`` is the part of it that is used; ``running`` says its order is a text's."""

    name: str
    licence: str
    share: float = 1.0
    running: bool = False


SOURCES = (
    Source("tatoeba", "CC BY 2.0 FR"),
    Source("debian_web", "MIT or GPL-2+; before 2012 Open Publication License", running=True),
    Source("debian_security", "MIT or GPL-2+; before 2012 Open Publication License", share=0.3),
    Source("d365_business_central", "CC BY 4.0", running=True),
    Source("adobe_analytics", "MIT", share=0.7, running=True),
    Source("nuget_docs", "MIT", share=0.5, running=True),
    Source("mdn_docs", "CC BY-SA 2.5", share=0.3, running=True),
    Source("software_strings", "MIT, Apache-2.0, and as Debian's web pages"),
)

_BLOCK = 64  # pairs drawn or left together, so that what is drawn of a running text is still running


def read_pairs(folder: Path, source: Source, *, seed: int = 0) -> list[Pair]:
    """The source's pairs in file order; of a source used in part, whole blocks drawn by ``seed``.

    Raises OSError where the file is missing and ValueError, with the line, where it is not a list of pairs.
    """
    from zstandard import ZstdError

    path = folder / f"{source.name}.tsv.zst"
    try:
        pairs = [pair for pair in _lines(path) if _is_sentence(pair)]
    except (ZstdError, UnicodeDecodeError) as damaged:
        raise ValueError(f"{path.name} is not UTF-8 text packed by zstd: {damaged}") from damaged
    if source.share >= 1.0:
        return pairs
    draw = random.Random(f"{source.name} {seed}")  # noqa: S311 - a sample, not a secret
    blocks = [pairs[start : start + _BLOCK] for start in range(0, len(pairs), _BLOCK)]
    return [pair for block in blocks if draw.random() < source.share for pair in block]


def read_all(folder: Path, *, seed: int = 0) -> dict[str, list[Pair]]:
    """Every listed source that ``folder`` holds, by name, in the order of SOURCES.

    Raises FileNotFoundError where it holds none of them.
    """
    found = {s.name: read_pairs(folder, s, seed=seed) for s in SOURCES if (folder / f"{s.name}.tsv.zst").is_file()}
    if not found:
        names = ", ".join(f"{source.name}.tsv.zst" for source in SOURCES)
        raise FileNotFoundError(f"{folder} holds no parallel text; looked for {names}")
    return found


def _lines(path: Path) -> Iterator[Pair]:
    import zstandard

    with path.open("rb") as packed, zstandard.ZstdDecompressor().stream_reader(packed) as stream:
        for number, line in enumerate(io.TextIOWrapper(stream, encoding="utf-8", newline="\n"), start=1):
            sides = line.rstrip("\n").split("\t")
            if len(sides) < 2 or not sides[0].strip() or not sides[1].strip():
                raise ValueError(f"{path.name}, line {number}: expected English, a tab and German")
            yield sides[0].strip(), sides[1].strip()


def _is_sentence(pair: Pair) -> bool:
    return all(len(side.split()) <= LONGEST_SENTENCE for side in pair)
