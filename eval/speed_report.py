"""The benchmark's figures as a Markdown table, and the place in the docs where it stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from eval import speed_encoder

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"
BEGIN = "<!-- table: begin (written by `make bench BENCH=--write`) -->"
END = "<!-- table: end -->"
MEBIBYTE = 2**20

Figures = Mapping[str, Any]

ROWS: tuple[tuple[str, Callable[[Figures], str]], ...] = (
    ("passages", lambda at: f"{at['passages']:,}"),
    ("question in process, p50 / p95", lambda at: f"{at['inside_p50']:.1f} / {at['inside_p95']:.1f} ms"),
    ("question over HTTP, p50 / p95", lambda at: f"{at['http_p50']:.1f} / {at['http_p95']:.1f} ms"),
    ("HTTP adds (difference of the p50s; target: at most 3 ms)", lambda at: f"{at['http_adds']:.1f} ms"),
    ("first start of the service to its first answer, calibration included", lambda at: _start(at, "first_")),
    ("every later start", lambda at: _start(at, "")),
    ("memory of the service, resident / peak (target: at most 900 MB)", lambda at: _memory(at)),
    ("disk per passage, store / index", lambda at: f"{_each(at, 'store_bytes')} / {_each(at, 'index_bytes')} kB"),
    ("index built from cached embeddings", lambda at: f"{at['index_per_second']:,.0f} passages/s"),
)


def _memory(at: Figures) -> str:
    if "rss_bytes" not in at:
        return "not told by this system"
    return f"{at['rss_bytes'] / 1e6:,.0f} / {at['rss_peak_bytes'] / 1e6:,.0f} MB"


def _start(at: Figures, which: str) -> str:
    return f"{at[f'{which}start_seconds']:.1f} s"


def _each(at: Figures, key: str) -> str:
    return f"{at[key] / at['passages'] / 1000:.1f}"


def render(result: Figures) -> str:
    """The tables, with what they were measured on."""
    on = result["machine"]
    ingest = result["ingest"]
    sizes = list(result["sizes"].values())
    lines = [
        f"Measured on {on['cores']} cores of {on['processor']}, {on['system']}, Python {on['python']}.",
        "",
        speed_encoder.render(result["encoder"]),
        "",
        "| ingest with the real encoder | |",
        "|---|---|",
        f"| passages | {ingest['passages']:,} |",
        f"| articles to durable, searchable passages | {ingest['per_second']:.1f} passages/s |",
        f"| the encoder alone on the same texts | {ingest['encoder_per_second']:.1f} passages/s |",
        f"| share (target: at least 0.85) | {ingest['share']:.2f} |",
        f"| `fundstelle --help` (target: below 500 ms) | {result['help_ms']:.0f} ms |",
        "",
        f"| {result['questions']} questions, one after the other |" + " |" * len(sizes),
        "|---|" + "---|" * len(sizes),
    ]
    lines += [f"| {name} | " + " | ".join(show(at) for at in sizes) + " |" for name, show in ROWS]
    return "\n".join(lines)


def write(table: str, page: Path = PAGE) -> None:
    """Replaces what stands between the two markers of ``page``. Raises ValueError where they are missing."""
    text = page.read_text(encoding="utf-8")
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{page} lacks the markers {BEGIN!r} and {END!r}")
    page.write_text(f"{before}{BEGIN}\n{table}\n{END}{after}", encoding="utf-8")
