"""File operations that survive a loss of power: nothing counts as written before it is synced."""

from __future__ import annotations

import os
import shutil
from pathlib import Path


def write_file(path: Path, content: bytes) -> None:
    """Write and sync; the name is durable once the folder is synced too."""
    path.write_bytes(content)
    sync_file(path)


def sync_file(path: Path) -> None:
    """Wait until the file's content is on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(path: Path) -> None:
    """Wait until the names in the folder are on disk."""
    sync_file(path)


def replace_file(path: Path, content: bytes) -> None:
    """Give the file new content in one step: whoever reads it sees the old or the new one, also after a crash."""
    beside = path.with_name(path.name + ".tmp")
    write_file(beside, content)
    os.replace(beside, path)  # noqa: PTH105 - the fault injection of the tests watches this module's os
    sync_folder(path.parent)


def link_or_copy(source: Path, target: Path) -> None:
    """The same immutable file under a second name; a copy where the file system has no hard links."""
    try:
        os.link(source, target)
    except FileNotFoundError:
        raise
    except OSError:
        shutil.copyfile(source, target)
        sync_file(target)


def rename(source: Path, target: Path) -> None:
    """Rename a file or folder, durably."""
    os.rename(source, target)  # noqa: PTH104
    sync_folder(target.parent)


def remove_tree(folder: Path) -> None:
    """Remove a folder and all in it; one that is gone already is no error."""
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir() and not path.is_symlink():
            os.rmdir(path)  # noqa: PTH106
        else:
            path.unlink(missing_ok=True)
    if folder.exists():
        os.rmdir(folder)  # noqa: PTH106
