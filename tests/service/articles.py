"""A small corpus in two languages, and a service over it with words for an encoder."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from service.app import create_app
from service.settings import Settings
from service.uploads import Input, from_json
from tests.fakes import HashingEncoder
from tests.service.web_fakes import served

QUESTION = "Welche Chips entwickelt Baidu für seine Rechenzentren?"
ARTICLES: list[dict[str, Any]] = [
    {
        "doc_id": "baidu-chips",
        "title": "Baidu baut eigene Chips",
        "text": (
            "Der Suchkonzern Baidu entwickelt seit Jahren eigene Chips für seine Rechenzentren. Die Sanktionen der USA "
            "treffen ihn daher weniger hart als andere.\n\nIm Mai kündigte das Unternehmen einen Verbund aus 30.000 "
            "Chips an. „Größe allein genügt nicht“, sagte ein Sprecher 🏭."
        ),
        "source": "Nordblatt",
        "published": "2025-05-21",
        "language": "de",
        "url": "https://nordblatt.example/baidu",
    },
    {
        "doc_id": "tencent-vorrat",
        "title": "Tencent lebt vom Vorrat",
        "text": (
            "Tencent hat vor den Exportkontrollen große Mengen an Grafikprozessoren gekauft. Der Vorrat reicht "
            "laut dem Konzern für mehrere Generationen von Modellen."
        ),
        "source": "Südblatt",
        "published": "2025-06-02",
        "language": "de",
    },
    {
        "doc_id": "grid",
        "title": "Power for data centres",
        "text": (
            "Data centres in Saxony wait for power lines. The grid operator expects the new line in 2028. Nobody "
            "in the region objected to the plan."
        ),
        "source": "Nordblatt",
        "published": None,
        "language": "en",
    },
]


@contextmanager
def service(settings: Settings, articles: list[dict[str, Any]] | None = None) -> Iterator[str]:
    """The address of a service on a free loopback port that holds ``articles``, once it is ready."""
    app = create_app(settings, encoder=HashingEncoder())
    headers = {"authorization": f"Bearer {settings.api_key}"} if settings.api_key else {}
    with served(app) as address:
        wait_until_ready(address)
        if articles:
            sent = httpx.post(f"{address}/v1/documents", json={"documents": articles}, headers=headers, timeout=60)
            assert sent.status_code == 201, sent.text
        yield address


def wait_until_ready(address: str) -> None:
    deadline = time.monotonic() + 60
    while (reply := httpx.get(f"{address}/readyz")).status_code != 200:
        assert time.monotonic() < deadline, reply.text
        time.sleep(0.02)


def settings_for(data: Path, **values: Any) -> Settings:
    """Settings of a test: answers whatever it finds, unless told otherwise."""
    return Settings(**{"data": data, "abstain_threshold": 0.0, **values})


def inputs_of(settings: Settings, *articles: dict[str, Any]) -> list[Input]:
    """Articles as inputs of an ingest."""
    return from_json(json.dumps({"documents": list(articles)}).encode(), settings.limits)
