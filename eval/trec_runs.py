"""TREC run files: `query_id Q0 doc_id rank score tag`, one line a document.

trec_eval and its kin order by score and break ties by document id, descending, whatever the rank says; scores are held
in single precision. So what we write has scores that fall strictly with the rank, and what we read is ordered as
trec_eval would order it: a run scores the same here, there, and when read back.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np

from eval.errors import RunInvalid
from eval.records import Reply

TREC_FILE = "run.trec"
_ESCAPED = {" ": "%20", "\t": "%09", "\n": "%0A", "\r": "%0D", "\x0b": "%0B", "\x0c": "%0C"}


def trec_id(name: str) -> str:
    """An id in one word: fields are parted by white space, so that it stands as in an address."""
    return "".join(_ESCAPED.get(letter, "%20" if letter.isspace() else letter) for letter in name)


def documents(reply: Reply) -> list[tuple[str, float]]:
    """The documents of a reply, each once, best first, with the score of its best passage."""
    best: dict[str, float] = {}
    for found in sorted(reply.retrieved, key=lambda each: each.rank):
        best.setdefault(found.doc_id, found.score)
    return list(best.items())


def lines(reply: Reply, tag: str) -> Iterator[str]:
    """The reply's lines, with scores that fall strictly in single precision."""
    last = np.float32(np.inf)
    for rank, (doc_id, score) in enumerate(documents(reply), 1):
        last = min(np.float32(score), np.nextafter(last, np.float32(-np.inf)))
        yield f"{trec_id(reply.query_id)} Q0 {trec_id(doc_id)} {rank} {last:.9g} {trec_id(tag)}\n"


def write(path: Path, replies: Iterable[Reply], tag: str) -> None:
    """Write a run file, whole or not at all."""
    partial = path.with_name(f"{path.name}.partial")
    with partial.open("w", encoding="utf-8", newline="\n") as stream:
        for reply in replies:
            stream.writelines(lines(reply, tag))
    partial.replace(path)


def read(path: Path) -> Mapping[str, list[tuple[str, float]]]:
    """(doc_id, score) by query, ordered as trec_eval does. Raises RunInvalid naming file, line and what is wrong."""
    found: dict[str, dict[str, float]] = {}
    try:
        with path.open(encoding="utf-8-sig") as stream:
            for number, line in enumerate(stream, 1):
                if line.strip():
                    _take(line, found, f"{path}, line {number}")
    except OSError as error:
        raise RunInvalid(f"{path}: {error.strerror}: expected a TREC run file") from error
    except UnicodeDecodeError as error:
        raise RunInvalid(f"{path}: not UTF-8: {error.reason}") from error
    if not found:
        raise RunInvalid(f"{path}: there is no line in it: expected a TREC run file")
    return {query: sorted(scored.items(), key=_place, reverse=True) for query, scored in found.items()}


def _place(item: tuple[str, float]) -> tuple[float, str]:
    return float(np.float32(item[1])), item[0]


def _take(line: str, found: dict[str, dict[str, float]], place: str) -> None:
    words = line.split()
    if len(words) != 6:
        raise RunInvalid(f"{place}: {len(words)} fields, expected 6: query_id Q0 doc_id rank score tag")
    query, _, doc_id, _, score, _ = words
    try:
        value = float(score)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise RunInvalid(f"{place}: expected a number for the score, got {score[:40]!r}")
    scored = found.setdefault(query, {})
    if doc_id in scored:
        raise RunInvalid(f"{place}: {doc_id} is there twice for {query}")
    scored[doc_id] = value
