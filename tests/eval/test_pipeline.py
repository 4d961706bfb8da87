from __future__ import annotations

import numpy as np

from eval.pipeline import Foresight, pipeline
from tests.fakes import HashingEncoder

DOCUMENTS = {
    "chips": ("Baidu baut eigene Chips für seine Rechenzentren.", "de"),
    "strom": ("Der Strom für die Werke kommt aus Windparks vor der Küste.", "de"),
    "grid": ("The grid operator expects a new power line.", "en"),
}


def test_a_ranking_names_each_document_once_the_best_first(tmp_path) -> None:
    with pipeline(tmp_path, DOCUMENTS, HashingEncoder()) as opened:
        ranking = opened.ranking("Wer baut Chips?", 10, "de")
        assert ranking[0] == "chips"
        assert sorted(ranking) == sorted(DOCUMENTS)
        assert opened.ranking("Wer baut Chips?", 1, "de") == ["chips"]
        assert opened.ranking("Who expects a power line?", 10)[0] == "grid"


def test_a_kept_folder_encodes_only_what_is_new_and_forgets_what_is_not_asked_for(tmp_path) -> None:
    fewer = {"strom": DOCUMENTS["strom"], "neu": ("Ein ganz neuer Absatz.", "de")}
    encoded, rankings = [], []
    for documents in (DOCUMENTS, DOCUMENTS, fewer):
        encoder = HashingEncoder()
        with pipeline(tmp_path, documents, encoder) as opened:
            encoded.append(encoder.encoded)
            rankings.append(sorted(opened.ranking("Strom", 10, "de")))
    probes = encoded[1]  # what scaling asks of every encoder
    assert [count - probes for count in encoded] == [3, 0, 1]
    assert rankings == [sorted(DOCUMENTS), sorted(DOCUMENTS), ["neu", "strom"]]


def test_foresight_gives_what_the_encoder_would_have_given() -> None:
    plain = HashingEncoder()
    told = Foresight(plain, ["Wer baut Chips?", "Was kostet Strom?", "Wer baut Chips?"])
    assert (told.fingerprint, told.dimension) == (plain.fingerprint, plain.dimension)
    for asked in (["Was kostet Strom?"], ["Was kostet Strom?", "Wer baut Chips?"], ["Wer baut Chips?", "Unbekanntes?"]):
        assert np.array_equal(told.encode_questions(asked), plain.encode_questions(asked))
