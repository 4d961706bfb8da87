from __future__ import annotations

import pytest

from corpus.documents import BlockKind
from corpus.errors import EmptyDocument
from tests.corpus.extract.inputs import MORE, PROSE, read, words_of

PAGE = f"""<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Peking baut Chips | Beispielblatt</title>
<meta property="og:title" content="Peking baut eigene Chips"><meta property="og:site_name" content="Beispielblatt">
<meta property="article:published_time" content="2025-07-23T13:11:00+02:00"><meta name="author" content="Erika Muster">
<link rel="canonical" href="https://www.beispielblatt.example/peking-chips">
<script>var boese = "nicht zitieren";</script></head><body>
<nav><ul><li><a href="/">Startseite</a></li><li><a href="/politik">Politik</a></li></ul></nav>
<div class="cookie-banner">Wir verwenden Cookies, um die Seite zu verbessern.</div>
<article><h1>Peking baut eigene Chips</h1><p>23. Juli 2025, 13:11 Uhr | Erika Muster</p>
<figure><img src="a.jpg"><figcaption>Ein Werk in Shanghai (Foto: dpa)</figcaption></figure>
<p>{PROSE}</p><div>Anzeige</div><p>{MORE} <b>Fett</b> und <a href="x">verlinkt</a>.</p>
<h2>Warum das zählt</h2><p>{PROSE} &bdquo;Ja&ldquo;, hie&szlig; es.</p>
<ul><li>Erster Punkt</li><li>Zweiter Punkt</li></ul>
<table><tr><th>Firma</th><th>Umsatz</th></tr><tr><td>Baidu</td><td>5 Mrd.</td></tr></table>
<p>Lesen Sie auch: <a href="y">Nvidia verliert</a></p><p>{MORE}</p></article>
<aside><p>Jetzt kostenfreie Newsletter bestellen!</p></aside><footer>Impressum © 2025</footer></body></html>"""


def test_a_page():
    result = read(PAGE, "seite.html")
    document = result.document
    assert (document.title, document.source, document.published) == (
        "Peking baut eigene Chips",
        "Beispielblatt",
        "2025-07-23",
    )
    assert document.url == "https://www.beispielblatt.example/peking-chips"
    assert document.language == "de"
    assert document.metadata == {"author": "Erika Muster"}
    assert words_of(BlockKind.HEADING, result) == ["Peking baut eigene Chips", "Warum das zählt"]
    assert words_of(BlockKind.TEXT, result) == [
        PROSE,
        f"{MORE} Fett und verlinkt.",
        f"{PROSE} „Ja“, hieß es.",
        "- Erster Punkt",
        "- Zweiter Punkt",
        "Firma | Umsatz",
        "Baidu | 5 Mrd.",
        MORE,
    ]
    for furniture in ("boese", "Politik", "Cookies", "Newsletter", "Impressum"):
        assert furniture not in document.text


@pytest.mark.parametrize("charset", ["windows-1252", "iso-8859-15", "utf-8", "utf-16"])
def test_the_charset_is_respected(charset: str):
    page = PAGE.replace('charset="utf-8"', f'charset="{charset}"')
    assert words_of(BlockKind.TEXT, read(page.encode(charset, "xmlcharrefreplace"), "s.html"))[0] == PROSE


def test_xhtml_with_a_declaration():
    page = f'<?xml version="1.0" encoding="utf-8"?>\n<html xmlns="http://www.w3.org/1999/xhtml"><head><title>T</title></head><body><p>{PROSE}</p></body></html>'
    assert read(page, "s.xhtml").document.text == PROSE


def test_a_short_page():
    document = read("<html><body><p>Ein kurzer Satz.</p></body></html>", "s.html").document
    assert (document.text, document.title, document.published) == ("Ein kurzer Satz.", "Ein kurzer Satz.", None)


@pytest.mark.parametrize(
    "page",
    ["<html></html>", "<html><body><script>x</script></body></html>", "<html><head><title>T</title></head></html>"],
)
def test_a_page_without_text(page: str):
    with pytest.raises(EmptyDocument):
        read(page, "s.html")


def test_deep_nesting_ends():
    page = "<html><body>" + "<div>" * 5_000 + f"<p>{PROSE}</p>" + "</div>" * 5_000 + "</body></html>"
    try:
        text = read(page, "s.html").document.text
    except EmptyDocument:
        text = PROSE
    assert PROSE in text


def test_markup_in_the_text_is_text():
    document = read(
        f"<html><body><p>{PROSE}</p><p>Das Zeichen &lt;script&gt; ist harmlos.</p></body></html>", "s.html"
    ).document
    assert "Das Zeichen <script> ist harmlos." in document.text
