"""What is kept of an encoded passage: its own vector and, coarser, those of its sentences.

The passage's vector ranks it among all others and is kept as 16-bit floats. The sentences' vectors only decide within
a passage that was already found; 8 bits a number hold their cosines to about a hundredth, at half the space.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from index.protocols import Vectors

FORMAT = 1  # counts the layouts of what `pack` gives; part of every encoder's fingerprint
_LEVELS = 127
_HEADER = 2  # bytes that hold the dimension


def pack(vector: NDArray[np.float32], sentences: Vectors) -> bytes:
    """One passage's unit vector (d,) and its sentences' (n, d) as bytes: 2 + 2 d + n d in all."""
    peaks = np.abs(sentences).max(axis=1, keepdims=True, initial=np.finfo(np.float32).tiny)
    coarse = np.rint(sentences / peaks * _LEVELS).astype(np.int8)
    return len(vector).to_bytes(_HEADER, "little") + bytes(vector.astype("<f2").tobytes()) + bytes(coarse.tobytes())


def unpack(rows: Sequence[bytes]) -> Vectors:
    """(len(rows), d): the passages' vectors, of unit length again: the same bits whether fresh or from the cache."""
    halves = b"".join(row[_HEADER : _HEADER + 2 * _dimension(row)] for row in rows)
    vectors = np.frombuffer(halves, dtype="<f2").reshape(len(rows), -1).astype(np.float32)
    vectors /= np.sqrt(np.einsum("ij,ij->i", vectors, vectors))[:, None]
    return vectors


def unpack_sentences(row: bytes) -> Vectors:
    """(n, d): the sentences' vectors, of unit length; n is 0 where none were kept."""
    dimension = _dimension(row)
    coarse = np.frombuffer(row, dtype=np.int8, offset=_HEADER + 2 * dimension).reshape(-1, dimension).astype(np.float32)
    lengths = np.linalg.norm(coarse, axis=1, keepdims=True)
    return np.asarray(coarse / np.maximum(lengths, 1.0), dtype=np.float32)


def _dimension(row: bytes) -> int:
    return int.from_bytes(row[:_HEADER], "little")
