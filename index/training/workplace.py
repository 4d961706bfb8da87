"""The folder where a training keeps what it has made so far, so that one that was stopped goes on where it was.

It belongs to one set of inputs: with others, what is there would be silently wrong, so that it is refused.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from index.training.alignment import Alignment

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_INPUTS = "inputs.json"
_ALIGNMENT = "alignment.npz"
_TOKENIZER = "tokenizer.json"
_TABLE = "table.npy"


class Workplace:
    """A folder with intermediate results; each is written whole or not at all.

    What gives a result gives None where it has not been made yet, and raises ValueError where it is damaged.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def claim(self, inputs: Mapping[str, str | int | float]) -> None:
        """Make the folder that of ``inputs``. Raises ValueError where it is that of others, and names the first."""
        path = self.folder / _INPUTS
        if not path.is_file():
            self._write(_INPUTS, (json.dumps(dict(inputs), indent=2) + "\n").encode())
            return
        try:
            held = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as damaged:
            raise ValueError(f"{path} is damaged; remove the folder to begin anew") from damaged
        for name, value in inputs.items():
            if held.get(name) != value:
                raise ValueError(
                    f"{self.folder} was begun with {name} {held.get(name)}, not {value}; "
                    "give it the same again, or another --work"
                )

    def alignment(self) -> Alignment | None:
        """The alignment of the words."""
        path = self.folder / _ALIGNMENT
        if not path.is_file():
            return None
        try:
            with path.open("rb") as file, np.load(file, allow_pickle=False) as held:
                found = {field.name: held[field.name] for field in fields(Alignment)}
        except (BadZipFile, KeyError, ValueError, EOFError) as damaged:
            raise ValueError(f"{path} is damaged; remove it to have it made again") from damaged
        return Alignment(**found | {side: found[side].tolist() for side in ("english", "german")})

    def keep_alignment(self, alignment: Alignment) -> None:
        """Write the alignment."""
        with (self.folder / f"{_ALIGNMENT}.part").open("wb") as file:
            np.savez_compressed(file, **{field.name: getattr(alignment, field.name) for field in fields(alignment)})
        self._publish(_ALIGNMENT)

    def tokenizer(self) -> Tokenizer | None:
        """The tokenizer of both languages."""
        from tokenizers import Tokenizer

        path = self.folder / _TOKENIZER
        if not path.is_file():
            return None
        try:
            return Tokenizer.from_str(path.read_text(encoding="utf-8"))
        except Exception as damaged:  # the library raises nothing narrower
            raise ValueError(f"{path} is damaged; remove it to have it made again") from damaged

    def keep_tokenizer(self, tokenizer: Tokenizer) -> None:
        """Write the tokenizer."""
        self._write(_TOKENIZER, tokenizer.to_str(pretty=True).encode())

    def table(self) -> NDArray[np.float32] | None:
        """(pieces, hidden), where the vectors of word pieces start."""
        path = self.folder / _TABLE
        if not path.is_file():
            return None
        try:
            found = np.load(path, allow_pickle=False)
        except (ValueError, EOFError) as damaged:
            raise ValueError(f"{path} is damaged; remove it to have it made again") from damaged
        return np.asarray(found, dtype=np.float32)

    def keep_table(self, table: NDArray[np.float32]) -> None:
        """Write the start of the vectors."""
        with (self.folder / f"{_TABLE}.part").open("wb") as file:
            np.save(file, table)
        self._publish(_TABLE)

    def _write(self, name: str, content: bytes) -> None:
        (self.folder / f"{name}.part").write_bytes(content)
        self._publish(name)

    def _publish(self, name: str) -> None:
        (self.folder / f"{name}.part").replace(self.folder / name)
