"""An encoder of the BERT family as an OpenVINO graph: embedded tokens and their mask in, states of the last layer out.

The table of words stays outside: it is most of the weights, and a text needs a few rows of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from index.backends.blueprint import Blueprint
from index.protocols import Vectors

if TYPE_CHECKING:
    from openvino import Model, Node

EMBEDDED = "embedded"
MASK = "mask"
_MASKED = -1e4  # added to attention scores: nothing is left of them, and a 16-bit float holds it
_LEVELS = 127


class Graph:
    """Builds the graph of one blueprint; with ``int8`` the matrices are rounded to 8 bits, a scale for each output."""

    def __init__(self, blueprint: Blueprint, *, int8: bool) -> None:
        self._of = blueprint
        self._int8 = int8

    def model(self) -> Model:
        """The graph with its weights; (texts, tokens, width) floats and (texts, tokens) floats are its inputs."""
        from openvino import Model
        from openvino import opset13 as op

        embedded = op.parameter([-1, -1, self._of.width], np.float32, name=EMBEDDED)
        mask = op.parameter([-1, -1], np.float32, name=MASK)
        for parameter, name in ((embedded, EMBEDDED), (mask, MASK)):
            parameter.output(0).set_names({name})
        penalty = op.multiply(op.subtract(mask, np.float32(1)), np.float32(-_MASKED))
        penalty = op.unsqueeze(penalty, np.array([1, 2]))
        states = self._normed(embedded, "embeddings.LayerNorm")
        for layer in range(self._of.layers):
            states = self._layer(states, penalty, f"encoder.layer.{layer}.")
        return Model([states], [embedded, mask], "encoder")

    def _layer(self, states: Node, penalty: Node, name: str) -> Node:
        from openvino import opset13 as op

        asked, keys, values = (
            self._split(self._linear(states, f"{name}attention.self.{part}")) for part in ("query", "key", "value")
        )
        seen = op.scaled_dot_product_attention(asked, keys, values, penalty)
        seen = op.reshape(op.transpose(seen, np.array([0, 2, 1, 3])), np.array([0, 0, self._of.width]), True)
        states = self._normed(
            op.add(states, self._linear(seen, f"{name}attention.output.dense")), f"{name}attention.output.LayerNorm"
        )
        wide = op.gelu(self._linear(states, f"{name}intermediate.dense"), "erf")
        return self._normed(op.add(states, self._linear(wide, f"{name}output.dense")), f"{name}output.LayerNorm")

    def _split(self, states: Node) -> Node:
        """(texts, tokens, width) to (texts, heads, tokens, width of a head)."""
        from openvino import opset13 as op

        heads = np.array([0, 0, self._of.heads, self._of.width // self._of.heads])
        return op.transpose(op.reshape(states, heads, True), np.array([0, 2, 1, 3]))

    def _linear(self, states: Node, name: str) -> Node:
        from openvino import opset13 as op

        matrix = self._of.weight(f"{name}.weight")
        weights = self._rounded(matrix) if self._int8 else op.constant(matrix)
        return op.add(op.matmul(states, weights, False, True), op.constant(self._of.weight(f"{name}.bias")))

    def _rounded(self, matrix: Vectors) -> Node:
        from openvino import opset13 as op

        scales = np.maximum(np.abs(matrix).max(axis=1, keepdims=True), np.finfo(np.float32).tiny) / _LEVELS
        whole = op.constant(np.rint(matrix / scales).astype(np.int8))
        return op.multiply(op.convert(whole, np.float32), op.constant(scales))

    def _normed(self, states: Node, name: str) -> Node:
        from openvino import opset13 as op

        normed = op.mvn(states, np.array([-1]), True, self._of.epsilon, "inside_sqrt")
        scaled = op.multiply(normed, op.constant(self._of.weight(f"{name}.weight")))
        return op.add(scaled, op.constant(self._of.weight(f"{name}.bias")))
