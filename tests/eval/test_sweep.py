"""Sweeps: which points there are, which wins, and what is said of the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpus.errors import SettingsError
from eval.compare import Difference, compare
from eval.errors import RunInvalid
from eval.sweep import Point, grid, judge
from tests.eval import example


def test_a_grid_is_every_combination_in_order() -> None:
    points = grid(["k=5,10", "encoder=a/b|c,d"])
    assert [point.name for point in points] == [
        "k=5,encoder=a/b",
        "k=5,encoder=c,d",
        "k=10,encoder=a/b",
        "k=10,encoder=c,d",
    ]
    assert points[0].folder == "k=5,encoder=a-b"
    assert grid(["Passage-Size = 600 , 900"])[1].values == {"passage_size": "900"}


def test_combinations_never_share_a_folder() -> None:
    with pytest.raises(SettingsError, match="would share a folder"):
        grid(["encoder=a/b|a-b"])
    with pytest.raises(SettingsError, match="named twice"):
        grid(["k=1", "k=2"])


def test_the_best_wins_and_the_others_are_tested_against_it(tmp_path: Path) -> None:
    made = {name: example.run(tmp_path / name, name, skill)[1] for name, skill in (("a", 0.1), ("b", 0.9), ("c", 1.0))}
    sweep = judge([(Point({"size": name}), scores) for name, scores in made.items()])
    assert [place.point.values["size"] for place in sweep.places] == ["c", "b", "a"]
    assert (sweep.winner.difference, sweep.winner.as_good) == (None, True)
    for place in sweep.places[1:]:
        (found,) = [each for each in compare(made["c"], place.scores).measures if each.measure == "nDCG@10"]
        assert place.difference == found.difference == pytest.approx(place.value - sweep.winner.value)
        assert place.p is not None
        assert found.p is not None
        assert found.p <= place.p <= min(1.0, 2 * found.p)  # Holm's factor for two tests is 2, then 1
    assert not sweep.places[-1].as_good
    assert sweep.as_json()["winner"] == {"size": "c"}
    assert sweep.as_json()["places"][2]["as_good_as_the_winner"] is False


def test_less_wins_where_less_is_better(tmp_path: Path) -> None:
    made = {name: example.run(tmp_path / name, name, skill)[1] for name, skill in (("a", 0.5), ("b", 0.6), ("c", 0.7))}
    sweep = judge([(Point({"size": name}), scores) for name, scores in made.items()], "false_answers")
    values = [place.value for place in sweep.places]
    assert values == sorted(values)


def test_alike_runs_are_as_good_as_each_other(tmp_path: Path) -> None:
    one = example.run(tmp_path / "a", "same", 0.6)[1]
    other = example.run(tmp_path / "b", "same", 0.6)[1]
    sweep = judge([(Point({"k": "1"}), one), (Point({"k": "2"}), other)])
    assert (
        sweep.verdict() == f"Best by nDCG@10: k=1, {sweep.winner.value:.3f}. Chance may explain the difference to k=2."
    )


@pytest.mark.parametrize("measure", ["nothing", "aurc"])
def test_a_measure_that_was_not_taken_decides_nothing(tmp_path: Path, measure: str) -> None:
    one, other = (example.run(tmp_path / name, name)[1] for name in "ab")
    with pytest.raises(RunInvalid, match=measure):
        judge([(Point({"k": "1"}), one), (Point({"k": "2"}), other)], measure)
    with pytest.raises(RunInvalid, match="without a run"):
        judge([])


def test_a_neutral_measure_gets_no_verdict() -> None:
    real = Difference("own_language_share", 50, 0.4, 0.6, 0.2, 0.1, 0.3, 0.001, 0.001)
    assert (real.real, real.better) == (True, None)
    assert Difference("language_bias", 50, 0.4, 0.6, 0.2, 0.1, 0.3, 0.001, 0.001).better is False
