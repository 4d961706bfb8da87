"""Small encoders of the family with random weights, saved as the library saves them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

WORDS = ["der", "die", "wind", "strom", "park", "brücke", "und", "the", "a", "of", "city", "bridge", "##er", "##en"]
Maker = Callable[..., Path]


@pytest.fixture(scope="session")
def make_encoder(tmp_path_factory) -> Maker:
    """Makes a folder: ``kind`` is bert or xlm-roberta, ``settings`` go into the transformer's configuration."""

    def make(kind: str = "bert", dtype: str = "float32", **settings) -> Path:
        import torch
        from transformers import BertConfig, BertModel, XLMRobertaConfig, XLMRobertaModel

        torch.manual_seed(3)
        roberta = kind == "xlm-roberta"
        config_of, model_of = (XLMRobertaConfig, XLMRobertaModel) if roberta else (BertConfig, BertModel)
        folder = tmp_path_factory.mktemp(kind) / "encoder"
        vocabulary = tokenizer(folder, padding=int(roberta))
        sizes = {"hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 96}
        config = config_of(
            vocab_size=vocabulary,
            max_position_embeddings=40,
            initializer_range=0.3,
            pad_token_id=int(roberta),
            **{**sizes, **settings},
        )
        model_of(config).to(getattr(torch, dtype)).save_pretrained(folder)
        modules(folder)
        return folder

    return make


def tokenizer(folder: Path, padding: int) -> int:
    """Word pieces and single letters; returns how many. Texts are cut at 32 tokens."""
    from tokenizers import Tokenizer
    from tokenizers.models import WordPiece
    from tokenizers.normalizers import BertNormalizer
    from tokenizers.pre_tokenizers import BertPreTokenizer
    from tokenizers.processors import TemplateProcessing
    from transformers import PreTrainedTokenizerFast

    special = ["[PAD]", "[UNK]"] if padding == 0 else ["[UNK]", "[PAD]"]
    letters = [prefix + letter for letter in "abcdefghijklmnopqrstuvwxyzäöüß" for prefix in ("", "##")]
    pieces = dict.fromkeys([*special, "[CLS]", "[SEP]", *"?.,", *letters, *WORDS])
    numbers = {piece: number for number, piece in enumerate(pieces)}
    made = Tokenizer(WordPiece(numbers, unk_token="[UNK]"))
    made.normalizer = BertNormalizer(strip_accents=False, lowercase=True)
    made.pre_tokenizer = BertPreTokenizer()
    marks = [("[CLS]", numbers["[CLS]"]), ("[SEP]", numbers["[SEP]"])]
    made.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B [SEP]", special_tokens=marks
    )
    PreTrainedTokenizerFast(
        tokenizer_object=made,
        model_max_length=32,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        model_input_names=["input_ids", "attention_mask"],
    ).save_pretrained(folder)
    return len(numbers)


def modules(folder: Path, pooling: str = "mean") -> None:
    (folder / "1_Pooling").mkdir(exist_ok=True)
    (folder / "1_Pooling" / "config.json").write_text(
        json.dumps({"embedding_dimension": 64, "pooling_mode": pooling, "include_prompt": True})
    )
    (folder / "modules.json").write_text(
        json.dumps(
            [
                {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
                {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
                {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"},
            ]
        )
    )
