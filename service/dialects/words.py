"""What a chat says in words of its own: that there is no answer, and what came nearest."""

from __future__ import annotations

from collections.abc import Iterator

from corpus.documents import DocumentInfo
from service.answering import CHANGED, NO_DOCUMENTS
from service.answers import Answer, RetrievedPassage
from service.dialects.links import Links
from service.dialects.markdown import escape, link
from service.extractive import NOTHING_FOUND, UNLIKELY

NEAREST = 3  # articles named where there is no answer
_GERMAN = {
    UNLIKELY: "Die Artikel beantworten die Frage wohl nicht.",
    NOTHING_FOUND: "Keine Stelle der Artikel hat mit der Frage zu tun.",
    NO_DOCUMENTS: "Es gibt noch keine Artikel; nimm zuerst welche auf.",
    CHANGED: "Die Artikel haben sich geändert, während die Frage beantwortet wurde; stelle sie noch einmal.",
}
_LEADS = {"de": "Am nächsten kommen:", "en": "What comes nearest:"}


def abstention(answer: Answer, links: Links) -> str:
    """A plain sentence in the question's language, and links to the nearest misses, as Markdown."""
    german = answer.language == "de"
    reason = answer.reason or ""
    sentence = escape(_GERMAN.get(reason, reason) if german else reason)
    nearest = list(_nearest(answer))
    if not nearest:
        return sentence
    lines = [f"- {link(title(found.document), links.passage(found))}{_origin(found.document)}" for found in nearest]
    return "\n".join([sentence, "", _LEADS["de" if german else "en"], "", *lines])


def title(document: DocumentInfo) -> str:
    """What an article is called: its title, or its id where that says nothing."""
    return document.title if any(character.isalnum() for character in document.title) else document.doc_id


def name(document: DocumentInfo) -> str:
    """Title, source and date in one line of text."""
    return ", ".join(part for part in (title(document), document.source, document.published) if part)


def _origin(document: DocumentInfo) -> str:
    known = ", ".join(part for part in (document.source, document.published) if part)
    return f" ({escape(known, opening=False)})" if known else ""


def _nearest(answer: Answer) -> Iterator[RetrievedPassage]:
    """The best passage of each of the nearest articles."""
    seen: set[str] = set()
    for found in answer.passages:
        if found.document.doc_id not in seen and len(seen) < NEAREST:
            seen.add(found.document.doc_id)
            yield found
