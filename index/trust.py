"""How far an encoder's cosines can be trusted, per pair of languages.

Encoders spread their cosines differently: unrelated texts may stand at 0.05 or at 0.75, and an English encoder hardly
tells a German answer from German noise. A few questions with their answers in both languages, asked of the encoder
itself, show where unrelated and matching texts lie; a linear map then brings them to where the bundled encoder has
them, on which the weights of fusion and abstention were chosen. Noise is never blown up to do so: where a pair of
languages is hard to tell apart, its cosines count for less.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from index.fusion import Scale
from index.protocols import Encoder

LOUDEST_NOISE = 1.25  # times the bundled encoder's spread of unrelated cosines
STEEPEST = 8.0


class Spread(NamedTuple):
    """Cosines of a pair of languages: mean of matching texts, mean and standard deviation of unrelated ones."""

    matching: float
    unrelated: float
    noise: float


class Probe(NamedTuple):
    """One question and the passage that answers it, in German and in English."""

    german_question: str
    german_passage: str
    english_question: str
    english_passage: str


PROBES = (
    Probe(
        "Warum wurde die Brücke gesperrt?",
        "Nachdem Prüfer Risse in den Stahlträgern entdeckt hatten, sperrte die Stadt die Rheinbrücke für Lastwagen.",
        "Why was the bridge closed?",
        "After inspectors had found cracks in the steel girders, the city closed the old Rhine bridge to lorries.",
    ),
    Probe(
        "Wie viel Strom erzeugt der Windpark?",
        "Die zwölf Anlagen vor der Küste liefern im Jahr rund 300 Gigawattstunden und versorgen damit eine Kleinstadt.",
        "How much electricity does the wind farm produce?",
        "The twelve turbines off the coast deliver about 300 gigawatt hours a year, enough for a small town.",
    ),
    Probe(
        "Wer gewann das Endspiel?",
        "Mit einem Tor in der Verlängerung holte die Mannschaft aus Bremen den Pokal zum ersten Mal seit zehn Jahren.",
        "Who won the final?",
        "With a goal in extra time the team from Bremen took the cup for the first time in ten years.",
    ),
    Probe(
        "Was hilft gegen Heuschnupfen?",
        "Ärzte raten bei Pollenallergie zu Antihistaminika, in schweren Fällen zu einer Hyposensibilisierung.",
        "What helps against hay fever?",
        "For pollen allergy doctors recommend antihistamines, and desensitisation in severe cases.",
    ),
    Probe(
        "Wie hat die Zentralbank auf die Inflation reagiert?",
        "Um die Teuerung zu bremsen, hoben die Währungshüter den Leitzins um einen halben Prozentpunkt an.",
        "How did the central bank react to inflation?",
        "To slow rising prices the monetary authority raised its key interest rate by half a percentage point.",
    ),
    Probe(
        "Seit wann gibt es das Museum?",
        "Das Haus für moderne Kunst öffnete 1987 in einer früheren Textilfabrik am Kanal seine Türen.",
        "Since when has the museum existed?",
        "The house of modern art opened its doors in 1987 in a former textile mill by the canal.",
    ),
    Probe(
        "Warum sterben so viele Bienen?",
        "Imker machen eine Milbe und Pflanzenschutzmittel für die Verluste ihrer Völker im Winter verantwortlich.",
        "Why are so many bees dying?",
        "Beekeepers blame a mite and pesticides for the loss of their colonies in winter.",
    ),
    Probe(
        "Welche Fluggesellschaft streicht Verbindungen?",
        "Wegen fehlender Piloten fallen bei der irischen Linie im Sommer hundert Flüge in der Woche aus.",
        "Which airline is cutting routes?",
        "For lack of pilots a hundred flights a week of the Irish carrier are cancelled this summer.",
    ),
)

BUNDLED: Mapping[str, Spread] = {  # what measure() says of the bundled encoder
    "de-de": Spread(0.4223, 0.0647, 0.0773),
    "de-en": Spread(0.4915, 0.0448, 0.0819),
    "en-de": Spread(0.4314, 0.0652, 0.0827),
    "en-en": Spread(0.5208, 0.0501, 0.0824),
}


def measure(encoder: Encoder) -> dict[str, Spread]:
    """Ask the encoder the probes; spreads by "question language-passage language"."""
    questions = {
        "de": encoder.encode_questions([probe.german_question for probe in PROBES]),
        "en": encoder.encode_questions([probe.english_question for probe in PROBES]),
    }
    passages = {
        "de": encoder.encode_passages([probe.german_passage for probe in PROBES]),
        "en": encoder.encode_passages([probe.english_passage for probe in PROBES]),
    }
    same = np.eye(len(PROBES), dtype=bool)
    spreads = {}
    for asked, vectors in questions.items():
        for held, others in passages.items():
            cosines = vectors @ others.T
            apart = cosines[~same]
            spreads[f"{asked}-{held}"] = Spread(float(cosines[same].mean()), float(apart.mean()), float(apart.std()))
    return spreads


def scales(encoder: Encoder) -> dict[str, Scale]:
    """Maps to the bundled encoder's scale, by pair of languages; all but the identity for the bundled one."""
    return {pair: _scale(found, BUNDLED[pair]) for pair, found in measure(encoder).items()}


def _scale(found: Spread, wanted: Spread) -> Scale:
    between = max(found.matching - found.unrelated, 1e-6)
    slope = (wanted.matching - wanted.unrelated) / between
    slope = min(slope, LOUDEST_NOISE * wanted.noise / max(found.noise, 1e-6), STEEPEST)
    return Scale(found.unrelated - wanted.unrelated / slope, slope)
