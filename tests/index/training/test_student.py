"""The arithmetic of the layers against transformers', and the start of the table against least squares."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers

from index.training.alignment import Alignment
from index.training.student import Reader, load_bert, start_table


def test_the_layers_read_as_those_of_transformers_do(teacher):
    bert = load_bert(teacher).eval()
    ids = torch.randint(5, 60, (4, 12), generator=torch.Generator().manual_seed(1))
    mask = torch.arange(12)[None] < torch.tensor([12, 5, 8, 2])[:, None]
    with torch.no_grad():
        states = bert(input_ids=ids, attention_mask=mask.long()).last_hidden_state
        expected = torch.stack(
            [torch.nn.functional.normalize(row[kept].mean(0), dim=0) for row, kept in zip(states, mask, strict=True)]
        )
        found = Reader(bert, dtype=torch.float32)(bert.embeddings.word_embeddings.weight[ids], mask)
        rough = Reader(bert)(bert.embeddings.word_embeddings.weight[ids], mask)
    assert (found - expected).abs().max() < 1e-5
    assert (rough * expected).sum(1).min() > 0.999


def test_padding_changes_nothing(teacher):
    bert = load_bert(teacher).eval()
    reader, table = Reader(bert, dtype=torch.float32), bert.embeddings.word_embeddings.weight
    ids = torch.tensor([[2, 30, 31, 3]])
    with torch.no_grad():
        short = reader(table[ids], ids != 0)
        padded = torch.cat([ids, torch.zeros((1, 12), dtype=torch.long)], dim=1)
        long = reader(table[padded], padded != 0)
    assert (short - long).abs().max() < 1e-6


def test_there_is_no_dropout(teacher):
    bert = load_bert(teacher).train()
    ids = torch.tensor([[2, 30, 31, 3]])
    assert torch.equal(*(bert(input_ids=ids).last_hidden_state for _ in range(2)))


def wordpiece(*pieces: str) -> Tokenizer:
    tokenizer = Tokenizer(models.WordPiece({piece: at for at, piece in enumerate(pieces)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    return tokenizer


@pytest.fixture
def small() -> tuple[Tokenizer, Tokenizer, Alignment]:
    english = wordpiece("[UNK]", "dog", "house", "roof", "##s")
    both = wordpiece("[UNK]", "dog", "house", "hund", "haus", "##hund", "##e", "katze")
    german = ["hund", "hunde", "haushund", "selten"]
    left, right, together = [0, 1, 0, 0, 1, 1], [0, 0, 1, 2, 2, 3], [4.0, 2.0, 3.0, 50.0, 50.0, 1.4]
    ones = np.ones(len(left))
    counts = np.ones(9, dtype=np.int64)
    alignment = Alignment(
        english=["dogs", "house"],
        german=german,
        left=np.array(left),
        right=np.array(right),
        german_given_english=ones,
        english_given_german=ones,
        together=np.array(together),
        english_count=counts,
        german_count=counts,
    )
    return english, both, alignment


def test_german_pieces_start_where_least_squares_puts_them(small):
    english, both, alignment = small
    old = np.random.default_rng(3).standard_normal((5, 6)).astype(np.float32)
    found = start_table(old, english, both, alignment, [("dog", ("Hunde", "Haushund"))], seed=5)
    prior = old.mean(axis=0) + 0.004 * np.random.default_rng(5).standard_normal((8, 6))
    dog, house, dogs = old[1], old[2], (old[1] + old[4]) / 2
    goals = [
        (4**2 * dogs + 2**2 * house) / (4**2 + 2**2),  # hund: the likelier translation leads
        (3**2 * dogs + 12**2 * dog) / (3**2 + 12**2),  # hunde: the glossary's first counts 12
        (30**2 * dogs + 30**2 * house + 6**2 * dog) / (2 * 30**2 + 6**2),  # haushund: 30 at most; the second counts 6
    ]
    confidence = [6, 15, 30]
    free = {3: 0, 4: 1, 5: 2, 6: 3, 7: 4}
    pieces = [[3], [3, 6], [4, 5]]
    rows = np.zeros((3, 5))
    for row, numbers in enumerate(pieces):
        for number in numbers:
            rows[row, free[number]] = 1 / len(numbers)
    root = np.sqrt(confidence)[:, None]
    system = np.vstack([root * rows, np.sqrt(0.3) * np.eye(5)])
    goal = np.vstack([root * np.array(goals), np.sqrt(0.3) * prior[3:]])
    expected = np.linalg.lstsq(system, goal, rcond=None)[0]
    assert found.dtype == np.float32
    assert np.abs(found[3:] - expected).max() < 1e-5
    assert (found[:3] == old[:3]).all()  # English pieces keep theirs
    assert np.abs(found[7] - prior[7]).max() < 1e-6  # nothing is known of it


def test_the_start_follows_from_the_seed(small):
    english, both, alignment = small
    old = np.random.default_rng(3).standard_normal((5, 6)).astype(np.float32)
    tables = [start_table(old, english, both, alignment, [], seed=seed) for seed in (1, 1, 2)]
    assert (tables[0] == tables[1]).all()
    assert (tables[0] != tables[2]).any()
