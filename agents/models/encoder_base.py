"""The weights that fine-tuning starts from: those of bge-small-zh, read out of its ONNX form."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

PARTS = ("embeddings.", "encoder.", "head.")
Weights = dict[str, NDArray[np.float32]]  # by the names that transformers gives them in a BERT


def read_onnx(path: Path) -> Weights:
    """All weights of a BERT in ONNX form. Matrices are turned as PyTorch holds them: outputs × inputs.

    Exporters drop the names of matrices; the bias added to what a matrix gives tells which one it was.
    """
    import onnx
    from onnx import numpy_helper

    graph = onnx.load(str(path)).graph
    known = {tensor.name: np.array(numpy_helper.to_array(tensor)) for tensor in graph.initializer}
    found = {
        n: v.astype(np.float32) for n, v in known.items() if n.startswith(PARTS) and n.endswith(("weight", "bias"))
    }
    product = {node.output[0]: node.input[1] for node in graph.node if node.op_type == "MatMul"}
    for node in graph.node:
        if node.op_type != "Add":
            continue
        for bias, given in (tuple(node.input), tuple(node.input)[::-1]):
            if bias.startswith(PARTS) and bias.endswith(".bias") and product.get(given) in known:
                found[bias[: -len("bias")] + "weight"] = known[product[given]].T.astype(np.float32)
    return found
