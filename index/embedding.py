"""What is kept of an encoded passage: its own vector and, coarser, those of its sentences.

The passage's vector ranks it among all others and is kept as 16-bit floats. The sentences' vectors only decide within
a passage that was already found; 8 bits a number hold their cosines to about a hundredth, at half the space.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from index.protocols import Vectors

_LEVELS = 127


def pack(vector: NDArray[np.float32], sentences: Vectors) -> bytes:
    """One passage's unit vector (d,) and its sentences' (n, d) as bytes: 2 d + n d in all."""
    peaks = np.abs(sentences).max(axis=1, keepdims=True, initial=np.finfo(np.float32).tiny)
    coarse = np.rint(sentences / peaks * _LEVELS).astype(np.int8)
    return bytes(vector.astype("<f2").tobytes() + coarse.tobytes())


def unpack(kept: bytes, dimension: int) -> NDArray[np.float32]:
    """The passage's vector (d,), of unit length again: the same bits whether fresh or from the cache."""
    vector = np.frombuffer(kept, dtype="<f2", count=dimension).astype(np.float32)
    return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)


def unpack_sentences(kept: bytes, dimension: int) -> Vectors:
    """The sentences' vectors (n, d), of unit length; n is 0 where none were kept."""
    coarse = np.frombuffer(kept, dtype=np.int8, offset=2 * dimension).reshape(-1, dimension).astype(np.float32)
    lengths = np.linalg.norm(coarse, axis=1, keepdims=True)
    return np.asarray(coarse / np.maximum(lengths, 1.0), dtype=np.float32)
