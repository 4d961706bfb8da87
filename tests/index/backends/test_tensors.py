import json

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from index.backends import Unsuitable
from index.backends.tensors import Tensors

MATRIX = torch.tensor([[0.5, -1.25, 3.0], [1e-3, 2.0, -7.75]])


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "model.safetensors"
    save_file(
        {
            "full": MATRIX,
            "half": MATRIX.to(torch.float16),
            "brain": MATRIX.to(torch.bfloat16),
            "whole": torch.tensor([1, 2]),
            "odd": torch.tensor([1.5], dtype=torch.float16),
        },
        path,
        metadata={"format": "pt"},
    )
    return path


@pytest.mark.parametrize(
    ("name", "kind"), [("full", torch.float32), ("half", torch.float16), ("brain", torch.bfloat16)]
)
def test_numbers_are_those_that_torch_reads(file, name, kind):
    tensors = Tensors(file)
    expected = MATRIX.to(kind).float().numpy()
    assert tensors.full(name).dtype == np.float32
    assert tensors.full(name).tolist() == expected.tolist()
    rows = np.array([[1, 0], [1, 1]])
    assert tensors.rows(name, rows).tolist() == expected[rows].tolist()
    assert tensors.shape(name) == (2, 3)


def test_names_are_those_of_the_tensors(file):
    assert sorted(Tensors(file).names) == ["brain", "full", "half", "odd", "whole"]


@pytest.mark.parametrize("name", ["whole", "missing"])
def test_what_is_no_floating_point_tensor_is_refused(file, name):
    with pytest.raises(Unsuitable, match=name):
        Tensors(file).full(name)


@pytest.mark.parametrize("bytes_kept", [0, 4, 40])
def test_a_header_cut_short_is_refused(file, bytes_kept):
    file.write_bytes(file.read_bytes()[:bytes_kept])
    with pytest.raises(Unsuitable, match=r"model\.safetensors"):
        Tensors(file)


def test_a_header_that_is_no_table_is_refused(file):
    file.write_bytes((2).to_bytes(8, "little") + b"[]")
    with pytest.raises(Unsuitable, match="no table"):
        Tensors(file)


def test_numbers_cut_short_are_refused(file):
    file.write_bytes(file.read_bytes()[:-1])
    refused = []
    tensors = Tensors(file)
    for name in ("full", "half", "brain", "odd"):
        try:
            tensors.full(name)
        except Unsuitable as error:
            refused.append(str(error))
    assert len(refused) == 1
    assert "cut short" in refused[0]


def test_a_range_outside_the_file_is_refused(tmp_path):
    path = tmp_path / "model.safetensors"
    header = json.dumps({"x": {"dtype": "F32", "shape": [1], "data_offsets": [-8, -4]}}).encode()
    path.write_bytes(len(header).to_bytes(8, "little") + header + bytes(8))
    with pytest.raises(Unsuitable, match="cut short"):
        Tensors(path).full("x")
