"""What sentences say to a question, by hand, and their places in hostile documents."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.chunking import chunk
from corpus.documents import Block, BlockKind, PassageDraft, Span
from corpus.normalise import normalise
from index.evidence import (
    ARTICLE_SHARE,
    CONTEXT_SHARE,
    COSINE_WEIGHT,
    NUMBER_BONUS,
    PassageEvidence,
    SentenceEvidence,
    examine_all,
)
from index.protocols import RetrievedPassage
from index.retriever import Retrieval
from tests.corpus.hostile import hostile_text
from tests.index.retrievals import article, found_in, retrieval

TEXT = "Vorspann. Baidu baut eigene Chips. Der Handelskrieg dauert an. Sie kosten 5,5 Mrd. Dollar."
PASSAGE = PassageDraft(Span(10, len(TEXT)))


def examine(asked: Retrieval, found: RetrievedPassage) -> PassageEvidence:
    """The evidence of one of the passages that were found."""
    return next(each for each in examine_all(asked, 8) if each.found == found)


def test_sentences_stand_at_their_place_in_the_document() -> None:
    document = article(TEXT)
    evidence = examine(retrieval("Chips", [found_in(document, PASSAGE)]), found_in(document, PASSAGE))
    assert [sentence.text for sentence in evidence.sentences] == [
        "Baidu baut eigene Chips.",
        "Der Handelskrieg dauert an.",
        "Sie kosten 5,5 Mrd. Dollar.",
    ]
    assert [sentence.span.of(TEXT) for sentence in evidence.sentences] == [part.text for part in evidence.sentences]
    assert evidence.sentences[0].span == Span(10, 34)


@settings(max_examples=60, deadline=None)
@given(hostile_text, hostile_text, st.sampled_from(["de", "en", "fr"]))
def test_spans_are_exact_in_any_text(before: str, text: str, language: str) -> None:
    whole = normalise(f"{before}\n\n{text}").text
    document = article(whole, language=language)
    drafts = chunk(whole, [Block(BlockKind.TEXT, Span(0, len(whole)))], language, size=120, smallest=20)
    found = [found_in(document, draft, passage_id=number, rank=number) for number, draft in enumerate(drafts, 1)]
    question = retrieval("Wie viele Chips hat Baidu?", found, "de")
    for evidence in examine_all(question, len(found)):
        assert evidence.sentences
        for sentence in evidence.sentences:
            assert sentence.span.of(whole) == sentence.text
            assert evidence.found.passage.span.start <= sentence.span.start
            assert sentence.span.end <= evidence.found.passage.span.end
            assert 0.0 <= sentence.covered <= evidence.covered + 1e-9 <= 1.0 + 2e-9
        assert 0.0 <= evidence.missing <= 1.0
        assert evidence.covered + evidence.missing <= 1.0 + 1e-9
        assert evidence.best in evidence.sentences


def test_coverage_is_the_share_of_the_question_s_weight_that_a_sentence_names() -> None:
    found = found_in(article("Baidu baut Chips. Chips sind teuer. Nichts davon."))
    evidence = examine(retrieval("Baidu Chips Zoll", [found], weights=[1.0, 2.0, 5.0]), found)
    assert [sentence.covered for sentence in evidence.sentences] == pytest.approx([3 / 8, 2 / 8, 0.0])
    assert evidence.covered == pytest.approx(3 / 8)
    assert evidence.missing == pytest.approx(5 / 8)  # Zoll


def test_the_passage_may_name_in_all_what_no_sentence_names_alone() -> None:
    found = found_in(article("Baidu baut. Chips sind teuer."))
    evidence = examine(retrieval("Baidu Chips", [found]), found)
    assert [sentence.covered for sentence in evidence.sentences] == pytest.approx([0.5, 0.5])
    assert (evidence.covered, evidence.missing) == (1.0, 0.0)


def test_a_compound_names_its_part_by_half() -> None:
    found = found_in(article("Der Handelskrieg dauert an. Der Krieg auch."))
    evidence = examine(retrieval("Krieg", [found]), found)
    assert [sentence.covered for sentence in evidence.sentences] == pytest.approx([0.5, 1.0])
    assert evidence.missing == 0.0


def test_a_compound_in_the_question_is_named_by_its_part_by_half() -> None:
    found = found_in(article("Der Handel stockt. Der Handelskrieg auch."))
    evidence = examine(retrieval("Handelskrieg", [found]), found)
    assert [sentence.covered for sentence in evidence.sentences] == pytest.approx([0.5, 1.0])


def test_an_english_question_is_named_by_a_translation() -> None:
    found = found_in(article("Die Sanktionen greifen. Der Kanzler schweigt."))
    evidence = examine(retrieval("sanctions", [found], "en"), found)
    assert [sentence.covered for sentence in evidence.sentences] == pytest.approx([1.0, 0.0])


def test_a_passage_of_a_language_without_a_plan_is_judged_by_meaning_alone() -> None:
    found = found_in(article("Baidu baut Chips."))
    evidence = examine(retrieval("Baidu", [found], plans=False, cosines={1: [0.25]}), found)
    assert (evidence.covered, evidence.missing) == (0.0, 0.0)
    assert evidence.best.score == pytest.approx(COSINE_WEIGHT * 0.25)


def test_a_question_without_terms_is_judged_by_meaning_alone() -> None:
    found = found_in(article("Baidu baut Chips. Tencent nicht."))
    evidence = examine(retrieval("?", [found], cosines={1: [0.1, 0.3]}), found)
    assert evidence.best.text == "Tencent nicht."


@pytest.mark.parametrize("given_cosines", [[0.7], [0.1, 0.7, 0.2]])
def test_where_vectors_and_sentences_do_not_pair_up_the_best_cosine_speaks_for_all(given_cosines) -> None:
    found = found_in(article("Baidu baut Chips. Tencent nicht."))
    evidence = examine(retrieval("Zoll", [found], cosines={1: given_cosines}), found)
    assert [sentence.cosine for sentence in evidence.sentences] == pytest.approx([0.7, 0.7])


def test_each_sentence_keeps_its_own_cosine() -> None:
    found = found_in(article("Baidu baut Chips. Tencent nicht."))
    evidence = examine(retrieval("Zoll", [found], cosines={1: [0.25, 0.75]}), found)
    assert [sentence.cosine for sentence in evidence.sentences] == [0.25, 0.75]


@pytest.mark.parametrize(
    "question",
    [
        "Wie viele Chips?",
        "Wieviel kostet das?",
        "Wie hoch ist der Zoll?",
        "Wann begann es?",
        "In welchem Jahr?",
        "Welcher Anteil fehlt?",
        "Welche Summe?",
        "Seit wann gilt das?",
        "How many chips?",
        "HOW MUCH is it?",
        "When did it start?",
        "In which year?",
        "What percentage?",
    ],
)
def test_a_question_for_a_figure_prefers_sentences_with_one(question: str) -> None:
    found = found_in(article("Es sind 30.000. Es sind zwölf. Es ist ein Drittel. Es sind einige."))
    figures = [sentence.figure for sentence in examine(retrieval(question, [found]), found).sentences]
    assert figures == [NUMBER_BONUS, NUMBER_BONUS, NUMBER_BONUS, 0.0]


@pytest.mark.parametrize(
    "question", ["Wer baut Chips?", "Warum so?", "Wie geht Baidu damit um?", "How does it cope?", "Whenever"]
)
def test_other_questions_do_not_ask_for_figures(question: str) -> None:
    found = found_in(article("Es sind 30.000."))
    assert examine(retrieval(question, [found]), found).best.figure == 0.0


def test_a_sentence_s_score_adds_its_parts() -> None:
    sentence = SentenceEvidence(Span(0, 1), "x", covered=0.9, named=0.5, cosine=0.4, figure=0.15)
    assert sentence.score == pytest.approx(0.5 + 1.5 * 0.4 + 0.15)


def test_the_first_of_equal_sentences_is_the_best() -> None:
    found = found_in(article("Baidu baut Chips. Baidu kauft Chips."))
    assert examine(retrieval("Baidu", [found]), found).best.text == "Baidu baut Chips."


def test_only_the_first_passages_are_examined_in_their_order() -> None:
    document = article(TEXT)
    found = [found_in(document, PASSAGE, passage_id=number, rank=number) for number in range(1, 6)]
    examined = examine_all(retrieval("Chips", found), 3)
    assert [evidence.found.rank for evidence in examined] == [1, 2, 3]
    assert examine_all(retrieval("Chips", []), 3) == []


def test_title_and_heading_lend_half_of_a_term_to_every_sentence() -> None:
    document = article("Der Zoll steigt. Niemand weiß warum.", title="Baidu unter Druck")
    draft = PassageDraft(Span(0, len(document.text)), heading="Die Chips")
    found = found_in(document, draft)
    evidence = examine(retrieval("Baidu Chips Zoll", [found]), found)
    half = CONTEXT_SHARE
    assert [sentence.covered for sentence in evidence.sentences] == pytest.approx([(2 * half + 1) / 3, 2 * half / 3])
    assert evidence.missing == 0.0


def test_other_passages_of_the_article_lend_their_terms_and_those_of_others_do_not() -> None:
    text = "Baidu baut vor.\n\nDie Chips sind knapp."
    document = article(text)
    first = found_in(document, PassageDraft(Span(0, 15)), passage_id=1)
    second = found_in(document, PassageDraft(Span(17, len(text))), passage_id=2, rank=2)
    alone = examine(retrieval("Baidu Chips", [second]), second)
    assert (alone.covered, alone.missing) == pytest.approx((0.5, 0.5))
    together = examine(retrieval("Baidu Chips", [first, second]), second)
    assert (together.covered, together.missing) == pytest.approx(((1 + ARTICLE_SHARE) / 2, 0.0))
    stranger = found_in(article("Baidu baut vor.", doc_id="other"), passage_id=3)
    assert examine(retrieval("Baidu Chips", [stranger, second]), second).covered == pytest.approx(0.5)
