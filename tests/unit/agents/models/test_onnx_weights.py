"""Weights are read out of an ONNX file by name; what is no such file is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from agents.models.onnx_weights import BadWeights, read_weights


def varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])


def field(number: int, value: bytes | int) -> bytes:
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def tensor(name: str, values: np.ndarray, kind: int = 1) -> bytes:
    shape = b"".join(field(1, n) for n in values.shape)
    return field(5, shape + field(2, kind) + field(8, name.encode()) + field(9, values.tobytes()))


BIAS = np.arange(3, dtype=np.float32)
MATRIX = np.arange(600, dtype=np.float32).reshape(200, 3)
NODE = field(1, b"x") + field(1, b"onnx::MatMul_7") + field(2, b"y") + field(3, b"/layer.0/dense/MatMul")
GRAPH = (
    field(1, NODE + field(4, b"MatMul"))
    + tensor("layer.0.dense.bias", BIAS)
    + tensor("onnx::MatMul_7", MATRIX)
    + tensor("a.count", np.array([3], np.int64), kind=7)
)
MODEL = field(1, 8) + field(2, b"by hand") + field(7, GRAPH)


def test_weights_come_by_name_and_a_nameless_matrix_by_that_of_its_node(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(MODEL)
    found = read_weights(path)
    assert sorted(found) == ["layer.0.dense.bias", "layer.0.dense.weight"]
    assert (found["layer.0.dense.bias"] == BIAS).all() and (found["layer.0.dense.weight"] == MATRIX).all()


@pytest.mark.parametrize("broken", [b"", MODEL[:-9], b"\xff" * 40, b"no model at all"])
def test_a_broken_file_is_refused(tmp_path: Path, broken: bytes) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(broken)
    with pytest.raises(BadWeights, match=r"model\.onnx"):
        read_weights(path)
