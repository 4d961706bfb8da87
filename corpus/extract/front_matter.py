"""The YAML between two lines of dashes at the top of a Markdown file."""

from __future__ import annotations

import datetime
import re

import yaml

from corpus.errors import ExtractionFailed
from corpus.extract.pieces import Found

_FENCED = re.compile(r"\ufeff?---[ \t]*\n(?P<yaml>.*?\n)?(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_LONGEST = 64 * 1024  # code points
_DEEPEST = 20
_NAMES = {
    "title": ("title", "titel", "headline"),
    "source": ("source", "quelle", "publisher", "outlet", "site", "sitename", "publication"),
    "url": ("url", "link", "canonical", "canonical_url", "source_url", "permalink"),
    "published": ("published", "date", "datum", "pubdate", "published_at", "publish_date", "created"),
    "language": ("language", "lang", "sprache", "locale"),
    "author": ("author", "authors", "autor", "autoren", "byline"),
}


class _Loader(yaml.SafeLoader):
    """Safe, and without aliases: ten lines of them can stand for gigabytes."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.events.AliasEvent):
            raise ExtractionFailed("The front matter uses YAML aliases, which are not read.", field="front matter")
        return super().compose_node(parent, index)


def split_front_matter(text: str) -> tuple[Found, str]:
    """What the front matter says, and the text below it; text without any comes back whole.

    Raises ExtractionFailed for aliases and for nesting or length that no front matter needs.
    """
    match = _FENCED.match(text)
    if not match:
        return Found(), text
    values = _parse(match["yaml"] or "")
    if values is None:
        return Found(), text
    lowered = {str(key).strip().lower(): value for key, value in values.items()}
    known = {name: _first(lowered, keys) for name, keys in _NAMES.items()}
    spoken_for = {key for keys in _NAMES.values() for key in keys}
    metadata = {key: _words(value) for key, value in lowered.items() if key not in spoken_for and _words(value)}
    return Found(**known, metadata=metadata), text[match.end() :]


def _parse(block: str) -> dict[object, object] | None:
    """The mapping the block holds; line by line where it is not quite YAML; None where it is none at all."""
    if len(block) > _LONGEST:
        message = f"The front matter is longer than {_LONGEST:,} characters."
        raise ExtractionFailed(message, field="front matter", limit=_LONGEST)
    if _deepest_bracket(block) > _DEEPEST:
        message = f"The front matter nests more than {_DEEPEST} brackets."
        raise ExtractionFailed(message, field="front matter", limit=_DEEPEST)
    try:
        values = yaml.load(block, _Loader)  # noqa: S506 - _Loader is a SafeLoader
    except (yaml.YAMLError, ValueError, RecursionError):
        values = dict(re.findall(r"^([\w -]{1,40}):[ \t]+[\"']?(.*?)[\"']?[ \t]*$", block, re.MULTILINE)) or None
    if values is None and not block.strip():
        return {}
    return values if isinstance(values, dict) else None


def _deepest_bracket(block: str) -> int:
    depth = deepest = 0
    for bracket in re.findall(r"[\[\]{}]", block):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _first(values: dict[str, object], keys: tuple[str, ...]) -> str | None:
    return next((words for key in keys if (words := _words(values.get(key)))), None)


def _words(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime.datetime | datetime.date):
        return value.isoformat()[:10]
    if isinstance(value, list):
        return ", ".join(filter(None, (_words(item) for item in value)))
    return str(value) if isinstance(value, str | int | float) else ""
