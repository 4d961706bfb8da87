"""Citations against the documents and against gold: exactness, precision, recall, sentences, sources.

A citation is exact when its quote stands at its place in the suite's own text of the document: the service's word is
not taken for it. It is right when it is exact and overlaps a gold span of the question, or where the gold is a whole
document, lies in it. Precision and recall are those of Gao et al., "Enabling Large Language Models to Generate Text
with Citations" (ALCE, 2023), with gold spans in the place of an entailment model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from hashlib import blake2b

from eval.records import Cited, GoldQuote, Reply, ReplyOutcome, SuiteDocument


class Proofs:
    """Which citations are exact, found in one pass over the documents. Memory: 16 bytes a citation, and its place."""

    def __init__(self) -> None:
        self._claims: dict[str, dict[tuple[int, int, bytes], bool]] = {}

    def claim(self, reply: Reply) -> None:
        """Note what a reply cites, to be checked."""
        for cited in reply.citations:
            self._claims.setdefault(cited.doc_id, {})[_claim(cited)] = False

    def check(self, document: SuiteDocument) -> None:
        """Hold the claims on a document against its text."""
        claims = self._claims.get(document.doc_id, {})
        for start, end, digest in claims:
            stands = 0 <= start < end <= len(document.text) and _digest(document.text[start:end]) == digest
            claims[start, end, digest] = stands

    def exact(self, cited: Cited) -> bool:
        """Whether the quote stands at its place; never where the suite has no such document."""
        return self._claims.get(cited.doc_id, {}).get(_claim(cited), False)


def score(reply: Reply, gold: Sequence[GoldQuote], proofs: Proofs) -> dict[str, float]:
    """The measures that apply: all but recall and containment need an answer, precision needs gold as well.

    A question is either answered or not; of an abstention nothing is said here.
    """
    if reply.outcome is not ReplyOutcome.ANSWERED:
        return {}
    values: dict[str, float] = {}
    cited = _distinct(reply.citations)
    exact = [each for each in cited if proofs.exact(each)]
    if cited:
        values["citation_exact"] = len(exact) / len(cited)
    proved = {each.sentence for each in reply.citations if proofs.exact(each)}
    if reply.sentences:
        values["sentences_cited"] = sum(number in proved for number in range(len(reply.sentences))) / len(
            reply.sentences
        )
    values["distinct_sources"] = len({each.doc_id for each in cited})
    if gold:
        values["citation_precision"] = sum(is_right(each, gold) for each in exact) / len(cited) if cited else 0.0
        values["citation_recall"] = _share(gold, lambda each: any(overlaps(one, each) for one in exact))
        values["citation_containment"] = _share(gold, lambda each: any(contains(one, each) for one in exact))
    return values


def is_right(cited: Cited, gold: Iterable[GoldQuote]) -> bool:
    """Whether a citation overlaps one of the gold spans."""
    return any(overlaps(cited, each) for each in gold)


def overlaps(cited: Cited, gold: GoldQuote) -> bool:
    """Whether they have a character in common; all of a document is gold where no span is given."""
    if cited.doc_id != gold.doc_id:
        return False
    return gold.span is None or (cited.start < gold.span.end and gold.span.start < cited.end)


def contains(cited: Cited, gold: GoldQuote) -> bool:
    """Whether the gold span lies whole in the citation; never where no span is given."""
    if cited.doc_id != gold.doc_id or gold.span is None:
        return False
    return cited.start <= gold.span.start and gold.span.end <= cited.end


def _share(gold: Sequence[GoldQuote], holds: Callable[[GoldQuote], bool]) -> float:
    return sum(map(holds, gold)) / len(gold)


def _distinct(citations: Iterable[Cited]) -> list[Cited]:
    """Each place once, however many sentences it stands behind."""
    return list({(each.doc_id, *_claim(each)): each for each in citations}.values())


def _claim(cited: Cited) -> tuple[int, int, bytes]:
    return cited.start, cited.end, _digest(cited.quote)


def _digest(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
