"""Errors of evaluation: the EvaluationError branch of the tree in corpus/errors.py. All end with exit status 2.

Not errors: a measure below its floor (exit status 1), a question that a target failed on (counted in the run).
"""

from __future__ import annotations

from pathlib import Path

from corpus.errors import FundstelleError


class EvaluationError(FundstelleError):
    """An evaluation could not be run, or its files not be read."""


class SuiteInvalid(EvaluationError):
    """A suite is malformed or in a format that is not known."""

    code = "suite_invalid"
    status = 422
    exit_status = 2
    title = "Invalid suite"
    remedy = "Correct the named line; docs/evaluation.md describes every format."

    @classmethod
    def at(cls, path: Path, line: int | None, problem: str) -> SuiteInvalid:
        """``problem`` says what was found and what was expected; ``line`` counts from 1, None for the whole file."""
        place = str(path) if line is None else f"{path}, line {line}"
        return cls(f"{place}: {problem}")


class TargetUnavailable(EvaluationError):
    """What was to be evaluated cannot be reached, or lacks something it needs."""

    code = "target_unavailable"
    status = 503
    exit_status = 2
    title = "Target unavailable"
    remedy = "Check the URL, the key and that the target's packages are installed (`pip install 'fundstelle[eval]'`)."


class RunInvalid(EvaluationError):
    """A run cannot be read, or belongs to another suite."""

    code = "run_invalid"
    status = 422
    exit_status = 2
    title = "Invalid run"
    remedy = "Run the suite again into an empty folder."


class MeasureInvalid(EvaluationError):
    """A measure is asked for that nobody here can compute."""

    code = "measure_invalid"
    status = 422
    exit_status = 2
    title = "Invalid measure"
    remedy = "Name it as ir-measures does, such as nDCG@10, R@100, RR, AP(rel=2); docs/evaluation.md lists ours."


class FloorsInvalid(EvaluationError):
    """A file of floors is malformed, belongs to another suite, or would be lowered."""

    code = "floors_invalid"
    status = 422
    exit_status = 2
    title = "Invalid floors"
    remedy = "Correct the named line, or measure the suite again and let the gate write its floors (--update)."
