"""Metrics for Prometheus, in a registry of the app's own. Questions and answers leave no words here."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from service.answers import Answer

CONTENT_TYPE = CONTENT_TYPE_LATEST
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Telemetry:
    """What the service counts. Safe to use from any thread."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = self._counter("requests", "Requests by route, method and status.", "route", "method", "status")
        self._seconds = self._histogram("request_seconds", "Time to answer, by route.", "route")
        self._stages = self._histogram("stage_seconds", "Time of a question, by stage.", "stage")
        self._outcomes = self._counter("answers", "Questions by outcome and generator.", "outcome", "generator")
        self._chores = self._counter(
            "chores", "Housekeeping prompts of chat front ends, which are no questions.", "kind"
        )
        self._dropped = self._counter("dropped_citations", "Statements that failed their proof.")
        self._inputs = self._counter("inputs", "Ingested inputs by outcome.", "outcome")
        self._removed = self._counter("removed_documents", "Documents removed.")
        self._problems = self._counter("problems", "Problem documents by code.", "code")

    def _counter(self, name: str, help_text: str, *labels: str) -> Counter:
        return Counter(f"fundstelle_{name}", help_text, labels, registry=self.registry)

    def _histogram(self, name: str, help_text: str, *labels: str) -> Histogram:
        return Histogram(f"fundstelle_{name}", help_text, labels, buckets=_SECONDS, registry=self.registry)

    def gauge(self, name: str, help_text: str, value: Callable[[], float]) -> None:
        """A gauge that is read when the metrics are."""
        Gauge(f"fundstelle_{name}", help_text, registry=self.registry).set_function(value)

    def request(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count one finished request."""
        self._requests.labels(route, method, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def answer(self, answer: Answer) -> None:
        """Count one answer or abstention, with its stages (milliseconds) and what it had to drop."""
        self._outcomes.labels(answer.outcome.value, answer.generator).inc()
        self._dropped.inc(answer.dropped_citations)
        self.stages(answer.timings)

    def chore(self, kind: str) -> None:
        """Count one housekeeping prompt of a chat front end."""
        self._chores.labels(kind).inc()

    def stages(self, timings: Mapping[str, float]) -> None:
        """Count the stages of a question, given in milliseconds."""
        for stage, milliseconds in timings.items():
            self._stages.labels(stage).observe(milliseconds / 1000)

    def inputs(self, counts: Mapping[str, int]) -> None:
        """Count the outcomes of one ingest."""
        for outcome, count in counts.items():
            self._inputs.labels(outcome).inc(count)

    def removed(self) -> None:
        """Count one removed document."""
        self._removed.inc()

    def problem(self, code: str) -> None:
        """Count one problem document."""
        self._problems.labels(code).inc()

    def exposition(self) -> bytes:
        """Everything, in Prometheus' text format."""
        return generate_latest(self.registry)
