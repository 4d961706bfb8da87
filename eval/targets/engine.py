"""The engine in this process: the same object that stands behind every door of the service.

A question that follows another is asked as it stands: the engine keeps no conversation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from eval.records import Query, Reply, Suite
from eval.targets.holding import folder_for, hold
from eval.targets.names import Names
from eval.targets.replies import reply_from_answer
from index.errors import IndexMismatch
from index.protocols import Encoder, Progress
from service import render
from service.engine import Engine
from service.questions import LANGUAGES
from service.settings import Settings, rows

PASSAGES_PER_DOCUMENT = 3  # asked for, so that ``k`` different documents are found among the passages
MOST_PASSAGES = 1000
_OURS = ("data", "host", "port", "allowed_hosts", "max_k", "api_key")  # settings that no reply depends on


class EngineTarget:
    """Ingests the suite into the work folder, unless it is there already, and asks the engine."""

    name = "engine"

    def __init__(
        self,
        settings: Settings,
        work: Path,
        *,
        encoder: Encoder | None = None,
        tell_language: bool = False,
        passage_size: int | None = None,
    ) -> None:
        """``settings.data`` is not used: the suite's documents lie under ``work``."""
        self._settings = settings
        self._work = work
        self._encoder = encoder
        self._tell_language = tell_language
        self._passage_size = passage_size
        self._engine: Engine | None = None
        self._names = Names()

    def settings(self) -> Mapping[str, str]:
        """What differs from the defaults, the encoder's fingerprint, and how questions are put."""
        said = changed(self._settings)
        if self._engine is not None:
            said["encoder_fingerprint"] = self._engine.status().fingerprint or ""
        said["tell_language"] = str(self._tell_language).lower()
        said["passage_size"] = "default" if self._passage_size is None else str(self._passage_size)
        return said

    def prepare(self, suite: Suite, progress: Progress) -> None:
        """Ingest, index, and load what the first question would wait for."""
        chosen = self._settings
        folder = folder_for(
            self._work, suite, chosen.encoder, chosen.query_prompt, chosen.passage_prompt, self._passage_size
        )
        self._names = hold(suite, folder, progress, passage_size=self._passage_size)
        self._engine = Engine.open(
            replace(chosen, data=folder, max_k=MOST_PASSAGES), encoder=self._encoder, prepare=False
        )
        self._engine.prepare(progress, warm=True)
        try:
            self._engine.search("Probe", k=1)
        except IndexMismatch:  # the encoder that goes by this name has changed since the last run
            self._engine.rebuild(progress)
            self._engine.prepare(progress, warm=True)

    def ask(self, query: Query, k: int) -> Reply:
        """Answer, cite, or abstain."""
        if self._engine is None:
            raise RuntimeError("prepare comes first")
        passages = min(PASSAGES_PER_DOCUMENT * k, MOST_PASSAGES)
        answer = self._engine.ask(query.text, k=passages, language=told(query, self._tell_language))
        return reply_from_answer(query.query_id, render.answer(answer), self._names, k)

    def close(self) -> None:
        """Close the engine; its folder stays."""
        if self._engine is not None:
            self._engine.close()


def told(query: Query, tell_language: bool) -> str | None:
    """The language to send along, where that is wanted and the service takes it."""
    return query.language if tell_language and query.language in LANGUAGES else None


def changed(settings: Settings) -> dict[str, str]:
    """The settings that replies may depend on and that differ from the defaults, secrets masked."""
    said = {"encoder": settings.encoder}
    for row in rows():
        value = getattr(settings, row.name)
        if row.name not in _OURS and value != row.default:
            said[row.name] = row.shown(value)
    return said
