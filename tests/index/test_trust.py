"""How encoders' cosines are brought to one scale, by hand and for the bundled encoder."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from index.backends import FLOAT32
from index.encoder import load_encoder
from index.fusion import Scale
from index.protocols import Vectors
from index.trust import BUNDLED, LOUDEST_NOISE, PROBES, Spread, _scale, measure, scales
from tests.fakes import HashingEncoder

WANTED = Spread(matching=0.5, unrelated=0.1, noise=0.08)


def test_matching_and_unrelated_texts_land_where_the_bundled_encoder_has_them() -> None:
    scale = _scale(Spread(matching=0.9, unrelated=0.7, noise=0.03), WANTED)
    assert scale(0.9) == pytest.approx(0.5)
    assert scale(0.7) == pytest.approx(0.1)


def test_noise_is_not_blown_up_where_a_pair_of_languages_is_hard_to_tell_apart() -> None:
    scale = _scale(Spread(matching=0.2, unrelated=0.1, noise=0.1), WANTED)
    assert scale.slope == pytest.approx(LOUDEST_NOISE * 0.08 / 0.1)
    assert scale(0.1) == pytest.approx(0.1)
    assert scale(0.2) < 0.5


def test_an_encoder_that_cannot_tell_at_all_still_has_a_scale() -> None:
    scale = _scale(Spread(matching=0.3, unrelated=0.3, noise=0.0), WANTED)
    assert np.isfinite([scale.zero, scale.slope]).all()
    assert scale(0.3) == pytest.approx(0.1)


def test_the_probes_are_measured_pair_by_pair() -> None:
    class OneHot(HashingEncoder):
        """Every probe has a direction of its own in German; in English all look alike."""

        def _encode(self, texts: Sequence[str]) -> Vectors:
            german = [text for probe in PROBES for text in (probe.german_question, probe.german_passage)]
            rows = np.zeros((len(texts), self.dimension), dtype=np.float32)
            for row, text in zip(rows, texts, strict=True):
                row[german.index(text) // 2 if text in german else self.dimension - 1] = 1.0
            return rows

    spreads = measure(OneHot())
    assert spreads["de-de"] == Spread(1.0, 0.0, 0.0)
    assert spreads["en-en"] == Spread(1.0, 1.0, 0.0)
    assert spreads["de-en"] == spreads["en-de"] == Spread(0.0, 0.0, 0.0)


@pytest.mark.model
def test_the_bundled_encoder_keeps_its_own_scale() -> None:
    encoder = load_encoder(backend=FLOAT32)
    measured = measure(encoder)
    assert set(measured) == set(BUNDLED)
    for pair, spread in measured.items():
        assert list(spread) == pytest.approx(list(BUNDLED[pair]), abs=2e-3)
    for scale in scales(encoder).values():
        assert scale.slope == pytest.approx(Scale().slope, abs=0.02)
        assert scale.zero == pytest.approx(Scale().zero, abs=0.01)
