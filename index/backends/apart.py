"""The calibration in a process of its own, which takes torch, its memory and whatever goes wrong with it when it ends.

`python -m index.backends.apart` reads what is to be calibrated from standard input and writes what was chosen.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

from index.backends import TORCH, Unsuitable
from index.backends.calibration import Choice, calibrate
from index.backends.paths import Paths
from index.prompts import Prompts

_PATIENCE = 900.0  # seconds; a large model on a slow disk may take minutes
_log = logging.getLogger("index.backends")


def calibrate_apart(paths: Paths) -> Choice | None:
    """What this machine should run the encoder on, tried in another process; None where that did not end well.

    Where no fast path can fit the model, the reference is chosen without a trial.
    """
    try:
        paths.blueprint()
    except Unsuitable as unsuitable:
        _log.info("The encoder runs on %s alone: %s", TORCH, unsuitable)
        return Choice(TORCH, TORCH)
    if not paths.offered():
        return Choice(TORCH, TORCH)
    _log.info("Finding out what runs the encoder fastest on this machine; later starts remember it")
    try:
        done = subprocess.run(  # noqa: S603 - our own words
            [sys.executable, "-m", __name__],
            input=json.dumps([str(paths.folder), paths.prompts.question, paths.prompts.passage, paths.threads]),
            capture_output=True,
            check=True,
            text=True,
            timeout=_PATIENCE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
        return Choice.read(json.loads(done.stdout.splitlines()[-1]))
    except (OSError, subprocess.SubprocessError, LookupError, TypeError, ValueError) as failed:
        said = str(getattr(failed, "stderr", None) or failed).strip().splitlines()
        _log.warning("The encoder could not be calibrated and runs on %s: %s", TORCH, said[-1] if said else failed)
        return None


def main() -> None:
    """Calibrate what standard input names."""
    folder, question, passage, threads = json.load(sys.stdin)
    choice = calibrate(Paths(Path(folder), Prompts(question, passage), threads=threads))
    sys.stdout.write("\n" + json.dumps(choice.written()) + "\n")


if __name__ == "__main__":
    main()
