"""Ways to run an encoder on a CPU, and the calibration that picks among them.

The reference is the sentence-transformers library on torch: it runs every model. Encoders of the plain BERT family are
also run by OpenVINO, from a graph of our own over the same weights, several times as fast and without importing torch.
"""

from __future__ import annotations

AUTO = "auto"
TORCH = "torch"
FLOAT32 = "openvino-f32"
BFLOAT16 = "openvino-bf16"
FLOAT16 = "openvino-f16"
INT8 = "openvino-int8"
FAST = (FLOAT32, BFLOAT16, FLOAT16, INT8)
CHOICES = (AUTO, TORCH, *FAST)


class Unsuitable(Exception):
    """A fast path is not for this model or machine: says why, and the reference takes over."""
