"""Answers made of quotations: each proved, none twice, at most four; abstention with its reason."""

from __future__ import annotations

import dataclasses
import itertools
import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.chunking import chunk
from corpus.documents import Block, BlockKind, Document, PassageDraft, Span
from corpus.normalise import normalise
from index.analysis import question_terms
from index.evidence import examine_all
from index.retriever import Retrieval
from service.abstention import AbstentionModel, Calibration
from service.answers import Answer, Outcome
from service.extractive import (
    EXAMINED,
    LONGEST_QUOTE,
    MOST_CITATIONS,
    NOTHING_FOUND,
    SAME_WORDS,
    TOO_SHORT,
    UNLIKELY,
    Answerer,
    asked_stems,
    choose,
)
from tests.corpus.hostile import PIECES
from tests.index.retrievals import article, found_in, retrieval

SURE = AbstentionModel(0.5, {"any": Calibration(5.0, {})})
BAIDU = "Der Konzern Baidu baut eigene Chips nach Maß."
HUAWEI = "In Shenzhen baut Huawei seit Mai Chips für Telefone."
UNSURE = AbstentionModel(0.5, {"any": Calibration(-5.0, {})})


def answer(asked: Retrieval, *documents: Document, model: AbstentionModel = SURE, **options: float) -> Answer:
    texts = {document.doc_id: document.text for document in documents}
    return Answerer(model=model, **options).answer(asked, document_text=texts.__getitem__, revision=7)


def assert_proved(reply: Answer, *documents: Document) -> None:
    texts = {document.doc_id: document.text for document in documents}
    assert [citation.number for citation in reply.citations] == list(range(1, len(reply.citations) + 1))
    assert len(reply.citations) <= MOST_CITATIONS
    for citation in reply.citations:
        text = texts[citation.document.doc_id]
        assert text[citation.span.start : citation.span.end] == citation.quote
        assert citation.quote == citation.quote.strip() != ""
    quoted = (re.sub(r"\[(\d+)\]", r"(\1)", " ".join(each.quote.split())) for each in reply.citations)
    assert reply.text == " ".join(f"{words} [{number}]" for number, words in enumerate(quoted, 1))


def test_the_best_sentence_answers_with_its_marker() -> None:
    said = "Baidu baut Chips in einer Fabrik, die das Unternehmen erst im Mai gekauft hat."
    document = article(f"Vorspann.\nTencent kauft Strom. {said} Alibaba schweigt.")
    found = found_in(document, PassageDraft(Span(10, len(document.text))), passage_id=5)
    reply = answer(retrieval("Wer baut Chips?", [found]), document)
    assert reply.outcome is Outcome.ANSWERED
    assert reply.text == f"{said} [1]"
    (citation,) = reply.citations
    assert (citation.passage_id, citation.span, citation.document.doc_id) == (5, Span(31, 31 + len(said)), "eins")
    assert (reply.reason, reply.generator, reply.revision, reply.dropped_citations) == (None, "extractive", 7, 0)
    assert reply.answerability.threshold == 0.5
    assert reply.answerability.score > 0.99
    assert "answer" in reply.timings
    assert_proved(reply, document)


def test_line_breaks_within_a_quotation_read_as_spaces_in_the_answer_alone() -> None:
    document = article("Baidu baut\u00a0eigene  Chips.")
    reply = answer(retrieval("Wer baut Chips?", [found_in(document)]), document)
    assert reply.text == "Baidu baut eigene Chips. [1]"
    assert reply.citations[0].quote == document.text


def test_below_the_threshold_it_abstains_with_the_nearest_passages_and_a_reason() -> None:
    document = article("Baidu baut Chips.")
    asked = retrieval("Wer baut Chips?", [found_in(document)])
    reply = answer(asked, document, model=UNSURE)
    assert (reply.outcome, reply.text, reply.citations, reply.reason) == (Outcome.ABSTAINED, "", (), UNLIKELY)
    assert reply.passages == asked.passages
    assert reply.answerability.score < reply.answerability.threshold == 0.5
    assert reply.answerability.signals["fused"] == 1.0


def test_the_threshold_can_be_set_and_is_met_by_an_equal_score() -> None:
    document = article("Baidu baut Chips.")
    asked = retrieval("Wer baut Chips?", [found_in(document)])
    even = AbstentionModel(0.9, {"any": Calibration(0.0, {})})
    assert answer(asked, document, model=even).outcome is Outcome.ABSTAINED
    assert answer(asked, document, model=even, threshold=0.5).outcome is Outcome.ANSWERED
    assert answer(asked, document, model=even, threshold=0.0).outcome is Outcome.ANSWERED
    assert answer(asked, document, model=even, threshold=0.5).answerability.threshold == 0.5


def test_nothing_found_says_so() -> None:
    reply = answer(retrieval("Wer baut Chips?", []), threshold=0.0)
    assert (reply.outcome, reply.reason, reply.passages) == (Outcome.ABSTAINED, NOTHING_FOUND, ())
    assert reply.answerability.score == 0.0


def test_the_languages_of_question_and_best_passage_choose_the_calibration() -> None:
    document = article("Baidu baut Chips.")
    model = AbstentionModel(0.5, {"any": Calibration(-5.0, {}), "en-de": Calibration(5.0, {})})
    english = retrieval("Who builds chips?", [found_in(document)], "en")
    german = retrieval("Wer baut Chips?", [found_in(document)], "de")
    assert answer(english, document, model=model).outcome is Outcome.ANSWERED
    assert answer(german, document, model=model).outcome is Outcome.ABSTAINED


@pytest.mark.parametrize(
    "held", [BAIDU.replace("eigene", "keine") + " Mehr.", f"{BAIDU} Weniger.", "", f" {BAIDU} Mehr."]
)
def test_a_citation_whose_document_says_something_else_is_dropped_and_counted(held: str) -> None:
    first, second = article(f"{BAIDU} Mehr."), article(HUAWEI, "zwei")
    found = [found_in(first), found_in(second, passage_id=2, rank=2, score=0.9)]
    drifted = dataclasses.replace(first, text=held)
    reply = answer(retrieval("Wer baut Chips?", found), drifted, second)
    assert reply.dropped_citations == 1
    assert [(citation.number, citation.quote) for citation in reply.citations] == [(1, second.text)]
    assert reply.text == f"{second.text} [1]"


def test_where_every_citation_fails_its_proof_it_abstains() -> None:
    document = article("Baidu baut Chips.")
    reply = answer(retrieval("Wer baut Chips?", [found_in(document)]), article("Etwas anderes."))
    assert (reply.outcome, reply.dropped_citations, reply.text) == (Outcome.ABSTAINED, 1, "")
    assert reply.reason


def quotes(asked: Retrieval) -> list[str]:
    return [
        statement.span.shifted(-statement.evidence.found.passage.span.start).of(statement.evidence.found.passage.text)
        for statement in choose(examine_all(asked, EXAMINED))
    ]


def several(*texts: str, scores: tuple[float, ...] = (1.0, 0.95, 0.9, 0.88, 0.86, 0.84)) -> Retrieval:
    found = [
        found_in(article(text, f"doc-{number}"), passage_id=number, rank=number, score=score)
        for number, (text, score) in enumerate(zip(texts, scores, strict=False), 1)
    ]
    return retrieval("Wer baut Chips?", found)


def test_other_articles_join_where_they_bear_on_the_question_and_say_more() -> None:
    assert quotes(several(BAIDU, HUAWEI, "Der Regen fällt.", "Baut Baidu Chips?")) == [BAIDU, HUAWEI]


def test_the_same_words_are_never_said_twice() -> None:
    same = "Baidu baut eigene Chips."
    assert quotes(several(same, same, "BAIDU baut eigene Chips!", "Eigene Chips baut Baidu.")) == [same]


def test_words_are_compared_not_their_characters() -> None:
    assert len(quotes(several("👩‍💻", "👩‍💻"))) == 1


def test_at_most_four_quotations() -> None:
    makers = ("Baidu", "Huawei in Shenzhen", "Alibaba aus Hangzhou", "Cambricon in Peking", "Enflame aus Shanghai")
    assert len(quotes(several(*(f"Chips baut {maker} seit {2020 + n}." for n, maker in enumerate(makers))))) == 4


def test_passages_far_behind_the_best_are_not_heard() -> None:
    far = several(BAIDU, HUAWEI, scores=(1.0, 0.7))
    near = several(BAIDU, HUAWEI, scores=(1.0, 0.8))
    assert (len(quotes(far)), len(quotes(near))) == (1, 2)


@pytest.mark.parametrize("opening", ["Damit baut er", "„Deshalb bauen sie", "Sie bauen", "It builds", "Zudem: er baut"])
def test_a_sentence_that_leans_on_the_one_before_takes_it_along(opening: str) -> None:
    document = article(f"Es regnet. Baidu hat eine Fabrik. {opening} Chips.")
    reply = answer(retrieval("Wer baut Chips?", [found_in(document)], cosines={1: [0, 0, 1]}), document)
    assert reply.citations[0].quote == f"Baidu hat eine Fabrik. {opening} Chips."
    assert_proved(reply, document)


def test_a_first_sentence_has_nothing_to_lean_on() -> None:
    assert quotes(several("Damit baut er Chips."))[0] == "Damit baut er Chips."


def test_a_sentence_too_short_to_say_much_takes_the_next_one_along_unless_it_has_the_figure() -> None:
    document = article("Baidu geht weiter. Es baut eigene Chips. Alibaba schweigt.")
    cosines = {1: [1, 0, 0]}
    reply = answer(retrieval("Wie weit geht Baidu?", [found_in(document)], cosines=cosines), document)
    assert reply.citations[0].quote == "Baidu geht weiter. Es baut eigene Chips."
    figure = article("Baidu zahlt 30 Euro. Es baut eigene Chips. Alibaba schweigt.")
    reply = answer(retrieval("Wie viel zahlt Baidu?", [found_in(figure)], cosines=cosines), figure)
    assert reply.citations[0].quote == "Baidu zahlt 30 Euro."
    assert len("Baidu geht weiter.") < TOO_SHORT


def test_two_sentences_that_would_be_too_long_together_stay_apart() -> None:
    long = f"Baidu hat {'sehr ' * (LONGEST_QUOTE // 5)}große Fabriken."
    asked = several(f"{long} Damit baut er Chips.")
    assert quotes(asked) == ["Damit baut er Chips."]


def content(text: str) -> set[str]:
    return {term.stem for term in question_terms(text, "de")}


@st.composite
def hostile_articles(draw: st.DrawFn) -> list[str]:
    """One to five articles, of which some share their words."""
    piece = st.one_of(
        st.sampled_from(PIECES), st.sampled_from(["Baidu baut Chips. ", "Damit ", "[2] ", "Er [1] ", "\r\n"])
    )
    body = st.lists(piece, min_size=1, max_size=15).map("".join)
    return draw(st.lists(body, min_size=1, max_size=5))


@settings(max_examples=150, deadline=None)
@given(
    hostile_articles(), st.integers(0, 2**32), st.sampled_from(["Wer baut Chips?", "Wie viele Chips?", "Who builds?"])
)
def test_every_citation_of_any_text_is_exact_and_says_something_new(texts, seed, question) -> None:
    rng = random.Random(seed)
    documents = [article(normalise(text).text, f"doc-{number}") for number, text in enumerate(texts)]
    numbers = itertools.count(1)
    found, cosines = [], {}
    for document in documents:
        blocks = [Block(BlockKind.TEXT, Span(0, len(document.text)))]
        for draft in chunk(document.text, blocks, "de", size=200, smallest=40):
            number = next(numbers)
            found.append(found_in(document, draft, passage_id=number, rank=number, score=rng.uniform(0.6, 1.0)))
            cosines[number] = [rng.uniform(0, 1) for _ in range(rng.choice([1, 2, 3]))]
    found.sort(key=lambda passage: -passage.score)
    asked = retrieval(question, found, cosines=cosines)
    reply = answer(asked, *documents)
    assert (reply.outcome is Outcome.ANSWERED) == bool(found)
    assert reply.dropped_citations == 0
    assert_proved(reply, *documents)
    assert len({citation.passage_id for citation in reply.citations}) == len(reply.citations)
    assert len({citation.quote for citation in reply.citations}) == len(reply.citations)
    stems = asked_stems(asked)
    chosen = choose(examine_all(asked, EXAMINED), stems) if found else []
    for citation, later in itertools.combinations(zip(reply.citations, chosen, strict=True), 2):
        words = content(later[1].evidence.best.text) - stems
        assert not words or not words <= content(citation[0].quote)


def test_the_best_passage_is_heard_even_where_its_score_is_negative() -> None:
    assert quotes(several(BAIDU, HUAWEI, scores=(-0.02, -0.03)))[:1] == [BAIDU]


def test_markers_are_those_of_the_citations() -> None:
    first = article(BAIDU)
    second = article(HUAWEI, "zwei")
    found = [found_in(first), found_in(second, passage_id=2, rank=2, score=0.95)]
    reply = answer(retrieval("Wer baut Chips?", found), first, second)
    assert re.findall(r"\[(\d+)\]", reply.text) == [str(citation.number) for citation in reply.citations] == ["1", "2"]
    assert SAME_WORDS > 0.5
