"""The pack's tokenizer: the English teacher's word pieces that are ever used, and German ones after them.

Text is folded to lower case. Accents are dropped as the teacher drops them, but German umlauts stay letters of their
own and ß is ss, so that "Maße" and "Masse" fall together while "schon" and "schön" do not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from index.training.alignment import words

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from tokenizers.normalizers import Normalizer
    from tokenizers.pre_tokenizers import PreTokenizer

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
LONGEST_TEXT = 256  # pieces
LONGEST_WORD = 100  # characters; a longer word becomes [UNK]
_KEPT_APART = {"ä": "\ue000", "ö": "\ue001", "ü": "\ue002"}  # private letters that no accent is stripped from


def english_tokenizer(teacher: Path) -> Tokenizer:
    """The teacher's own tokenizer, without padding and cut at LONGEST_TEXT. Raises OSError where it is missing."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_str((teacher / "tokenizer.json").read_text(encoding="utf-8"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(LONGEST_TEXT)
    return tokenizer


def build_tokenizer(english: Tokenizer, used: Iterable[str], german: Counter[str], size: int) -> Tokenizer:
    """A tokenizer of at most ``size`` pieces.

    Of the English pieces those stay that ``used`` (English texts) needs, and every piece of plain letters, digits or
    punctuation. The rest are German pieces learned from ``german``, words with their weights.
    """
    kept = _kept_pieces(english, used)
    known = set(kept)
    learned = _learn(german, size)
    fresh = [piece for piece in learned if piece not in known and piece not in SPECIAL]
    return _assemble([*SPECIAL, *kept, *fresh][:size])


def word_weights(texts: Iterable[str], glossary: Iterable[tuple[str, tuple[str, ...]]], *, most: int) -> Counter[str]:
    """How much each German word should count: as often as it is seen, ``most`` times at most, and more in the glossary.

    A glossary's first translation weighs 12, the following ones less; words of a phrase share its weight.
    """
    seen = Counter(word for text in texts for word in words(text))
    weights = Counter({word: min(count, most) for word, count in seen.items()})
    for _, translations in glossary:
        for place, translation in enumerate(translations):
            parts = words(translation)
            for part in parts:
                weights[part] += max(1, round((12 - 3 * place) / len(parts)))
    return weights


def _kept_pieces(english: Tokenizer, used: Iterable[str]) -> list[str]:
    vocabulary = english.get_vocab(with_added_tokens=False)
    needed = {piece for encoding in english.encode_batch_fast(list(used)) for piece in encoding.ids}
    plain = {number for piece, number in vocabulary.items() if piece.removeprefix("##").isascii()}
    unused = {number for piece, number in vocabulary.items() if piece.startswith("[") and piece.endswith("]")}
    by_number = {number: piece for piece, number in vocabulary.items()}
    return [by_number[number] for number in sorted((needed | plain) - unused)]


def _learn(german: Counter[str], size: int) -> list[str]:
    """Pieces in the order they were learned, letters first."""
    from tokenizers import Tokenizer, models, trainers

    learner = Tokenizer(models.WordPiece(unk_token="[UNK]"))  # noqa: S106 - a token of text
    normalizer, splitter = _normalizer(), _pre_tokenizer()
    learner.normalizer, learner.pre_tokenizer = normalizer, splitter
    # Of merges that are as frequent the trainer takes the one whose letters it saw first, and it goes through the words
    # in no order; naming the letters beforehand gives them one, so that the same words give the same pieces.
    parts = (part for word in german for part, _ in splitter.pre_tokenize_str(normalizer.normalize_str(word)))
    letters = sorted({f"##{letter}" for part in parts for letter in part[1:]})
    trainer = trainers.WordPieceTrainer(
        vocab_size=size, min_frequency=2, special_tokens=["[UNK]", *letters], show_progress=False
    )
    learner.train_from_iterator((" ".join([word] * weight) for word, weight in sorted(german.items())), trainer)
    vocabulary = learner.get_vocab()
    return sorted(vocabulary, key=vocabulary.__getitem__)


def _assemble(pieces: list[str]) -> Tokenizer:
    from tokenizers import Tokenizer, models, processors

    numbers = {piece: number for number, piece in enumerate(pieces)}
    model = models.WordPiece(numbers, unk_token="[UNK]", max_input_chars_per_word=LONGEST_WORD)  # noqa: S106
    tokenizer = Tokenizer(model)
    tokenizer.normalizer, tokenizer.pre_tokenizer = _normalizer(), _pre_tokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[(name, numbers[name]) for name in ("[CLS]", "[SEP]")]
    )
    tokenizer.add_special_tokens(list(SPECIAL))
    tokenizer.enable_truncation(LONGEST_TEXT)
    return tokenizer


def _normalizer() -> Normalizer:
    from tokenizers import normalizers

    apart = [normalizers.Replace(letter, private) for letter, private in _KEPT_APART.items()]
    back = [normalizers.Replace(private, letter) for letter, private in _KEPT_APART.items()]
    return normalizers.Sequence(
        [
            normalizers.BertNormalizer(clean_text=True, handle_chinese_chars=True, strip_accents=False, lowercase=True),
            normalizers.NFC(),
            normalizers.Replace("ß", "ss"),
            *apart,
            normalizers.NFD(),
            normalizers.StripAccents(),
            *back,
        ]
    )


def _pre_tokenizer() -> PreTokenizer:
    from tokenizers import pre_tokenizers

    return pre_tokenizers.BertPreTokenizer()
