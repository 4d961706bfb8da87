import itertools

import numpy as np
import pytest

from eval.workload import Pool, articles, pools, questions, replayed
from index.embedding import unpack, unpack_sentences

POOLS = (
    Pool("de", ("Stau am Hafen",), tuple(f"Der Hafen Nummer {n} meldet Stau in Bremen und Emden." for n in range(300))),
    Pool("en", ("Queue at the port",), tuple(f"The port of Dover counts {n} Ships and Ferries." for n in range(100))),
)


def take(count):
    return list(itertools.islice(articles(POOLS), count))


def test_articles_are_the_same_on_every_run():
    assert take(20) == take(20)


def test_articles_differ_in_everything_that_names_them():
    made = take(200)
    assert len({raw.data for raw in made}) == 200
    assert len({raw.fields["doc_id"] for raw in made}) == 200
    assert len({raw.fields["title"] for raw in made}) == 200


def test_articles_come_in_both_languages_by_their_share():
    languages = [raw.fields["language"] for raw in take(400)]
    assert 0.65 < languages.count("de") / 400 < 0.85
    assert set(languages) == {"de", "en"}


def test_an_article_repeats_no_sentence():
    for raw in take(20):
        sentences = [part for part in raw.data.decode().replace("\n\n", " ").split(".") if part.strip()]
        assert len(sentences) == len(set(sentences))


def test_questions_are_different_and_in_both_languages():
    asked = questions(POOLS, 8)
    assert len(set(asked)) == len(asked) == 8
    assert asked == questions(POOLS, 8)
    assert any("Bremen" in text or "Emden" in text for text in asked)
    assert any("Dover" in text or "Ferries" in text for text in asked)


def test_the_sample_articles_offer_enough():
    offered = pools()
    assert {pool.language for pool in offered} == {"de", "en"}
    assert sum(len(pool.sentences) for pool in offered) > 300
    assert len(questions(offered, 210)) == 210


@pytest.mark.parametrize("dimension", [8, 384])
def test_what_is_replayed_is_unit_vectors_of_the_key(dimension):
    one, again, other = (replayed(bytes([n]) * 32, dimension, sentences=3) for n in (1, 1, 2))
    assert one == again != other
    assert unpack([one]).shape == (1, dimension)
    assert np.linalg.norm(unpack([one])) == pytest.approx(1, abs=1e-5)
    assert np.linalg.norm(unpack_sentences(one), axis=1) == pytest.approx([1, 1, 1], abs=1e-5)
