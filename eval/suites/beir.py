"""BEIR folders: corpus.jsonl, queries.jsonl, qrels/*.tsv (Thakur et al. 2021), plain or packed by gzip.

A query's metadata may say ``answerable: false``; such a query needs no judgement. Of several splits the one called
test counts, unless suite.json names another.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from eval.records import Query
from eval.suites.assemble import LABELS, Asked, Draft
from eval.suites.checks import Place, rows_of
from eval.suites.documents import field_documents
from eval.suites.qrels import Judgement, read_qrels


def draft(folder: Path, question_language: str | None, document_language: str | None, split: str | None) -> Draft:
    """Read queries and judgements; the documents are read when they are asked for."""
    corpus, queries = file_of(folder, "corpus.jsonl"), file_of(folder, "queries.jsonl")
    found = Draft(
        name=folder.resolve().name,
        origin=f"{folder} (BEIR)",
        asked=[],
        read_documents=lambda: field_documents([corpus], document_language),
        judgements=_judgements(folder / "qrels", split),
        drops_unjudged=True,
    )
    for row in rows_of(queries):
        metadata = row.metadata()
        query = Query(
            query_id=row.words("_id", "query_id", "id"),
            text=row.words("text", "query"),
            language=row.maybe("language") or metadata.pop("language", None) or question_language,
            kind=row.maybe("kind") or metadata.pop("kind", None),
            answerable=_answerable(metadata.pop("answerable", "true"), row.place),
            metadata=metadata,
        )
        found.asked.append(Asked(query, row.place))
    return found


def is_one(folder: Path) -> bool:
    """Whether a folder looks like one of this format."""
    return all(
        (folder / name).exists() or (folder / f"{name}.gz").exists() for name in ("corpus.jsonl", "queries.jsonl")
    )


def file_of(folder: Path, name: str) -> Path:
    """The file of this name, packed or not."""
    packed = folder / f"{name}.gz"
    return packed if packed.exists() and not (folder / name).exists() else folder / name


def _answerable(said: str, place: Place) -> bool:
    if said not in ("true", "false"):
        raise place.wrong(f"metadata.answerable: expected true or false, got {said!r}")
    return said == "true"


def _judgements(folder: Path, split: str | None) -> Iterator[Judgement]:
    files = sorted(path for path in folder.glob("*.tsv") if path.name != LABELS)
    names = [path.stem for path in files]
    chosen = split or ("test" if "test" in names or len(names) != 1 else names[0])
    if not files and split is None and (folder / LABELS).exists():
        return
    if chosen not in names:
        raise Place(folder, None).wrong(f"expected {chosen}.tsv, got {', '.join(names) or 'no judgements'}")
    yield from read_qrels(folder / f"{chosen}.tsv")
