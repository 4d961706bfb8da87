"""Reading comprehension as retrieval: SQuAD 1 and 2, XQuAD, MLQA, GermanQuAD and others of the same JSON.

As MTEB builds XQuADRetrieval: distinct paragraphs are the documents, distinct questions the queries, the paragraph
that a question was asked about is what should be found. Questions and paragraphs may come from two files whose ids are
parallel, each in a language of its own; golds are the answers that the file of paragraphs gives. What SQuAD 2 marks as
impossible is unanswerable, unless the same words are answered elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from corpus.documents import Span
from corpus.normalise import normalise
from eval.records import GoldQuote, Query, SuiteDocument
from eval.suites.assemble import Asked, Draft
from eval.suites.checks import Place, Row, as_object
from eval.suites.json_files import JsonFile

_MLQA = re.compile(r"(?P<stem>.+)-context-(?P<document>[a-z]{2})-question-(?P<question>[a-z]{2})\.json")
_PARALLEL = re.compile(r"(?P<stem>.+)\.(?P<language>[a-z]{2})\.json")


@dataclass(frozen=True, slots=True)
class Files:
    """Where questions and paragraphs come from, and in which language each is; None where nobody says."""

    name: str
    questions: Path
    documents: Path
    question_language: str | None
    document_language: str | None


@dataclass(slots=True)
class _Asked:
    """One question text, over all the places where it is asked."""

    query_id: str
    text: str
    place: Place
    answerable: bool = False
    golds: dict[GoldQuote, None] = field(default_factory=dict)


def draft(files: Files) -> Draft:
    """Read both files; they are held in memory, as all data sets of this kind are small."""
    held = _hold(files)
    documents = list(held.documents.values())
    found = Draft(
        files.name,
        f"{files.questions} on {files.documents.name} (SQuAD)",
        [],
        lambda: iter([(Place(files.documents, None), each) for each in documents]),
    )
    for place, reason in held.repairs:
        found.drop(place, reason)
    asked: dict[str, _Asked] = {}
    for paragraph in _read(files.questions):
        for row in paragraph.questions:
            _ask(row, asked, held, found)
    for each in asked.values():
        golds = tuple(each.golds) if each.answerable else ()
        query = Query(each.query_id, each.text, files.question_language, answerable=each.answerable, gold=golds)
        found.asked.append(Asked(query, each.place))
    return found


def files_of(path: Path, question_language: str | None, document_language: str | None) -> Files:
    """The two files that a path stands for: one of SQuAD's format, or a folder of parallel ones.

    Raises SuiteInvalid where a language has to be chosen, or the chosen ones are not there.
    """
    folder, stem = path, None
    if path.is_file():
        match = _MLQA.fullmatch(path.name) or _PARALLEL.fullmatch(path.name)
        if match is None:
            return Files(path.stem, path, path, question_language, document_language or question_language)
        folder, stem, own = path.parent, match["stem"], match.groupdict()
        question_language = question_language or own.get("question") or own["language"]
        document_language = document_language or own.get("document") or own["language"]
    pairs = [pair for pair in _pairs(sorted(folder.glob("*.json"))) if stem in (None, pair.stem)]
    chosen = [
        pair.files
        for pair in pairs
        if question_language in (None, pair.files.question_language)
        and document_language in (None, pair.files.document_language)
    ]
    if len(chosen) != 1:
        held = ", ".join(f"{pair.files.question_language} on {pair.files.document_language}" for pair in pairs)
        more = "; several files fit: name one" if len(chosen) > 1 and question_language and document_language else ""
        problem = f"choose the languages of questions and documents; there are {held or 'none'}{more}"
        raise Place(path, None).wrong(problem)
    return chosen[0]


class _Pair(NamedTuple):
    stem: str
    files: Files


def _pairs(named: list[Path]) -> Iterator[_Pair]:
    """Every combination of languages that files of these names offer."""
    parallel = [(match, path) for path in named if (match := _PARALLEL.fullmatch(path.name))]
    for asked, questions in parallel:
        for held, documents in parallel:
            if asked["stem"] == held["stem"]:
                name = f"{asked['stem']}-{asked['language']}-{held['language']}"
                files = Files(name, questions, documents, asked["language"], held["language"])
                yield _Pair(asked["stem"], files)
    for path in named:
        if match := _MLQA.fullmatch(path.name):
            name = f"{match['stem']}-{match['question']}-{match['document']}"
            yield _Pair(match["stem"], Files(name, path, path, match["question"], match["document"]))


@dataclass(frozen=True, slots=True)
class _Paragraph:
    """A paragraph as its file has it, with its questions; ``text`` is stripped, as MTEB does."""

    article: str | None
    context: str
    questions: tuple[Row, ...]

    @property
    def text(self) -> str:
        return normalise(self.context).text.strip()


def _read(path: Path) -> Iterator[_Paragraph]:
    """Every paragraph of a file. Raises SuiteInvalid."""
    file = JsonFile(path)
    for article in file.items(file.root, "data"):
        title = file.row(article).maybe("title")
        for paragraph in file.items(article, "paragraphs"):
            row = file.row(paragraph)
            row.words("context")
            yield _Paragraph(title, row.fields["context"], tuple(map(file.row, file.items(paragraph, "qas"))))


@dataclass(slots=True)
class _Held:
    """The paragraphs of a file, and what each question's answers say about where they stand."""

    documents: dict[str, SuiteDocument] = field(default_factory=dict)  # by text
    golds: dict[str, tuple[GoldQuote, ...]] = field(default_factory=dict)  # by question id; empty: impossible
    repairs: list[tuple[Place, str]] = field(default_factory=list)


def _hold(files: Files) -> _Held:
    held = _Held()
    for paragraph in _read(files.documents):
        text = paragraph.text
        fresh = SuiteDocument(
            f"p{len(held.documents):03d}", text, source=paragraph.article, language=files.document_language
        )
        doc_id = held.documents.setdefault(text, fresh).doc_id
        for row in paragraph.questions:
            query_id = row.words("id")
            if query_id in held.golds:
                raise row.place.wrong(f"id {query_id!r} is taken already")
            held.golds[query_id] = () if row.flag("is_impossible", False) else _golds(row, doc_id, paragraph, held)
    return held


def _golds(row: Row, doc_id: str, paragraph: _Paragraph, held: _Held) -> tuple[GoldQuote, ...]:
    """The answers as spans of the document. One that does not stand where it should counts for the whole paragraph."""
    if not row.items("answers"):
        raise row.place.wrong("answers: missing or empty; expected one, or is_impossible: true")
    found: dict[GoldQuote, None] = {}
    for item in row.items("answers"):
        answer = Row(row.place, as_object(item, row.place))
        quote, start = normalise(answer.words("text")).text, answer.number("answer_start")
        at = _place_of(quote, start, paragraph)
        if at is None:
            held.repairs.append(
                (row.place, f"the answer {quote[:60]!r} does not stand at {start}: its paragraph counts")
            )
            found[GoldQuote(doc_id)] = None
        else:
            found[GoldQuote(doc_id, quote, Span(at, at + len(quote)))] = None
    return tuple(found)


def _place_of(quote: str, start: int | None, paragraph: _Paragraph) -> int | None:
    """Where the answer stands in the document's text: at its place, or at the only one there is."""
    if start is not None:
        before = normalise(paragraph.context[:start]).text
        at = len(before) - (len(before) - len(before.lstrip()) if before.strip() else len(before))
        if paragraph.text[at : at + len(quote)] == quote:
            return at
    return paragraph.text.find(quote) if paragraph.text.count(quote) == 1 else None


def _ask(row: Row, asked: dict[str, _Asked], held: _Held, found: Draft) -> None:
    """Count one question in; the same words again lend their golds to the first."""
    query_id, text = row.words("id"), row.words("question")
    golds = held.golds.get(query_id)
    if golds is None:
        found.drop(row.place, f"{query_id!r} is not among the questions of the documents' file")
        return
    each = asked.setdefault(text, _Asked(query_id, text, row.place))
    if each.query_id != query_id:
        found.drop(row.place, f"{query_id!r} asks the same as {each.query_id!r}: its gold is kept")
    each.answerable |= bool(golds)
    each.golds.update(dict.fromkeys(golds))
