"""The tensors of a safetensors file, read where they lie: the file is mapped, and only what is used is touched.

Layout: 8 bytes with the length of a JSON header, the header (dtype, shape and byte range by name), the numbers.
https://github.com/huggingface/safetensors#format
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.backends import Unsuitable

_LENGTH = 8  # bytes
_STORED = {"F32": "<f4", "F16": "<f2", "BF16": "<u2"}  # numpy has no bfloat16: its bits are read as they are


class Tensors:
    """Floating point tensors by name, given as 32-bit floats whatever they are stored as."""

    def __init__(self, path: Path) -> None:
        """Raises Unsuitable where the file is damaged or holds what is no plain floating point number."""
        try:
            self._bytes = np.memmap(path, dtype=np.uint8, mode="r")
            self._start = _LENGTH + int.from_bytes(bytes(self._bytes[:_LENGTH]), "little")
            header = json.loads(bytes(self._bytes[_LENGTH : self._start]))
            if not isinstance(header, dict):
                raise ValueError("its header is no table")
        except (OSError, ValueError) as damaged:
            raise Unsuitable(f"{path.name} cannot be read: {damaged}") from damaged
        header.pop("__metadata__", None)
        self._header: dict[str, dict[str, Any]] = header

    @property
    def names(self) -> list[str]:
        """The names of all tensors."""
        return list(self._header)

    def full(self, name: str) -> NDArray[np.float32]:
        """A tensor as a copy of its own. Raises Unsuitable."""
        return _widened(self._stored(name))

    def rows(self, name: str, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """``rows.shape + (width,)``: rows of a matrix; no other row is read. Raises Unsuitable."""
        return _widened(self._stored(name)[rows])

    def shape(self, name: str) -> tuple[int, ...]:
        """The shape of a tensor. Raises Unsuitable where there is none."""
        return self._stored(name).shape

    def _stored(self, name: str) -> NDArray[Any]:
        try:
            entry = self._header[name]
            dtype = np.dtype(_STORED[entry["dtype"]])
            begin, end = (self._start + int(offset) for offset in entry["data_offsets"])
            shape = tuple(int(length) for length in entry["shape"])
        except (KeyError, TypeError, ValueError) as missing:
            raise Unsuitable(f"the weights hold no {name} in floating point numbers") from missing
        if not self._start <= begin <= end <= len(self._bytes) or end - begin != math.prod(shape) * dtype.itemsize:
            raise Unsuitable(f"the weights of {name} are cut short")
        return self._bytes[begin:end].view(dtype).reshape(shape)


def _widened(stored: NDArray[Any]) -> NDArray[np.float32]:
    if stored.dtype == np.uint16:
        return (stored.astype(np.uint32) << 16).view(np.float32)
    return stored.astype(np.float32)
