"""Encoders run by OpenVINO, in the number formats that this machine computes in."""

from __future__ import annotations

import sys
from collections import deque
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.backends import BFLOAT16, FLOAT16, FLOAT32, INT8, Unsuitable
from index.backends.blueprint import Blueprint
from index.backends.graph import EMBEDDED, MASK, Graph
from index.errors import EncoderUnavailable
from index.protocols import Vectors

if TYPE_CHECKING:
    from openvino import Core, InferRequest

# Activations are rounded to 8 bits by the group, with a scale of its own for every token and so many of its numbers:
# a scale for all tokens at once, as is usual, lets a few large numbers drown the rest.
_GROUP = 128

# What openvino imports beside the runtime: a converter of models, and what tells its makers of every import. It does
# without either.
_UNWANTED = ("openvino_telemetry", "openvino.tools.ovc")


class _Format(NamedTuple):
    capability: str  # what the processor must be able to compute
    precision: str
    int8: bool = False


_FORMATS = {
    FLOAT32: _Format("FP32", "f32"),
    BFLOAT16: _Format("BF16", "bf16"),
    FLOAT16: _Format("FP16", "f16"),
    INT8: _Format("INT8", "f32", int8=True),
}


def offered() -> tuple[str, ...]:
    """The fast paths of this machine; none where the library is missing or finds no processor that it knows."""
    try:
        able = _core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    except (Unsuitable, RuntimeError):
        return ()
    return tuple(name for name, each in _FORMATS.items() if each.capability in able)


class CompiledReader:
    """A `Reader` of one encoder in one number format. May be used from many threads; they take turns, in order."""

    mean = True

    def __init__(self, blueprint: Blueprint, backend: str, threads: int = 0) -> None:
        """Builds and compiles the graph; ``threads`` of 0 are one per core. Raises Unsuitable."""
        form = _FORMATS[backend]
        options: dict[str, object] = {
            "PERFORMANCE_HINT": "LATENCY",  # all threads work on one batch
            "INFERENCE_PRECISION_HINT": form.precision,
            "ENABLE_CPU_PINNING": False,  # other programs want cores too
        }
        if form.int8:
            options["DYNAMIC_QUANTIZATION_GROUP_SIZE"] = _GROUP
        if threads:
            options["INFERENCE_NUM_THREADS"] = threads
        self._blueprint = blueprint
        core = _core()
        try:
            self._compiled = core.compile_model(Graph(blueprint, int8=form.int8).model(), "CPU", options)
        except RuntimeError as failed:
            raise Unsuitable(f"it cannot be compiled: {str(failed).strip().splitlines()[-1]}") from failed
        self._idle: deque[InferRequest] = deque()

    def __call__(self, ids: NDArray[np.int64], mask: NDArray[np.int64]) -> tuple[Vectors, Vectors]:
        """As in `Reader`. Raises EncoderUnavailable where OpenVINO fails."""
        weights = mask.astype(np.float32)
        try:
            request = self._idle.pop()  # a request holds one batch at a time, so that each thread needs its own
        except IndexError:
            request = self._compiled.create_infer_request()
        given = {EMBEDDED: self._blueprint.embedded(ids), MASK: weights}
        try:
            states = np.array(request.infer(given, share_inputs=True, share_outputs=True)[0])
        except RuntimeError as failed:
            raise EncoderUnavailable(f"OpenVINO failed: {failed}", field="encoder_backend") from failed
        if states.shape[:2] != ids.shape:
            raise EncoderUnavailable(f"OpenVINO gave {states.shape} for {ids.shape}.", field="encoder_backend")
        self._idle.append(request)
        sums = np.einsum("bth,bt->bh", states, weights)
        return sums / np.maximum(weights.sum(axis=1, keepdims=True), 1), states


@cache
def _core() -> Core:
    for name in _UNWANTED:
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]  # importing None fails, which openvino allows for
    try:
        import openvino
    except (ImportError, OSError) as missing:
        raise Unsuitable(f"OpenVINO is not installed: {missing}") from missing
    return openvino.Core()
