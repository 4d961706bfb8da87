"""Documents for tests of the store: words that can be told apart, cut into passages of any kind."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from hypothesis import strategies as st

from corpus.documents import Document, PassageDraft, Span

# Everything a normalised text may hold: no NUL, no surrogates, and astral, combining and joined characters.
TEXTS = st.text(
    st.one_of(
        st.characters(exclude_categories=("Cs",), exclude_characters="\0"),
        st.sampled_from("aäß\n \u00a0😀👩‍🚀e\u0301𝔉'\"\\%_"),
    ),
    min_size=1,
    max_size=60,
)


def make(
    doc_id: str = "eins", text: str = "Baidu baut eigene Chips. Die Sanktionen greifen.", **fields: object
) -> Document:
    """A document; what is not given is plain."""
    plain: dict[str, object] = {
        "title": "Titel",
        "uri": f"file:///{doc_id}",
        "media_type": "text/plain",
        "language": "de",
    }
    return Document(doc_id=doc_id, text=text, **(plain | fields))  # type: ignore[arg-type]


def cut(text: str, size: int = 25, heading: str = "") -> list[PassageDraft]:
    """Passages of ``size`` code points that cover the text."""
    return [PassageDraft(Span(start, min(start + size, len(text))), heading) for start in range(0, len(text), size)]


@st.composite
def drafts_of(draw: st.DrawFn, text: str) -> Sequence[PassageDraft]:
    """Any spans of the text, in order."""
    bounds = sorted(draw(st.sets(st.integers(0, len(text)), max_size=8)))
    heading = st.sampled_from(["", "Überschrift", "Zweite 😀"])
    return [PassageDraft(Span(start, end), draw(heading)) for start, end in pairwise(bounds)]
