from __future__ import annotations

import pytest
from hypothesis import given

from corpus.bylines import Byline, read_byline
from corpus.clutter import Sorted, sort_lines
from corpus.clutter_lines import bare, is_clutter
from corpus.documents import BlockKind
from corpus.normalise import normalise
from tests.corpus.hostile import hostile_text

FURNITURE = """
Anzeige
- Anzeige -
ANZEIGE
Werbung
Advertisement
Sponsored Content
Story continues below advertisement
Kommentar (0)
Kommentare (12)
3 Kommentare
Comments (4)
Leave a comment
Join the conversation
Diesen Artikel anhören
Artikel vorlesen lassen
Listen to this article
5 min read
Lesezeit: 4 Minuten
Lesen Sie auch: Nvidia verliert Marktanteile
Lesen Sie mehr zum Thema
Lesen Sie hier, wie der Vergleich ausfiel.
Lies auch: Das sind die neuen Chips
Mehr zum Thema
Das könnte Sie auch interessieren
Das könnte dich auch interessieren:
Auch interessant
Weitere Artikel zu Halbleiter
Ähnliche Artikel
Meistgelesen
Read more: Nvidia loses market share
READ MORE
Related articles
More on this story
You may also like
Most read
Jetzt kostenfreie Newsletter bestellen!
Newsletter abonnieren
Unser Newsletter: jetzt kostenlos anmelden
Abonnieren Sie unseren täglichen Newsletter und verpassen Sie nichts.
Sign up for our newsletter
Sign up for our daily newsletter and never miss a story.
Subscribe to our newsletter
Get the latest updates in your inbox every morning.
Subscribe now
Jetzt abonnieren
Become a member today
Share this article
Share on Facebook
Artikel teilen
Auf Facebook teilen
Facebook Twitter WhatsApp E-Mail
Facebook | X | LinkedIn
Drucken
Foto: dpa
Photo: Jane Doe/Reuters
Bild: Nature
Bildquelle: Musteragentur
(Foto: dpa)
© Musterverlag
© 2025 Musterblatt. Alle Rechte vorbehalten.
Getty Images
Ein Werk in Shanghai (Foto: dpa)
Ein Werk in Shanghai. Foto: dpa
Engineers at a plant in Shanghai (Photo: Reuters).
A plant in Shanghai (AP Photo/John Doe)
Der Chef des Unternehmens bei einer Rede (Bild: Musteragentur).
Wir verwenden Cookies, um die Seite zu verbessern.
We use cookies to improve your experience on this site.
This website uses cookies.
Accept all cookies
Alle Cookies akzeptieren
Cookie-Einstellungen
Impressum
Datenschutzerklärung
Privacy Policy
Zur Startseite
Back to top
Skip to content
Unterstützen Sie unsere Arbeit mit einer Spende.
Support our journalism
Jeder Euro zählt
Every contribution counts.
Wissen ohne Paywall
Unsere Artikel bleiben kostenlos. Über eine Unterstützung oder Spende freuen wir uns.
Schlagworte: KI, Chips, China
3/12
Seite 2 von 5
(dpa)
dpa/mus
"""

PROSE = """
Die Anzeige erschien am Montag in mehreren Zeitungen.
Der Verlag will seinen Newsletter künftig täglich verschicken.
Viele Leser wollen keinen Newsletter mehr abonnieren.
Baidu schaltet weniger Werbung als früher.
Er gab einen Kommentar ab.
Lesen Sie diesen Satz nicht, sagte er, und lachte dabei so laut, dass die ganze Redaktion es hörte.
The advertisement ran for three weeks.
The company signed up for a newsletter about chips.
Cookies von Drittanbietern will Google nun doch behalten.
Die Firma teilt den Artikel auf Facebook, wie sie mitteilte.
Das Foto zeigt eine Fabrik in Shanghai.
Die Bilder gingen um die Welt.
Der Umsatz stieg um fünf Prozent (Quelle: Statista).
Das Unternehmen wächst, sagte der Chef. (dpa)
Mehr zu investieren fordert auch die Industrie.
Zum Thema Energie sagte Huang wenig.
Getty Images klagt gegen einen KI-Anbieter.
Unterstützt wird das Projekt von der Regierung in Peking.
Support for the ban is growing.
More from the budget would go to chips.
Weitere Nachrichten aus China erwarten die Anleger heute.
Am 3. Mai 2025 trat das Verbot in Kraft.
Von der Cloud bis zum Chatbot kontrolliert Baidu alles.
Die Quelle: ein Beamter, der anonym bleiben will.
"""


@pytest.mark.parametrize("line", FURNITURE.strip().split("\n"))
def test_furniture(line: str):
    assert is_clutter(bare(line))


@pytest.mark.parametrize("line", PROSE.strip().split("\n"))
def test_prose_that_mentions_it(line: str):
    assert not is_clutter(bare(line))
    assert read_byline(line) is None


LONG = (
    "Die Regierung in Peking will mit dem Geld eine eigene Fertigung aufbauen, und das nicht erst seit gestern, wie "
    "aus dem Umfeld der Behörde zu hören ist."
)
ENGLISH = (
    "The government wants to build its own fabs with that money, and it has wanted that for many years, as people "
    "close to the agency say."
)


def kinds(result: Sorted, text: str) -> list[tuple[str, str]]:
    return [(block.kind.value[0], block.span.of(text)) for block in result.blocks]


def test_a_caption_twice_at_the_top_and_the_name_above_it():
    top = "Zwei Männer streiten\n\nPeking baut eigene Chips"
    text = f"{top}\n\n{LONG}\n\nErika Muster Pixelwerk\nZwei Männer streiten\n\n{LONG}"
    assert kinds(sort_lines(text), text) == [
        ("c", "Zwei Männer streiten"), ("h", "Peking baut eigene Chips"), ("t", LONG), ("c", "Erika Muster Pixelwerk"),
        ("c", "Zwei Männer streiten"), ("t", LONG),
    ]  # fmt: skip
    assert sort_lines(text).title == "Peking baut eigene Chips"


def test_a_headline_twice_is_a_headline_once():
    text = f"Peking baut eigene Chips\nPeking baut eigene Chips\n\n{LONG}"
    assert kinds(sort_lines(text), text)[:2] == [("h", "Peking baut eigene Chips"), ("c", "Peking baut eigene Chips")]


def test_a_caption_above_its_credit():
    caption = "Die Grafik zeigt, wer die Chips baut: wenige unten, viele oben."
    text = f"Peking baut eigene Chips\n\n2. Mai 2025 | Erika Muster\n{caption}\n© Musterblatt\n\n{LONG}\n\n{LONG}\n"
    assert [kind for kind, _ in kinds(sort_lines(text), text)] == ["h", "c", "c", "c", "t", "t"]


def test_a_paragraph_above_a_credit_stays_where_no_blank_lines_part_paragraphs():
    text = f"Peking baut eigene Chips\n{LONG}\n{LONG}\nFoto: dpa\n{LONG}"
    assert [kind for kind, _ in kinds(sort_lines(text), text)] == ["h", "t", "t", "c", "t"]


def test_links_in_mid_article_are_clutter_and_the_heading_below_them_is_none():
    text = (
        f"Titel\n\n{LONG}\n\nLesen Sie auch:\n\nEin anderer Artikel\n\nNoch ein Artikel\n\nEin neues Kapitel\n\n{LONG}"
    )
    assert kinds(sort_lines(text), text)[2:] == [
        ("c", "Lesen Sie auch:"), ("c", "Ein anderer Artikel"), ("c", "Noch ein Artikel"), ("h", "Ein neues Kapitel"),
        ("t", LONG),
    ]  # fmt: skip


def test_a_heading_after_an_advertisement_stays_one():
    text = f"Titel\n\n{LONG}\n\nAnzeige\n\nEin neues Kapitel\n\n{LONG}"
    assert kinds(sort_lines(text), text)[2:] == [("c", "Anzeige"), ("h", "Ein neues Kapitel"), ("t", LONG)]


def test_what_follows_the_last_paragraph_is_clutter():
    text = f"Titel\n\n{LONG}\n\nChips aus Peking\n\nKI in Europa\n\nNoch ein Link"
    assert [kind for kind, _ in kinds(sort_lines(text), text)] == ["h", "t", "c", "c", "c"]


def test_readers_comments_are_clutter():
    text = f"Titel\n\n{LONG}\n\nKommentare (2)\n\nMax: {LONG}\n\nErika: Sehe ich anders."
    assert [kind for kind, _ in kinds(sort_lines(text), text)] == ["h", "t", "c", "c", "c"]
    text = f"Titel\n\nKommentare (2)\n\n{LONG}"
    assert [kind for kind, _ in kinds(sort_lines(text), text)] == ["h", "c", "t"]


def test_lists_are_text_with_and_without_bullets():
    lists = "Die Gewinner:\nBaidu mit Ernie\nTencent\nAlibaba\n\nFazit\n\n- eins\n* zwei\n3. drei"
    text = f"Titel\n\n{LONG} {lists}\n\n{LONG}"
    assert kinds(sort_lines(text), text)[2:] == [
        ("t", "Baidu mit Ernie"), ("t", "Tencent"), ("t", "Alibaba"), ("h", "Fazit"), ("t", "- eins"), ("t", "* zwei"),
        ("t", "3. drei"), ("t", LONG),
    ]  # fmt: skip


def test_rows_of_figures_are_text():
    text = f"Titel\n\n{LONG}\nBaidu 5 Mrd.\nTencent 3 Mio. Euro\nAlibaba 2,1 Prozent\nHuawei 7 Werke\n{LONG}"
    assert [kind for kind, _ in kinds(sort_lines(text), text)] == ["h", "t", "t", "t", "t", "t", "t"]


def test_a_short_question_heads_a_paragraph_but_speech_does_not():
    text = f"Titel\n\n{LONG}\n\nWas nun?\n\n{LONG}\n\n„Was nun?“\n\n{LONG}"
    assert [kind for kind, _ in kinds(sort_lines(text), text)] == ["h", "t", "h", "t", "t", "t"]


def test_a_menu_at_the_top_is_clutter():
    menu = "\n".join(["Politik", "Wirtschaft", "Kultur", "Sport", "Wissen", "Reise", "Auto", "Mehr Themen"])
    text = f"{menu}\nPeking baut sehr viele eigene Chips\n\n{LONG}"
    assert sort_lines(text).title == "Peking baut sehr viele eigene Chips"


def test_lines_without_any_full_stop_can_still_be_cited():
    text = "Meine Liste\n" + "\n".join(f"Wort {letter}" for letter in "abcdefghijkl")
    assert [kind for kind, _ in kinds(sort_lines(text), text)] == ["h"] + ["t"] * 12


def test_an_english_page():
    text = (
        "Beijing builds its own chips\n\nBy Jane Doe | March 4, 2025\n\nShare this article\n\n"
        f"{ENGLISH}\n\nAdvertisement\n\n"
        f"Why it matters\n\n{ENGLISH}\n\nRead more: Nvidia loses ground\n\n{ENGLISH}\n\nPhoto: Reuters\n\n"
        "Sign up for our newsletter\n\nWe use cookies to improve this site."
    )
    result = sort_lines(text)
    assert [kind for kind, _ in kinds(result, text)] == ["h", "c", "c", "t", "c", "h", "t", "c", "t", "c", "c", "c"]
    assert result.byline == Byline("2025-03-04", "Jane Doe")


@pytest.mark.parametrize(
    ("tail", "source"),
    [
        ("La Gaceta Mayor", "La Gaceta Mayor"),
        ("Musterzeitung", "Musterzeitung"),
        ("Erika Muster", None),
        ("Ende", None),
    ],
)
def test_an_outlet_below_the_last_paragraph(tail: str, source: str | None):
    result = sort_lines(f"Titel\n\n{LONG}\n\n{LONG}\n{tail}")
    assert result.byline.source == source
    assert result.blocks[-1].kind is BlockKind.CLUTTER


def test_kickers_go_before_the_headline():
    assert (
        sort_lines(f"Halbleiter\n\nPeking baut eigene Chips\n\n{LONG}").title == "Halbleiter: Peking baut eigene Chips"
    )
    assert sort_lines(f"Peking baut eigene Chips\n\nHalbleiter\n\n{LONG}").title == "Peking baut eigene Chips"


@given(hostile_text)
def test_every_line_is_one_block(raw: str):
    text = normalise(raw).text
    result = sort_lines(text)
    assert [block.span.of(text) for block in result.blocks] == [
        line.strip() for line in text.split("\n") if line.strip()
    ]


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "line",
    [
        "x " * 199,
        "mail" * 99,
        "-" * 400,
        "(" * 400,
        "jetzt " * 66,
        "a/" * 200,
        "foto: " * 66,
        "newsletter " * 36,
        "© " * 200,
    ],
)
def test_no_line_keeps_the_patterns_busy(line: str):
    text = "\n".join([line] * 5)
    assert len(sort_lines(text).blocks) == 5
