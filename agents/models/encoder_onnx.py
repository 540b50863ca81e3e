"""A fine-tuned BERT with its head as an ONNX graph of standard operators: what runs where there is no torch."""

from __future__ import annotations

from typing import Any

import numpy as np

from agents.models.encoder_base import Weights

OPSET = 17
TINY = 1e-12


def graph_of(weights: Weights, heads: int, cosine: bool = True) -> bytes:
    """The model in ONNX form. In: `input_ids`, `attention_mask` (texts × tokens); out: `logits` (texts × labels).

    `cosine`: the head sees the first token's vector at length one, as in training.
    """
    import onnx
    from onnx import TensorProto, helper

    made = _Graph(weights, heads)
    hidden = made.embedded()
    layer = 0
    while f"encoder.layer.{layer}.output.dense.weight" in weights:
        hidden = made.layer(hidden, f"encoder.layer.{layer}.")
        layer += 1
    first = made.add("Gather", hidden, made.number("zero", np.array(0, np.int64)), axis=1)
    if cosine:
        first = made.add("LpNormalization", first, axis=1, p=2)
    made.dense(first, "head.", out="logits")
    shape = ["texts", "tokens"]
    given = [helper.make_tensor_value_info(n, TensorProto.INT64, shape) for n in ("input_ids", "attention_mask")]
    found = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["texts", len(weights["head.bias"])])
    graph = helper.make_graph(made.nodes, "labeller", given, [found], list(made.tensors.values()))
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


class _Graph:
    """Nodes in the order they are added."""

    def __init__(self, weights: Weights, heads: int) -> None:
        self.nodes: list[Any] = []
        self.tensors: dict[str, Any] = {}
        self._weights, self._heads = weights, heads
        self._width = weights["embeddings.word_embeddings.weight"].shape[1]
        self._mask = ""

    def add(self, kind: str, *inputs: str, out: str = "", **attributes: Any) -> str:
        from onnx import helper

        out = out or f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [out], **attributes))
        return out

    def number(self, name: str, value: Any) -> str:
        from onnx import numpy_helper

        self.tensors.setdefault(name, numpy_helper.from_array(np.array(value, order="C"), name))
        return name

    def weight(self, name: str) -> str:
        return self.number(name, self._weights[name].astype(np.float32))

    def dense(self, given: str, name: str, out: str = "") -> str:
        matrix = self.number(name + "matrix", self._weights[name + "weight"].T.astype(np.float32))
        return self.add("Add", self.add("MatMul", given, matrix), self.weight(name + "bias"), out=out)

    def norm(self, given: str, name: str) -> str:
        scale, bias = self.weight(name + "weight"), self.weight(name + "bias")
        return self.add("LayerNormalization", given, scale, bias, axis=-1, epsilon=TINY)

    def embedded(self) -> str:
        """Words, places and the one kind of sentence, added up; and the mask that hides padding."""
        words = self.add("Gather", self.weight("embeddings.word_embeddings.weight"), "input_ids", axis=0)
        length = self.add("Gather", self.add("Shape", "input_ids"), self.number("one", np.array(1, np.int64)), axis=0)
        ends = self.add("Unsqueeze", length, self.number("axis0", np.array([0], np.int64)))
        start = self.number("from0", np.array([0], np.int64))
        places = self.add("Slice", self.weight("embeddings.position_embeddings.weight"), start, ends)
        kind = self.add(
            "Gather",
            self.weight("embeddings.token_type_embeddings.weight"),
            self.number("zero", np.array(0, np.int64)),
            axis=0,
        )
        seen = self.add("Cast", "attention_mask", to=1)
        hidden = self.add("Sub", self.number("unit", np.array(1, np.float32)), seen)
        far = self.add("Mul", hidden, self.number("far", np.array(-1e9, np.float32)))
        self._mask = self.add("Unsqueeze", far, self.number("axes12", np.array([1, 2], np.int64)))
        return self.norm(self.add("Add", self.add("Add", words, places), kind), "embeddings.LayerNorm.")

    def layer(self, hidden: str, at: str) -> str:
        attention = self.attention(hidden, at + "attention.self.")
        given = self.dense(attention, at + "attention.output.dense.")
        hidden = self.norm(self.add("Add", given, hidden), at + "attention.output.LayerNorm.")
        wide = self.gelu(self.dense(hidden, at + "intermediate.dense."))
        return self.norm(self.add("Add", self.dense(wide, at + "output.dense."), hidden), at + "output.LayerNorm.")

    def attention(self, hidden: str, at: str) -> str:
        each = self._width // self._heads
        shape = self.number("split", np.array([0, 0, self._heads, each], np.int64))

        def split(name: str, order: list[int]) -> str:
            return self.add("Transpose", self.add("Reshape", self.dense(hidden, at + name), shape), perm=order)

        asked, known, told = split("query.", [0, 2, 1, 3]), split("key.", [0, 2, 3, 1]), split("value.", [0, 2, 1, 3])
        root = self.number("root", np.array(each**0.5, np.float32))
        near = self.add("Add", self.add("Div", self.add("MatMul", asked, known), root), self._mask)
        taken = self.add("MatMul", self.add("Softmax", near, axis=-1), told)
        joined = self.number("join", np.array([0, 0, self._width], np.int64))
        return self.add("Reshape", self.add("Transpose", taken, perm=[0, 2, 1, 3]), joined)

    def gelu(self, given: str) -> str:
        half, two = self.number("half", np.array(0.5, np.float32)), self.number("two", np.array(2**0.5, np.float32))
        one = self.number("unit", np.array(1, np.float32))
        raised = self.add("Add", self.add("Erf", self.add("Div", given, two)), one)
        return self.add("Mul", self.add("Mul", given, raised), half)
