"""Batches: every example once an epoch, of bounded size, in an order that follows from the seed."""

from __future__ import annotations

from collections import Counter

import pytest

from index.training.examples import PIECES_PER_BATCH, Stream, padded, paragraphs, sentences, word_pairs
from index.training.vocabulary import build_tokenizer, english_tokenizer, word_weights
from tests.index.training.tiny import GLOSSARY, alignment, pairs

SENTENCES = pairs(900)


@pytest.fixture(scope="module")
def tokenizer(teacher):
    weights = word_weights([german for _, german in SENTENCES], [], most=60)
    return build_tokenizer(english_tokenizer(teacher), [english for english, _ in SENTENCES], weights, 200)


def epoch(stream: Stream, first: int = 0) -> list[list[tuple[str, str]]]:
    """Batches from ``first`` until one more would pass the number of examples."""
    found, count, number = [], 0, first
    while True:
        batch = stream.batch(number)
        count += len(batch.german)
        if count > len(stream):
            return found
        found.append(list(zip(batch.english, batch.german, strict=True)))
        number += 1


def test_an_epoch_holds_every_pair_once_but_for_those_left_alone_in_their_batch(tokenizer):
    batches = epoch(Stream("sentence", SENTENCES, tokenizer, seed=1))
    seen = Counter(pair for batch in batches for pair in batch)
    everything = Counter(SENTENCES)
    assert seen <= everything
    assert (everything - seen).total() <= 3  # a batch of one teaches no contrast
    assert min(map(len, batches)) > 1


def test_the_second_epoch_is_another_order_of_the_same(tokenizer):
    stream = Stream("sentence", SENTENCES, tokenizer, seed=1)
    first = epoch(stream)
    second = epoch(stream, len(first))
    assert first != second
    assert abs(sum(map(len, first)) - sum(map(len, second))) <= 3


def test_no_batch_is_larger_than_its_bound(tokenizer):
    for batch in epoch(Stream("sentence", SENTENCES, tokenizer, seed=1)):
        lengths = {padded(len(tokenizer.encode(german).ids)) for _, german in batch}
        assert len(lengths) == 1
        assert lengths.pop() * len(batch) <= PIECES_PER_BATCH


def test_the_order_follows_from_the_seed_and_the_number_alone(tokenizer):
    def stream(seed: int) -> Stream:
        return Stream("sentence", SENTENCES, tokenizer, seed=seed)

    one, two = stream(1), stream(1)
    some = [one.batch(number) for number in range(12)]
    assert [two.batch(number) for number in (3, 11, 4, 0)] == [some[number] for number in (3, 11, 4, 0)]
    assert [stream(2).batch(number) for number in range(12)] != some


@pytest.mark.parametrize(("length", "expected"), [(1, 8), (8, 8), (9, 16), (256, 256)])
def test_lengths_are_padded_to_eight(length, expected):
    assert padded(length) == expected


def test_paragraphs_are_neighbours_of_running_texts_alone():
    running = [(f"One {at} two.", f"Eins {at} zwei drei vier fünf sechs sieben acht neun.") for at in range(200)]
    sources = {"tatoeba": running, "debian_web": running}
    found = paragraphs(sources, seed=0)
    assert found == paragraphs(sources, seed=0)
    assert found != paragraphs(sources, seed=1)
    assert paragraphs({"tatoeba": running}, seed=0) == []
    assert " ".join(running[0]) != found[0]
    assert (
        " ".join(english for english, _ in found)
        == " ".join(english for english, _ in running)[: sum(len(e) + 1 for e, _ in found) - 1]
    )
    assert all(45 <= len(german.split()) < 190 + 10 for _, german in found)


def test_sentences_are_those_of_all_sources():
    assert sentences({"a": SENTENCES[:2], "b": SENTENCES[2:3]}) == SENTENCES[:3]


def test_words_are_the_glossary_s_first_two_and_what_the_alignment_is_sure_of():
    entries = [*GLOSSARY, ("old", ("alt", "früher", "bejahrt"))]
    found = word_pairs(alignment(), entries)
    assert found == sorted(set(found))
    assert {("dog", "Köter"), ("data centre", "Rechenzentrum"), ("old", "früher"), ("bridge", "brücke")} <= set(found)
    assert ("old", "bejahrt") not in found
