import json

import pytest

from eval import speed_encoder
from eval.speed_encoder import LEAST, MOST, PLAIN, passages, render
from eval.workload import Pool, pools
from index.backends import INT8, TORCH

RESULT = {
    "passages": 64,
    "questions": 40,
    "paths": {
        PLAIN: {"passages_per_second": 30.0, "question_ms": 12.0},
        TORCH: {"passages_per_second": 33.04, "question_ms": 10.0},
        INT8: {"passages_per_second": 90.0, "question_ms": 3.0},
    },
    "starts": {"the plain library": 9.87, "the remembered path": 1.23},
    "chosen": "passages by openvino-int8 (90/s), questions by openvino-int8 (3.0 ms)",
}


def test_factors_are_against_the_plain_library_of_the_same_run():
    lines = render(RESULT).splitlines()
    assert lines[0].startswith("| the encoder alone: 64 passages of 150 to 250 tokens, 40 questions one by one |")
    assert lines[2:5] == [
        f"| {PLAIN} | 30.0 | 1.0 | 12.0 | 1.0 |",
        "| torch | 33.0 | 1.1 | 10.0 | 1.2 |",
        "| openvino-int8 | 90.0 | 3.0 | 3.0 | 4.0 |",
    ]
    assert "| the plain library | 9.9 |" in lines
    assert (
        lines[-1] == "Chosen by the calibration: passages by openvino-int8 (90/s), questions by openvino-int8 (3.0 ms)."
    )


def test_passages_have_the_lengths_they_should_and_are_the_same_on_every_run():
    def words(text: str) -> int:
        return len(text.split())

    made = passages(pools(), 12, words)
    assert len(set(made)) == 12
    assert all(LEAST <= words(text) <= MOST for text in made)
    assert made == passages(pools(), 12, words)


def test_a_passage_that_became_too_long_is_left_out():
    pool = Pool("de", ("Titel",), ("kurz " * 40, "lang " * 140))
    made = passages([pool], 3, lambda text: len(text.split()))
    assert all(LEAST <= len(text.split()) <= MOST for text in made)


@pytest.mark.model
def test_every_path_is_measured(tmp_path, capsys):
    kept = tmp_path / "figures.json"
    speed_encoder.main(["--passages", "3", "--questions", "2", "--json", str(kept)])
    result = json.loads(kept.read_text(encoding="utf-8"))
    assert list(result["paths"])[:2] == [PLAIN, TORCH]
    assert all(value > 0 for at in result["paths"].values() for value in at.values())
    assert all(seconds > 0 for seconds in result["starts"].values())
    assert capsys.readouterr().out.endswith(render(result) + "\n")
