"""Each dialect on answers made by hand."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from markdown_it import MarkdownIt

from service.answering import CHANGED, NO_DOCUMENTS
from service.dialects import anthropic, chat, cohere, openai, openwebui, perplexity
from service.dialects.errors import ModelNotFound
from service.dialects.links import Links
from service.dialects.models import DIALECTS, MODELS, dialect_of
from service.dialects.words import abstention
from service.errors import InvalidRequest
from service.extractive import NOTHING_FOUND, UNLIKELY
from tests.service.dialects.answers import FIRST, LINKS, SECOND, answer, citation, document, passage, two_statements
from tests.service.dialects.test_markdown import HOSTILE

ADDRESS = re.compile(r"https://news\.example/read/[\w%.-]+\?start=\d+&end=\d+&sha256=[0-9a-f]{64}")


def links_of(markdown: str) -> list[tuple[str, str]]:
    """(label, address) of every link that a Markdown renderer would make."""
    made = []
    for token in MarkdownIt("commonmark", {"html": True}).parse(markdown):
        label: str | None = None
        address = ""
        for child in token.children or []:
            assert child.type in ("text", "link_open", "link_close", "softbreak"), child
            if child.type == "link_open":
                label, address = "", str(child.attrs["href"])
            elif child.type == "link_close":
                made.append((label or "", address))
                label = None
            elif label is not None:
                label += child.content
    return made


def test_an_address_carries_document_place_and_checksum() -> None:
    info = document("a:b", FIRST)
    proof = citation(1, info, FIRST, "kühlen")
    assert LINKS.citation(proof) == f"https://news.example/read/a%3Ab?start=9&end=15&sha256={info.sha256}"
    assert ADDRESS.fullmatch(LINKS.passage(passage(1, info, FIRST)))


def test_openai_links_each_citation_and_says_where_the_link_stands() -> None:
    made = two_statements()
    rendering = openai.render(made, LINKS)
    addresses = [LINKS.citation(proof) for proof in made.citations]
    assert links_of(rendering.text) == [(f"[{place}]", each) for place, each in enumerate(addresses, start=1)]
    notes = [note["url_citation"] for note in rendering.annotations]
    assert [note["type"] for note in rendering.annotations] == ["url_citation"] * 3
    assert [note["url"] for note in notes] == addresses
    marked = [rendering.text[note["start_index"] : note["end_index"]] for note in notes]
    assert marked == [f"[[{place}]]({each})" for place, each in enumerate(addresses, start=1)]
    assert notes[2]["title"] == "The council (waits), 2025-07-23"


def test_openai_s_text_is_the_answer_once_its_links_are_taken_away() -> None:
    rendering = openai.render(two_statements(), LINKS)
    bare = re.sub(r" (?:\[\[\d+\]\]\([^)]+\))+", "", rendering.text)
    (_, inline, _) = MarkdownIt("commonmark").parse(bare)
    assert inline.children is not None
    assert (
        "".join(child.content for child in inline.children)
        == f"{FIRST} Nobody objected (2) to the plan_of_the_council."
    )
    assert "$" not in rendering.text  # two of them


def test_openwebui_numbers_groups_as_the_text_does() -> None:
    made = two_statements()
    rendering = openwebui.render(made, LINKS)
    assert re.findall(r"\[(\d)\]", rendering.text) == ["1", "2", "3"]
    sources = [event["data"] for event in rendering.events]
    assert [event["type"] for event in rendering.events] == ["source"] * 3
    assert [each["document"] for each in sources] == [[proof.quote] for proof in made.citations]
    keys = [each["metadata"][0]["source"] for each in sources]
    assert keys == [LINKS.citation(proof) for proof in made.citations]
    assert all(len(each["document"]) == len(each["metadata"]) == len(each["distances"]) == 1 for each in sources)
    assert all("type" not in each for each in sources)  # or they would not be kept with the chat
    assert sources[0]["metadata"][0]["name"] == "Die Öfen, Südblatt, 2025-07-23"


def test_openwebui_keeps_two_citations_of_one_place_apart() -> None:
    info = document("x", FIRST)
    proofs = [citation(number, info, FIRST, FIRST) for number in (1, 2)]
    first, second = openwebui.events(answer("a [1] b [2]", proofs), LINKS)
    keys = [event["data"]["metadata"][0]["source"] for event in (first, second)]
    assert keys[1] == f"{keys[0]}&citation=2"


def test_perplexity_lists_what_the_numbers_stand_for() -> None:
    made = two_statements()
    rendering = perplexity.render(made, LINKS)
    assert rendering.beside["citations"] == [LINKS.citation(proof) for proof in made.citations]
    assert [each["snippet"] for each in rendering.beside["search_results"]] == [each.quote for each in made.citations]
    assert rendering.beside["search_results"][0]["title"] == "Die Öfen"
    assert rendering.beside["search_results"][0]["date"] == "2025-07-23"
    assert re.findall(r"\[(\d)\]", rendering.text) == ["1", "2", "3"]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_numbers_are_places_where_a_citation_was_dropped(dialect: str) -> None:
    made = two_statements()
    made = replace(made, text="Nobody objected (2) to the plan_of_the_council. [3]", citations=made.citations[2:])
    rendering = DIALECTS[dialect](made, LINKS)
    assert re.findall(r"\[(\d)\]", rendering.text) == ["1"]


def test_anthropic_points_into_the_source() -> None:
    made = two_statements()
    texts = {"hostile:1": FIRST, "plain-2": SECOND}
    assert anthropic.documents(made) == ["hostile:1", "plain-2"]
    blocks = anthropic.content(made)
    assert "".join(block["text"] for block in blocks) == f"{FIRST} Nobody objected (2) to the plan_of_the_council."
    proofs = [proof for block in blocks for proof in block["citations"]]
    for proof in proofs:
        text = texts[anthropic.documents(made)[proof["document_index"]]]
        assert text[proof["start_char_index"] : proof["end_char_index"]] == proof["cited_text"]
        assert proof["type"] == "char_location"
    assert len(proofs) == 3
    assert anthropic.content(answer("", reason=UNLIKELY)) == [{"type": "text", "text": UNLIKELY}]


def test_cohere_points_into_the_answer() -> None:
    message = cohere.message(two_statements())
    (content,) = message["content"]
    assert content["text"] == f"{FIRST} Nobody objected (2) to the plan_of_the_council."
    assert [content["text"][each["start"] : each["end"]] for each in message["citations"]] == [
        each["text"] for each in message["citations"]
    ]
    assert [[source["id"] for source in each["sources"]] for each in message["citations"]] == [
        ["hostile:1", "hostile:1"],
        ["plain-2"],
    ]
    assert cohere.message(answer("", reason=UNLIKELY))["citations"] == []


@pytest.mark.parametrize(
    ("reason", "german"),
    [(UNLIKELY, "wohl nicht"), (NOTHING_FOUND, "zu tun"), (NO_DOCUMENTS, "noch keine Artikel"), (CHANGED, "geändert")],
)
def test_an_abstention_is_said_in_the_question_s_language(reason: str, german: str) -> None:
    assert german in abstention(answer("", reason=reason), LINKS)
    assert abstention(answer("", reason=reason, language="en"), LINKS) == reason


def test_an_abstention_links_the_nearest_articles_once_each() -> None:
    infos = [document(f"d{number}", FIRST, f"Titel {number}") for number in range(5)]
    passages = [passage(rank, infos[at], FIRST) for rank, at in enumerate((0, 0, 1, 2, 3), start=1)]
    made = answer("", passages=passages, reason=UNLIKELY)
    text = abstention(made, LINKS)
    assert links_of(text) == [
        (f"Titel {number}", LINKS.passage(passages[at])) for number, at in ((0, 0), (1, 2), (2, 3))
    ]
    for dialect in DIALECTS.values():
        rendering = dialect(made, LINKS)
        assert (rendering.text, rendering.annotations, rendering.events) == (text, (), ())
        assert not rendering.beside


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_hostile_titles_sources_and_quotes_stay_text(dialect: str, hostile: str) -> None:
    """Whatever an article says, the only links are ours, and nothing else is markup: `links_of` refuses the rest."""
    text = f"{hostile} x"
    info = document("h", text, f"{hostile} titel", f"{hostile} blatt")
    made = answer(f"{' '.join(text.split())} [1]".replace("[1] [2,3]", "(1) [2,3]"), [citation(1, info, text, text)])
    rendering = DIALECTS[dialect](made, LINKS)
    expected = [("[1]", LINKS.citation(made.citations[0]))] if dialect == "openai" else []
    assert links_of(rendering.text) == expected
    missed = DIALECTS[dialect](answer("", passages=[passage(1, info, text)], reason=UNLIKELY), LINKS)
    ((label, address),) = links_of(missed.text)
    assert address == LINKS.passage(passage(1, info, text))
    assert "titel" in label


def test_a_title_without_words_gives_way_to_the_id() -> None:
    info = document("ohne-titel", FIRST, "\u200b")
    made = answer("", passages=[passage(1, info, FIRST)], reason=UNLIKELY)
    assert [label for label, _ in links_of(abstention(made, LINKS))] == ["ohne-titel"]


def test_models_name_their_dialects() -> None:
    assert MODELS["fundstelle"] == "openai"
    assert dialect_of("fundstelle-openwebui") is openwebui.render
    assert dialect_of("fundstelle", " Perplexity ") is perplexity.render
    with pytest.raises(ModelNotFound, match="'gpt-5'"):
        dialect_of("gpt-5")
    with pytest.raises(InvalidRequest, match="expected one of openai"):
        dialect_of("fundstelle", "latin")


def test_chunks_put_together_are_the_completion() -> None:
    made = two_statements()
    envelope = chat.Envelope("chatcmpl-1", 7, "fundstelle")
    for dialect in DIALECTS.values():
        rendering = dialect(made, LINKS)
        whole: dict[str, Any] = chat.completion(envelope, rendering, made)
        parts = list(chat.chunks(envelope, rendering, made, usage=True))
        choices = [choice for part in parts for choice in part["choices"]]
        message = whole["choices"][0]["message"]
        assert "".join(choice["delta"].get("content", "") for choice in choices) == message["content"]
        assert choices[-1]["finish_reason"] == "stop"
        assert "content" not in choices[-1]["delta"]
        assert choices[-1]["delta"].get("annotations") == message.get("annotations")
        assert [part["event"]["data"] for part in parts if "event" in part] == whole.get("sources", [])
        assert parts[-1]["usage"] == whole["usage"] == chat.USAGE
        assert parts[-2]["fundstelle"] == whole["fundstelle"]


def test_links_of_another_host_follow_their_base() -> None:
    proof = two_statements().citations[0]
    assert Links("http://[::1]:8000/news").citation(proof).startswith("http://[::1]:8000/news/read/hostile%3A1?")
