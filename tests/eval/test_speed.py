import json

import pytest

from eval import speed
from eval.speed_report import render


@pytest.mark.model
def test_the_benchmark_runs_and_its_figures_fit_together(tmp_path, capsys):
    kept = tmp_path / "figures.json"
    speed.main(
        [
            *("--sizes", "40", "--questions", "4", "--ingest-passages", "12", "--encoder-passages", "4"),
            *("--json", str(kept), "--folder", str(tmp_path)),
        ]
    )
    result = json.loads(kept.read_text(encoding="utf-8"))
    at = result["sizes"]["40"]
    assert at["passages"] >= 40
    assert result["ingest"]["passages"] >= 12
    assert result["ingest"]["share"] == pytest.approx(
        result["ingest"]["per_second"] / result["ingest"]["encoder_per_second"]
    )
    assert at["http_adds"] == pytest.approx(at["http_p50"] - at["inside_p50"])
    assert at["inside_p50"] <= at["inside_p95"]
    assert (
        min(at["store_bytes"], at["index_bytes"], at["start_seconds"], at["first_start_seconds"], result["help_ms"]) > 0
    )
    assert capsys.readouterr().out.strip() == render(result)
    assert [path.name for path in tmp_path.iterdir()] == ["figures.json"]
