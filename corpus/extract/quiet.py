"""Libraries that read what strangers sent have much to say; only their verdict counts."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from corpus.errors import ExtractionFailed, FundstelleError


@contextmanager
def foreign_library(name: str, what: str) -> Iterator[None]:
    """Run a library's code: its log and warnings stay silent, its exceptions become ExtractionFailed."""
    logging.getLogger(name).setLevel(logging.CRITICAL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        except FundstelleError:
            raise
        except Exception as error:
            reason = str(error) or type(error).__name__
            raise ExtractionFailed(f"The {what} could not be read: {reason[:200]}") from error
