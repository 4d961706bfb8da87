"""The whole of retrieval over a small corpus: fused scores by brute force, filters, deletions, ties."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from corpus.documents import Document, Filters, PassageDraft, Span, retrieval_text
from corpus.sentences import sentence_spans
from corpus.store import CorpusStore
from index.fusion import SAME_DOCUMENT_COST, Scale
from index.plan import bundled_lexicon, field_language, plan
from index.retriever import EXAMINED, Retrieval, Retriever
from index.sync import IndexSync
from tests.fakes import HashingEncoder
from tests.index.bm25 import VOCABULARY

ENCODER = HashingEncoder(256)
QUESTIONS = ["Wie geht Baidu mit den Sanktionen um?", "Handelskrieg um Chips", "How does Huawei cope with sanctions?"]


def random_article(number: int, rng: random.Random) -> Document:
    language = ["de", "de", "en", "fr"][number % 4]
    sentences = [" ".join(rng.choices(VOCABULARY[language], k=rng.randint(3, 7))) for _ in range(rng.randint(1, 4))]
    return Document(
        doc_id=f"doc-{number}",
        title=rng.choice(["", "Baidu", "Chips"]),
        text="\n".join(f"{sentence.capitalize()} Nummer{number}." for sentence in sentences),
        uri=f"test:{number}",
        media_type="text/plain",
        language=language,
        published=["2024-12-31", "2025-01-01", "2025-05-21", None][number % 3],
        source=["Nordblatt", "Südblatt"][number % 2],
    )


def whole(document: Document) -> list[PassageDraft]:
    return [PassageDraft(Span(0, len(document.text)))]


def lines(document: Document) -> list[PassageDraft]:
    """A passage a line."""
    return [PassageDraft(span) for span in sentence_spans(document.text)]


def sentence_vectors(text: str, language: str) -> np.ndarray:
    return ENCODER.encode_passages([span.of(text) for span in sentence_spans(text, language)])


class World:
    """A store with its indexes and a retriever."""

    def __init__(self, folder: Path, documents: Sequence[Document], cut=whole, **options: object) -> None:
        self.store = CorpusStore.open(folder)
        for document in documents:
            self.store.put(document, cut(document))
        self.generation = IndexSync(self.store, ENCODER, folder / "index").sync()
        self.retriever = Retriever(self.store, ENCODER, **options)  # type: ignore[arg-type]

    def ask(self, question: str, k: int = 10, **options: object) -> Retrieval:
        return self.retriever.retrieve(self.generation, question, k=k, **options)  # type: ignore[arg-type]

    def scores(self, question: str, language: str, scale: Scale | None = None) -> dict[str, float]:
        """Every document's fused score, from its words: one passage a document."""
        scale = scale or Scale()
        asked = ENCODER.encode_questions([question])[0]
        lexical, reach = {}, {}
        for name in {field_language(known) for known in self.generation.lexical.languages}:
            planned = plan(question, language, name, bundled_lexicon(), self.generation.lexical.near)
            lexical |= dict(self.generation.lexical.search(planned, 1000))
            reach[name] = sum(self.generation.lexical.weights(planned))
        found = {}
        for number, (passage, info) in self.store.passages(self.store.passage_ids()).items():
            covered = min(1.0, lexical.get(number, 0.0) / reach[field_language(info.language)])
            text = retrieval_text(info.title, passage.heading, passage.text)
            cosine = float(ENCODER.encode_passages([text])[0] @ asked)
            best = float((sentence_vectors(passage.text, info.language) @ asked).max())
            near = covered + scale(cosine)
            found[info.doc_id] = (near, covered + 0.5 * scale(cosine) + 0.5 * scale(best))
        examined = sorted(found.values(), reverse=True)[:EXAMINED][-1][0]
        return {doc_id: score for doc_id, (near, score) in found.items() if near > examined - 0.01}


def doc_ids(found: Retrieval) -> list[str]:
    return [passage.document.doc_id for passage in found.passages]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    rng = random.Random(3)
    made = World(tmp_path_factory.mktemp("world"), [random_article(number, rng) for number in range(55)])
    yield made
    made.store.close()


@pytest.fixture
def build(tmp_path: Path) -> Iterator:
    opened: list[World] = []

    def make(*documents: Document, **options: object) -> World:
        opened.append(World(tmp_path, documents, **options))
        return opened[-1]

    yield make
    for each in opened:
        each.store.close()


def document(doc_id: str, text: str, **fields: object) -> Document:
    plain: dict[str, object] = {"title": "", "language": "de"}
    return Document(doc_id=doc_id, text=text, uri=f"test:{doc_id}", media_type="text/plain", **(plain | fields))


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_best_fused_scores_come_first(world: World, question: str) -> None:
    found = world.ask(question)
    expected = world.scores(question, found.language)
    assert len(found.passages) == 10
    assert [passage.rank for passage in found.passages] == list(range(1, 11))
    for passage in found.passages:
        assert passage.score == pytest.approx(expected[passage.document.doc_id], abs=0.01)
    best = sorted(expected.values(), reverse=True)[:10]
    assert [passage.score for passage in found.passages] == pytest.approx(best, abs=0.01)


def test_a_late_riser_wins_by_its_sentence(build) -> None:
    noise = " ".join(f"Wort{number}" for number in range(40))
    made = build(
        document("nah", "Baidu Chips Strom und Zoll und Netz."),
        document("satz", f"{noise}. Strom Baidu."),
        document("fern", f"{noise} x. Strom {noise} y. Baidu {noise} z."),
    )
    assert doc_ids(made.ask("Strom Baidu", language="de")).index("satz") < 2
    cosines = made.ask("Strom Baidu", language="de").sentence_cosines
    assert max(float(rows.max()) for rows in cosines.values()) == pytest.approx(1.0, abs=0.01)


def test_what_an_answer_needs_is_kept_for_every_passage(world: World) -> None:
    found = world.ask(QUESTIONS[0], k=7)
    numbers = [passage.passage.passage_id for passage in found.passages]
    assert sorted(found.coverages) == sorted(found.sentence_cosines) == sorted(numbers)
    assert set(found.plans) == set(found.weights) == {"de", "en", "xx"}
    assert {"encode", "dense", "lexical", "fuse"} <= set(found.timings)
    for passage in found.passages:
        spans = sentence_spans(passage.passage.text, passage.document.language)
        assert len(found.sentence_cosines[passage.passage.passage_id]) == len(spans)
        assert 0.0 <= found.coverages[passage.passage.passage_id] <= 1.0


FILTERS = [
    Filters(sources=("Nordblatt",)),
    Filters(languages=("en",)),
    Filters(languages=("fr", "de")),
    Filters(published_from="2025-01-01"),
    Filters(published_from="2025-01-01", published_to="2025-01-01"),
    Filters(doc_ids=tuple(f"doc-{number}" for number in range(20, 32))),
    Filters(sources=("Südblatt",), languages=("fr",)),
    Filters(doc_ids=("doc-5",)),
    Filters(sources=("nirgends",)),
]


@pytest.mark.parametrize("filters", FILTERS, ids=str)
def test_filters_bring_k_allowed_passages_back(world: World, filters: Filters) -> None:
    allowed = set(world.store.passage_ids(filters))
    for question in QUESTIONS:
        found = world.ask(question, k=8, filters=filters)
        numbers = [passage.passage.passage_id for passage in found.passages]
        assert len(numbers) == len(set(numbers)) == min(8, len(allowed))
        assert set(numbers) <= allowed
        everywhere = world.ask(question, k=55)
        free = {passage.passage.passage_id: passage.score for passage in everywhere.passages}
        if len(filters.languages) == 0:
            assert {number: free[number] for number in numbers} == pytest.approx(
                {passage.passage.passage_id: passage.score for passage in found.passages}, abs=1e-5
            )


def test_a_filter_by_language_plans_for_no_other(world: World) -> None:
    found = world.ask(QUESTIONS[0], filters=Filters(languages=("en",)))
    assert set(found.plans) == {"en"}
    assert {passage.document.language for passage in found.passages} == {"en"}


def test_more_than_there_is_gives_all_there_is_once(world: World) -> None:
    found = world.ask(QUESTIONS[1], k=500)
    assert sorted(doc_ids(found)) == sorted(f"doc-{number}" for number in range(55))


def test_one_passage_found_by_words_alone_has_its_cosine_all_the_same(world: World) -> None:
    question = QUESTIONS[1]
    expected = world.scores(question, "de")
    shallow = world.ask(question, k=5, depth=5)
    asked = ENCODER.encode_questions([question])
    dense = {hit.passage_id for hit in world.generation.dense.search(asked, 5)[0]}
    assert {found.passage.passage_id for found in shallow.passages if found.dense is not None} <= dense
    assert any(found.dense is None for found in shallow.passages)
    for found in shallow.passages:
        assert found.score == pytest.approx(expected[found.document.doc_id], abs=0.01)


def test_the_question_s_language_is_detected_or_taken_as_given(world: World) -> None:
    assert [world.ask(question).language for question in QUESTIONS] == ["de", "de", "en"]
    assert world.ask(QUESTIONS[0], language="en").language == "en"


def test_scales_bring_cosines_to_the_common_scale(world: World) -> None:
    scale = Scale(zero=0.1, slope=0.5)
    scaled = Retriever(world.store, ENCODER, scales={"de-de": scale, "de-en": scale, "de-fr": scale})
    found = scaled.retrieve(world.generation, QUESTIONS[1], k=10, language="de")
    plain = world.ask(QUESTIONS[1], k=55, language="de")
    for number, cosines in found.sentence_cosines.items():
        assert cosines == pytest.approx((plain.sentence_cosines[number] - 0.1) * 0.5, abs=1e-5)
    expected = world.scores(QUESTIONS[1], "de", scale)
    for passage in found.passages:
        assert passage.score == pytest.approx(expected[passage.document.doc_id], abs=0.01)


def test_many_threads_get_the_same_answer(world: World) -> None:
    asked = QUESTIONS * 8
    expected = [world.ask(question).passages for question in asked]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda question: world.ask(question).passages, asked)) == expected


def test_gone_passages_are_never_returned_though_the_index_still_holds_them(build) -> None:
    made = build(*(document(f"doc-{n}", f"Baidu baut Chips Nummer{n}.") for n in range(6)))
    made.store.remove("doc-2")
    made.store.put(*(lambda held: (held, whole(held)))(document("doc-4", "Ganz anderer Text.")))
    found = made.ask("Baidu Chips", k=10, language="de")
    assert sorted(doc_ids(found)) == ["doc-0", "doc-1", "doc-3", "doc-5"]
    assert [passage.rank for passage in found.passages] == [1, 2, 3, 4]


def test_an_older_generation_goes_on_answering_from_what_the_store_still_holds(build, tmp_path) -> None:
    made = build(document("alt", "Baidu baut Chips."))
    added = document("neu", "Chips baut auch Huawei.")
    made.store.put(added, whole(added))
    assert doc_ids(made.ask("Chips", language="de")) == ["alt"]
    made.generation = IndexSync(made.store, ENCODER, tmp_path / "index").sync()
    assert sorted(doc_ids(made.ask("Chips", language="de"))) == ["alt", "neu"]


def test_equal_scores_go_by_passage_id_time_after_time(build) -> None:
    orders = ["Baidu baut Chips.", "Chips baut Baidu.", "Baut Baidu Chips.", "Chips Baidu baut."]
    made = build(*(document(f"doc-{9 - number}", text) for number, text in enumerate(orders)))
    first = made.ask("Chips", language="de")
    assert doc_ids(first) == ["doc-9", "doc-8", "doc-7", "doc-6"]
    assert len({passage.score for passage in first.passages}) == 1
    for _ in range(3):
        assert made.ask("Chips", language="de").passages == first.passages
    assert doc_ids(made.ask("Chips", k=2, language="de")) == ["doc-9", "doc-8"]


def test_articles_take_turns(build) -> None:
    made = build(
        document("eins", "Baidu baut Chips.\nChips baut Baidu.\nBaut Baidu Chips."),
        document("zwei", "Chips Baidu baut.\nBaidu Chips baut."),
        cut=lines,
    )
    found = made.ask("Chips", language="de")
    assert doc_ids(found) == ["eins", "zwei", "eins", "zwei", "eins"]
    scores = [passage.score for passage in found.passages]
    assert scores[0] == scores[1]
    assert scores[2] == scores[3] == pytest.approx(scores[0] - SAME_DOCUMENT_COST)
    assert scores[4] == pytest.approx(scores[0] - 2 * SAME_DOCUMENT_COST)


def test_an_english_question_reaches_a_german_passage_by_its_words(build) -> None:
    made = build(
        document("ziel", "Die Sanktionen treffen den Konzern hart."),
        document("sonst", "Der Regen fällt auf die Dächer."),
        document("fremd", "The rain falls on the roofs.", language="en"),
    )
    found = made.ask("Whom do sanctions hit?", language="en")
    assert doc_ids(found)[0] == "ziel"
    assert found.coverages[found.passages[0].passage.passage_id] > 0.2


def test_an_empty_corpus_finds_nothing(build) -> None:
    made = build()
    for filters in (None, Filters(sources=("x",)), Filters(languages=("de",))):
        found = made.ask("Baidu?", filters=filters)
        assert (found.passages, dict(found.coverages)) == ((), {})
