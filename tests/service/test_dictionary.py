"""A dictionary that the setting names reaches the questions, and what is wrong with it reaches the operator."""

from __future__ import annotations

from dataclasses import replace

import pytest

from index.errors import PackDamaged
from service.engine import Engine
from service.settings import Settings
from tests.fakes import HashingEncoder
from tests.service.articles import inputs_of

ARTICLE = {
    "doc_id": "wabbel-1",
    "title": "Die Wabbel kehrt zurück",
    "text": "Im Moor wurde nach Jahren wieder eine Wabbel gesehen. Forscher zählten später zwölf Tiere am See.",
    "language": "de",
}


def lexical_score(settings: Settings) -> float | None:
    """Of the one article, for a word that only a dictionary could translate."""
    with Engine.open(settings, encoder=HashingEncoder()) as engine:
        engine.ingest(inputs_of(settings, ARTICLE))
        (found,) = engine.search("quobbles", language="en").passages
        return found.lexical


def test_a_dictionary_translates_what_the_pack_cannot_and_off_leaves_it(settings: Settings) -> None:
    path = settings.data.parent / "de-en"
    path.write_text("Wabbel {f} | Wabbeln {pl} :: quobble | quobbles\n", encoding="utf-8")
    assert lexical_score(settings) is None
    with_it = lexical_score(replace(settings, dictionary=str(path)))
    assert with_it is not None
    assert with_it > 0
    assert lexical_score(settings) is None  # nothing stays behind in the index


def test_a_dictionary_that_is_not_there_is_an_error_that_names_the_setting(settings: Settings) -> None:
    with Engine.open(replace(settings, dictionary="/nowhere/de-en"), encoder=HashingEncoder()) as engine:
        engine.ingest(inputs_of(settings, ARTICLE))
        with pytest.raises(PackDamaged, match="no dictionary '/nowhere/de-en'") as raised:
            engine.search("quobbles")
        assert raised.value.field == "dictionary"
