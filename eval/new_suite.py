"""A suite of the user's own documents, begun: gold quotes are drawn, the questions are left for a person to write.

Nothing is invented. Every line points at a sentence that stands in a document, drawn evenly over sources and
languages; what it answers only somebody who has read it can ask.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count, islice
from pathlib import Path
from typing import Any

from corpus.documents import Block, BlockKind, Span
from corpus.sentences import sentence_spans
from corpus.store import STORE_FILE, CorpusStore
from eval.errors import SuiteInvalid
from eval.records import SuiteDocument
from eval.suites import MANIFEST
from eval.suites.documents import Unread, article_documents, final_row
from eval.suites.own import QUESTIONS

DOCUMENTS = "documents.jsonl"
LISTING = "documents.tsv"
README = "README.md"
ASKED_IN = ("de", "en")  # the languages that every drawn sentence is to be asked about in
UNANSWERABLE = 5  # after so many sentences comes one question that the article should not answer
PER_DOCUMENT = 3
_LENGTHS = range(50, 321)  # code points of a sentence that says something, and is no list
_LEAST_WORDS = 7
_LEANING = re.compile(  # a sentence that begins so says little without the one before it
    r"(?:aber|also|auch|dabei|dadurch|dafür|daher|damit|danach|dann|darin|darum|das|dazu|dem|denn|deren|der|deshalb|"
    r"die|dies\w*|doch|dort|er|es|ihr\w*|jedoch|sein\w*|sie|so|und|zudem|and|but|he|her|his|however|it|its|she|so|"
    r"such|that|their|then|there|these|they|this|those|yet) ",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"\b(?:19|20)\d\d\b|\b(?:januar|februar|märz|april|mai|juni|juli|august|september|oktober|november|dezember|"
    r"january|february|march|may|june|july|october|december)\b",
    re.IGNORECASE,
)
_README = """# {name}

A suite of questions about {count} documents, begun by `fundstelle eval new`.

1. Open `{questions}`. Every line points at a sentence of a document (`quote`) and has no question yet. Write the
   question that this sentence answers, as a reader would ask it who has not seen the article: in other words, and in
   the language of the line. Delete the lines that nothing sensible can be asked about.
2. Lines with `"answerable": false` want a question that names what the article is about and asks for something that no
   document says. They show whether an answer is withheld where there is none.
3. If a sentence of another document answers too, add it to `gold`. The quote has to stand there exactly, and once;
   else give `start` and `end`. `{listing}` lists the documents by id.
4. Change `kind` as you like: fact, number, name, reason, comparison, disagreement, date, follow-up. For a follow-up
   say in `follows` which question it follows.

A question without gold may be added, too: run it, and judge what is found.

    fundstelle eval run {path}
    fundstelle eval label {path} --runs runs/{name}-engine
    fundstelle eval gate {path} --update

Lines whose question is still empty are left out of every run.
"""


@dataclass(frozen=True, slots=True)
class Started:
    """What was written."""

    folder: Path
    documents: int
    lines: int
    unread: tuple[str, ...]  # why documents were left out


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence that something can be asked about."""

    doc_id: str
    title: str
    language: str | None
    quote: str


@dataclass(slots=True)
class _Drawn:
    """Sentences by source and language; what is kept of a document is a few sentences, never its text."""

    strata: dict[tuple[str, str], list[list[_Sentence]]] = field(default_factory=lambda: defaultdict(list))
    documents: int = 0
    unread: list[str] = field(default_factory=list)


def start(
    folder: Path,
    *,
    articles: Path | None = None,
    data: Path | None = None,
    lines: int = 50,
    on_document: Callable[[], None] = lambda: None,
) -> Started:
    """Begin a suite in ``folder``, which has to be new or empty, with about ``lines`` lines to be filled in.

    Documents are those that ``articles`` holds, which stay where they are, or those of the store in ``data``, which are
    copied so that the suite stays as it is. The same documents give the same lines. Raises SuiteInvalid.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise SuiteInvalid.at(folder, None, "expected a new or an empty folder")
    source = articles or data
    if source is None or not source.exists():
        raise SuiteInvalid.at(source or folder, None, "there is no such file or folder of documents")
    folder.mkdir(parents=True, exist_ok=True)
    try:
        return _start(folder, source, lines, on_document, copies=articles is None)
    except BaseException:
        for name in (DOCUMENTS, LISTING, MANIFEST, QUESTIONS, README):
            (folder / name).unlink(missing_ok=True)
        raise


def _start(folder: Path, source: Path, lines: int, on_document: Callable[[], None], *, copies: bool) -> Started:
    drawn = _Drawn()
    with _Snapshot(folder, copies=copies) as snapshot:
        for document in _of_store(source) if copies else _of_articles(source):
            on_document()
            if isinstance(document, Unread):
                drawn.unread.append(f"{document.doc_id}: {document.reason}")
                continue
            drawn.documents += 1
            snapshot.write(document)
            _draw(document, drawn)
    rows = list(islice(_rows(_in_turn(drawn.strata)), lines))
    if not rows:
        raise SuiteInvalid.at(source, None, f"no sentence in {drawn.documents} documents is fit to be asked about")
    name = folder.resolve().name
    held = DOCUMENTS if copies else Path(os.path.relpath(source, folder)).as_posix()
    _write(folder / MANIFEST, json.dumps({"name": name, "version": "1", "documents": held}, indent=1) + "\n")
    _write(folder / QUESTIONS, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    words = {"questions": QUESTIONS, "listing": LISTING, "path": folder.as_posix()}
    _write(folder / README, _README.format(name=name, count=drawn.documents, **words))
    return Started(folder, drawn.documents, len(rows), tuple(drawn.unread))


def _of_articles(path: Path) -> Iterator[SuiteDocument | Unread]:
    return (document for _, document in article_documents([path]))


def _of_store(folder: Path) -> Iterator[SuiteDocument | Unread]:
    """The documents of a data folder, the newest first, exactly as they are held."""
    if not (folder / STORE_FILE).is_file():
        raise SuiteInvalid.at(folder, None, f"expected a data folder: {STORE_FILE} is not there")
    with CorpusStore.open(folder) as store:
        for offset in count(0, 500):
            page = store.documents(limit=500, offset=offset)
            for info in page.documents:
                held = store.document(info.doc_id)
                told = (held.title, held.source, held.published, held.language, held.url)
                yield SuiteDocument(held.doc_id, held.text, *told, blocks=tuple(store.blocks_of(info.doc_id)))
            if offset + 500 >= page.total:
                return


class _Snapshot:
    """Lists the documents by id, and copies them where they could change under the suite."""

    def __init__(self, folder: Path, *, copies: bool) -> None:
        self._listing = (folder / LISTING).open("w", encoding="utf-8", newline="\n")
        self._copy = (folder / DOCUMENTS).open("w", encoding="utf-8", newline="\n") if copies else None
        self._listing.write("doc_id\tlanguage\tpublished\tsource\ttitle\n")

    def __enter__(self) -> _Snapshot:
        return self

    def __exit__(self, *_: object) -> None:
        self._listing.close()
        if self._copy is not None:
            self._copy.close()

    def write(self, document: SuiteDocument) -> None:
        """One document."""
        told = (document.doc_id, document.language, document.published, document.source, document.title)
        self._listing.write("\t".join(" ".join((each or "").split()) for each in told) + "\n")
        if self._copy is not None:
            self._copy.write(json.dumps(final_row(document), ensure_ascii=False) + "\n")


def _draw(document: SuiteDocument, drawn: _Drawn) -> None:
    """Keep a few sentences of the document, chosen by their hash: evenly over it, and the same ones every time."""
    fit = sorted(_fit(document), key=lambda sentence: _hashed(sentence.doc_id, sentence.quote))[:PER_DOCUMENT]
    if fit:
        drawn.strata[document.source or "", document.language or ""].append(fit)


def _fit(document: SuiteDocument) -> Iterator[_Sentence]:
    """Sentences that stand in the document once and make sense without the one before."""
    blocks = document.blocks or (Block(BlockKind.TEXT, Span(0, len(document.text))),)
    for block in blocks:
        if block.kind is not BlockKind.TEXT:
            continue
        words = block.span.of(document.text)
        for span in sentence_spans(words, document.language or "de"):
            quote = span.of(words)
            if _says_something(quote) and document.text.count(quote) == 1:
                yield _Sentence(document.doc_id, document.title or document.doc_id, document.language, quote)


def _says_something(quote: str) -> bool:
    return (
        len(quote) in _LENGTHS
        and len(quote.split()) >= _LEAST_WORDS
        and quote.rstrip("\"'“”’»«").endswith((".", "!"))
        and quote[0].isupper()
        and not _LEANING.match(quote)
    )


def _in_turn(strata: dict[tuple[str, str], list[list[_Sentence]]]) -> Iterator[_Sentence]:
    """One sentence of each source and language after the other; of no document a second one before all had a first."""
    queues = []
    for _, documents in sorted(strata.items()):
        documents.sort(key=lambda sentences: _hashed(sentences[0].doc_id))
        queues.append([each[n] for n in range(PER_DOCUMENT) for each in documents if n < len(each)])
    for turn in range(max(map(len, queues), default=0)):
        yield from (queue[turn] for queue in queues if turn < len(queue))


def _rows(sentences: Iterable[_Sentence]) -> Iterator[dict[str, Any]]:
    """Lines of questions.jsonl: each sentence in both languages, so that the gap between them can be measured."""
    for number, sentence in enumerate(sentences, 1):
        for language in ASKED_IN:
            yield {
                "query_id": f"q{number:03d}-{language}",
                "question": "",
                "language": language,
                "kind": _kind(sentence.quote),
                "gold": [{"doc_id": sentence.doc_id, "quote": sentence.quote}],
                "note": sentence.title,
            }
        if number % UNANSWERABLE == 0:
            for language in ASKED_IN:
                yield {
                    "query_id": f"u{number // UNANSWERABLE:03d}-{language}",
                    "question": "",
                    "language": language,
                    "answerable": False,
                    "note": f"Ask something that no document says about: {sentence.title}",
                }


def _kind(quote: str) -> str:
    if _DATE.search(quote):
        return "date"
    return "number" if re.search(r"\d", quote) else "fact"


def _hashed(*words: str) -> bytes:
    return hashlib.sha256("\0".join(words).encode("utf-8", "surrogatepass")).digest()


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
