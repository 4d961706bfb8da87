"""TREC collections: topics (<top> or TSV), qrels, and documents as JSONL or TSV; also MIRACL, which is laid out so.

Of a topic the title is asked, unless suite.json says ``"topic_field": "desc"``. CLEF's topics carry their language in
the tags (<DE-title>): the language of the questions chooses among them.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from eval.records import Query
from eval.suites.assemble import LABELS, Asked, Draft
from eval.suites.checks import Place, lines_of, text_of
from eval.suites.documents import field_documents
from eval.suites.qrels import Judgement, read_qrels

_TOPIC = re.compile(r"<(?P<tag>top|topic)\b(?P<head>[^>]*)>(?P<body>.*?)</(?P=tag)>", re.DOTALL | re.IGNORECASE)
_OPENED = re.compile(r"<(?:top|topic)\b[^>]*>", re.IGNORECASE)
_FIELD = re.compile(r"<(?P<name>[A-Za-z][\w-]*)>(?P<text>[^<]*)")
_NUMBER = re.compile(r"number\s*=\s*[\"']([^\"']+)")
_LABEL = re.compile(r"^(?:number|topic|description|narrative):\s*", re.IGNORECASE)
_NAMES = {
    "topics": ("topics*", "queries*.tsv", "topics/*"),
    "qrels": ("qrels*", "qrels/*"),
    "documents": ("documents*.jsonl*", "docs*.jsonl*", "corpus*.jsonl*", "collection*", "docs/*", "corpus/*"),
}
_IGNORED = (".md", ".json", ".html", ".xml.gz")


def draft(
    name: str,
    origin: str,
    files: dict[str, list[Path]],
    languages: tuple[str | None, str | None],
    topic_field: str = "title",
) -> Draft:
    """Read topics and qrels; ``languages`` are those of questions and documents, where the files do not say."""
    question_language, document_language = languages
    (topics,), documents = files["topics"], files["documents"]
    found = Draft(
        name,
        f"{origin} (TREC)",
        [],
        lambda: field_documents(documents, document_language),
        _judgements(files["qrels"]),
        drops_unjudged=True,
    )
    for place, query_id, text in read_topics(topics, topic_field, question_language):
        query = Query(query_id, text, question_language)
        found.asked.append(Asked(query, place))
    return found


def files_in(folder: Path) -> dict[str, list[Path]] | None:
    """Topics, qrels and documents of a folder by their names, None where one of the three is missing.

    Raises SuiteInvalid where several files could be the topics or the qrels.
    """
    found = {part: _matching(folder, patterns) for part, patterns in _NAMES.items()}
    if not all(found.values()):
        return None
    for part in ("topics", "qrels"):
        if len(found[part]) > 1:
            names = ", ".join(path.relative_to(folder).as_posix() for path in found[part][:5])
            raise Place(folder, None).wrong(f"{part}: several files could be it ({names}); name one in suite.json")
    return found


def read_topics(path: Path, topic_field: str, language: str | None) -> Iterator[tuple[Place, str, str]]:
    """(place, id, question) of every topic of a file. Raises SuiteInvalid."""
    head = next(lines_of(path), (1, ""))[1]
    if _OPENED.search(head) or head.lstrip().startswith("<"):
        yield from _tagged(path, topic_field.lower(), language)
        return
    for number, line in lines_of(path):
        place = Place(path, number)
        query_id, tab, text = line.partition("\t")
        if not tab or not query_id.strip() or not text.strip():
            raise place.wrong("expected a topic's id, a tab and its question")
        yield place, query_id.strip(), text.strip()


def _tagged(path: Path, topic_field: str, language: str | None) -> Iterator[tuple[Place, str, str]]:
    text = text_of(path)
    whole = {match.start(): match for match in _TOPIC.finditer(text)}
    for opened in _OPENED.finditer(text):
        place = Place(path, text.count("\n", 0, opened.start()) + 1)
        match = whole.get(opened.start())
        if match is None:
            raise place.wrong(f"{opened[0]} is not closed")
        if _OPENED.search(match["body"]):
            raise place.wrong(f"{opened[0]} is not closed before the next")
        fields = {each["name"].lower(): _cleaned(each["text"]) for each in _FIELD.finditer(match["body"])}
        number = _NUMBER.search(match["head"])
        query_id = number[1].strip() if number else fields.get("num") or fields.get("identifier", "")
        if not query_id:
            raise place.wrong("<num>: missing or empty; expected the topic's id")
        yield place, query_id, _chosen(fields, topic_field, language, place)


def _chosen(fields: dict[str, str], topic_field: str, language: str | None, place: Place) -> str:
    """The words of the field that is asked: in the chosen language, where a topic has several."""
    spoken = [name for name in fields if name.endswith(f"-{topic_field}")]
    wanted = f"{language}-{topic_field}" if language else next(iter(spoken), "") if len(spoken) == 1 else ""
    for name in (wanted, topic_field, "query" if topic_field == "title" else ""):
        if fields.get(name):
            return fields[name]
    held = ", ".join(f"<{name}>" for name in fields) or "no field"
    raise place.wrong(f"<{topic_field}>: missing or empty; the topic has {held}")


def _cleaned(text: str) -> str:
    return " ".join(_LABEL.sub("", " ".join(html.unescape(text).split())).split())


def _matching(folder: Path, patterns: Sequence[str]) -> list[Path]:
    found = {path for pattern in patterns for path in folder.glob(pattern)}
    return sorted(path for path in found if path.is_file() and path.name != LABELS and not path.name.endswith(_IGNORED))


def _judgements(paths: Sequence[Path]) -> Iterator[Judgement]:
    for path in paths:
        yield from read_qrels(path)
