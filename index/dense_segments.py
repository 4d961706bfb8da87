"""One immutable part of the dense index. The only importer of faiss.

A segment holds passage ids in ascending order and their unit vectors, either flat (searched exactly) or, when large,
as inverted lists (IVF) whose number of probed lists was chosen by measured recall. FAISS proposes; scores are then
computed again row by row, so that a passage's score depends on the two vectors alone and equal vectors tie exactly,
whatever the batch, the segment or the kernel.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.errors import IndexCorrupt
from index.protocols import Ids, Vectors

Mask = NDArray[np.bool_]  # one entry per row of a segment: may it be found?
Found = tuple[Ids, NDArray[np.float32]]  # ids and scores, unordered

WANTED_RECALL = 0.99  # of the ten nearest, against exact search on vectors that took no part in the training
_LISTS_PER_ROOT = 4  # lists = 4 * sqrt(rows)
_LEAST_SHARE = 1 / 64  # of the lists, since questions lie farther from passages than the passages that are tried
_TRAINED_PER_LIST = 40  # one more than FAISS asks for
_TRAINING_ROUNDS = 10
_TRIED = 256  # held-out vectors
_SEED = 20_240_501
_EXACT_BELOW = 20_000  # filtered searches of inverted lists that leave fewer rows than this look at all of them
_SPARE = 16  # rows fetched beyond the depth, so that a tie at the end is usually seen at once
_NOISE = 1e-5  # FAISS's scores and ours agree to this
_ROWS_AT_ONCE = 16_384


def _faiss() -> Any:  # noqa: ANN401 - its type stubs do not know its own Python layer
    import faiss

    return faiss


class SegmentKind(StrEnum):
    """How a segment is searched."""

    FLAT = "flat"
    IVF = "ivf"


@dataclass(frozen=True, slots=True)
class SegmentInfo:
    """What the manifest says of a segment. ``recall`` is the measured share of the ten nearest that were found."""

    file: str
    kind: SegmentKind
    rows: int
    lists: int = 0
    probes: int = 0
    recall: float = 1.0

    def as_json(self) -> dict[str, Any]:
        """Plain values for the manifest."""
        return {**asdict(self), "kind": str(self.kind)}


class Segment:
    """Searching is safe from any number of threads; nothing ever changes a segment."""

    def __init__(self, labelled: Any, ids: Ids, info: SegmentInfo) -> None:  # noqa: ANN401
        self._labelled = labelled  # the index with its ids, as it is written
        self._index = _faiss().downcast_index(labelled.index)
        self.ids = ids
        self.info = info

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def dimension(self) -> int:
        """Numbers per vector."""
        return int(self._index.d)

    @classmethod
    def flat(cls, file: str, ids: Ids, blocks: Iterable[Vectors], dimension: int) -> Segment:
        """Lay ``blocks``, whose rows belong to ``ids`` in order, into one exactly searched segment."""
        index = _faiss().IndexFlatIP(dimension)
        labelled = _faiss().IndexIDMap(index)
        index.codes.resize(len(ids) * dimension * 4)
        rows = _flat_rows(index, len(ids))
        filled = 0
        for block in blocks:
            rows[filled : filled + len(block)] = block
            filled += len(block)
        if filled != len(ids):
            raise ValueError(f"{len(ids)} ids came with {filled} vectors")
        index.ntotal = len(ids)
        return cls(_label(labelled, ids), ids, SegmentInfo(file, SegmentKind.FLAT, len(ids)))

    @classmethod
    def inverted(cls, file: str, source: Segment) -> Segment:
        """Train inverted lists on a sample of a flat segment, fill them, and choose how many to probe."""
        count, dimension = len(source), source.dimension
        order = np.random.default_rng(_SEED).permutation(count)
        tried = np.sort(order[: min(_TRIED, count // 4)])
        lists = max(1, min(round(_LISTS_PER_ROOT * math.sqrt(count)), (count - len(tried)) // _TRAINED_PER_LIST))
        sample = np.sort(order[len(tried) : len(tried) + lists * _TRAINED_PER_LIST])
        index = _faiss().IndexIVFFlat(_faiss().IndexFlatIP(dimension), dimension, lists, _faiss().METRIC_INNER_PRODUCT)
        labelled = _faiss().IndexIDMap(index)
        index.cp.niter = _TRAINING_ROUNDS
        index.cp.seed = _SEED
        index.train(source.rows(sample))
        for start in range(0, count, _ROWS_AT_ONCE):
            index.add(source.rows(np.arange(start, min(start + _ROWS_AT_ONCE, count))))
        index.make_direct_map()
        probes, recall = _enough_probes(index, source, tried)
        info = SegmentInfo(file, SegmentKind.IVF, count, lists, probes, recall)
        return cls(_label(labelled, source.ids), source.ids, info)

    def search(self, vectors: Vectors, depth: int, mask: Mask | None = None) -> list[Found]:
        """Per vector, at least the ``depth`` best rows that ``mask`` allows, with all that tie with the last.

        Fewer only where fewer are allowed.
        """
        open_rows = len(self) if mask is None else int(np.count_nonzero(mask))
        if open_rows == 0 or depth < 1:
            return [(np.empty(0, np.int64), np.empty(0, np.float32)) for _ in vectors]
        probes = self._probes(open_rows, filtered=mask is not None)
        wanted = min(depth, open_rows)
        width = min(wanted + _SPARE, open_rows)
        while True:
            scores, rows = self._propose(vectors, width, mask, probes)
            short = bool((rows[:, wanted - 1] < 0).any())
            tied = bool((scores[:, width - 1] >= scores[:, wanted - 1] - _NOISE).any()) and width < open_rows
            if short and probes < self.info.lists:
                probes = min(2 * probes, self.info.lists)
            elif tied and not short:
                width = min(4 * width, open_rows)
            else:
                return [self._scored(vector, found[found >= 0]) for vector, found in zip(vectors, rows, strict=True)]

    def rows(self, positions: NDArray[np.integer[Any]]) -> Vectors:
        """The vectors at these positions, (len(positions), dimension)."""
        if self.info.kind is SegmentKind.FLAT:
            return np.asarray(_flat_rows(self._index, len(self))[positions], dtype=np.float32)
        return np.asarray(self._index.reconstruct_batch(np.asarray(positions, dtype=np.int64)), dtype=np.float32)

    def positions(self, ids: Ids) -> tuple[NDArray[np.intp], Mask]:
        """Where ``ids`` stand in this segment, and which of them do at all."""
        places = np.searchsorted(self.ids, ids)
        inside = places < len(self.ids)
        inside[inside] = self.ids[places[inside]] == ids[inside]
        return places, inside

    def save(self, path: Path) -> None:
        """Write ids and vectors into one file."""
        _faiss().write_index(self._labelled, str(path))

    @classmethod
    def load(cls, path: Path, info: SegmentInfo) -> Segment:
        """Read what ``save`` wrote; check the file's SHA-256 first, FAISS trusts what it reads.

        Raises IndexCorrupt where the file holds something other than ``info`` says.
        """
        labelled = _faiss().read_index(str(path))
        ids = _faiss().vector_to_array(labelled.id_map).astype(np.int64)
        index = _faiss().downcast_index(labelled.index)
        expected = _faiss().IndexFlatIP if info.kind is SegmentKind.FLAT else _faiss().IndexIVFFlat
        if not isinstance(index, expected) or index.ntotal != info.rows or len(ids) != info.rows:
            raise IndexCorrupt(f"{path.name} does not hold the {info.rows} vectors that the manifest lists.")
        return cls(labelled, ids, info)

    def _probes(self, open_rows: int, *, filtered: bool) -> int:
        """Lists to look at: as many more as the filter thins them out, all of them where few rows are left."""
        if self.info.kind is SegmentKind.FLAT or not filtered:
            return self.info.probes
        if open_rows < _EXACT_BELOW:
            return self.info.lists
        return min(self.info.lists, math.ceil(self.info.probes * len(self) / open_rows))

    def _propose(
        self, vectors: Vectors, width: int, mask: Mask | None, probes: int
    ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        given: dict[str, Any] = {}
        if mask is not None:
            bits = np.packbits(mask, bitorder="little")
            given["sel"] = _faiss().IDSelectorBitmap(bits)
        if self.info.kind is SegmentKind.IVF:
            parameters = _faiss().SearchParametersIVF(nprobe=probes, **given)
        else:
            parameters = _faiss().SearchParameters(**given)
        scores, rows = self._index.search(np.ascontiguousarray(vectors, dtype=np.float32), width, params=parameters)
        return scores, rows

    def _scored(self, vector: Vectors, positions: NDArray[np.int64]) -> Found:
        return self.ids[positions], np.einsum("ij,j->i", self.rows(positions), vector)


def _label(labelled: Any, ids: Ids) -> Any:  # noqa: ANN401
    _faiss().copy_array_to_vector(ids, labelled.id_map)
    labelled.ntotal = len(ids)
    return labelled


def _flat_rows(index: Any, count: int) -> Vectors:  # noqa: ANN401
    """The vectors inside a flat index, without a copy; valid as long as the index lives."""
    flat = _faiss().rev_swig_ptr(index.get_xb(), count * index.d) if count else np.empty(0, np.float32)
    return np.asarray(flat.reshape(count, index.d))


def _enough_probes(index: Any, source: Segment, tried: NDArray[np.integer[Any]]) -> tuple[int, float]:  # noqa: ANN401
    """The fewest lists, doubling and then halving the step, at which recall@10 reaches the wanted one."""
    vectors = source.rows(tried)
    depth = min(11, len(source))  # each vector finds itself, which does not count
    enough = source._index.search(vectors, depth)[0][:, -1:] - _NOISE  # by score: of equals, any will do

    def recall(probes: int) -> float:
        scores = index.search(vectors, depth, params=_faiss().SearchParametersIVF(nprobe=probes))[0]
        hits = int((scores >= enough).sum()) - len(tried)
        return hits / (len(tried) * (depth - 1)) if depth > 1 else 1.0

    low, high = 0, 1
    while high < index.nlist and recall(high) < WANTED_RECALL:
        low, high = high, min(2 * high, index.nlist)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if recall(middle) >= WANTED_RECALL else (middle, high)
    high = max(high, math.ceil(index.nlist * _LEAST_SHARE))
    return high, recall(high)
