"""The dense index as a question sees it: an immutable snapshot of segments and of ids that are dead in them.

Adding or removing passages gives a new snapshot that shares the segments which did not change; whoever searches the
old one is not disturbed. Results are exact up to ``exact_limit`` passages.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from uuid import uuid4

import numpy as np

from index.dense_segments import Found, Mask, Segment, SegmentInfo, SegmentKind
from index.errors import IndexMismatch
from index.protocols import Hit, Ids, Vectors

EXACT_LIMIT = 200_000
DEAD_FILE = "dead.npy"
_MOST_SEGMENTS = 8
_TIER = 4  # a segment is kept apart while it is at least this many times all that is newer
_DEAD_SHARE = 0.2  # a segment with more dead rows than this is written again without them
_ROWS_AT_ONCE = 16_384


class DenseSnapshot:
    """Passage ids and their unit vectors, searchable by inner product from any number of threads."""

    def __init__(
        self,
        dimension: int,
        segments: Sequence[Segment] = (),
        dead: Ids | None = None,
        *,
        exact_limit: int = EXACT_LIMIT,
    ) -> None:
        self.dimension = dimension
        self.segments = tuple(segments)
        self.exact_limit = exact_limit
        self.dead = np.empty(0, np.int64) if dead is None else dead
        self._alive: tuple[Mask | None, ...] = tuple(_alive(segment, self.dead) for segment in self.segments)
        self.count = sum(len(segment) for segment in self.segments) - len(self.dead)

    @property
    def ids(self) -> Ids:
        """The live passage ids, ascending."""
        live = [
            segment.ids if alive is None else segment.ids[alive]
            for segment, alive in zip(self.segments, self._alive, strict=True)
        ]
        return np.sort(np.concatenate(live)) if live else np.empty(0, np.int64)

    def search(self, vectors: Vectors, depth: int, allowed: Ids | None = None) -> list[list[Hit]]:
        """Per row of ``vectors``, the ``depth`` best live passages, best first, ties by passage id.

        ``allowed`` (any order) restricts them. Fewer come back only where fewer are there. Raises IndexMismatch when
        the vectors are of another dimension.
        """
        if self.segments:
            self._check(vectors)
        chosen = None if allowed is None else _ascending(allowed)
        found: list[list[Found]] = [[] for _ in range(len(vectors))]
        for segment, alive in zip(self.segments, self._alive, strict=True):
            if len(vectors):
                mask = alive if chosen is None else _allowed(segment, alive, chosen)
                for row, hits in zip(found, segment.search(vectors, depth, mask), strict=True):
                    row.append(hits)
        return [_best(row, depth) for row in found]

    def vectors(self, ids: Ids) -> Vectors:
        """(len(ids), dimension) in the order given. Raises KeyError for an id that is not live."""
        rows = np.empty((len(ids), self.dimension), np.float32)
        missing = np.ones(len(ids), np.bool_)
        for segment, alive in zip(self.segments, self._alive, strict=True):
            places, inside = segment.positions(ids)
            if alive is not None:
                inside[inside] = alive[places[inside]]
            rows[inside] = segment.rows(places[inside])
            missing &= ~inside
        if missing.any():
            raise KeyError(int(ids[missing][0]))
        return rows

    def extended(self, ids: Ids, vectors: Vectors | Iterable[Vectors]) -> DenseSnapshot:
        """With further passages in a segment of their own: ``vectors`` is one array or its blocks, in id order.

        Ids must ascend, and none may be there already, dead or alive.
        """
        ids = np.ascontiguousarray(ids, dtype=np.int64)
        if len(ids) == 0:
            return self
        if (np.diff(ids) <= 0).any():
            raise ValueError("passage ids must ascend, and none may come twice")
        if any(segment.positions(ids)[1].any() for segment in self.segments):
            raise ValueError("a passage id is in the index already")
        blocks = [vectors] if isinstance(vectors, np.ndarray) else vectors
        segment = Segment.flat(_new_file(), ids, self._checked(blocks), self.dimension)
        return self._with((*self.segments, segment), self.dead)

    def without(self, ids: Ids) -> DenseSnapshot:
        """Without these passages; ids that are not there are passed over."""
        here = [ids[segment.positions(ids)[1]] for segment in self.segments]
        dead = np.unique(np.concatenate([self.dead, *here])) if here else self.dead
        return self if len(dead) == len(self.dead) else self._with(self.segments, dead)

    def compacted(self) -> DenseSnapshot:
        """The same passages in few segments with few dead rows; unchanged segments are shared.

        Segments are merged by size, so that a small addition never rewrites a large segment.
        """
        lives = zip(self.segments, self._alive, strict=True)
        sized = [(len(segment) if alive is None else int(alive.sum()), segment) for segment, alive in lives]
        sized = sorted((pair for pair in sized if pair[0]), key=lambda pair: (-pair[0], pair[1].ids[0]))
        start = _first_to_merge([live for live, _ in sized])
        groups = [[pair] for pair in sized[:start]] + ([sized[start:]] if sized[start:] else [])
        segments = tuple(self._merged(group) for group in groups)
        if set(segments) == set(self.segments):
            return self
        left = [self.dead[segment.positions(self.dead)[1]] for segment in segments]
        return self._with(segments, np.sort(np.concatenate(left)) if left else np.empty(0, np.int64))

    def save(self, directory: Path) -> tuple[SegmentInfo, ...]:
        """Write the segments and the dead ids that ``directory`` does not hold yet; returns what there is."""
        for segment in self.segments:
            path = directory / segment.info.file
            if not path.exists():
                segment.save(path)
        with (directory / DEAD_FILE).open("wb") as file:
            np.save(file, self.dead, allow_pickle=False)
        return tuple(segment.info for segment in self.segments)

    @classmethod
    def load(
        cls,
        directory: Path,
        dimension: int,
        infos: Sequence[SegmentInfo],
        *,
        known: Mapping[str, Segment] | None = None,
        exact_limit: int = EXACT_LIMIT,
    ) -> DenseSnapshot:
        """Read what ``save`` wrote; segments in ``known`` (by file name) are taken from memory instead.

        Checksums must have been verified before. Raises IndexCorrupt.
        """
        segments = [(known or {}).get(info.file) or Segment.load(directory / info.file, info) for info in infos]
        dead = np.load(directory / DEAD_FILE, allow_pickle=False)
        return cls(dimension, segments, dead, exact_limit=exact_limit)

    def _with(self, segments: Sequence[Segment], dead: Ids) -> DenseSnapshot:
        return DenseSnapshot(self.dimension, segments, dead, exact_limit=self.exact_limit)

    def _merged(self, group: list[tuple[int, Segment]]) -> Segment:
        """One segment of all that lives in ``group``: the same object where that would change nothing worth it."""
        live = sum(count for count, _ in group)
        segment = group[0][1]
        if len(group) == 1 and live >= (1 - _DEAD_SHARE) * len(segment):
            crowded = segment.info.kind is SegmentKind.FLAT and len(segment) > self.exact_limit
            return Segment.inverted(_new_file(), segment) if crowded else segment
        part = self._with([segment for _, segment in group], self._dead_in(group))
        ids = part.ids
        blocks = (part.vectors(ids[start : start + _ROWS_AT_ONCE]) for start in range(0, len(ids), _ROWS_AT_ONCE))
        merged = Segment.flat(_new_file(), ids, blocks, self.dimension)
        return Segment.inverted(_new_file(), merged) if len(ids) > self.exact_limit else merged

    def _dead_in(self, group: list[tuple[int, Segment]]) -> Ids:
        return np.sort(np.concatenate([self.dead[segment.positions(self.dead)[1]] for _, segment in group]))

    def _checked(self, blocks: Iterable[Vectors]) -> Iterator[Vectors]:
        for block in blocks:
            self._check(block)
            yield block

    def _check(self, vectors: Vectors) -> None:
        if vectors.ndim != 2 or vectors.shape[1] != self.dimension:
            raise IndexMismatch(f"The index holds vectors of {self.dimension} numbers, not of {vectors.shape[-1]}.")


def _new_file() -> str:
    return f"dense-{uuid4().hex[:12]}.faiss"


def _alive(segment: Segment, dead: Ids) -> Mask | None:
    """The rows of a segment that are not dead, or None where all live."""
    places, inside = segment.positions(dead)
    if not inside.any():
        return None
    mask = np.ones(len(segment), np.bool_)
    mask[places[inside]] = False
    return mask


def _allowed(segment: Segment, alive: Mask | None, chosen: Ids) -> Mask:
    places, inside = segment.positions(chosen)
    mask = np.zeros(len(segment), np.bool_)
    mask[places[inside]] = True
    return mask if alive is None else mask & alive


def _ascending(ids: Ids) -> Ids:
    return ids if (ids[1:] > ids[:-1]).all() else np.unique(ids)


def _best(found: list[Found], depth: int) -> list[Hit]:
    if not found:
        return []
    ids = np.concatenate([ids for ids, _ in found])
    scores = np.concatenate([scores for _, scores in found])
    order = np.lexsort((ids, -scores))[: max(depth, 0)]
    return [Hit(int(ids[row]), float(scores[row])) for row in order]


def _first_to_merge(sizes: list[int]) -> int:
    """Where the tail of ``sizes`` (descending) begins that is better one segment than several."""
    for start in range(len(sizes) - 1):
        if sizes[start] < _TIER * sum(sizes[start + 1 :]):
            return min(start, _MOST_SEGMENTS - 1)
    return min(len(sizes), _MOST_SEGMENTS - 1)
