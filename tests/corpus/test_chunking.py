from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.chunking import chunk
from corpus.documents import Block, BlockKind, PassageDraft, Span
from corpus.sentences import sentence_spans
from tests.corpus.hostile import hostile_text


def blocks_of(pieces: Sequence[tuple[BlockKind, str]], gap: str = "\n\n") -> tuple[str, list[Block]]:
    text, blocks = "", []
    for kind, words in pieces:
        text += gap if text else ""
        blocks.append(Block(kind, Span(len(text), len(text) + len(words))))
        text += words
    return text, blocks


def texts(text: str, drafts: Sequence[PassageDraft]) -> list[str]:
    return [draft.span.of(text) for draft in drafts]


TEXT, HEADING, CLUTTER = BlockKind.TEXT, BlockKind.HEADING, BlockKind.CLUTTER


def test_passages_end_at_headings_and_clutter_and_carry_the_heading():
    text, blocks = blocks_of(
        [
            (HEADING, "Titel"),
            (TEXT, "Erster Absatz."),
            (TEXT, "Zweiter Absatz."),
            (CLUTTER, "Anzeige"),
            (TEXT, "Dritter Absatz."),
            (HEADING, "Neues  Kapitel"),
            (TEXT, "Vierter Absatz."),
        ]
    )
    drafts = chunk(text, blocks, "de")
    assert texts(text, drafts) == ["Erster Absatz.\n\nZweiter Absatz.", "Dritter Absatz.", "Vierter Absatz."]
    assert [draft.heading for draft in drafts] == ["Titel", "Titel", "Neues Kapitel"]
    assert [draft.heading for draft in chunk(text, blocks, "de", title="TITEL")] == ["", "", "Neues Kapitel"]


def test_sentences_stay_whole_where_they_fit():
    sentences = [f"Satz {number} nennt z. B. Baidu und 5,5 Mrd. Dollar am 3. Mai." for number in range(100, 140)]
    text, blocks = blocks_of([(TEXT, " ".join(sentences))])
    drafts = chunk(text, blocks, "de", size=200, smallest=0)
    assert [words for passage in texts(text, drafts) for words in sentences_in(passage)] == sentences
    assert {len(sentences_in(passage)) for passage in texts(text, drafts)} == {3, 1}


def sentences_in(passage: str) -> list[str]:
    return [span.of(passage) for span in sentence_spans(passage)]


def test_repeated_sentences_have_their_own_places():
    text, blocks = blocks_of([(TEXT, "Der Chip ist neu. " * 9 + "Ende.")])
    drafts = chunk(text, blocks, "de", size=40, smallest=0)
    assert [draft.span.start for draft in drafts] == [0, 36, 72, 108, 144]


def test_a_tiny_rest_is_joined_or_shared_out():
    sentence = "Ein Satz von genau vierzig Zeichen Länge."
    assert len(sentence) == 41
    text, blocks = blocks_of([(TEXT, " ".join([sentence] * 5))])
    assert [len(draft.span) for draft in chunk(text, blocks, "de", size=170, smallest=0)] == [167, 41]
    assert [len(draft.span) for draft in chunk(text, blocks, "de", size=170, smallest=60)] == [125, 83]


def test_long_words_are_cut_between_graphemes_only():
    family = "👩\u200d👩\u200d👧"
    text, blocks = blocks_of([(TEXT, family * 10)])
    passages = texts(text, chunk(text, blocks, "de", size=12, smallest=0))
    assert passages == [family * 2] * 5


def test_blocks_of_other_text_between_two_blocks_part_them():
    text = "Eins. DAZWISCHEN Zwei."
    drafts = chunk(text, [Block(TEXT, Span(0, 5)), Block(TEXT, Span(17, 22))], "de")
    assert texts(text, drafts) == ["Eins.", "Zwei."]


def test_nothing_in_nothing_out():
    assert chunk("", [], "de") == []
    assert chunk(" \n ", [Block(TEXT, Span(0, 3))], "de") == []
    with pytest.raises(ValueError, match="size is 0"):
        chunk("a", [Block(TEXT, Span(0, 1))], "de", size=0)


@given(
    st.lists(st.tuples(st.sampled_from(BlockKind), hostile_text), max_size=6),
    st.sampled_from(["\n\n", "\n", "", " "]),
    st.integers(1, 300),
    st.integers(0, 100),
)
def test_every_character_of_text_is_in_exactly_one_passage(
    pieces: list[tuple[BlockKind, str]], gap: str, size: int, smallest: int
):
    text, blocks = blocks_of(pieces, gap)
    drafts = chunk(text, blocks, "de", size=size, smallest=smallest)
    covered = [index for draft in drafts for index in range(draft.span.start, draft.span.end)]
    assert covered == sorted(set(covered))
    wanted = {
        index for block in blocks if block.kind is TEXT for index in range(block.span.start, block.span.end)
        if not text[index].isspace()
    }  # fmt: skip
    assert {index for index in covered if not text[index].isspace()} == wanted
    for draft in drafts:
        assert 0 < len(draft.span) <= size
        assert draft.span.of(text) == draft.span.of(text).strip()
        assert not any(
            block.kind is not TEXT
            and len(block.span)
            and max(block.span.start, draft.span.start) < min(block.span.end, draft.span.end)
            for block in blocks
        )
