"""What each sentence of a found passage says to a question: which of its terms, and how near in meaning."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpus.documents import Span
from corpus.sentences import sentence_spans
from index.analysis import terms
from index.plan import LexicalQuestion, compounds, field_language
from index.protocols import RetrievedPassage
from index.retriever import Retrieval

COSINE_WEIGHT = 1.5  # of a sentence's cosine beside the share of the question it names
CONTEXT_SHARE = 0.5  # of a term that the passage's title or heading names
ARTICLE_SHARE = 0.4  # of a term that another found passage of its article names
NUMBER_BONUS = 0.15  # for a sentence with a figure, where the question asks for one

_ASKS_FIGURE = re.compile(
    r"\b(how (?:many|much|high|large|big|long|old|far|often)|what (?:percentage|share|year|date|number|amount)|when|"
    r"which year|wie ?viele?[snmr]?|wie (?:hoch|gross|groß|lange|alt|weit|teuer|oft|stark)|wann|welche[smnr]? "
    r"(?:jahr|datum|anteil|summe|zahl)|seit wann|bis wann)\b",
    re.IGNORECASE,
)
_FIGURE = re.compile(
    r"\d|\b(?:zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|elf|zwölf|hundert|tausend|million\w*|milliarde\w*|"
    r"two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|hundred|thousand|millions?|billions?|half|hälfte|"
    r"drittel|third|verdoppel\w*|doubl\w*)\b",
    re.IGNORECASE,
)

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SentenceEvidence:
    """A sentence of a passage. ``span`` is in the document; ``covered`` is the share of the question that it names."""

    span: Span
    text: str
    covered: float  # its surroundings counted in
    named: float  # by itself, of what any of the passages names
    cosine: float
    figure: float

    @property
    def score(self) -> float:
        """How well the sentence answers: what it names itself, its meaning, and a figure where one is asked for."""
        return self.named + COSINE_WEIGHT * self.cosine + self.figure


@dataclass(frozen=True, slots=True)
class PassageEvidence:
    """A found passage with its sentences in order, and the share of the question's terms it names in all."""

    found: RetrievedPassage
    sentences: tuple[SentenceEvidence, ...]
    covered: float
    missing: float  # weight share of the heaviest term of the question that the passage does not name

    @property
    def best(self) -> SentenceEvidence:
        """The sentence that answers best; the first of equals."""
        return max(self.sentences, key=lambda sentence: sentence.score)


def examine_all(retrieval: Retrieval, most: int) -> list[PassageEvidence]:
    """Weigh every sentence of the first ``most`` passages, in their order.

    What title, heading and the article's other passages name, a sentence is about, though it need not repeat it.
    """
    views = [_View.of(retrieval, found) for found in retrieval.passages[:most]]
    return [_weigh(retrieval, view, _surroundings(view, views), _sayable(retrieval, view, views)) for view in views]


@dataclass(frozen=True, slots=True)
class _View:
    """A passage with its sentences, and how well each (rows) and its context name the question's terms (columns)."""

    found: RetrievedPassage
    name: str
    spans: list[Span]
    named: Matrix
    context: Matrix

    @classmethod
    def of(cls, retrieval: Retrieval, found: RetrievedPassage) -> _View:
        name = field_language(found.document.language)
        question = retrieval.plans.get(name)
        text = found.passage.text
        spans = sentence_spans(text, found.document.language) or [Span(0, len(text))]
        named = np.stack([_named(question, span.of(text), name) for span in spans])
        context = _named(question, f"{found.document.title}\n{found.passage.heading}", name)
        return cls(found, name, spans, named, context)


def _surroundings(view: _View, views: Sequence[_View]) -> Matrix:
    """Per term, how well what stands around the passage names it."""
    around = CONTEXT_SHARE * view.context
    for other in views:
        if other is not view and other.found.document.doc_id == view.found.document.doc_id:
            around = np.maximum(around, ARTICLE_SHARE * other.named.max(axis=0, initial=0.0))
    return around


def _sayable(retrieval: Retrieval, view: _View, views: Sequence[_View]) -> float:
    """The weight of those terms that any of the passages in this one's language names."""
    alike = [other.named.max(axis=0, initial=0.0) for other in views if other.name == view.name]
    weights = np.asarray(retrieval.weights.get(view.name, ()), dtype=np.float64)
    return float(weights[np.max(alike, axis=0) > 0].sum()) if len(weights) else 0.0


def _weigh(retrieval: Retrieval, view: _View, around: Matrix, sayable: float) -> PassageEvidence:
    found = view.found
    weights = np.asarray(retrieval.weights.get(view.name, ()), dtype=np.float64)
    named = np.maximum(view.named, around)
    cosines = retrieval.sentence_cosines[found.passage.passage_id]
    if len(cosines) != len(view.spans):  # sentences were not encoded: one cosine speaks for each of them
        cosines = np.full(len(view.spans), cosines.max())
    wants_figure = bool(_ASKS_FIGURE.search(retrieval.question))
    total = float(weights.sum()) or 1.0
    sentences = tuple(
        SentenceEvidence(
            span.shifted(found.passage.span.start),
            span.of(found.passage.text),
            float(weights @ row) / total,
            float(weights @ own) / (sayable or 1.0),
            float(cosine),
            NUMBER_BONUS if wants_figure and _FIGURE.search(span.of(found.passage.text)) else 0.0,
        )
        for span, row, own, cosine in zip(view.spans, named, view.named, cosines, strict=True)
    )
    anywhere = named.max(axis=0, initial=0.0)
    missing = float((weights * (anywhere == 0)).max(initial=0.0)) / total
    return PassageEvidence(found, sentences, float(weights @ anywhere) / total, missing)


def _named(question: LexicalQuestion | None, sentence: str, name: str) -> Matrix:
    """Per term of the question, how well the sentence names it: 1 outright, less by translation or compound part."""
    if question is None:
        return np.zeros(0)
    stems = {term.stem for term in terms(sentence, name)}
    parts = {part for stem in stems for part in compounds().parts(stem)} if name == "de" else set()
    return np.asarray([_best(options, stems, parts, name) for options in question.terms], dtype=np.float64)


def _best(options: Sequence[tuple[str, str, float]], stems: set[str], parts: set[str], name: str) -> float:
    hits = [
        boost
        for field, stem, boost in options
        if (field == name and stem in stems) or (field == f"{name}_parts" and stem in parts)
    ]
    return max(hits, default=0.0)
