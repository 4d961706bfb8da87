"""Generations on disk: built aside, proved by checksums, published by one rename.

    index/CURRENT              the name of the generation to use, and the SHA-256 of its manifest
    index/gen-000042/          manifest.json, dense-*.faiss, dead.npy, lexical/...
    index/damaged-gen-000041/  what failed its checksums, the last one only, for whoever wants to look

A generation is complete before CURRENT names it, so that a crash at any moment leaves the old one or the new one.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path

from index import durable
from index.dense import DenseSnapshot
from index.errors import IndexCorrupt, IndexMismatch
from index.lexical import LexicalSnapshot
from index.manifest import MANIFEST_FILE, FileRecord, Manifest, OtherFormat, Pointer, damaged_files, describe

CURRENT_FILE = "CURRENT"
LEXICAL_FOLDER = "lexical"
_REPLACED_BY_TANTIVY = ("meta.json", ".managed.json")
_LOCK_FILES = (".tantivy-writer.lock", ".tantivy-meta.lock")
_POINTER = re.compile(r"(gen-\d{6,}) ([0-9a-f]{64})\n")
_SHAPING_TERMS = ("analysis.py", "lexical.py", "pack/compounds.txt.zst")
_SHAPING_LIBRARIES = ("tantivy", "PyStemmer")


@dataclass(frozen=True, slots=True)
class Generation:
    """One state of both indexes, opened; both hold the same passages."""

    name: str
    directory: Path
    manifest: Manifest
    dense: DenseSnapshot
    lexical: LexicalSnapshot

    @property
    def pointer(self) -> Pointer:
        """What CURRENT says while this is the published one."""
        return self.manifest.pointer(self.name)

    @property
    def revision(self) -> int:
        """The store's revision that is wholly in here."""
        return self.manifest.revision

    @property
    def count(self) -> int:
        """Passages."""
        return self.manifest.passages


@cache
def analysis_fingerprint() -> str:
    """Changes whenever texts might become other terms, so that no index outlives the code that reads it."""
    digest = hashlib.sha256()
    for name in _SHAPING_TERMS:
        digest.update((Path(__file__).parent / name).read_bytes())
    digest.update(" ".join(version(name) for name in _SHAPING_LIBRARIES).encode())
    return digest.hexdigest()[:16]


class GenerationFolder:
    """The folder of generations. Only a holder of the writer's lock may publish and sweep; anyone may read."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.notes: list[str] = []

    def note(self, sentence: str) -> None:
        """Keep for the operator what happened, once."""
        if sentence not in self.notes:
            self.notes.append(sentence)

    def pointer(self) -> Pointer | None:
        """What CURRENT names, or None where there is none. Raises IndexCorrupt where it cannot be read."""
        try:
            content = (self.directory / CURRENT_FILE).read_bytes()
        except FileNotFoundError:
            return None
        named = _POINTER.fullmatch(content.decode("ascii", errors="replace"))
        if named is None:
            raise IndexCorrupt(f"{CURRENT_FILE} is damaged.")
        return Pointer(named[1], named[2])

    def manifest(self, pointer: Pointer) -> Manifest:
        """The manifest of the generation that CURRENT names. Raises IndexCorrupt."""
        try:
            content = (self.directory / pointer.name / MANIFEST_FILE).read_bytes()
        except OSError as missing:
            raise IndexCorrupt(f"{pointer.name} has no manifest.") from missing
        if hashlib.sha256(content).hexdigest() != pointer.sha256:
            raise IndexCorrupt(f"{MANIFEST_FILE} of {pointer.name} is not the one that was published.")
        return Manifest.from_bytes(content)

    def load(
        self, pointer: Pointer, fingerprint: str, exact_limit: int, known: Generation | None = None
    ) -> Generation | None:
        """Open a generation after checking all of it; None (with a note) where another version's code built it.

        Segments that ``known`` has in memory are not read again. Raises IndexMismatch where another encoder built it,
        IndexCorrupt where anything differs from what was published.
        """
        try:
            manifest = self.manifest(pointer)
        except OtherFormat as other:
            self.note(f"{other.detail} It is built again from the store.")
            return None
        if manifest.fingerprint != fingerprint and manifest.passages:
            raise IndexMismatch(
                f"The index was built with the encoder {manifest.fingerprint}; the one set is {fingerprint}."
            )
        if manifest.fingerprint != fingerprint:
            return None  # nothing in it: whatever comes first may be of any encoder
        if manifest.analysis != analysis_fingerprint():
            self.note("Texts are analysed in another way since the index was built; it is built again.")
            return None
        directory = self.directory / pointer.name
        segments = {} if known is None else {segment.info.file: segment for segment in known.dense.segments}
        unread = {name: record for name, record in manifest.files.items() if name not in segments}
        if problems := damaged_files(directory, unread):
            raise IndexCorrupt(f"{pointer.name}: {'; '.join(problems)}.")
        try:
            dense = DenseSnapshot.load(
                directory, manifest.dimension, manifest.segments, known=segments, exact_limit=exact_limit
            )
            lexical = LexicalSnapshot.open(directory / LEXICAL_FOLDER)
        except (OSError, ValueError, RuntimeError, EOFError) as unreadable:
            raise IndexCorrupt(f"{pointer.name} cannot be opened: {unreadable}") from unreadable
        if not dense.count == lexical.count == manifest.passages:
            raise IndexCorrupt(
                f"{pointer.name} lists {manifest.passages} passages, but holds {dense.count} and {lexical.count}."
            )
        return Generation(pointer.name, directory, manifest, dense, lexical)

    def begin(self) -> Path:
        """A new empty folder, numbered after all there are; what an earlier crash left is swept away first."""
        self.directory.mkdir(parents=True, exist_ok=True)
        self.sweep()
        folder = self.directory / f"gen-{self._next_number():06d}"
        (folder / LEXICAL_FOLDER).mkdir(parents=True)
        return folder

    def publish(self, folder: Path, manifest: Manifest, linked: Mapping[str, FileRecord]) -> Pointer:
        """Make a complete folder the current generation, durably, and remove the one before.

        ``linked`` are the files taken over from the previous generation, which are on disk already.
        """
        content = manifest.to_bytes()
        for name in manifest.files:
            if name not in linked:
                durable.sync_file(folder / name)
        durable.write_file(folder / MANIFEST_FILE, content)
        inner = {(folder / name).parent for name in manifest.files} - {folder}
        for part in (*sorted(inner), folder / LEXICAL_FOLDER, folder, self.directory):
            durable.sync_folder(part)
        pointer = manifest.pointer(folder.name)
        durable.replace_file(self.directory / CURRENT_FILE, f"{pointer.name} {pointer.sha256}\n".encode())
        self.tidy()
        return pointer

    def quarantine(self, pointer: Pointer, problem: IndexCorrupt) -> None:
        """Put a damaged generation aside, so that nobody loads it again; CURRENT stays until the next is published."""
        self.note(f"{problem.detail} It was put aside; the index is built again from the store.")
        try:
            for old in self.directory.glob("damaged-*"):
                durable.remove_tree(old)
            durable.rename(self.directory / pointer.name, self.directory / f"damaged-{pointer.name}")
        except OSError as refused:
            self.note(f"{pointer.name} could not be put aside: {refused}.")

    def tidy(self) -> None:
        """Sweep where that can wait: what cannot be removed now is noted and removed another time."""
        try:
            self.sweep()
        except OSError as kept:
            self.note(f"A former generation could not be removed: {kept}.")

    def sweep(self) -> None:
        """Remove every generation but the current one: old ones, and what a crash left half written."""
        try:
            pointer = self.pointer()
        except IndexCorrupt:
            pointer = None
        for folder in self.directory.glob("gen-*"):
            if pointer is None or folder.name != pointer.name:
                durable.remove_tree(folder)
        (self.directory / f"{CURRENT_FILE}.tmp").unlink(missing_ok=True)

    def _next_number(self) -> int:
        names = [folder.name for folder in self.directory.glob("*gen-*")]
        with suppress(IndexCorrupt):
            names.append(getattr(self.pointer(), "name", ""))
        return 1 + max((int(digits) for name in names for digits in re.findall(r"gen-(\d+)", name)), default=0)


def take_over(previous: Generation, folder: Path, dense_files: set[str]) -> dict[str, FileRecord]:
    """Fill a new folder with what stays of ``previous``; returns the records of the files that are linked.

    Tantivy never changes a segment's file, but replaces its lists of files by rename: these are copied.
    """
    linked = {}
    for name, record in previous.manifest.files.items():
        source, target = previous.directory / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.name in _REPLACED_BY_TANTIVY:
            shutil.copyfile(source, target)
        elif name.startswith(f"{LEXICAL_FOLDER}/") or name in dense_files:
            durable.link_or_copy(source, target)
            linked[name] = record
    return linked


def describe_files(folder: Path, linked: Mapping[str, FileRecord]) -> dict[str, FileRecord]:
    """Records of a generation's files; those that were linked are not read again."""
    return describe(folder, linked, ignored=_LOCK_FILES)
