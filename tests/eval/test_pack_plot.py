"""The encoder measured alone, and the plot that sets the pack beside published encoders."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from safetensors.numpy import save_file

from eval import dense, pack_plot
from eval.measures import ndcg
from eval.xquad import Task
from tests.fakes import HashingEncoder

SPEEDS = {"6 x 384": 30.0, "12 x 384": 15.0, "12 x 768": 5.0, "24 x 1024": 1.25}
PACK = pack_plot.Pack(parameters=37.0, alone=89.0, pipeline=97.0, speed=66.0)
SVG = "{http://www.w3.org/2000/svg}"


def test_the_score_is_that_of_ranking_every_paragraph_by_its_cosine():
    documents = {f"p{number}": f"wort{number % 7} wort{number % 5} wort{number}" for number in range(40)}
    questions = {f"q{number}": f"wort{number} wort{number % 5}" for number in range(12)}
    qrels = {f"q{number}": frozenset({f"p{number + 5}"}) for number in range(12)}
    task = Task("de-de", "de", "de", documents, questions, qrels, {})
    encoder = HashingEncoder()
    asked, held = encoder.encode_questions(list(questions.values())), encoder.encode_passages(list(documents.values()))
    gains = []
    for row, question in enumerate(questions):
        ranking = sorted(documents, key=lambda name: -float(asked[row] @ held[list(documents).index(name)]))
        gains.append(ndcg(ranking[:10], qrels[question], 10))
    assert dense.score(task, asked, held) == pytest.approx(float(np.mean(gains)))
    assert 0 < dense.score(task, asked, held) < 1


def test_scores_are_printed_as_a_table():
    lines = dense.table({"de-de": 0.5, "en-de": 0.12345}).splitlines()
    assert lines == [
        "| questions - paragraphs | de-de | en-de |",
        "|---|---|---|",
        "| the encoder alone | 50.00 | 12.35 |",
    ]


def test_every_encoder_stands_in_the_table_by_its_size():
    lines = pack_plot.table(PACK, SPEEDS).splitlines()[2:]
    assert len(lines) == len(pack_plot.PUBLISHED) + 2
    assert lines[1] == "| **this pack, the encoder alone** | 37 M | 89.0 | 66 |"
    assert lines[2] == "| **this pack, full pipeline** | 37 M | 97.0 | 66 |"
    assert lines[-1] == "| multilingual-e5-large | 560 M | 97.0 | 1.2 |"
    assert "| gte-multilingual-base | 305 M | 94.1 |  |" in lines


def test_the_plot_names_every_encoder_and_no_name_covers_another():
    drawn = ElementTree.fromstring(pack_plot.plot(PACK, SPEEDS))
    sized, timed = drawn.findall(f"{SVG}g")
    for panel, count in ((sized, len(pack_plot.PUBLISHED)), (timed, len(pack_plot.PUBLISHED) - 2)):
        names = [text for text in panel.iter(f"{SVG}text") if text.get("class") in ("name", "our-name")]
        assert len(names) == count + 2
        places = [(float(text.get("x", "")), float(text.get("y", "")), text.text or "") for text in names]
        for number, (x, y, name) in enumerate(places):
            for other_x, other_y, other in places[:number]:
                apart = abs(x - other_x) >= 5.6 * (len(name) + len(other)) / 2 or abs(y - other_y) >= 11
                assert apart, (name, other)


def test_higher_is_better_and_farther_right_is_more():
    drawn = ElementTree.fromstring(pack_plot.plot(PACK, SPEEDS))
    for panel in drawn.findall(f"{SVG}g"):
        ours = [
            (float(dot.get("cx", "")), float(dot.get("cy", "")))
            for dot in panel.iter(f"{SVG}circle")
            if dot.get("class") == "our-dot"
        ]
        others = [
            (float(dot.get("cx", "")), float(dot.get("cy", "")))
            for dot in panel.iter(f"{SVG}circle")
            if dot.get("class") == "dot"
        ]
        assert len({x for x, _ in ours}) == 1
        assert ours[0][1] < ours[1][1]  # the pipeline above the encoder alone
        assert max(y for _, y in others) > ours[1][1]  # the teacher below both


def test_the_command_measures_once_and_writes_the_plot(tmp_path, monkeypatch, capsys):
    measured: list[int] = []

    def measure(shapes: list[pack_plot.Shape]) -> dict[str, float]:
        measured.append(len(shapes))
        return SPEEDS

    (tmp_path / "encoder").mkdir()
    weights = {"a": np.zeros((3000, 1000), dtype=np.float16), "pooler.dense.bias": np.zeros(10**6, dtype=np.float16)}
    save_file(weights, tmp_path / "encoder" / "model.safetensors")
    monkeypatch.setattr(pack_plot, "measure", measure)
    options = {"alone": "89", "pipeline": "97", "speedup": "2", "speeds": tmp_path / "speeds.json", "pack": tmp_path}
    options["write"] = tmp_path / "pack.svg"
    monkeypatch.setattr(
        "sys.argv", ["pack_plot", *(part for name, value in options.items() for part in (f"--{name}", str(value)))]
    )
    pack_plot.main()
    pack_plot.main()
    assert measured == [4]
    assert json.loads((tmp_path / "speeds.json").read_text(encoding="utf-8")) == SPEEDS
    assert "| **this pack, the encoder alone** | 3 M | 89.0 | 60 |" in capsys.readouterr().out
    assert ElementTree.parse(tmp_path / "pack.svg").getroot().tag == f"{SVG}svg"


def test_a_deeper_network_is_slower():
    speeds = pack_plot.measure([pack_plot.Shape(1, 64), pack_plot.Shape(8, 64)])
    assert set(speeds) == {"1 x 64", "8 x 64"}
    assert all(speed > 0 for speed in speeds.values())
