"""A checkpoint as the folder that SentenceTransformer loads, with no code of its own: fp16 weights in safetensors.

    python -m index.training.save --checkpoint FOLDER --tokenizer FILE --teacher FOLDER --out FOLDER [--back SHARE]

May be run at any time of a training, beside it. Needs neither torch nor transformers.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from index.training.vocabulary import LONGEST_TEXT, SPECIAL
from index.training.weights import BACK, CHECKPOINT, TABLE, Weights, finished, prune, teacher_weights

if TYPE_CHECKING:
    from tokenizers import Tokenizer

_POOLER = ("pooler.dense.weight", "pooler.dense.bias")  # never read; there so that no loader misses it


def save_encoder(folder: Path, teacher: Path, weights: Mapping[str, NDArray[np.float32]], tokenizer: Tokenizer) -> None:
    """Write the folder; the same arguments give the same bytes.

    The shape of the network, and the pooler that some loaders want to see, are the ``teacher`` folder's. Raises
    ValueError where the weights and the tokenizer do not belong together or a weight has no place in fp16.
    """
    from safetensors.numpy import save
    from tokenizers import Tokenizer

    size = tokenizer.get_vocab_size()
    if len(weights[TABLE]) != size:
        raise ValueError(f"the weights are of {len(weights[TABLE])} word pieces, the tokenizer has {size}")
    with np.errstate(over="ignore"):  # what does not fit is infinite afterwards
        narrow = {name: weight.astype(np.float16) for name, weight in (_pooler(teacher) | dict(weights)).items()}
    if not all(np.isfinite(weight).all() for weight in narrow.values()):
        raise ValueError("a weight is not a finite number in fp16")
    shaped = Tokenizer.from_str(tokenizer.to_str())
    shaped.no_truncation()  # the length belongs to the loader, which knows whom it cuts for
    shaped.no_padding()
    width = int(weights[TABLE].shape[1])
    for name, content in {"config.json": _config(teacher, size), **_settings(width)}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8", newline="\n")
    (folder / "tokenizer.json").write_text(shaped.to_str(pretty=True), encoding="utf-8", newline="\n")
    (folder / "README.md").write_text(_README, encoding="utf-8", newline="\n")
    fresh = folder / "model.safetensors.part"
    fresh.write_bytes(save(dict(sorted(narrow.items())), {"format": "pt"}))
    fresh.replace(folder / "model.safetensors")


def _pooler(teacher: Path) -> Weights:
    return {name: weight for name, weight in teacher_weights(teacher).items() if name in _POOLER}


def _config(teacher: Path, size: int) -> dict[str, Any]:
    config: dict[str, Any] = json.loads((teacher / "config.json").read_text(encoding="utf-8"))
    config.pop("_name_or_path", None)
    ours = {
        "architectures": ["BertModel"],
        "dtype": "float16",
        "model_type": "bert",
        "pad_token_id": 0,
        "transformers_version": version("transformers"),
        "use_cache": False,
        "vocab_size": size,
    }
    return dict(sorted((config | ours).items()))


def _settings(width: int) -> dict[str, Any]:
    """What sentence-transformers wants to know beside the network: mean of the last states, unit length, no prompts."""
    library = "sentence_transformers"
    modules = {
        "": f"{library}.base.modules.transformer.Transformer",
        "1_Pooling": f"{library}.sentence_transformer.modules.pooling.Pooling",
        "2_Normalize": f"{library}.base.modules.normalize.Normalize",
    }
    versions = {name: version(name) for name in ("sentence_transformers", "transformers")}
    return {
        "modules.json": [
            {"idx": number, "name": str(number), "path": path, "type": kind}
            for number, (path, kind) in enumerate(modules.items())
        ],
        "1_Pooling/config.json": {"embedding_dimension": width, "pooling_mode": "mean", "include_prompt": True},
        "2_Normalize/config.json": {
            "module_input_name": "sentence_embedding",
            "module_output_name": "sentence_embedding",
        },
        "sentence_bert_config.json": {
            "transformer_task": "feature-extraction",
            "modality_config": {"text": {"method": "forward", "method_output_name": "last_hidden_state"}},
            "module_output_name": "token_embeddings",
        },
        "config_sentence_transformers.json": {
            "__version__": versions,
            "default_prompt_name": None,
            "model_type": "SentenceTransformer",
            "prompts": {"document": "", "query": ""},
            "similarity_fn_name": "cosine",
        },
        "tokenizer_config.json": {
            **{f"{piece[1:-1].lower()}_token": piece for piece in SPECIAL},
            "backend": "tokenizers",
            "max_length": LONGEST_TEXT,
            "model_max_length": LONGEST_TEXT,
            "padding_side": "right",
            "tokenizer_class": "TokenizersBackend",
            "truncation_side": "right",
            "truncation_strategy": "longest_first",
        },
    }


_README = """\
---
library_name: sentence-transformers
language: [de, en]
license: apache-2.0
base_model: sentence-transformers/all-MiniLM-L6-v2
---
German-English sentence encoder: all-MiniLM-L6-v2 with word pieces of both languages, distilled. See ../README.md.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Export a checkpoint and say how far its training had come."""
    parser = argparse.ArgumentParser(prog="python -m index.training.save", description=__doc__.splitlines()[0])
    parser.add_argument("--checkpoint", type=Path, required=True, help=f"folder with {CHECKPOINT}")
    parser.add_argument("--tokenizer", type=Path, required=True, help="tokenizer.json of the same training")
    parser.add_argument("--teacher", type=Path, required=True, help="folder of all-MiniLM-L6-v2")
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    parser.add_argument(
        "--least-seen", type=int, default=0, metavar="N", help="leave out pieces that fewer batches held (0: none)"
    )
    parser.add_argument(
        "--back", type=float, default=0.0, metavar="SHARE", help=f"of the way back to the teacher; a pack's is {BACK}"
    )
    chosen = parser.parse_args(arguments)
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_str(chosen.tokenizer.read_text(encoding="utf-8"))
        weights, seen, numbers = finished(chosen.checkpoint, tokenizer, chosen.teacher, back=chosen.back)
        if chosen.least_seen:
            tokenizer, weights[TABLE] = prune(tokenizer, weights[TABLE], seen, chosen.least_seen)
        save_encoder(chosen.out, chosen.teacher, weights, tokenizer)
    except (OSError, ValueError) as failed:
        sys.stderr.write(f"{failed}\n")
        return 2
    size = (chosen.out / "model.safetensors").stat().st_size
    sys.stdout.write(f"step {numbers['done']} of {numbers['steps']}: {chosen.out}, {size / 1e6:.1f} MB of weights\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
