"""An answer made of the passages' own sentences: the default, and it needs no language model.

The best sentence of the best passage answers; sentences of other passages join it where they bear on the question
nearly as well and say something else. Every sentence is followed by the [n] of the citation that proves it.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass

from corpus.documents import Span, StoredPassage
from index.analysis import question_terms
from index.evidence import PassageEvidence, SentenceEvidence, examine_all
from index.retriever import Retrieval
from service.abstention import AbstentionModel, bundled_model, signals
from service.answers import Answer, Answerability, Citation, Outcome
from service.citations import cite

MOST_CITATIONS = 4
EXAMINED = 8  # passages whose sentences may answer
PASSAGE_SHARE = 0.75  # of the best passage's score, for a passage to be heard
SENTENCE_SHARE = 0.75  # of the best sentence's score, for a sentence to join the answer
SAME_SOURCE_SHARE = 0.9  # the same, for another sentence of an article that is quoted already
SAME_WORDS = 0.6  # of the shorter sentence's words shared: it says the same again
TOO_SHORT = 60  # code points, for a sentence to stand alone, unless it has the figure that was asked for
LONGEST_QUOTE = 480  # code points, when a sentence takes its neighbour along
NOTHING_FOUND = "No passage has anything to do with the question."
UNLIKELY = "The nearest passages probably do not answer the question."

_MARKER = re.compile(r"\[(\d+)\]")
_LEANING = frozenset(
    """
    er sie es dies diese dieser dieses das damit dabei dadurch dafür dagegen daher deshalb darum dazu davon ihr ihre
    seine sein zudem ausserdem außerdem allerdings doch jedoch dennoch zwar so auch he she it this that these those they
    his her its their such however but also therefore thus instead moreover
    """.split()  # noqa: SIM905 - a word list reads best as words
)


@dataclass(frozen=True, slots=True)
class _Statement:
    """One quotation the answer is made of."""

    evidence: PassageEvidence
    span: Span
    score: float


class Answerer:
    """Turns what was retrieved into an answer whose every quotation is proved, or into an abstention."""

    def __init__(self, *, threshold: float | None = None, model: AbstentionModel | None = None) -> None:
        self._model = model or bundled_model()
        self.threshold = self._model.threshold if threshold is None else threshold

    def answer(self, retrieval: Retrieval, *, document_text: Callable[[str], str], revision: int) -> Answer:
        """Answer or abstain. ``document_text`` gives a document's text by id; quotes are checked against it."""
        started = time.perf_counter()
        evidence = examine_all(retrieval, EXAMINED)
        answerability = self._answerability(retrieval, evidence)
        citations: list[Citation] = []
        dropped = 0
        if evidence and answerability.score >= self.threshold:
            for statement in choose(evidence, asked_stems(retrieval)):
                found = statement.evidence.found
                held = StoredPassage(found.passage, found.document)
                proof = cite(
                    len(citations) + 1, held, statement.span, document_text(found.document.doc_id), statement.score
                )
                if proof is None:
                    dropped += 1
                else:
                    citations.append(proof)
        outcome = Outcome.ANSWERED if citations else Outcome.ABSTAINED
        timings = {**retrieval.timings, "answer": (time.perf_counter() - started) * 1000}
        return Answer(
            question=retrieval.question,
            language=retrieval.language,
            outcome=outcome,
            text=" ".join(f"{_flat(citation.quote)} [{citation.number}]" for citation in citations),
            reason=None if citations else UNLIKELY if evidence else NOTHING_FOUND,
            citations=tuple(citations),
            passages=retrieval.passages,
            answerability=answerability,
            generator="extractive",
            dropped_citations=dropped,
            revision=revision,
            timings=timings,
        )

    def _answerability(self, retrieval: Retrieval, evidence: Sequence[PassageEvidence]) -> Answerability:
        found = signals(evidence, retrieval.coverages)
        language = evidence[0].found.document.language if evidence else retrieval.language
        score = self._model.probability(found, retrieval.language, language)
        return Answerability(score, self.threshold, found)


def choose(evidence: Sequence[PassageEvidence], asked: Set[str] = frozenset()) -> list[_Statement]:
    """The quotations that answer, best first: at most one a passage, none that repeats another.

    ``asked`` are the question's own stems: that two sentences share those does not make them say the same.
    """
    top = evidence[0].found.score
    least = min(PASSAGE_SHARE * top, top)  # a score may be negative; the best passage is heard all the same
    heard = sorted((each for each in evidence if each.found.score >= least), key=_standing, reverse=True)
    lead = heard[0].best
    chosen = [_Statement(heard[0], _with_neighbour(heard[0], lead), lead.score)]
    for each in heard[1:]:
        if len(chosen) == MOST_CITATIONS:
            break
        best = each.best
        sources = {statement.evidence.found.document.doc_id for statement in chosen}
        share = SAME_SOURCE_SHARE if each.found.document.doc_id in sources else SENTENCE_SHARE
        if best.score >= share * lead.score and not _said(best.text, each, chosen, asked):
            chosen.append(_Statement(each, _with_neighbour(each, best), best.score))
    return chosen


def _standing(evidence: PassageEvidence) -> float:
    """A passage speaks by its best sentence and by its own score together."""
    return evidence.best.score + evidence.found.score


def _with_neighbour(evidence: PassageEvidence, best: SentenceEvidence) -> Span:
    """The sentence, with the one before where it leans on it ("Damit ..."), or the one after where it says too little.

    Never longer than LONGEST_QUOTE by that.
    """
    position = evidence.sentences.index(best)
    opening = best.text.lstrip("„“\"'»«–- ").split(maxsplit=1)[:1]
    span = best.span
    if position and opening and opening[0].strip(",.:;").casefold() in _LEANING:
        span = Span(evidence.sentences[position - 1].span.start, span.end)
    elif len(span) < TOO_SHORT and not best.figure and position + 1 < len(evidence.sentences):
        span = Span(span.start, evidence.sentences[position + 1].span.end)
    return span if len(span) <= LONGEST_QUOTE else best.span


def _said(text: str, evidence: PassageEvidence, chosen: Sequence[_Statement], asked: Set[str]) -> bool:
    words = _content(text, evidence.found.document.language) - asked
    for statement in chosen:
        found = statement.evidence.found
        start = found.passage.span.start
        quoted = found.passage.text[statement.span.start - start : statement.span.end - start]
        others = _content(quoted, found.document.language) - asked
        if text in quoted or len(words & others) >= SAME_WORDS * max(1, min(len(words), len(others))):
            return True
    return False


def asked_stems(retrieval: Retrieval) -> frozenset[str]:
    """The stems by which the question is looked up, in every language of the passages."""
    plans = retrieval.plans.values()
    return frozenset(option.stem for planned in plans for options in planned.terms for option in options)


def _content(text: str, language: str) -> set[str]:
    return {term.stem for term in question_terms(text, language)}


def _flat(quote: str) -> str:
    """The quote in one line; its own "[2]", a footnote's, must not pass for one of our markers."""
    return _MARKER.sub(r"(\1)", " ".join(quote.split()))
