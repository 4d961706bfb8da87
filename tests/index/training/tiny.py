"""A teacher, texts and tokenizers so small that a whole training takes a second."""

from __future__ import annotations

import random
from pathlib import Path

import zstandard

from index.training.alignment import Alignment, align
from index.training.glossary import Entry
from index.training.passages import Passage
from index.training.sources import Pair
from index.training.vocabulary import SPECIAL

WORDS = {
    "dog": "Hund",
    "house": "Haus",
    "river": "Fluss",
    "bridge": "Brücke",
    "street": "Straße",
    "beautiful": "schön",
    "already": "schon",
    "government": "Regierung",
    "sees": "sieht",
    "the": "die",
    "and": "und",
    "old": "alte",
    "small": "kleine",
    "waits": "wartet",
}
GLOSSARY: list[Entry] = [("data centre", ("Rechenzentrum",)), ("dog", ("Hund", "Köter")), ("river", ("Fluss", "Strom"))]
HIDDEN = 16


def pairs(count: int, *, seed: int = 0) -> list[Pair]:
    """Word-by-word translations of 3 to 12 words."""
    draw = random.Random(seed)
    chosen = [draw.choices(list(WORDS), k=draw.randint(3, 12)) for _ in range(count)]
    return [(" ".join(words) + ".", " ".join(WORDS[word] for word in words) + ".") for words in chosen]


def passages(count: int, *, seed: int = 1) -> list[Passage]:
    """Passages of four sentences and a question."""
    drawn = pairs(5 * count, seed=seed)
    return [Passage(tuple(drawn[at : at + 4]), (drawn[at + 4],)) for at in range(0, len(drawn), 5)]


def alignment() -> Alignment:
    return align(pairs(200))


def write_source(folder: Path, name: str, content: list[Pair]) -> None:
    text = "".join(f"{english}\t{german}\n" for english, german in content)
    (folder / f"{name}.tsv.zst").write_bytes(zstandard.ZstdCompressor().compress(text.encode()))


def write_teacher(folder: Path) -> Path:
    """A random BERT of two layers in the form of all-MiniLM-L6-v2's folder, with pieces of its own."""
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import BertConfig, BertModel

    letters = "abcdefghijklmnopqrstuvwxyz.,:!?"
    pieces = [*SPECIAL, "[unused0]", *letters, *(f"##{letter}" for letter in letters), *WORDS, "centre", "cafe", "über"]
    tokenizer = Tokenizer(models.WordPiece({piece: at for at, piece in enumerate(pieces)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    ends = [(name, pieces.index(name)) for name in ("[CLS]", "[SEP]")]
    tokenizer.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=ends)
    tokenizer.add_special_tokens(list(SPECIAL))
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    config = BertConfig(
        vocab_size=len(pieces),
        hidden_size=HIDDEN,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=32,
        max_position_embeddings=256,
    )
    with torch.random.fork_rng():
        torch.manual_seed(7)
        BertModel(config).save_pretrained(folder)
    return folder
