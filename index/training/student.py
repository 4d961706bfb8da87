"""The student: the English teacher's BERT with word pieces of two languages, and the arithmetic to train it.

The layers are computed here rather than by transformers, in bfloat16 with sums in float32, and the table of word pieces
is given as the rows that a batch needs: on two CPU cores both together are what makes a training of hours enough.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from index.training.alignment import Alignment, words
from index.training.glossary import Entry

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix
    from tokenizers import Tokenizer

_GLOSSARY_WEIGHT = 12.0  # sightings in the corpus that one line of the glossary is worth
_MOST_SIGHTINGS = 30.0
_RIDGE = 0.3

Array = np.ndarray[Any, np.dtype[np.float32]]
Doubles = NDArray[np.float64]
Network = Any  # a transformers model or a part of one: what it consists of is only known when it runs


def load_bert(folder: Path) -> Network:
    """A transformers BertModel without dropout. Raises OSError where ``folder`` holds none."""
    from transformers import BertModel

    model = BertModel.from_pretrained(folder, add_pooling_layer=False, local_files_only=True, use_safetensors=True)
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    return model


class Reader(torch.nn.Module):
    """Word-piece vectors to unit text vectors through a BERT's layers: mean of the last states, as the pack pools."""

    def __init__(self, bert: Network, *, dtype: torch.dtype = torch.bfloat16) -> None:
        super().__init__()
        self.bert = bert
        self._heads = int(bert.config.num_attention_heads)
        self._epsilon = float(bert.config.layer_norm_eps)
        self._dtype = dtype

    def forward(self, pieces: Tensor, mask: Tensor) -> Tensor:
        """(texts, length, hidden) vectors of pieces and their (texts, length) mask to (texts, hidden) unit vectors."""
        table = self.bert.embeddings
        states = pieces + table.position_embeddings.weight[: pieces.shape[1]] + table.token_type_embeddings.weight[0]
        states = self._norm(states, table.LayerNorm)
        shut = (1.0 - mask.float())[:, None, None, :] * -1e4
        for layer in self.bert.encoder.layer:
            states = self._layer(layer, states, shut)
        seen = mask.float()[..., None]
        return functional.normalize((states * seen).sum(1) / seen.sum(1), dim=-1)

    def _layer(self, layer: Network, states: Tensor, shut: Tensor) -> Tensor:
        attention, own = layer.attention.self, layer.attention.output
        texts, length, hidden = states.shape
        size = hidden // self._heads
        three = (attention.query, attention.key, attention.value)
        weight = torch.cat([part.weight for part in three]).to(self._dtype)
        bias = torch.cat([part.bias for part in three]).to(self._dtype)
        mixed = functional.linear(states.to(self._dtype), weight, bias).view(texts, length, 3, self._heads, size)
        query, key, value = mixed.permute(2, 0, 3, 1, 4)
        scores = (query @ key.transpose(-1, -2)).float() / math.sqrt(size) + shut
        read = (scores.softmax(-1).to(self._dtype) @ value).transpose(1, 2).reshape(texts, length, hidden)
        states = self._norm(self._linear(read, own.dense).float() + states, own.LayerNorm)
        wide = functional.gelu(self._linear(states, layer.intermediate.dense))
        return self._norm(self._linear(wide, layer.output.dense).float() + states, layer.output.LayerNorm)

    def _linear(self, values: Tensor, layer: Network) -> Tensor:
        return functional.linear(values.to(self._dtype), layer.weight.to(self._dtype), layer.bias.to(self._dtype))

    def _norm(self, values: Tensor, norm: Network) -> Tensor:
        return functional.layer_norm(values, (values.shape[-1],), norm.weight, norm.bias, self._epsilon)


def start_table(
    old: Array, english: Tokenizer, tokenizer: Tokenizer, alignment: Alignment, glossary: Iterable[Entry], *, seed: int
) -> Array:
    """(pieces, hidden): where each piece's vector starts.

    English pieces keep theirs. German ones are the ridge regression that makes the mean of a German word's pieces the
    mean of its translations' English pieces, so a compound's parts share what the compound means.
    """
    from scipy.sparse import diags

    vocabulary = english.get_vocab(with_added_tokens=True)
    numbers = tokenizer.get_vocab()
    names = sorted(numbers, key=numbers.__getitem__)
    draw = np.random.default_rng(seed)
    centre = old.mean(axis=0)
    table = centre + 0.004 * draw.standard_normal((len(names), old.shape[1]))
    fixed = np.array([name in vocabulary for name in names])
    table[fixed] = old[[vocabulary[name] for name in names if name in vocabulary]]
    german, goals, confidence = _word_goals(old, english, alignment, glossary)
    shares = _piece_shares(tokenizer, german, len(names))
    free = shares[:, ~fixed]
    weight = diags(confidence)
    rest = goals - shares[:, fixed] @ table[fixed]
    prior = table[~fixed]
    matrix = (free.T @ weight @ free + _RIDGE * diags(np.ones(free.shape[1]))).tocsr()
    table[~fixed] = _solve(matrix, free.T @ (confidence[:, None] * rest) + _RIDGE * prior, prior)
    return np.asarray(table, dtype=np.float32)


def _word_goals(
    old: Array, english: Tokenizer, alignment: Alignment, glossary: Iterable[Entry]
) -> tuple[list[str], Doubles, Doubles]:
    """German words, the (words, hidden) mean of their translations' pieces, and (words,) how sure that is."""
    found: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for row in np.flatnonzero(alignment.together >= 1.5).tolist():
        german = alignment.german[alignment.right[row]]
        found[german][alignment.english[alignment.left[row]]] += min(alignment.together[row], _MOST_SIGHTINGS)
    for word, translations in glossary:
        for place, translation in enumerate(translations):
            parts = words(translation)
            if len(parts) == 1:
                found[parts[0]][word] += _GLOSSARY_WEIGHT / (1 + place)
    every = sorted({word for options in found.values() for word in options})
    pieces = english.encode_batch_fast(every, add_special_tokens=False)
    means = {word: old[encoding.ids].mean(axis=0) for word, encoding in zip(every, pieces, strict=True) if encoding.ids}
    german_words = sorted(found)
    goals = np.zeros((len(german_words), old.shape[1]))
    confidence = np.zeros(len(german_words))
    for row, german in enumerate(german_words):
        # Squared weights: the likeliest translation leads, where the plain mean of many would say nothing.
        options = {word: weight**2 for word, weight in found[german].items() if word in means}
        total = sum(options.values())
        if total:
            goals[row] = sum(weight / total * means[word] for word, weight in options.items())
            confidence[row] = min(sum(found[german].values()), _MOST_SIGHTINGS)
    return german_words, goals, confidence


def _piece_shares(tokenizer: Tokenizer, texts: list[str], size: int) -> csr_matrix:
    from scipy.sparse import csr_matrix

    encodings = tokenizer.encode_batch_fast(texts, add_special_tokens=False)
    rows = np.repeat(np.arange(len(texts)), [len(encoding.ids) for encoding in encodings])
    columns = np.concatenate([encoding.ids for encoding in encodings])
    shares = np.concatenate([np.full(len(e.ids), 1 / len(e.ids)) for e in encodings if e.ids])
    return csr_matrix((shares, (rows, columns)), shape=(len(texts), size))


def _solve(matrix: csr_matrix, goal: Doubles, start: Doubles, *, rounds: int = 80) -> Doubles:
    """Conjugate gradients for all columns at once: a sparse solver would take each column for itself."""
    found = start.copy()
    residual = goal - matrix @ found
    direction = residual.copy()
    square = (residual**2).sum(axis=0)
    for _ in range(rounds):
        image = matrix @ direction
        step = square / np.maximum((direction * image).sum(axis=0), 1e-12)
        found += step * direction
        residual -= step * image
        following = (residual**2).sum(axis=0)
        direction = residual + following / np.maximum(square, 1e-12) * direction
        square = following
    return found
