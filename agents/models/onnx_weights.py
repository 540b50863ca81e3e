"""The weights inside an ONNX file, by name: read here without a runtime, so that a model can be taught further."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

GRAPH, NODE, INITIALIZER = 7, 1, 5  # fields of ModelProto and GraphProto
INPUTS, NAME, OPERATOR = 1, 3, 4  # of NodeProto
DIMENSIONS, TYPE, LABEL, RAW = 1, 2, 8, 9  # of TensorProto
FLOAT = 1
WIDTHS = {1: 8, 5: 4}  # bytes of the fixed wire types


class BadWeights(ValueError):
    """A file that holds no readable weights; says which and why."""


def read_weights(path: Path) -> dict[str, NDArray[np.float32]]:
    """All float32 weights with their shape. A matrix without a name of its own gets that of its node:

    `/encoder/layer.0/output/dense/MatMul` → `encoder.layer.0.output.dense.weight`, as inputs × outputs.
    """
    try:
        data = memoryview(path.read_bytes())
        graph = next(value for field, value in _fields(data) if field == GRAPH)
        tensors: dict[str, NDArray[np.float32]] = {}
        names: dict[str, str] = {}
        for field, value in _fields(_bytes(graph)):
            if field == INITIALIZER:
                tensors.update(_tensor(_bytes(value)))
            elif field == NODE:
                names.update(_matrix(_bytes(value)))
    except (StopIteration, IndexError, UnicodeDecodeError, TypeError) as error:
        raise BadWeights(f"{path}: no ONNX model") from error
    return {names.get(name, name): tensor for name, tensor in tensors.items()}


def _tensor(data: memoryview) -> dict[str, NDArray[np.float32]]:
    shape: list[int] = []
    kind, name, raw = 0, "", memoryview(b"")
    for field, value in _fields(data):
        if field == DIMENSIONS:
            shape += [value] if isinstance(value, int) else _packed(value)
        elif field == TYPE and isinstance(value, int):
            kind = value
        elif field == LABEL:
            name = bytes(_bytes(value)).decode()
        elif field == RAW:
            raw = _bytes(value)
    if kind != FLOAT or not shape or len(raw) != 4 * math.prod(shape):
        return {}
    return {name: np.frombuffer(raw, np.float32).reshape(shape)}


def _matrix(data: memoryview) -> dict[str, str]:
    """Nameless inputs of a matrix product, with the name of the product."""
    said: dict[int, list[str]] = {INPUTS: [], NAME: [""], OPERATOR: [""]}
    for field, value in _fields(data):
        if field in said:
            said[field].append(bytes(_bytes(value)).decode())
    if said[OPERATOR][-1] != "MatMul":
        return {}
    name = said[NAME][-1].strip("/").replace("/", ".").removesuffix(".MatMul") + ".weight"
    return {given: name for given in said[INPUTS] if given.startswith("onnx::")}


def _fields(data: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Field numbers and values of a protocol buffer message."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        field, wire = key >> 3, key & 7
        if wire == 0:
            value, at = _varint(data, at)
            yield field, value
            continue
        if wire == 2:
            length, at = _varint(data, at)
        elif wire in WIDTHS:
            length = WIDTHS[wire]
        else:
            raise TypeError(f"wire type {wire}")
        if at + length > len(data):
            raise IndexError("cut short")
        yield field, data[at : at + length]
        at += length


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def _packed(data: memoryview) -> list[int]:
    found, at = [], 0
    while at < len(data):
        value, at = _varint(data, at)
        found.append(value)
    return found


def _bytes(value: int | memoryview) -> memoryview:
    if isinstance(value, int):
        raise TypeError("a number where bytes should be")
    return value
