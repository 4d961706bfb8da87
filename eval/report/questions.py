"""Single questions for a person to judge: what was expected, what was found, what was answered."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from corpus.documents import Span
from eval.records import Cited, GoldQuote, Query, Reply, ReplyOutcome, Retrieved, Suite, SuiteDocument
from eval.report.markup import Content, Markup, joined, tag
from eval.report.plots import clipped

SHOWN_PASSAGES = 5
SHOWN_CHARACTERS = 360  # of a passage; around the expected words where they stand in it
_OUTCOMES = {
    ReplyOutcome.ANSWERED: "answered",
    ReplyOutcome.ABSTAINED: "abstained",
    ReplyOutcome.RETRIEVED: "passages only",
}


@dataclass(frozen=True, slots=True)
class Case:
    """One question with the reply of each run (None: not asked) and what each reached, said in short words."""

    query: Query
    replies: tuple[Reply | None, ...]
    scores: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Known:
    """The documents that cases name, by id; those the suite does not hold are missing."""

    documents: dict[str, SuiteDocument]
    questions: dict[str, str]  # those that others follow

    @classmethod
    def of(cls, suite: Suite, cases: Collection[Case]) -> Known:
        """Read the suite's documents once and keep those that are shown."""
        named = {gold.doc_id for case in cases for gold in case.query.gold}
        for case in cases:
            for reply in case.replies:
                if reply is not None:
                    named.update(found.doc_id for found in reply.retrieved[:SHOWN_PASSAGES])
                    named.update(cited.doc_id for cited in reply.citations)
            named.update(suite.qrels.get(case.query.query_id, {}))
        held = {each.doc_id: each for each in suite.documents() if each.doc_id in named} if named else {}
        followed = {case.query.follows for case in cases}
        return cls(held, {query.query_id: query.text for query in suite.queries if query.query_id in followed})

    def title(self, doc_id: str) -> str:
        """What a person calls the document: title and source, or its id."""
        held = self.documents.get(doc_id)
        if held is None or not held.title:
            return doc_id
        return held.title + (f" · {held.source}" if held.source else "")

    def words(self, doc_id: str, start: int | None, end: int | None, text: str | None) -> tuple[str, int]:
        """(text, offset of its first character in the document) of what was found."""
        held = self.documents.get(doc_id)
        if text is not None:
            return text, start or 0
        if held is None:
            return "", 0
        return held.text[start:end], start or 0


def is_right(found: Retrieved, golds: Sequence[GoldQuote]) -> bool:
    """Whether what was found holds something of the gold: the same document, and overlapping spans where both say."""
    return any(_overlaps(gold, found.doc_id, found.start, found.end) for gold in golds)


def _overlaps(gold: GoldQuote, doc_id: str, start: int | None, end: int | None) -> bool:
    if gold.doc_id != doc_id:
        return False
    if gold.span is None or start is None or end is None:
        return True
    return start < gold.span.end and gold.span.start < end


def card(case: Case, known: Known, names: Sequence[str], judged: Iterable[str] = ()) -> Markup:
    """One question, folded; ``judged`` are the ids of its relevant documents, for suites whose gold is no more."""
    query = case.query
    facts = [part for part in (query.language, query.kind, None if query.answerable else "no answer expected") if part]
    if query.follows:
        facts.append(f"asked after: {known.questions.get(query.follows, query.follows)}")
    head = tag(
        "summary",
        tag("span", query.text, class_="question", lang=query.language),
        tag("span", " · ".join([*facts, *case.scores]), class_="facts"),
    )
    golds = query.gold or tuple(GoldQuote(doc_id) for doc_id in sorted(judged))
    parts: list[Content] = [_expected(query, golds, known)]
    for number, reply in enumerate(case.replies):
        name = names[number] if len(names) > 1 else None
        parts.append(_replied(reply, golds, known, name, number))
    parts.append(tag("p", f"Question {query.query_id}", class_="id"))
    css = "case" if len(case.replies) == 1 else "case side-by-side"
    return tag("details", head, tag("div", *parts, class_=css), class_="card")


def _expected(query: Query, golds: Sequence[GoldQuote], known: Known) -> Markup:
    head = tag("h4", "Expected")
    if not query.answerable:
        return tag("div", head, tag("p", "No answer: the documents do not say it."), class_="expected")
    shown = [
        tag(
            "li",
            tag("p", known.title(gold.doc_id), class_="origin"),
            tag("blockquote", gold.quote) if gold.quote else None,
        )
        for gold in golds
    ]
    return tag("div", head, tag("ul", *shown), class_="expected")


def _replied(reply: Reply | None, golds: Sequence[GoldQuote], known: Known, name: str | None, number: int) -> Markup:
    if reply is None:
        return tag("div", tag("h4", name or "Reply"), tag("p", "This question was not asked."))
    said = f"failed: {reply.error}" if reply.error else _OUTCOMES[reply.outcome]
    sure = "" if reply.answerability is None else f", answerable with {reply.answerability:.2f}"
    if reply.answerability is not None and reply.threshold is not None:
        sure += f" (threshold {reply.threshold:.2f})"
    head = tag("h4", tag("span", name, class_=f"run-name series-{number}") if name else "Reply")
    parts: list[Content] = [head, tag("p", f"{said}{sure}, {1000 * reply.seconds:,.0f} ms", class_="facts")]
    if reply.answer:
        parts.append(tag("p", reply.answer, class_="answer"))
    if reply.citations:
        parts += [tag("h5", "Cited"), tag("ol", *(_cited(each, golds, known) for each in reply.citations))]
    if reply.retrieved:
        shown = sorted(reply.retrieved, key=lambda found: found.rank)[:SHOWN_PASSAGES]
        parts += [tag("h5", "Found"), tag("ol", *(_found(each, golds, known) for each in shown), class_="found")]
        right = next((found.rank for found in sorted(reply.retrieved, key=_rank) if is_right(found, golds)), None)
        if golds and (right is None or right > SHOWN_PASSAGES):
            missing = f"not among the {len(reply.retrieved)} found" if right is None else f"in place {right}"
            parts.append(tag("p", f"What was expected is {missing}.", class_="facts"))
    return tag("div", *parts)


def _rank(found: Retrieved) -> int:
    return found.rank


def _cited(cited: Cited, golds: Sequence[GoldQuote], known: Known) -> Markup:
    right = any(_overlaps(gold, cited.doc_id, cited.start, cited.end) for gold in golds)
    origin = tag("p", _verdict(right), known.title(cited.doc_id), class_="origin")
    return tag("li", origin, tag("blockquote", cited.quote))


def _found(found: Retrieved, golds: Sequence[GoldQuote], known: Known) -> Markup:
    right = is_right(found, golds)
    words, offset = known.words(found.doc_id, found.start, found.end, found.text)
    spans = [gold.span for gold in golds if gold.span is not None and gold.doc_id == found.doc_id]
    origin = tag(
        "p", _verdict(right), known.title(found.doc_id), tag("span", f" {found.score:.3f}", class_="score"),
        class_="origin",
    )  # fmt: skip
    excerpt = tag("p", marked(words, offset, spans), class_="words") if words else None
    return tag("li", origin, excerpt, value=found.rank)


def _verdict(right: bool) -> Markup:
    sign, said = ("✓", "expected") if right else ("·", "not expected")
    return tag("span", sign, " ", class_="right" if right else "wrong", title=said)


def marked(words: str, offset: int, spans: Sequence[Span]) -> Markup:
    """An excerpt of ``words``, which stand at ``offset`` of their document, with the expected spans highlighted."""
    inside = sorted(
        (max(0, span.start - offset), min(len(words), span.end - offset))
        for span in spans
        if span.start - offset < len(words) and span.end > offset
    )
    first = max(0, inside[0][0] - SHOWN_CHARACTERS // 3) if inside else 0
    last = max(first + SHOWN_CHARACTERS, min(inside[0][1] + 40, first + 3 * SHOWN_CHARACTERS) if inside else 0)
    parts: list[Content] = ["…"] if first else []
    place = first
    for start, end in inside:
        start, end = max(place, start), min(end, last)
        if start < end:
            parts += [words[place:start], tag("mark", words[start:end])]
            place = end
    parts.append(words[place:last])
    if last < len(words):
        parts.append("…")
    return joined(parts)


def reached(name: str, value: float | None) -> str:
    """A score in short words."""
    return f"{clipped(name)} {'–' if value is None else f'{value:.2f}'}"
