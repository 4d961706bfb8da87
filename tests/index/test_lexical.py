"""Tantivy against BM25 by brute force: scores, filters, deletions, continued indexes, snapshots."""

from __future__ import annotations

import math
import random
from pathlib import Path

import pytest

from corpus.documents import Filters
from index.lexical import NEAR_BOOST, PRIOR, LexicalEntry, LexicalSnapshot, update_lexical
from index.lexicon import Lexicon, Row, Translation
from index.plan import bundled_lexicon, compounds, plan
from index.protocols import Hit
from tests.index.bm25 import BruteForce, entry, random_entry, random_questions


def assert_same(hits: list[Hit], expected: dict[int, float]) -> None:
    assert {hit.passage_id: hit.score for hit in hits} == pytest.approx(expected, rel=1e-4)
    assert [hit.passage_id for hit in hits] == [
        hit.passage_id for hit in sorted(hits, key=lambda hit: (-hit.score, hit.passage_id))
    ]


@pytest.fixture(scope="module")
def entries() -> list[LexicalEntry]:
    rng = random.Random(7)
    return [random_entry(number, rng) for number in range(1, 121)]


@pytest.fixture(scope="module")
def snapshot(entries: list[LexicalEntry], tmp_path_factory: pytest.TempPathFactory) -> LexicalSnapshot:
    folder = tmp_path_factory.mktemp("lexical")
    update_lexical(folder, entries, [])
    return LexicalSnapshot.open(folder)


@pytest.fixture(scope="module")
def reference(entries: list[LexicalEntry]) -> BruteForce:
    return BruteForce(entries)


def search_for(folder: Path, words: str, language: str = "de") -> list[int]:
    with_ids = LexicalSnapshot.open(folder).search(plan(words, language, language, bundled_lexicon()), 100)
    return [hit.passage_id for hit in with_ids]


def test_every_score_is_bm25_with_the_best_option_of_each_term(snapshot, reference) -> None:
    found_any = 0
    for question in random_questions(random.Random(1), 60):
        hits = snapshot.search(question, 1000)
        assert_same(hits, reference.scores(question))
        found_any += bool(hits)
    assert found_any > 40


def test_depth_keeps_the_best(snapshot) -> None:
    for question in random_questions(random.Random(2), 20):
        everything = snapshot.search(question, 1000)
        assert [hit.score for hit in snapshot.search(question, 5)] == [hit.score for hit in everything[:5]]
        assert snapshot.search(question, 0) == []


def test_no_score_exceeds_the_sum_of_what_the_terms_could_reach(snapshot) -> None:
    for question in random_questions(random.Random(3), 200):
        weights = snapshot.weights(question)
        assert len(weights) == len(question.terms)
        assert all(weight >= 0 for weight in weights)
        for hit in snapshot.search(question, 1000):
            assert hit.score <= sum(weights) * (1 + 1e-5)


def test_a_term_that_no_passage_has_weighs_as_much_as_the_rarest(entries, snapshot) -> None:
    lexicon = bundled_lexicon()
    absent, rare, common = (
        snapshot.weights(plan(word, "de", "de", lexicon))[0] for word in ("Quibblewick", "Wirtschaftswachstum", "Chip")
    )
    german = sum(held.language == "de" for held in entries)
    assert absent == pytest.approx(math.log(1 + (german + PRIOR + 0.5) / 0.5) * 2.2)
    assert absent > rare > common > 0


FILTERS = [
    Filters(sources=("Nordblatt",)),
    Filters(sources=("Südblatt 24", "Nordblatt")),
    Filters(sources=("Nordblat",)),
    Filters(languages=("de",)),
    Filters(languages=("fr", "en")),
    Filters(doc_ids=("doc-3", "doc-11", "doc-none")),
    Filters(published_from="2025-01-01"),
    Filters(published_to="2025-01-01"),
    Filters(published_from="2025-01-01", published_to="2025-01-01"),
    Filters(published_from="2025-06-01"),
    Filters(sources=("Nordblatt",), languages=("de",), published_from="2024-12-31", published_to="2025-01-01"),
]


def allows(filters: Filters, held: LexicalEntry) -> bool:
    day = held.published
    return (
        (not filters.sources or held.source in filters.sources)
        and (not filters.languages or held.language in filters.languages)
        and (not filters.doc_ids or held.doc_id in filters.doc_ids)
        and (not filters.published_from or (day is not None and day >= filters.published_from))
        and (not filters.published_to or (day is not None and day <= filters.published_to))
    )


@pytest.mark.parametrize("filters", FILTERS, ids=str)
def test_filters_leave_scores_as_they_are_and_fill_the_depth(snapshot, reference, entries, filters) -> None:
    allowed = {held.passage_id for held in entries if allows(filters, held)}
    for question in random_questions(random.Random(4), 12):
        expected = {number: score for number, score in reference.scores(question).items() if number in allowed}
        assert_same(snapshot.search(question, 1000, filters), expected)
        best = sorted(expected.values(), reverse=True)[:4]
        assert [hit.score for hit in snapshot.search(question, 4, filters)] == pytest.approx(best, rel=1e-4)


def test_an_empty_filter_is_no_filter(snapshot) -> None:
    question = plan("Baidu", "de", "de", bundled_lexicon())
    assert snapshot.search(question, 50, Filters()) == snapshot.search(question, 50)


def test_a_removed_passage_is_gone_and_what_terms_can_reach_still_bounds_every_score(tmp_path, entries) -> None:
    update_lexical(tmp_path, entries, [])
    removed = [held.passage_id for held in entries if held.passage_id % 10]
    update_lexical(tmp_path, [], removed)
    left = LexicalSnapshot.open(tmp_path)
    assert left.count == len(entries) - len(removed)
    reference = BruteForce(entries)  # until segments merge, the dead still count among the N passages of BM25
    for question in random_questions(random.Random(5), 60):
        hits = left.search(question, 1000)
        assert_same(hits, reference.scores(question, removed))
        assert all(0 < hit.score <= sum(left.weights(question)) * (1 + 1e-5) for hit in hits)


def test_an_index_continued_in_steps_scores_like_one_built_at_once(tmp_path, entries) -> None:
    for start in range(0, len(entries), 30):
        update_lexical(tmp_path, entries[start : start + 30], [])
    continued = LexicalSnapshot.open(tmp_path)
    reference = BruteForce(entries)
    assert continued.count == len(entries)
    for question in random_questions(random.Random(6), 30):
        hits = continued.search(question, 1000)
        assert_same(hits, reference.scores(question))
        assert all(hit.score <= sum(continued.weights(question)) * (1 + 1e-5) for hit in hits)


def test_one_update_replaces_a_passage(tmp_path) -> None:
    update_lexical(tmp_path, [entry(1, "Baidu baut Chips"), entry(2, "Tencent kauft Strom")], [])
    update_lexical(tmp_path, [entry(3, "Baidu kauft Strom")], [1])
    assert search_for(tmp_path, "Baidu") == [3]
    assert search_for(tmp_path, "Chips") == []
    assert search_for(tmp_path, "Strom") == [2, 3]


def test_an_open_snapshot_does_not_see_later_commits(tmp_path) -> None:
    question = plan("Baidu", "de", "de", bundled_lexicon())
    update_lexical(tmp_path, [entry(1, "Baidu baut"), entry(2, "Tencent baut")], [])
    before = LexicalSnapshot.open(tmp_path)
    first = before.search(question, 10)
    update_lexical(tmp_path, [entry(3, "Baidu kauft"), entry(4, "Baidu", "en")], [1])
    assert before.search(question, 10) == first
    assert [hit.passage_id for hit in first] == [1]
    assert (before.count, before.languages) == (2, ("de",))
    after = LexicalSnapshot.open(tmp_path)
    assert [hit.passage_id for hit in after.search(question, 10)] == [3]
    assert (after.count, after.languages) == (3, ("de", "en"))


def test_an_empty_index_finds_nothing(tmp_path) -> None:
    update_lexical(tmp_path / "new" / "folder", [], [])
    empty = LexicalSnapshot.open(tmp_path / "new" / "folder")
    question = plan("Baidu Chips", "de", "de", bundled_lexicon())
    assert (empty.count, empty.languages) == (0, ())
    assert empty.search(question, 10) == []
    assert empty.search(question, 10, Filters(sources=("x",))) == []
    assert all(weight > 0 for weight in empty.weights(question))


def test_a_question_without_words_finds_nothing(snapshot) -> None:
    question = plan("?!", "de", "de", bundled_lexicon())
    assert question.terms == ()
    assert snapshot.search(question, 10) == []
    assert snapshot.weights(question) == ()


def test_ties_go_by_passage_id(tmp_path) -> None:
    for numbers in ([9, 4], [7], [2, 8]):
        update_lexical(tmp_path, [entry(number, "Baidu baut Chips") for number in numbers], [])
    assert search_for(tmp_path, "Baidu") == [2, 4, 7, 8, 9]


def test_passages_of_languages_without_fields_of_their_own_are_found_by_their_words(tmp_path) -> None:
    update_lexical(tmp_path, [entry(1, "Les puces de Baidu", "fr"), entry(2, "De chips van Baidu", "nl")], [])
    opened = LexicalSnapshot.open(tmp_path)
    assert opened.languages == ("fr", "nl")
    question = plan("What does Baidu make?", "en", "xx", bundled_lexicon())
    assert [hit.passage_id for hit in opened.search(question, 10)] == [1, 2]
    assert [hit.passage_id for hit in opened.search(question, 10, Filters(languages=("nl",)))] == [2]
    assert opened.search(plan("Baidu", "de", "de", bundled_lexicon()), 10) == []


def test_a_word_with_two_translations_in_one_passage_is_still_one_word(tmp_path) -> None:
    lexicon = Lexicon.from_rows([Row("sanctions", "Sanktionen", 0.8, 1.0), Row("sanctions", "Strafen", 0.2, 1.0)])
    update_lexical(
        tmp_path,
        [
            entry(1, "Sanktionen gegen Baidu heute"),
            entry(2, "Sanktionen Strafen gegen Baidu"),
            entry(3, "Strafen gegen Tencent heute"),
        ],
        [],
    )
    hits = LexicalSnapshot.open(tmp_path).search(plan("sanctions", "en", "de", lexicon), 10)
    scores = {hit.passage_id: hit.score for hit in hits}
    assert scores[1] == pytest.approx(scores[2])  # the better translation alone counts
    assert scores[3] == pytest.approx(scores[1] * 0.25**0.5)  # as frequent and as long, but a fourth as likely


def test_context_and_compound_parts_count_half(tmp_path) -> None:
    update_lexical(
        tmp_path,
        [
            entry(1, "Krieg um Öl"),
            entry(2, "Handelskrieg um Öl"),
            entry(3, "Streit um Öl", title="Krieg"),
            entry(4, "Streit um Gas", "en", title="Krieg"),
        ],
        [],
    )
    opened = LexicalSnapshot.open(tmp_path)
    hits = {hit.passage_id: hit.score for hit in opened.search(plan("Krieg", "de", "de", bundled_lexicon()), 10)}
    assert set(hits) == {1, 2, 3}
    assert hits[1] > max(hits[2], hits[3])
    (weight,) = opened.weights(plan("Krieg", "de", "de", bundled_lexicon()))
    assert weight == pytest.approx(math.log(1 + (3 + PRIOR - 1 + 0.5) / 1.5) * 2.2)  # one of three German passages


def test_english_text_is_never_split_into_german_parts(tmp_path) -> None:
    assert compounds().parts("handelskrieg") == ("handel", "krieg")
    update_lexical(tmp_path, [entry(1, "Handelskrieg", "en"), entry(2, "potato", "en"), entry(3, "Tat", "de")], [])
    opened = LexicalSnapshot.open(tmp_path)
    for question in ("Handel", "Krieg", "Tat"):
        assert opened.search(plan(question, "de", "en", Lexicon.from_rows([])), 10) == []
    assert opened.search(plan("potato", "en", "de", bundled_lexicon()), 10) == []


def test_names_and_numbers_pass_between_languages_unchanged(tmp_path) -> None:
    update_lexical(tmp_path, [entry(1, "Baidu nutzt 30.000 Chips, 5,5 Mrd."), entry(2, "Baidu uses 30,000", "en")], [])
    opened = LexicalSnapshot.open(tmp_path)
    for question, asked, held, expected in (
        ("30,000", "en", "de", [1]),
        ("30.000", "de", "en", [2]),
        ("5.5", "en", "de", [1]),
        ("Baidu", "en", "de", [1]),
    ):
        hits = opened.search(plan(question, asked, held, bundled_lexicon()), 10)
        assert [hit.passage_id for hit in hits] == expected


def test_a_word_without_a_translation_is_found_under_a_like_spelling_unless_it_stands_there_itself(tmp_path) -> None:
    texts = ["Zytotoxische Stoffe", "Der Cytotoxikologe", "Hugenotten flohen", "Lego", "Quibblewick"]
    update_lexical(tmp_path, [entry(number, text) for number, text in enumerate(texts, start=1)], [])
    opened = LexicalSnapshot.open(tmp_path)
    assert opened.near("de", "cytotoxic") == (
        Translation("zytotox", NEAR_BOOST * (1 - 2 / 10)),
    )  # zitotoks, zitotoksik
    assert opened.near("de", "cytotoxic") is opened.near("de", "cytotoxic")
    assert opened.near("de", "quibblewick") == ()  # there itself
    assert opened.near("de", "quibblewicks") == (Translation("quibblewick", NEAR_BOOST * (1 - 1 / 10)),)  # kwiblewiks
    assert opened.near("de", "legos") == ()  # too short: alike by chance
    assert opened.near("en", "cytotoxic") == ()  # no English passage at all
    question = plan("Huguenots", "en", "de", Lexicon.from_rows([]), opened.near)
    assert [hit.passage_id for hit in opened.search(question, 10)] == [3]
    assert opened.search(plan("Huguenots", "de", "de", Lexicon.from_rows([]), opened.near), 10) == []
    assert opened.search(plan("Huguenots", "en", "de", Lexicon.from_rows([])), 10) == []
