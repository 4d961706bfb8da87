"""What a fast path must know of an encoder: read from its folder, for plain encoders of the BERT family alone.

That is BERT, RoBERTa and XLM-RoBERTa with absolute positions and exact GELU, whose vectors are the means of their
tokens'. Whatever else is found in a folder makes it unsuitable, and the reference runs it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from index.backends import Unsuitable
from index.backends.tensors import Tensors
from index.protocols import Vectors

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_WORDS = "embeddings.word_embeddings.weight"
_POSITIONS = "embeddings.position_embeddings.weight"
_SEGMENTS = "embeddings.token_type_embeddings.weight"
# Positions count from 0 in BERT; in RoBERTa from the one after the padding token's number.
_FAMILY = {"bert": False, "roberta": True, "xlm-roberta": True}
_ANY_LENGTH = 2**31
_MODULES = (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"])
_PLAIN = {
    "hidden_act": "gelu",
    "position_embedding_type": "absolute",
    "is_decoder": False,
    "add_cross_attention": False,
}


@dataclass(frozen=True, slots=True)
class Blueprint:
    """An encoder of the family: its sizes, its weights and its tokenizer."""

    folder: Path  # that of the transformer
    tensors: Tensors
    prefix: str  # of the tensors' names
    width: int
    heads: int
    layers: int
    epsilon: float
    first: int  # row of the first token's position
    padding: int  # the padding token's number
    longest: int  # tokens of a text that are read

    def weight(self, name: str) -> Vectors:
        """A tensor by the name it has in a bare model."""
        return self.tensors.full(self.prefix + name)

    def embedded(self, ids: NDArray[np.int64]) -> Vectors:
        """(texts, tokens, width): what the first layer norm is given, the table of words being read from the file."""
        around = self.tensors.rows(self.prefix + _POSITIONS, self.first + np.arange(ids.shape[1]))
        around += self.tensors.rows(self.prefix + _SEGMENTS, np.zeros(1, dtype=np.int64))
        return np.asarray(self.tensors.rows(self.prefix + _WORDS, ids) + around, dtype=np.float32)

    def tokenizer(self) -> Tokenizer:
        """The tokenizer, without padding, cutting at ``longest``. Raises Unsuitable."""
        from tokenizers import Tokenizer

        try:
            tokenizer = Tokenizer.from_file(str(self.folder / "tokenizer.json"))
        except Exception as damaged:  # the library raises bare Exceptions
            raise Unsuitable(f"the tokenizer cannot be read: {damaged}") from damaged
        tokenizer.no_padding()
        tokenizer.enable_truncation(self.longest)
        return tokenizer


def read_blueprint(folder: Path) -> Blueprint:
    """The blueprint of the sentence-transformers model in ``folder``. Raises Unsuitable."""
    inner = _transformer_folder(folder)
    config = _json(inner / "config.json")
    kind = config.get("model_type")
    if kind not in _FAMILY:
        raise Unsuitable(f"its architecture is {kind}")
    for name, plain in _PLAIN.items():
        if config.get(name, plain) != plain:
            raise Unsuitable(f"its {name} is {config[name]}")
    tensors = Tensors(inner / "model.safetensors")
    prefix = _prefix(tensors)
    padding = _number(config, "pad_token_id", least=0)
    positions, width = tensors.shape(prefix + _POSITIONS)
    first = padding + 1 if _FAMILY[kind] else 0
    blueprint = Blueprint(
        folder=inner,
        tensors=tensors,
        prefix=prefix,
        width=width,
        heads=_number(config, "num_attention_heads"),
        layers=_number(config, "num_hidden_layers"),
        epsilon=float(config.get("layer_norm_eps", 1e-12)),
        first=first,
        padding=padding,
        longest=min(_longest(inner), positions - first),
    )
    if blueprint.width % blueprint.heads or tensors.shape(prefix + _SEGMENTS)[1:] != (width,):
        raise Unsuitable("its sizes do not fit together")
    return blueprint


def _transformer_folder(folder: Path) -> Path:
    """Where the transformer lies, if a plain mean of its tokens is all that follows."""
    if not (folder / "modules.json").is_file():
        raise Unsuitable("it does not say how its tokens become a vector")
    modules = _json(folder / "modules.json", list)
    if [str(module.get("type")).rpartition(".")[2] for module in modules] not in _MODULES:
        raise Unsuitable("it is more than a transformer and a mean")
    pooling = _json(folder / str(modules[1].get("path")) / "config.json")
    modes = pooling["pooling_mode"] if "pooling_mode" in pooling else _old_modes(pooling)
    if modes not in ("mean", ["mean"]) or not pooling.get("include_prompt", True):
        raise Unsuitable("its vector is not the mean of all tokens")
    return folder / str(modules[0].get("path"))


def _old_modes(pooling: dict[str, Any]) -> list[str]:
    prefix, suffix = "pooling_mode_", "_tokens"
    chosen = [name for name, value in pooling.items() if name.startswith(prefix) and value]
    return [name.removeprefix(prefix).removesuffix(suffix) for name in chosen]


def _longest(folder: Path) -> int:
    """The tokens that the library would read of a text, as far as the configuration limits them."""
    tokenizer = _json(folder / "tokenizer_config.json")
    if {tokenizer.get(f"{side}_side", "right") for side in ("padding", "truncation")} != {"right"}:
        raise Unsuitable("its tokenizer pads or cuts on the left")
    own = folder / "sentence_bert_config.json"
    said = _json(own).get("max_seq_length") if own.is_file() else None
    if said is None:
        said = tokenizer.get("model_max_length", _ANY_LENGTH)
    return int(min(said, _ANY_LENGTH))


def _prefix(tensors: Tensors) -> str:
    found = [name for name in tensors.names if name == _WORDS or name.endswith("." + _WORDS)]
    if len(found) != 1:
        raise Unsuitable("its weights have other names")
    return found[0].removesuffix(_WORDS)


def _number(config: dict[str, Any], name: str, least: int = 1) -> int:
    value = config.get(name)
    if not isinstance(value, int) or value < least:
        raise Unsuitable(f"its {name} is {value}")
    return value


def _json(path: Path, kind: type = dict) -> Any:  # noqa: ANN401 - JSON
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as damaged:
        raise Unsuitable(f"{path.name} cannot be read") from damaged
    if not isinstance(content, kind):
        raise Unsuitable(f"{path.name} is no {kind.__name__}")
    return content
