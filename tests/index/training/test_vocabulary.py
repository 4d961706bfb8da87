"""Word pieces of two languages: how text is folded, what is kept, what is learned."""

from __future__ import annotations

from collections import Counter

import pytest
from tokenizers import Tokenizer

from index.training.vocabulary import LONGEST_TEXT, SPECIAL, build_tokenizer, english_tokenizer, word_weights
from tests.index.training.tiny import GLOSSARY, pairs

GERMAN = Counter({"schön": 30, "schon": 30, "brücke": 20, "brücken": 20, "strasse": 20, "regierung": 9})


@pytest.fixture(scope="module")
def tokenizer(teacher) -> Tokenizer:
    return build_tokenizer(english_tokenizer(teacher), ["the old dog waits"], GERMAN, 400)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Schön", "schön"),
        ("SCHON", "schon"),
        ("Maße", "masse"),
        ("GROẞ", "gross"),
        ("Café", "cafe"),
        ("Ångström", "angström"),
        ("Ärger über Öl", "ärger über öl"),
        ("scho\u0308n", "schön"),  # the umlaut as two signs
        ("U\u0308bung e\u0301", "übung e"),
        ("naïve façade", "naive facade"),
    ],
)
def test_case_and_accents_fall_but_umlauts_stay(tokenizer, text, folded):
    assert tokenizer.normalizer.normalize_str(text) == folded


def test_schon_and_schön_are_two_words(tokenizer):
    assert tokenizer.encode("schon", add_special_tokens=False).tokens == ["schon"]
    assert tokenizer.encode("schön", add_special_tokens=False).tokens == ["schön"]
    assert tokenizer.encode("Straße").ids == tokenizer.encode("STRASSE").ids


@pytest.mark.parametrize("text", ["Die Straße, schön und groß!", "Scho\u0308n: die BRÜCKEN?", "Café au lait"])
def test_offsets_point_into_the_text_as_it_was(tokenizer, text):
    encoding = tokenizer.encode(text, add_special_tokens=False)
    read: dict[int, str] = {}
    places: dict[int, list[tuple[int, int]]] = {}
    for word, token, place in zip(encoding.word_ids, encoding.tokens, encoding.offsets, strict=True):
        read[word] = read.get(word, "") + token.removeprefix("##")
        places.setdefault(word, []).append(place)
    words = [text[parts[0][0] : parts[-1][1]] for parts in places.values()]
    assert [tokenizer.normalizer.normalize_str(word) for word in words] == list(read.values())
    assert "".join(words) == text.replace(" ", "")


def test_specials_come_first_then_the_english_pieces_in_their_order_then_german_ones(tokenizer, teacher):
    numbers = tokenizer.get_vocab()
    assert [numbers[piece] for piece in SPECIAL] == [0, 1, 2, 3, 4]
    english = english_tokenizer(teacher).get_vocab()
    kept = [piece for piece in sorted(numbers, key=numbers.__getitem__) if piece in english and piece not in SPECIAL]
    assert kept == sorted(kept, key=english.__getitem__)
    assert "[unused0]" not in numbers
    assert "über" not in numbers  # neither asked for nor plain letters
    assert {"dog", "waits", "cafe"} <= set(numbers)  # plain pieces stay although the texts lack the last
    assert numbers["schön"] > max(numbers[piece] for piece in kept)


def test_a_text_gets_its_two_ends_and_is_cut_at_the_longest(tokenizer):
    encoding = tokenizer.encode("dog " * 400)
    assert len(encoding.ids) == LONGEST_TEXT
    assert encoding.tokens[0] == "[CLS]"
    assert encoding.tokens[-1] == "[SEP]"


def test_the_size_is_a_limit(teacher):
    english = english_tokenizer(teacher)
    assert build_tokenizer(english, ["dog"], GERMAN, 90).get_vocab_size() == 90


def test_the_same_words_give_the_same_tokenizer(teacher):
    weights = word_weights([german for _, german in pairs(100)], GLOSSARY, most=60)
    made = {build_tokenizer(english_tokenizer(teacher), ["a dog"], weights, 200).to_str() for _ in range(3)}
    assert len(made) == 1


def test_words_count_as_often_as_they_are_seen_up_to_a_limit_and_more_in_the_glossary():
    weights = word_weights(["Der Hund", "der Köter"] + ["Haus"] * 9, GLOSSARY, most=5)
    assert weights == {
        "der": 2,
        "hund": 1 + 12,
        "köter": 1 + 9,
        "haus": 5,
        "rechenzentrum": 12,
        "fluss": 12,
        "strom": 9,
    }


def test_the_words_of_a_phrase_share_its_weight():
    assert word_weights([], [("announce", ("gibt bekannt",))], most=5) == {"gibt": 6, "bekannt": 6}
