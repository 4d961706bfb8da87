from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.sentences import sentence_spans
from tests.corpus.hostile import hostile_text

# "|" marks each place where a sentence must end; nowhere else may one. Every row was split by hand.
GERMAN = [
    "Das gilt z. B. Baidu und Tencent.| Andere folgen.",
    "Das gilt z.B. Baidu und Tencent.| Andere folgen.",
    "Daran arbeiten u. a. Alibaba und Huawei.| Mehr ist nicht bekannt.",
    "Beteiligt sind Huawei, SMIC u. a.| Die Kosten trägt der Staat.",
    "Nvidia verliert 5,5 Mrd. Dollar.| Danach fiel die Aktie.",
    "Der Umsatz lag bei 5,5 Mrd.| Das war mehr als erwartet.",
    "Es flossen 800 Mio. Euro in Chips.| Der Rest blieb liegen.",
    "Rund 3 Mio. Nutzer kamen hinzu.",
    "Prof. Teng lehrt in Peking.| Dr. Wang auch.",
    "Prof. Dr. med. Li sprach zuerst.",
    "Am 3. Mai 2025 trat das Verbot in Kraft.| Am 4. Mai klagte Nvidia.",
    "Im 2. Quartal stieg der Gewinn.| Im 3. Quartal fiel er.",
    "Platz 5 ging an Nr. 5 der Liste.",
    "Das Werk steht in St. Gallen.| Es gehört ABB.",
    "J. Huang widersprach.| Auch J. D. Vance schwieg nicht.",
    "Xi Jinping traf Donald J. Trump in Seoul.",
    "Der Bericht der U.S. Handelskammer liegt vor.",
    "„Wir arbeiten klüger“, so Lau.| Mehr sagte er nicht.",
    "„Wer gewinnt?“ fragte er.| Niemand wusste es.",
    "»Das war knapp.«| Dann ging sie.",
    "»Das war knapp«, sagte sie.| Dann ging sie.",
    "«Das reicht nicht.»| Der Markt sah es anders.",
    '"Das reicht nicht."| Der Markt sah es anders.',
    "„Der Markt ist groß.| Man kehrt ihm nicht den Rücken.“| Huang blieb dabei.",
    "„Der Markt ist groß.| Man kehrt ihm nicht den Rücken“, sagte Huang.| Er blieb dabei.",
    "„Das ist eine Chance.“ – Prof. Teng, CKGSB.",
    "Er zögerte … und ging dann doch.",
    "Er zögerte …| Dann ging er.",
    "Er zögerte ...| Dann ging er.",
    "Die Firma [...] Huawei schweigt.",
    "Gebaut werden Server, Chips usw.| Die Liste ist lang.",
    "Server, Chips usw. bleiben knapp.",
    "Server, Chips etc. Produkte dieser Art fehlen.",
    "Am 23.07.2025 um 13.11 Uhr kam die Meldung.| Sie war kurz.",
    "Die Sitzung begann um 13.11 Uhr.| Sie endete um 15 Uhr.",
    "Das 19. Jahrhundert war anders als das 21. Jahrhundert.",
    "Kaiser Wilhelm II. Enkel lebte länger.",
    "Das war unter Wilhelm II.| Danach kam die Republik.",
    "Baidu landete auf Platz 2.| Tencent wurde Erster.",
    "Der Anteil stieg von 7 auf 12.| Das überraschte viele.",
    "Der 2. Senat entschied.| Der 1. Senat schwieg.",
    "Das geschah im Jahr 2022.| Nvidia reagierte mit dem H20.",
    "Die Leistung stieg auf 10.000 Terawattstunden.| Das ist doppelt so viel.",
    "Llama 3.1 und Claude 3.5.| DeepSeek hält mit.",
    "Die Version 3.5.| Danach kam 4.0.",
    "Vom 2.–3. Mai tagte die Messe.| Es kamen viele.",
    "Mehr unter https://example.org/a.b?c=d.| Das Archiv ist offen.",
    "Die Seite example.org ist offen.| Sie lädt langsam.",
    "Das (angeblich geheime?) Papier liegt vor.| Es hat 12 Seiten.",
    "Das Papier liegt vor (12 Seiten).| Es ist geheim.",
    "Er schwieg.| (Sie auch.)| Dann sprach er.",
    "Ist das der Plan?!| Niemand weiß es.",
    "Was tun?| Abwarten!| Dann handeln.",
    "Die Idee heißt Plan B.| Plan A ist gescheitert.",
    "Nach d. h. Ende Mai war Schluss.",
    "Vgl. Abb. 3 und S. 12 ff. im Anhang.",
    "Das galt bis 500 v. Chr.| Danach nicht mehr.",
    "Die Tencent Holdings Ltd. Aktie fiel.| Die Firma schwieg.",
    "Google & Co. ziehen davon.| Google und Co.| Das war die Überschrift.",
    "Der Chip kam am Mo., 3. Mai, an.",
    "So steht es in Art. 5 des Gesetzes.| Andere dieser Art.| Es gibt viele.",
    "Sie nutzt Daten.| iPhone-Besitzer merken nichts.",
    "Der Wert liegt bei ca. 70 % der Fläche.| Das ist viel.",
    "Der Chef von Baidu, Robin Li, u. v. m.| Alle kamen.",
    "Bis einschl. Dezember gilt: Nichts geht mehr.| Punkt.",
    "1. Baidu baut eigene Chips.",
    "Das Wort „Mrd.“ steht für Milliarden.| Gut zu wissen.",
    "... und dann geschah es.| Niemand sah hin.",
    "Im 4. Stock brannte Licht.| Im 5. Brand des Jahres starb niemand.",
    "Er war jung.| Er war klug.| Er war jung.",
    "Im Laufe des 18. und 19. Jahrhunderts wuchs die Stadt.",
    "Die 2., 3. und 4. Zeitachsen folgen.| Die 5. fehlt.",
    "Er sagte: Ich bin hier, um . . . zu bleiben.| Er blieb.",
    "Frankfurt a. M. ist groß.| Die Bank sitzt dort.",
    "In ihrer 3. Amtszeit kam der Umschwung.",
]

ENGLISH = [
    "U.S. firms lost money.| Nvidia lost most.",
    "The ban came from the U.S.| The firms protested.",
    "The U.S. Commerce Department agreed.| It took a week.",
    "Mr. Huang met Dr. Li.| They talked.",
    "Baidu Inc. and Tencent Holdings Ltd. reported gains.| The rest did not.",
    "The chip, i.e. the H20, was banned.| Sales fell.",
    "This holds for every integer n.| It is proved.",
    "Some firms, e.g. Huawei, gained.| Others did not.",
    "“We work smarter,” Lau said.| He smiled.",
    "“Who wins?” he asked.| Nobody knew.",
    "“It is over.”| The market disagreed.",
    "He came on May 3.| The talks began at 9 a.m.| They ended late.",
    "Shares fell 5.5 percent.| They rose 3.1 percent later.",
    "It ranked No. 5 in the world.| He said no.| Baidu agreed.",
    "The firm lost $5.5bn.| AMD lost $0.8bn.",
    "J. K. Rowling and George W. Bush met.| They talked.",
    "See Fig. 3 and pp. 12 of Smith et al. for more.",
    "Wait ... what?| Yes.",
    "Visit example.com/path.html for details.| It is free.",
    "Export rules (see Sec. 5.2) apply.| They are strict.",
    "He said: “Stop.| Go home.”| They left.",
    "Washington, D.C. is far.| The ban hit Washington, D.C.| It hurt.",
    "St. Louis is a city.| So is Mt. Vernon.",
]  # fmt: skip


def expected_sentences(marked: str) -> tuple[str, list[str]]:
    return marked.replace("|", ""), [piece.strip() for piece in marked.split("|")]


@pytest.mark.parametrize("marked", GERMAN)
def test_german(marked: str):
    text, sentences = expected_sentences(marked)
    assert [span.of(text) for span in sentence_spans(text, "de")] == sentences


@pytest.mark.parametrize("marked", ENGLISH)
def test_english(marked: str):
    text, sentences = expected_sentences(marked)
    assert [span.of(text) for span in sentence_spans(text, "en")] == sentences


def test_line_breaks_end_sentences():
    text = "Warnrufe aus den Reihen\n\nChina warnt.\n- erstens Chips\n- zweitens Strom. Und Geld\n"
    assert [span.of(text) for span in sentence_spans(text)] == [
        "Warnrufe aus den Reihen", "China warnt.", "- erstens Chips", "- zweitens Strom.", "Und Geld",
    ]  # fmt: skip


def test_other_scripts_and_nothing():
    text = "百度发布了新芯片。股价上涨！"
    assert [span.of(text) for span in sentence_spans(text, "zh")] == ["百度发布了新芯片。", "股价上涨！"]
    assert sentence_spans("") == []
    assert sentence_spans(" \n\u00a0\n") == []


def test_a_no_break_space_joins_an_abbreviation_as_a_space_does():
    text = "Das gilt z.\u00a0B. Baidu. Andere folgen."
    assert [span.of(text) for span in sentence_spans(text)] == ["Das gilt z.\u00a0B. Baidu.", "Andere folgen."]


@given(hostile_text, st.sampled_from(["de", "en", "und"]))
def test_ordered_disjoint_trimmed_and_complete(text: str, language: str):
    spans = sentence_spans(text, language)
    end = 0
    for span in spans:
        assert span.start >= end
        assert span.start < span.end
        words = span.of(text)
        assert words == words.strip()
        assert "\n" not in words
        assert not text[end : span.start].strip()
        end = span.end
    assert not text[end:].strip()
