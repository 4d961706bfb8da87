"""The weights of a training as its pack has them.

Weights are the averaged ones where there is an average. The pack's are then brought BACK towards the teacher's, in the
layers and in the vectors of English pieces: the student keeps its German, and its English comes closer to the teacher's
(between a model and its tuned self: Wortsman et al., "Robust fine-tuning of zero-shot models", CVPR 2022).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from index.training.vocabulary import SPECIAL, english_tokenizer

if TYPE_CHECKING:
    from tokenizers import Tokenizer

CHECKPOINT = "checkpoint.safetensors"
AVERAGE = "average/"  # before the names of averaged weights in a checkpoint
TABLE = "embeddings.word_embeddings.weight"
_STATE = ("table.mean", "table.square", "table.count")  # of the optimiser

BACK = 0.5  # the way back to the teacher's weights

Weights = dict[str, NDArray[np.float32]]


def read_checkpoint(folder: Path) -> tuple[Weights, NDArray[np.int32], dict[str, Any]]:
    """The student's weights by transformers' names, (pieces,) how often each was trained, and the training's numbers.

    The weights are the averaged ones where the training has come to averaging, else the last ones.
    Raises FileNotFoundError where ``folder`` holds no checkpoint and ValueError where it is damaged.
    """
    from safetensors import SafetensorError, safe_open

    path = folder / CHECKPOINT
    if not path.is_file():
        raise FileNotFoundError(f"{folder} holds no checkpoint yet ({CHECKPOINT})")
    try:
        with safe_open(path, "numpy") as held:
            every = set(held.keys())
            names = {name for name in every if "/" not in name and name not in _STATE}
            mark = AVERAGE if f"{AVERAGE}table" in every else ""
            weights = {name: held.get_tensor(f"{mark}{name}") for name in names}
            weights[TABLE] = weights.pop("table")
            return weights, held.get_tensor("table.count"), json.loads(held.metadata()["state"])
    except (SafetensorError, KeyError, TypeError, ValueError) as damaged:
        raise ValueError(f"{path} is damaged: {damaged}") from damaged


def teacher_weights(teacher: Path) -> Weights:
    """The weights of the teacher's folder by transformers' names."""
    from safetensors.numpy import load_file

    return {
        name: weight
        for name, weight in load_file(teacher / "model.safetensors").items()
        if weight.ndim and weight.dtype == np.float32
    }


def blend(weights: Weights, tokenizer: Tokenizer, teacher: Path, back: float) -> Weights:
    """The weights, ``back`` (0 to 1) of the way back to the teacher's; German pieces stay where they are."""
    old = teacher_weights(teacher)
    mixed = {name: (1 - back) * weight + back * old[name] for name, weight in weights.items() if name != TABLE}
    places = english_tokenizer(teacher).get_vocab(with_added_tokens=True)
    table = weights[TABLE].copy()
    shared = [(number, places[piece]) for piece, number in tokenizer.get_vocab().items() if piece in places]
    ours, theirs = (list(numbers) for numbers in zip(*shared, strict=True))
    table[ours] = (1 - back) * table[ours] + back * old[TABLE][theirs]
    return mixed | {TABLE: table}


def finished(
    checkpoint: Path, tokenizer: Tokenizer, teacher: Path, *, back: float = BACK
) -> tuple[Weights, NDArray[np.int32], dict[str, Any]]:
    """What ``read_checkpoint`` gives, with the weights as the pack is to have them."""
    weights, seen, numbers = read_checkpoint(checkpoint)
    if len(weights[TABLE]) != tokenizer.get_vocab_size():
        raise ValueError(
            f"the checkpoint is of {len(weights[TABLE])} word pieces, the tokenizer has {tokenizer.get_vocab_size()}"
        )
    return blend(weights, tokenizer, teacher, back) if back else weights, seen, numbers


def prune(
    tokenizer: Tokenizer, table: NDArray[np.float32], seen: NDArray[np.int32], least: int
) -> tuple[Tokenizer, NDArray[np.float32]]:
    """Leave out pieces that fewer than ``least`` batches of the training held: what needs one is cut smaller.

    Special pieces and single signs stay, so that no text loses a letter. The order of what stays is kept.
    """
    from tokenizers import Tokenizer

    content = json.loads(tokenizer.to_str())
    pieces = sorted(content["model"]["vocab"], key=content["model"]["vocab"].__getitem__)
    kept = [
        number
        for number, piece in enumerate(pieces)
        if seen[number] >= least or piece in SPECIAL or len(piece.removeprefix("##")) == 1
    ]
    if [pieces[number] for number in kept[: len(SPECIAL)]] != list(SPECIAL):
        raise ValueError("the tokenizer's first pieces are not the special ones")
    content["model"]["vocab"] = {pieces[number]: place for place, number in enumerate(kept)}
    return Tokenizer.from_str(json.dumps(content)), table[kept]
