"""What a built generation is, and the proof that its files are the ones that were written."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

from index.dense_segments import SegmentInfo, SegmentKind
from index.errors import IndexCorrupt

MANIFEST_FILE = "manifest.json"
FORMAT = 1  # of the folder's layout; what another version wrote is rebuilt from the store


class OtherFormat(IndexCorrupt):
    """The generation was written by another version: not damaged, but not for us to read."""


class Pointer(NamedTuple):
    """What CURRENT says: a generation's name and the SHA-256 of its manifest."""

    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A file's size in bytes and its SHA-256 in hexadecimal."""

    bytes: int
    sha256: str

    @staticmethod
    def of(path: Path) -> FileRecord:
        """Read the file and describe it. Raises OSError."""
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            return FileRecord(file.tell(), digest)


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything about a generation that is not in its files.

    ``revision`` is the store's, and never claims more than the files hold. ``analysis`` names how texts became terms.
    ``files`` maps paths inside the folder, with forward slashes, to what they hold.
    """

    fingerprint: str
    dimension: int
    revision: int
    passages: int
    analysis: str
    created: str  # UTC, ISO 8601 to the second
    segments: tuple[SegmentInfo, ...]
    files: Mapping[str, FileRecord]
    format: int = FORMAT

    def to_bytes(self) -> bytes:
        """As written; the SHA-256 of these bytes stands beside the generation's name in CURRENT."""
        content = {
            "format": self.format,
            "fingerprint": self.fingerprint,
            "dimension": self.dimension,
            "revision": self.revision,
            "passages": self.passages,
            "analysis": self.analysis,
            "created": self.created,
            "segments": [info.as_json() for info in self.segments],
            "files": {name: asdict(record) for name, record in sorted(self.files.items())},
        }
        return json.dumps(content, indent=1, ensure_ascii=False).encode()

    def pointer(self, name: str) -> Pointer:
        """What CURRENT says while a generation of this name with this manifest is the published one."""
        return Pointer(name, hashlib.sha256(self.to_bytes()).hexdigest())

    @staticmethod
    def from_bytes(content: bytes) -> Manifest:
        """Raises IndexCorrupt for anything but what ``to_bytes`` gives, OtherFormat where another version's does."""
        try:
            fields: dict[str, Any] = json.loads(content)
            if fields["format"] != FORMAT:
                raise OtherFormat(f"The index has format {fields['format']}; this version writes {FORMAT}.")
            fields["segments"] = tuple(
                SegmentInfo(**{**info, "kind": SegmentKind(info["kind"])}) for info in fields["segments"]
            )
            fields["files"] = {name: FileRecord(**record) for name, record in fields["files"].items()}
            return Manifest(**fields)
        except (ValueError, TypeError, KeyError, AttributeError) as malformed:
            raise IndexCorrupt(f"{MANIFEST_FILE} cannot be read: {malformed}") from malformed


def damaged_files(directory: Path, files: Mapping[str, FileRecord]) -> list[str]:
    """One sentence per file that is missing or holds something else; [] when all are as they were written."""
    problems = []
    for name, expected in files.items():
        try:
            found = FileRecord.of(directory / name)
        except OSError:
            problems.append(f"{name} is missing or cannot be read")
            continue
        if found != expected:
            what = (
                f"has {found.bytes} bytes instead of {expected.bytes}" if found.bytes != expected.bytes else "differs"
            )
            problems.append(f"{name} {what}")
    return problems


def describe(directory: Path, known: Mapping[str, FileRecord], ignored: Iterable[str] = ()) -> dict[str, FileRecord]:
    """Records of all files in ``directory``; those ``known`` by path are not read again."""
    left_out = {MANIFEST_FILE, *ignored}
    paths = sorted(path for path in directory.rglob("*") if path.is_file() and path.name not in left_out)
    names = [path.relative_to(directory).as_posix() for path in paths]
    return {name: known.get(name) or FileRecord.of(path) for name, path in zip(names, paths, strict=True)}
