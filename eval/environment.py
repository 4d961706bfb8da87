"""What a run was made with: the versions and the machine that its figures depend on."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version

from eval.probes import machine

_PACKAGES = ("fundstelle", "torch", "sentence-transformers", "faiss-cpu", "tantivy", "ir-measures")


def environment() -> Mapping[str, str]:
    """Versions of what is installed, and the machine. Nothing that names a person or a place."""
    return machine() | {package: found for package in _PACKAGES if (found := _version(package))}


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
