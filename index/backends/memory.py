"""What the calibration chose, kept for the next start: valid for one encoder, on one machine, with the same libraries.

The file can be lost or damaged at no cost but that of the next calibration.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from index.backends.calibration import Choice
from index.durable import replace_file

_FORMAT = 1  # counts changes of paths, probes or rules after which machines should be asked again
_LIBRARIES = ("openvino", "torch", "tokenizers")
_TELLING = ("model name", "flags", "Features", "CPU implementer", "CPU part")  # lines of /proc/cpuinfo
_log = logging.getLogger("index.backends")


def circumstances(fingerprint: str, threads: int) -> dict[str, str]:
    """All that the choice depends on."""
    return {
        "format": str(_FORMAT),
        "encoder": fingerprint,
        "processor": processor(),
        "cores": str(_cores()),
        "threads": str(threads),
        **{name: _version(name) for name in _LIBRARIES},
    }


def recall(file: Path, wanted: Mapping[str, str]) -> Choice | None:
    """What was chosen under the same circumstances; None where nothing was, or the file is damaged."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        kept = content["kept"]
        if content["sha256"] != _digest(kept):
            raise ValueError("its checksum does not match")
        if kept["circumstances"] != dict(wanted):
            return None
        return Choice.read(kept["choice"])
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as damaged:
        _log.warning("%s cannot be read, so that the encoder is calibrated again: %s", file, damaged)
        return None


def remember(file: Path, circumstances: Mapping[str, str], choice: Choice) -> None:
    """Keep a choice; where the folder cannot be written to, the next start calibrates again."""
    kept = {"circumstances": dict(circumstances), "choice": choice.written()}
    try:
        replace_file(file, json.dumps({"kept": kept, "sha256": _digest(kept)}, indent=1).encode())
    except OSError as failed:
        _log.warning("The encoder's calibration cannot be kept: %s", failed)


def processor() -> str:
    """The processor's name and a digest of what it can do: two machines of one name may differ."""
    try:
        block = Path("/proc/cpuinfo").read_text(encoding="utf-8").split("\n\n", 1)[0]
    except OSError:
        return f"{platform.machine()} {platform.processor()}"
    told = dict(line.split(":", 1) for line in block.splitlines() if ":" in line)
    facts = {name.strip(): value.strip() for name, value in told.items() if name.strip() in _TELLING}
    return f"{facts.get('model name', platform.machine())} {_digest(facts)[:16]}"


def _cores() -> int:
    affinity = getattr(os, "sched_getaffinity", None)  # Linux
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:
        return "none"


def _digest(content: object) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
