"""How much one input may ask of us. Every limit has a name that the error repeats."""

from __future__ import annotations

from dataclasses import dataclass

from corpus.errors import DocumentTooLarge


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits on one input, and on how many inputs one call may bring."""

    max_bytes: int = 20 * 1024 * 1024  # of one file, or of one JSONL line
    max_pages: int = 2_000  # of one PDF
    max_characters: int = 2_000_000  # of one document's text
    max_expansion: int = 100  # bytes unpacked per byte packed, for DOCX members and PDF streams
    max_expanded_bytes: int = 200 * 1024 * 1024  # unpacked in total, for one DOCX or PDF
    max_inputs: int = 100_000  # of one call
    max_metadata: int = 64  # entries of one document
    max_field_characters: int = 2_000  # of a title, a source, a URL, a metadata key or value
    max_nesting: int = 100  # brackets within brackets, in JSON

    def check(self, name: str, value: int, what: str) -> None:
        """Raise DocumentTooLarge, with the limit's name as its field, where ``value`` passes it."""
        limit: int = getattr(self, name)
        if value > limit:
            raise DocumentTooLarge(f"{what}: {value:,} is over {name} = {limit:,}.", field=name, limit=limit)
