"""A Fundstelle answer, as /v1/ask gives it, as a reply: the same code for the engine in process and for a server.

Which sentence a citation stands behind is read from the [n] in the answer's text. What stands between two markers is
one statement where it is a quotation of the citation that follows, however many sentences that has; else each of its
sentences is one, and the marker stands behind the last.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from corpus.sentences import sentence_spans
from eval.records import Cited, Reply, ReplyOutcome, Retrieved

SHOWN = 5  # passages whose words are kept in a reply: the others can be looked up by their place
NOWHERE = -1  # the sentence of a citation that no sentence points at

_MARKERS = re.compile(r"(?P<numbers>(?:\s*\[\d+(?:\s*,\s*\d+)*\])+)(?P<stop>[.!?…]*)")  # "It is so [1]." as well
_NUMBER = re.compile(r"\d+")
_BRACKETED = re.compile(r"[\[(](\d+)[\])]")  # a footnote "[2]" of a quote is shown as "(2)"


def reply_from_answer(
    query_id: str, answer: Mapping[str, Any], names: Callable[[str], tuple[str, ...]], documents: int
) -> Reply:
    """The reply that the JSON of /v1/ask means, with at most ``documents`` different documents retrieved.

    ``names`` gives the suite's ids of the document that the service calls by an id: several where the suite holds a
    text twice. Raises KeyError, TypeError or ValueError where the JSON is not an answer.
    """
    cited = {citation["number"]: citation for citation in answer["citations"]}
    sentences, behind = _statements(answer["answer"], {number: str(cited[number]["quote"]) for number in cited})
    pointed = {number for number, _ in behind}
    behind += [(number, NOWHERE) for number in cited if number not in pointed]
    citations = tuple(
        Cited(
            doc_id=names(cited[number]["doc_id"])[0],
            start=int(cited[number]["start"]),
            end=int(cited[number]["end"]),
            quote=str(cited[number]["quote"]),
            sentence=sentence,
        )
        for number, sentence in behind
    )
    return Reply(
        query_id=query_id,
        outcome=ReplyOutcome(answer["outcome"]),
        answer=str(answer["answer"]),
        sentences=sentences,
        citations=citations,
        retrieved=retrieved_from(answer["passages"], names, documents),
        answerability=float(answer["answerability"]["score"]),
        threshold=float(answer["answerability"]["threshold"]),
    )


def retrieved_from(
    passages: Sequence[Mapping[str, Any]], names: Callable[[str], tuple[str, ...]], documents: int
) -> tuple[Retrieved, ...]:
    """Passages in their order until one of a document too many; a text the suite holds twice comes once for each id."""
    found: list[Retrieved] = []
    seen: set[str] = set()
    for passage in passages:
        for doc_id in names(passage["doc_id"]):
            if doc_id not in seen and len(seen) == documents:
                return tuple(found)
            seen.add(doc_id)
            found.append(
                Retrieved(
                    doc_id=doc_id,
                    score=float(passage["score"]),
                    rank=len(found) + 1,
                    passage_id=passage["passage_id"],
                    start=passage["start"],
                    end=passage["end"],
                    text=passage["text"] if len(found) < SHOWN else None,
                )
            )
    return tuple(found)


def _statements(text: str, quotes: Mapping[int, str]) -> tuple[tuple[str, ...], list[tuple[int, int]]]:
    """The answer's statements without markers, and pairs of a citation's number and the statement it stands behind."""
    sentences: list[str] = []
    behind: list[tuple[int, int]] = []
    begin = 0
    for markers in _MARKERS.finditer(text):
        words = text[begin : markers.start()].strip()
        numbers = [number for number in map(int, _NUMBER.findall(markers["numbers"])) if number in quotes]
        begin = markers.end()
        if words:
            sentences += _split(words, [quotes[number] for number in numbers])
        if sentences:
            sentences[-1] += markers["stop"]
            behind += [(number, len(sentences) - 1) for number in dict.fromkeys(numbers)]
    rest = text[begin:].strip()
    if any(character.isalnum() for character in rest):
        sentences += _split(rest, [])
    return tuple(sentences), behind


def _split(words: str, quotes: list[str]) -> list[str]:
    if any(_flat(words) in _flat(quote) for quote in quotes):
        return [words]
    return [place.of(words) for place in sentence_spans(words)]


def _flat(text: str) -> str:
    return _BRACKETED.sub(r"(\1)", " ".join(text.split()))
