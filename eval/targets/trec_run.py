"""A TREC run file that anyone made: its rankings are replayed, nothing is asked."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from eval import trec_runs
from eval.errors import RunInvalid
from eval.records import Query, Reply, ReplyOutcome, Retrieved, Suite
from index.protocols import Progress


class TrecRunTarget:
    """Replays a file; a question that is not in it has found nothing."""

    name = "trec_run"

    def __init__(self, path: Path) -> None:
        self._path = path
        self._rankings: Mapping[str, list[tuple[str, float]]] = {}
        self._originals: dict[str, str] = {}  # ids with white space, by the form they have in the file
        self._sha256 = ""

    def settings(self) -> Mapping[str, str]:
        """The file and its SHA-256."""
        return {"run_file": self._path.name, "sha256": self._sha256}

    def prepare(self, suite: Suite, progress: Progress) -> None:
        """Read the file. Raises RunInvalid where it is malformed, or answers none of the suite's questions."""
        self._rankings = trec_runs.read(self._path)
        self._sha256 = hashlib.sha256(self._path.read_bytes()).hexdigest()
        if not any(trec_runs.trec_id(query.query_id) in self._rankings for query in suite.queries):
            raise RunInvalid(f"{self._path}: holds none of the {len(suite.queries)} questions of {suite.name}")
        for done, document in enumerate(suite.documents(), 1):
            written = trec_runs.trec_id(document.doc_id)
            if written != document.doc_id:
                self._originals[written] = document.doc_id
            progress(done, suite.document_count)

    def ask(self, query: Query, k: int) -> Reply:
        """The first ``k`` documents."""
        ranking = self._rankings.get(trec_runs.trec_id(query.query_id), [])[:k]
        return Reply(
            query.query_id,
            ReplyOutcome.RETRIEVED,
            retrieved=tuple(
                Retrieved(self._originals.get(doc_id, doc_id), score, rank)
                for rank, (doc_id, score) in enumerate(ranking, 1)
            ),
        )

    def close(self) -> None:
        """Nothing is open."""
