"""A question as the engine takes it: normalised, within the limits, its filters checked. Every door uses this."""

from __future__ import annotations

import datetime
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from corpus.documents import Filters
from corpus.errors import FundstelleError
from service.errors import InvalidQuestion
from service.settings import Settings

LANGUAGES = ("de", "en")  # languages of questions; documents may be in any
DEFAULT_K = 10
MAX_FILTER_VALUES = 1000
MAX_FILTER_CHARACTERS = 1000
_LANGUAGE = re.compile(r"[a-z]{2,3}")


@dataclass(frozen=True, slots=True)
class Question:
    """``text`` is NFC on one line without control characters; ``language`` is None where it is to be detected."""

    text: str
    k: int
    filters: Filters
    language: str | None


def question(
    settings: Settings, text: str, *, k: int = DEFAULT_K, filters: Filters | None = None, language: str | None = None
) -> Question:
    """The question, or InvalidQuestion naming the field and the limit."""
    if len(text) > 4 * settings.max_question_characters:  # so that nothing long is even normalised
        raise _too_long(settings, len(text))
    words = clean(text)
    if not any(character.isalnum() for character in words):
        raise InvalidQuestion("question: there are no words in it", field="question")
    if len(words) > settings.max_question_characters:
        raise _too_long(settings, len(words))
    if not 1 <= k <= settings.max_k:
        raise InvalidQuestion(f"k: expected 1 to {settings.max_k}, got {k}", field="k", limit=settings.max_k)
    if language is not None and language not in LANGUAGES:
        raise InvalidQuestion(f"language: expected {' or '.join(LANGUAGES)}, got {language[:20]!r}", field="language")
    return Question(words, k, filters or Filters(), language)


def clean(text: str) -> str:
    """NFC, control and invisible characters removed, white space single, trimmed."""
    kept = "".join(" " if character.isspace() else character for character in text if _stays(character))
    return " ".join(unicodedata.normalize("NFC", kept).split())


def checked_filters(
    *,
    sources: Sequence[str] = (),
    languages: Sequence[str] = (),
    doc_ids: Sequence[str] = (),
    published_from: str | None = None,
    published_to: str | None = None,
    prefix: str = "filters.",
    kind: type[FundstelleError] = InvalidQuestion,
) -> Filters:
    """Filters with unique values and ISO dates in order, or an error of ``kind`` naming the field."""
    for name, values in (("sources", sources), ("languages", languages), ("doc_ids", doc_ids)):
        _check_values(prefix + name, values, kind)
    for language in languages:
        if not _LANGUAGE.fullmatch(language):
            field = f"{prefix}languages"
            raise kind(f"{field}: expected a code such as de or en, got {language[:20]!r}", field=field)
    first = _iso_date(published_from, f"{prefix}published_from", kind)
    last = _iso_date(published_to, f"{prefix}published_to", kind)
    if first and last and first > last:
        field = f"{prefix}published_from"
        raise kind(f"{field}: {first} is later than {prefix}published_to, {last}", field=field)
    return Filters(_unique(sources), _unique(languages), _unique(doc_ids), first, last)


def _iso_date(text: str | None, field: str, kind: type[FundstelleError]) -> str | None:
    if text is None:
        return None
    try:
        return datetime.datetime.strptime(text, "%Y-%m-%d").date().isoformat()
    except ValueError:
        raise kind(f"{field}: expected a date as YYYY-MM-DD, got {text[:40]!r}", field=field) from None


def _stays(character: str) -> bool:
    # Cc: control, Cf: invisible, Cs: half of a pair; white space among them parts words, and is kept for that.
    return character.isspace() or unicodedata.category(character) not in ("Cc", "Cf", "Cs")


def _check_values(field: str, values: Sequence[str], kind: type[FundstelleError]) -> None:
    if len(values) > MAX_FILTER_VALUES:
        raise kind(f"{field}: more than {MAX_FILTER_VALUES} values", field=field, limit=MAX_FILTER_VALUES)
    if any(not 1 <= len(value) <= MAX_FILTER_CHARACTERS for value in values):
        limit = MAX_FILTER_CHARACTERS
        raise kind(f"{field}: expected values of 1 to {limit} characters", field=field, limit=limit)


def _unique(values: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


def _too_long(settings: Settings, length: int) -> InvalidQuestion:
    limit = settings.max_question_characters
    return InvalidQuestion(f"question: {length} characters, the limit is {limit}", field="question", limit=limit)
