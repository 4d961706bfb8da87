"""Suites of questions in the field's formats and in ours: read, checked, counted, hashed.

A path is a folder or a file; what it holds says which format it is, or its suite.json does:

- ours: suite.json and questions.jsonl (eval/suites/own.py)
- BEIR: corpus.jsonl, queries.jsonl, qrels/ (eval/suites/beir.py)
- TREC and MIRACL: topics, qrels, documents (eval/suites/trec.py)
- SQuAD, XQuAD, MLQA, GermanQuAD: one JSON file, or a folder of parallel ones (eval/suites/squad.py)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from eval.records import Suite
from eval.suites import beir, own, squad, trec
from eval.suites.assemble import LABELS, Asked, Draft, assemble
from eval.suites.checks import Place, Row
from eval.suites.json_files import JsonFile
from eval.suites.qrels import Judgement, read_qrels

MANIFEST = "suite.json"
_SHIPPED = Path(__file__).parent
_KNOWN = ("name", "version", "format", "description", "license")
_FIELDS = {
    "fundstelle": ("documents", "questions", "qrels"),
    "beir": ("split",),
    "trec": ("topics", "qrels", "documents", "topic_field"),
    "squad": ("questions", "documents", "question_language", "document_language"),
}


def load_suite(path: Path, question_language: str | None = None, document_language: str | None = None) -> Suite:
    """Read a suite, whatever its format, with the judgements that people have added to it since.

    The languages choose among parallel files; where the format has no languages they say which they are; of questions
    that name their language those in another are left out. The name of a suite that comes with the project stands for
    its folder. Raises SuiteInvalid with file and line.
    """
    path = _named(path)
    if not path.exists():
        raise Place(path, None).wrong("there is no such file or folder; expected a suite")
    draft = _draft(path, question_language, document_language)
    if question_language is not None:
        draft.asked = [each for each in draft.asked if each.query.language in (None, question_language)]
    draft.asked = [_spoken(each, question_language) for each in draft.asked]
    draft.judgements = _with_labels(draft.judgements, labels_of(path))
    return assemble(draft)


def labels_of(path: Path) -> Path:
    """Where judgements that people make of this suite are written: beside it, and read with it ever after."""
    path = _named(path)
    if path.is_dir():
        return path / "qrels" / LABELS
    return path.parent / f"{path.stem}-{LABELS}" if path.name != MANIFEST else path.parent / "qrels" / LABELS


def _named(path: Path) -> Path:
    """The folder of the suite that comes with the project under this name; else the path as it is."""
    shipped = len(path.parts) == 1 and not path.exists() and (_SHIPPED / path / MANIFEST).is_file()
    return _SHIPPED / path if shipped else path


def _draft(path: Path, question_language: str | None, document_language: str | None) -> Draft:
    if path.name == MANIFEST:
        path = path.parent
    if path.is_file() and path.suffix == ".json":
        return squad.draft(squad.files_of(path, question_language, document_language))
    if path.is_file():
        raise Place(path, None).wrong("expected a folder, or a JSON file as SQuAD's")
    if (path / MANIFEST).is_file():
        return _from_manifest(path, question_language, document_language)
    if beir.is_one(path):
        return beir.draft(path, question_language, document_language, None)
    files = trec.files_in(path)
    if files is not None:
        name = path.resolve().name
        return trec.draft(name, str(path), files, (question_language, document_language))
    if any(path.glob("*.json")):
        return squad.draft(squad.files_of(path, question_language, document_language))
    raise Place(path, None).wrong(
        f"no suite is here: expected {MANIFEST}, or corpus.jsonl and queries.jsonl (BEIR),"
        " or topics, qrels and documents (TREC), or JSON as SQuAD's"
    )


def _from_manifest(folder: Path, question_language: str | None, document_language: str | None) -> Draft:
    file = JsonFile(folder / MANIFEST)
    row = file.row(file.root)
    kind = row.maybe("format") or "fundstelle"
    if kind not in _FIELDS:
        raise row.place.wrong(f"format: expected one of {', '.join(_FIELDS)}, got {kind!r}")
    row.only((*_KNOWN, *_FIELDS[kind]))
    name = row.words("name")
    if kind == "beir":
        made = beir.draft(folder, question_language, document_language, row.maybe("split"))
    elif kind == "trec":
        files = {part: _paths(row, part, folder) for part in ("topics", "qrels", "documents")}
        _only_one(row, "topics", files["topics"])
        languages = (question_language, document_language)
        made = trec.draft(name, str(folder), files, languages, row.maybe("topic_field") or "title")
    elif kind == "squad":
        asked = question_language or row.maybe("question_language")
        held = document_language or row.maybe("document_language")
        questions, documents = (_only_one(row, part, _paths(row, part, folder)) for part in ("questions", "documents"))
        made = squad.draft(squad.Files(name, questions, documents, asked, held))
    else:
        questions = _only_one(row, "questions", _paths(row, "questions", folder, own.QUESTIONS))
        judged = _paths(row, "qrels", folder) if row.fields.get("qrels") else []
        made = own.draft(name, str(folder), questions, _paths(row, "documents", folder), judged)
    version = row.maybe("version")
    made.name = name
    made.origin += f", version {version}" if version else ""
    return made


def _paths(row: Row, field: str, folder: Path, default: str | None = None) -> list[Path]:
    """The files and folders that a field of suite.json names, relative to it; a name may be a pattern (docs-*.gz)."""
    value = row.fields.get(field, default)
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not names or not all(isinstance(name, str) and name for name in names):
        raise row.place.wrong(f"{field}: expected a path or a list of paths")
    found: list[Path] = []
    for name in names:
        matching = sorted(folder.glob(name)) if set(name) & set("*?[") else [folder / name]
        missing = [path for path in matching if not path.exists()]
        if missing or not matching:
            raise row.place.wrong(f"{field}: there is no {name}")
        found += matching
    return found


def _only_one(row: Row, field: str, paths: list[Path]) -> Path:
    if len(paths) != 1 or not paths[0].is_file():
        raise row.place.wrong(f"{field}: expected one file, got {', '.join(path.name for path in paths)}")
    return paths[0]


def _spoken(asked: Asked, language: str | None) -> Asked:
    return asked if asked.query.language else Asked(replace(asked.query, language=language), asked.place)


def _with_labels(shipped: Iterable[Judgement], labels: Path) -> Iterator[Judgement]:
    yield from shipped
    if labels.is_file():
        yield from read_qrels(labels)
