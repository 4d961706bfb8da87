"""Which language a document or a question is in.

Function words decide where they are clear, which is most of the time and takes microseconds; the statistical model is
loaded (most of a second) only when they are not.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from corpus.abbreviations import word_set

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

UNDETERMINED: Final = "und"

# ISO 639-1, as of 2024.
ISO_639_1: Final = word_set(
    """
    aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee
    el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is
    it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms
    mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk
    sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi
    yo za zh zu
    """
)

# Words that stand in nearly every paragraph of one language and hardly in any other.
_DOCUMENT_MARKS: Final = {
    "de": word_set(
        """
        und der das nicht ist ein eine einen einem einer auf für von dem den sich auch wird werden wurde wurden
        sind aus nach bei über zum zur durch als noch dass oder aber nur mehr haben hat kann sein seine ihre
        unter zwischen
        """
    ),
    "en": word_set(
        """
        the of and to that for with was were are have has had from which this these by not it its their they
        been would will can said after more than but who about into when
        """
    ),
}
_QUESTION_MARKS: Final = {
    "de": word_set(
        """
        und oder der das den dem des ein eine einen einem einer eines ist sind waren wird werden wurde wurden
        hatte hatten hat haben kann können konnte soll sollen sollte muss müssen darf dürfen gibt gab geht ging
        macht machen machte sagt sagte tut wie wer wen wem wessen warum weshalb wieso wann wo woher wohin
        wodurch womit wofür worum welche welcher welches welchen welchem wieviel für mit von vom zum zur im bei
        beim auf aus nach über unter durch gegen ohne um zwischen seit trotz wegen laut nicht kein keine sich
        auch noch schon nur sein seine ihr ihre sie er es wir ich du dass als ob wenn weil viel viele hoch groß
        steht stehen heißt bedeutet kostet verdient plant will wollen ab bis dieser diese dieses jetzt heute
        nächste letzte erste mehr gut neue neuen alle deren dessen einst liegt zu
        """
    ),
    "en": word_set(
        """
        the of and or is are were been be does do did has have had can could should would may might must how who
        whom whose why when where which what for with from by about into between during despite according not no
        its their they he she it we you his her my to at on than that this these those there if because many
        much more most some any new latest next last first us as over against under after before up out per vs
        didn doesn isn
        """
    ),
}
_WORD = re.compile(r"[^\W\d_]+")
_SHARED_FIRST = {"was": "de", "war": "de", "will": "en"}  # a question that begins so, as a rule
_GERMAN_LETTERS = re.compile("[äöüß]", re.IGNORECASE)
_GERMAN_ENDINGS = re.compile(r"(?:ung|ungen|keit|heit|schaft|lich|ische?[nrs]?|ieren|iert)\Z")
_ENGLISH_ENDINGS = re.compile(r"(?:tions?|ing|ity|ness|ments?|ously|ally|ship|ies|ed|ans)\Z")
_SAMPLE = 2_000  # code points: more changes no verdict


def detect_document_language(text: str) -> str:
    """ISO 639-1 code of the language that most of ``text`` is in, or "und" where too little speaks for any."""
    sample = text[:_SAMPLE]
    words = _WORD.findall(sample.lower())
    shares = {code: sum(word in marks for word in words) for code, marks in _DOCUMENT_MARKS.items()}
    best = max(shares, key=lambda code: shares[code])
    distinct = len(set(words) & _DOCUMENT_MARKS[best])
    if distinct >= 6 and shares[best] >= 0.12 * len(words) and shares[best] >= 5 * min(shares.values()):
        return best
    if sum(map(len, words)) < 12:
        return UNDETERMINED
    code, confidence = _identifier().classify(sample)
    return str(code) if confidence >= 0.5 and code in ISO_639_1 else UNDETERMINED


def detect_question_language(text: str) -> str:
    """Either "de" or "en": the likelier of the two, German where nothing speaks for either."""
    words = _WORD.findall(text)
    score = _question_score(text, words)
    if abs(score) >= 1.0:
        return "de" if score > 0 else "en"
    probabilities = dict(_identifier().rank(text)) if words else {}
    lean = probabilities.get("de", 0.0) - probabilities.get("en", 0.0)
    total = probabilities.get("de", 0.0) + probabilities.get("en", 0.0)
    return "en" if total and lean / total + score < -0.1 else "de"


def _question_score(text: str, words: list[str]) -> float:
    """Above 0 speaks for German, below for English; 1 is enough to decide."""
    score = 0.0
    for position, word in enumerate(words):
        lower = word.lower()
        if position == 0 and lower in _SHARED_FIRST:
            score += 0.6 if _SHARED_FIRST[lower] == "de" else -0.6
        score += (lower in _QUESTION_MARKS["de"]) - (lower in _QUESTION_MARKS["en"])
        if _GERMAN_LETTERS.search(word):
            score += 0.4 if word[0].isupper() else 0.9
        if len(word) > 4:
            score += 0.4 * (_GERMAN_ENDINGS.search(lower) is not None)
            score -= 0.4 * (word[0].islower() and _ENGLISH_ENDINGS.search(lower) is not None)
    return score


@lru_cache(maxsize=1)
def _identifier() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
