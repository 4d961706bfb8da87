from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.evidence import examine_all
from service.abstention import AbstentionModel, Calibration, bundled_model, signals
from tests.index.retrievals import article, found_in, retrieval


def test_signals_by_hand() -> None:
    top = found_in(article("Baidu baut Chips. Der Zoll gilt."), passage_id=3, score=1.25)
    other = found_in(article("Baidu Zoll Chips.", "zwei"), passage_id=4, rank=2, score=1.0)
    asked = retrieval("Baidu Chips Zoll", [top, other], cosines={3: [0.25, 0.5], 4: [0.875]}, weights=[1.0, 1.0, 2.0])
    assert signals(examine_all(asked, 8), {3: 0.75, 4: 0.9}) == pytest.approx(
        {
            "fused": 1.25,
            "lexical": 0.75,
            "sentence_cosine": 0.5,
            "passage_covered": 1.0,
            "sentence_covered": 0.5,
            "sentence_both": 1.0,  # of the second: 2 of 4 covered and 0.5; the first has 0.5 and 0.25
            "missing_term": 0.0,
        }
    )


def test_the_heaviest_unnamed_term_is_a_signal() -> None:
    top = found_in(article("Baidu baut Chips."))
    asked = retrieval("Baidu Zoll Hafen", [top], weights=[1.0, 2.0, 5.0])
    assert signals(examine_all(asked, 8), {})["missing_term"] == pytest.approx(5 / 8)
    assert signals(examine_all(asked, 8), {})["lexical"] == 0.0


def test_nothing_found_gives_no_signals_and_no_chance() -> None:
    assert signals([], {}) == {}
    assert Calibration(50.0, {"fused": 3.0}).probability({}) == 0.0


def test_a_probability_by_hand() -> None:
    calibration = Calibration(-1.0, {"fused": 2.0, "lexical": 0.5})
    found = {"fused": 0.25, "lexical": 3.0, "unused": 99.0}
    assert calibration.probability(found) == pytest.approx(1 / (1 + math.exp(-1.0)))
    assert Calibration(0.0, {}).probability(found) == 0.5


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.floats(-1e3, 1e3))
def test_probabilities_stay_between_0_and_1_whatever_the_numbers(bias: float, weight: float, value: float) -> None:
    assert 0.0 <= Calibration(bias, {"fused": weight}).probability({"fused": value}) <= 1.0


@given(st.floats(-5, 5), st.floats(0.1, 5), st.floats(-3, 3), st.floats(0.01, 3))
def test_more_of_a_signal_with_a_positive_weight_is_likelier(
    bias: float, weight: float, value: float, more: float
) -> None:
    calibration = Calibration(bias, {"fused": weight})
    assert calibration.probability({"fused": value + more}) > calibration.probability({"fused": value})


def test_a_signal_that_the_model_wants_must_be_there() -> None:
    with pytest.raises(KeyError, match="lexical"):
        Calibration(0.0, {"lexical": 1.0}).probability({"fused": 1.0})


def test_the_languages_choose_the_calibration_and_others_fall_back() -> None:
    model = AbstentionModel(
        0.5, {"any": Calibration(0.0, {}), "en-de": Calibration(2.0, {}), "de-de": Calibration(-2.0, {})}
    )
    found = {"fused": 1.0}
    assert model.probability(found, "en", "de") == pytest.approx(1 / (1 + math.exp(-2)))
    assert model.probability(found, "de", "de") == pytest.approx(1 / (1 + math.exp(2)))
    assert model.probability(found, "de", "fr") == 0.5
    assert model.probability({}, "en", "de") == 0.0


def test_a_model_is_read_from_its_file(tmp_path) -> None:
    path = tmp_path / "model.json"
    path.write_text(
        json.dumps({"threshold": 0.4, "calibrations": {"any": {"bias": 1, "weights": {"fused": 2}}}, "about": "notes"})
    )
    model = bundled_model(path)
    assert model == AbstentionModel(0.4, {"any": Calibration(1.0, {"fused": 2.0})})
    assert bundled_model(path) is model


@pytest.mark.parametrize("content", ["", "{", "{}", '{"threshold": 0.5}', '{"threshold": "x", "calibrations": {}}'])
def test_a_damaged_model_is_an_error(tmp_path, content: str) -> None:
    path = tmp_path / "damaged.json"
    path.write_text(content)
    with pytest.raises((ValueError, KeyError)):
        bundled_model(path)
    with pytest.raises(OSError, match="missing"):
        bundled_model(tmp_path / "missing.json")


def test_the_shipped_model_knows_only_signals_that_exist() -> None:
    model = bundled_model()
    top = found_in(article("Baidu baut Chips."))
    names = set(signals(examine_all(retrieval("Baidu", [top]), 8), {}))
    assert 0.0 < model.threshold < 1.0
    assert {"any", "de-de", "en-de"} <= set(model.calibrations)
    for calibration in model.calibrations.values():
        assert set(calibration.weights) <= names
