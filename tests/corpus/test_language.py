from __future__ import annotations

import subprocess
import sys

import pytest

from corpus.language import ISO_639_1, detect_document_language, detect_question_language

GERMAN = """
Was ist Huawei Ascend?
Wer ist Jensen Huang?
Wer schrieb die MERICS-Studie?
MERICS Studie Autoren
Wie geht Baidu mit den Sanktionen um?
Umsatzeinbußen Nvidia H20
Wie hoch sind die Verluste von AMD?
Chinas KI-Strategie
Was kostet DeepSeek?
Was plant Tencent?
Was sagt Joe Tsai?
Welche Chips baut Baidu?
Warum warnt Huang?
Wann kam der H20?
Energieverbrauch Rechenzentren China
Exportkontrollen Wirkung
Wie viele GPUs hat Tencent?
Was war der DeepSeek-Moment?
War Trump dafür?
Nennt MiniMax den Erlös?
Sprachmodelle Europa
Terawattstunden China 2024
Ist die Lücke zu den USA groß?
Hat Alibaba einen Fahrplan?
Wozu dient PaddlePaddle?
Kann Europa aufholen?
Big Fund Halbleiter
Wer gewinnt das AI Race?
Wie teuer war das Training von DeepSeek?
Börsengang Zhipu AI Hongkong
"""
ENGLISH = """
Who is Jensen Huang?
What is Huawei Ascend?
Baidu sanctions?
Nvidia H20 export ban losses
Who wrote the MERICS study?
How does Baidu cope with sanctions?
What is the capital of Australia?
DeepSeek R1 cost
AI race winner
Tencent GPUs stockpile
Was Baidu hit by sanctions?
Was the H20 banned?
Will China win?
Will Europe catch up with the US?
Is Zhipu blacklisted?
Did MiniMax go public?
MiniMax IPO proceeds
Who is Müller?
What does Die Zeit say?
Why did Nvidia build the H20?
How many GPUs does Tencent own?
When was the H100 restricted?
Chinese chip makers
Alibaba cloud roadmap
power consumption of data centres
Who said "we block our own growth"?
Nvidia losses 2025
Which companies build chips in China?
Can China win without Nvidia?
semiconductor subsidies
"""


@pytest.mark.parametrize("question", GERMAN.strip().split("\n"))
def test_german_questions(question: str):
    assert detect_question_language(question) == "de"


@pytest.mark.parametrize("question", ENGLISH.strip().split("\n"))
def test_english_questions(question: str):
    assert detect_question_language(question) == "en"


@pytest.mark.parametrize("question", ["Baidu ERNIE?", "H20", "", "?", "2025", "百度", "Martin Lau"])
def test_a_question_without_words_still_has_a_language(question: str):
    assert detect_question_language(question) in {"de", "en"}


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Die Regierung will mit dem Geld eine eigene Fertigung aufbauen, und das nicht erst seit gestern.", "de"),
        ("The government wants to build its own fabs with that money, and it has wanted that for years.", "en"),
        ("Le gouvernement veut construire ses propres usines avec cet argent, et ce n'est pas nouveau.", "fr"),
        ("De regering wil met dat geld een eigen fabriek bouwen, en dat is niet nieuw voor de sector.", "nl"),
        ("El gobierno quiere construir sus propias fábricas con ese dinero, y no es nada nuevo.", "es"),
        ("百度发布了新的人工智能芯片，并表示该公司将在今年继续扩大数据中心的投资规模。", "zh"),
        ("Ny regering vil bygge egne fabrikker for pengene, og det er ikke noget nyt i landet.", "da"),
        ("12 34 56", "und"),
        ("", "und"),
        ("OK", "und"),
    ],
)
def test_documents(text: str, language: str):
    assert detect_document_language(text) == language


def test_codes():
    assert len(ISO_639_1) == 184
    assert {"de", "en", "zh"} <= ISO_639_1
    assert "und" not in ISO_639_1


def test_clear_texts_never_load_the_model():
    program = (
        "import sys; from corpus.language import *; "
        "assert detect_question_language('Wie geht Baidu mit den Sanktionen um?') == 'de'; "
        "assert detect_question_language('How does Baidu cope with sanctions?') == 'en'; "
        "assert detect_document_language('Die Firma und der Staat sind auf dem Weg, das ist nicht neu.') == 'de'; "
        "assert 'py3langid' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
