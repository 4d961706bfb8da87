"""What a run scored: measures with intervals, slices, the risk-coverage curve, latency; and each question's values.

In a run's folder the first lies in measures.json, the second in scores.jsonl: one line a question, in the suite's
order, so that two runs can be compared without scoring them again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from eval.errors import RunInvalid

MEASURES_FILE = "measures.json"
SCORES_FILE = "scores.jsonl"


@dataclass(frozen=True, slots=True)
class Value:
    """A measure over ``count`` questions, with its 95 % interval where one can be given."""

    value: float
    count: int
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """What would happen if everything with this answerability or more were answered."""

    threshold: float
    coverage: float  # share of all questions answered
    risk: float  # share of the answered ones that have no answer in the documents
    wrong: float  # the same, those included whose first passage is not a right one
    false_answers: float  # share of the unanswerable questions answered
    lost_answers: float  # share of the answerable ones not answered


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds from a question's intended start to its reply. Failed questions count like the others."""

    count: int
    mean: float
    p50: float
    p95: float
    most: float
    throughput: float | None  # questions a second over the whole run; None where it was cut off
    concurrency: int
    rate: float | None  # questions a second offered; None: the next when one is answered


@dataclass(frozen=True, slots=True)
class QuestionScores:
    """One question's values; a measure that does not apply to it is absent."""

    query_id: str
    answerable: bool
    outcome: str
    answerability: float | None
    values: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scores:
    """Everything a run scored."""

    run: str
    suite: str
    suite_sha256: str
    target: str
    settings: Mapping[str, str]
    environment: Mapping[str, str]
    questions: int
    answerable: int
    unanswerable: int
    failed: int  # questions the target failed on; they count as not answered and nothing found
    primary: str  # the measure a table sorts by
    measures: Mapping[str, Value]
    slices: Mapping[str, Mapping[str, Mapping[str, Value]]]  # dimension -> value -> measure
    curve: tuple[CurvePoint, ...]
    latency: Latency | None
    threshold: float | None  # of abstention, as the target had it
    folder: Path

    def per_question(self) -> Iterator[QuestionScores]:
        """Each question's values in the suite's order. Raises RunInvalid naming the line."""
        path = self.folder / SCORES_FILE
        try:
            with path.open(encoding="utf-8") as stream:
                for number, line in enumerate(stream, 1):
                    try:
                        yield QuestionScores(**json.loads(line))
                    except (ValueError, TypeError) as error:
                        raise RunInvalid(f"{path}, line {number}: not a question's scores: {error}") from error
        except OSError as error:
            raise RunInvalid(f"{path}: {error.strerror}: expected the questions' scores") from error

    def as_json(self) -> dict[str, Any]:
        """The content of measures.json."""
        return {key: value for key, value in asdict(self).items() if key != "folder"}

    def write(self) -> None:
        """Write measures.json, whole or not at all."""
        partial = self.folder / (MEASURES_FILE + ".partial")
        partial.write_text(json.dumps(self.as_json(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        partial.replace(self.folder / MEASURES_FILE)

    @classmethod
    def open(cls, folder: Path) -> Scores:
        """Read measures.json from ``folder``. Raises RunInvalid where there is none or it is not one."""
        path = folder / MEASURES_FILE
        try:
            fields: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            fields["measures"] = _values(fields["measures"])
            fields["slices"] = {
                dimension: {name: _values(values) for name, values in named.items()}
                for dimension, named in fields["slices"].items()
            }
            fields["curve"] = tuple(CurvePoint(**point) for point in fields["curve"])
            fields["latency"] = fields["latency"] and Latency(**fields["latency"])
            return cls(folder=folder, **fields)
        except OSError as error:
            raise RunInvalid(f"{path}: {error.strerror}: expected the measures of a run") from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise RunInvalid(f"{path}: not the measures of a run: {error}") from error


def _values(fields: Mapping[str, Any]) -> dict[str, Value]:
    return {name: Value(**value) for name, value in fields.items()}
