"""A suite small enough to be checked by hand, and a target that says what it is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from corpus.documents import Span
from eval.records import Cited, GoldQuote, Query, Reply, ReplyOutcome, Retrieved, Run, Suite, SuiteDocument
from index.protocols import Progress

TEXTS = {
    "baidu": "Baidu baut eigene Chips. Die Sanktionen treffen den Konzern weniger als andere.",
    "tencent": "Tencent lebt vom Vorrat. Der Vorrat an Grafikprozessoren reicht für Jahre.",
    "grid": "Data centres in Saxony wait for power lines. The operator expects the line in 2028.",
}
SOURCES = {"baidu": "Nordblatt", "tencent": "Südblatt", "grid": "Nordblatt"}
LANGUAGES = {"baidu": "de", "tencent": "de", "grid": "en"}


def gold(doc_id: str, quote: str) -> GoldQuote:
    start = TEXTS[doc_id].index(quote)
    return GoldQuote(doc_id, quote, Span(start, start + len(quote)))


QUERIES = (
    Query("q1", "Was baut Baidu?", "de", "fact", gold=(gold("baidu", "Baidu baut eigene Chips."),)),
    Query("q2", "What does Baidu build?", "en", "fact", gold=(gold("baidu", "Baidu baut eigene Chips."),)),
    Query(
        "q3", "When is the line expected?", "en", "date", gold=(gold("grid", "The operator expects the line in 2028."),)
    ),
    Query("q4", "Wer leitet die Firma Tencent eigentlich seit dem Jahr 2019?", "de", "name", answerable=False),
)


def suite(
    queries: Sequence[Query] = QUERIES,
    texts: Mapping[str, str] = TEXTS,
    qrels: Mapping[str, Mapping[str, int]] | None = None,
    sha256: str = "5" * 64,
) -> Suite:
    judged = {query.query_id: {each.doc_id: 1 for each in query.gold} for query in queries if query.gold}
    return Suite(
        name="tiny",
        origin="tests",
        sha256=sha256,
        queries=tuple(queries),
        document_count=len(texts),
        qrels=judged if qrels is None else qrels,
        read_documents=lambda: (
            SuiteDocument(doc_id, text, source=SOURCES.get(doc_id), language=LANGUAGES.get(doc_id))
            for doc_id, text in texts.items()
        ),
        documents_sha256=sha256,
        asked_sha256=sha256,
    )


def retrieved(*doc_ids: str) -> tuple[Retrieved, ...]:
    """Whole documents in this order."""
    return tuple(Retrieved(doc_id, 1 / rank, rank) for rank, doc_id in enumerate(doc_ids, 1))


def cited(doc_id: str, quote: str, sentence: int = 0) -> Cited:
    start = TEXTS[doc_id].index(quote)
    return Cited(doc_id, start, start + len(quote), quote, sentence)


def write_run(folder: Path, *replies: Reply, name: str = "run", settings: Mapping[str, str] | None = None) -> Run:
    run = Run(name, "5" * 64, "told", settings or {}, {}, folder)
    run.write()
    (folder / "replies.jsonl").write_text("".join(reply.to_line() for reply in replies), encoding="utf-8")
    return run


class Told:
    """Replies as told; asks for nothing, and remembers what it was asked."""

    name = "told"

    def __init__(self, replies: Mapping[str, Reply | BaseException], **settings: str) -> None:
        self._replies = replies
        self._settings = settings
        self.asked: list[str] = []
        self.closed = False

    def settings(self) -> Mapping[str, str]:
        return self._settings

    def prepare(self, suite: Suite, progress: Progress) -> None:
        progress(suite.document_count, suite.document_count)

    def ask(self, query: Query, k: int) -> Reply:
        self.asked.append(query.query_id)
        reply = self._replies.get(query.query_id) or Reply(query.query_id, ReplyOutcome.RETRIEVED)
        if isinstance(reply, BaseException):
            raise reply
        return reply

    def close(self) -> None:
        self.closed = True
