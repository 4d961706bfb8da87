"""Material, its digest, the shares it goes into the examples with, and the folder that keeps what was made of it."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from index.training import recipe
from index.training.recipe import Material
from index.training.vocabulary import english_tokenizer
from index.training.workplace import Workplace
from tests.index.training.tiny import GLOSSARY, alignment, pairs, passages

SOURCES = {"tatoeba": pairs(60), "debian_web": pairs(200, seed=4)}
MATERIAL = Material(SOURCES, passages(10), passages(2, seed=9), GLOSSARY)


def test_the_digest_changes_with_any_word():
    same = Material({name: list(found) for name, found in SOURCES.items()}, passages(10), passages(2, seed=9), GLOSSARY)
    assert same.digest() == MATERIAL.digest()
    others = [
        dataclasses.replace(
            MATERIAL, sources={**SOURCES, "tatoeba": [("A dog.", "Ein Hund."), *SOURCES["tatoeba"][1:]]}
        ),
        dataclasses.replace(MATERIAL, passages=MATERIAL.passages[1:]),
        dataclasses.replace(MATERIAL, held_out=[]),
        dataclasses.replace(MATERIAL, glossary=GLOSSARY[::-1]),
    ]
    assert len({other.digest() for other in [MATERIAL, *others]}) == 5


def test_the_project_s_own_text_counts_more_often_and_what_is_held_out_never(teacher):
    tokenizer = recipe.tokenizer_for(MATERIAL, english_tokenizer(teacher), 200)
    found = recipe.streams(MATERIAL, alignment(), tokenizer, seed=0)
    assert list(found) == ["sentence", "paragraph", "word"]
    assert found["sentence"]._pairs == MATERIAL.pairs + 4 * MATERIAL.own
    assert len(MATERIAL.own) == 10 * 5
    assert found["paragraph"]._pairs[-60:] == [passage.whole for passage in MATERIAL.passages] * 6
    assert len(found["paragraph"]) > 60
    held_out = {pair for passage in MATERIAL.held_out for pair in [*passage.sentences, passage.whole]}
    assert not held_out & {pair for kind in ("sentence", "paragraph") for pair in found[kind]._pairs}


def test_the_seed_decides_the_batches(teacher):
    tokenizer = recipe.tokenizer_for(MATERIAL, english_tokenizer(teacher), 200)
    first, same, other = (recipe.streams(MATERIAL, alignment(), tokenizer, seed=seed) for seed in (0, 0, 1))
    for kind in first:
        assert first[kind].batch(0) == same[kind].batch(0)
        assert first[kind].batch(0) != other[kind].batch(0)
    assert len({stream._seed for streams in (first, other) for stream in streams.values()}) == 6


def test_long_sentences_are_not_aligned():
    long = ("dog " * 41, "Hund " * 41)
    with_long = dataclasses.replace(MATERIAL, sources={**SOURCES, "mdn_docs": [long]})
    assert (recipe.aligned(with_long).together == recipe.aligned(MATERIAL).together).all()


def test_what_is_kept_is_given_back(teacher, tmp_path):
    place = Workplace(tmp_path / "work")
    assert (place.alignment(), place.tokenizer(), place.table()) == (None, None, None)
    tokenizer = recipe.tokenizer_for(MATERIAL, english_tokenizer(teacher), 200)
    table = np.arange(6, dtype=np.float32).reshape(3, 2)
    place.keep_alignment(alignment())
    place.keep_tokenizer(tokenizer)
    place.keep_table(table)
    again = Workplace(tmp_path / "work")
    kept = again.alignment()
    assert kept is not None
    for field in dataclasses.fields(kept):
        assert np.array_equal(getattr(kept, field.name), getattr(alignment(), field.name))
    assert again.tokenizer().to_str() == tokenizer.to_str()
    assert (again.table() == table).all()
    assert not list((tmp_path / "work").glob("*.part"))


@pytest.mark.parametrize("name", ["alignment", "tokenizer", "table"])
def test_what_is_damaged_is_named(teacher, tmp_path, name):
    place = Workplace(tmp_path)
    place.keep_alignment(alignment())
    place.keep_tokenizer(english_tokenizer(teacher))
    place.keep_table(np.ones((3, 2), dtype=np.float32))
    path = next(path for path in tmp_path.iterdir() if path.stem == name)
    path.write_bytes(path.read_bytes()[:60])
    with pytest.raises(ValueError, match=f"{path.name} is damaged; remove it"):
        getattr(place, name)()


def test_a_folder_of_other_inputs_is_refused_and_the_first_difference_named(tmp_path):
    place = Workplace(tmp_path)
    place.claim({"seed": 1, "pieces": 9})
    place.claim({"seed": 1, "pieces": 9})
    with pytest.raises(ValueError, match="was begun with pieces 9, not 10; give it the same again, or another --work"):
        place.claim({"seed": 1, "pieces": 10})
    (tmp_path / "inputs.json").write_text("{", encoding="utf-8")
    with pytest.raises(ValueError, match="is damaged"):
        place.claim({"seed": 1, "pieces": 9})
