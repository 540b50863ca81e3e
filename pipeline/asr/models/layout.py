"""The ear's models: where each projection of Whisper lies in CTranslate2's table, whose q, k and v are fused."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import numpy as np

from pipeline.asr.models.weights import Weights, WeightsError

FUSED = ("q_proj", "k_proj", "v_proj", "out_proj", "fc1", "fc2")  # what an adapter may sit on
NORMS = {"self_attn_layer_norm": "self_attention", "encoder_attn_layer_norm": "attention", "final_layer_norm": "ffn"}


class Layer(msgspec.Struct, frozen=True):
    """One projection: rows `part` of `parts` equal ones of the array `name`."""

    hf: str  # e.g. "encoder.layers.0.self_attn.q_proj"
    name: str  # e.g. "encoder/layer_0/self_attention/linear_0"
    part: int = 0
    parts: int = 1

    def rows(self, array: np.ndarray) -> slice:
        size = array.shape[0] // self.parts
        return slice(self.part * size, (self.part + 1) * size)


class Size(msgspec.Struct, frozen=True):
    """The measures of a Whisper."""

    width: int
    inner: int
    heads: int
    encoder_layers: int
    decoder_layers: int
    vocabulary: int
    mels: int
    positions: int  # of the encoder


def whisper_size(weights: Weights) -> Size:
    arrays = weights.arrays
    if weights.name != "WhisperSpec":
        raise WeightsError(f"the model is a {weights.name}, expected WhisperSpec")
    vocabulary, width = arrays["decoder/embeddings/weight"].shape

    def layers(side: str) -> int:
        return sum(1 for name in arrays if name.startswith(f"{side}/layer_") and name.endswith("/ffn/linear_0/weight"))

    return Size(
        width=width, heads=int(arrays["encoder/num_heads"]),
        inner=arrays["encoder/layer_0/ffn/linear_0/weight"].shape[0],
        encoder_layers=layers("encoder"), decoder_layers=layers("decoder"), vocabulary=vocabulary,
        mels=arrays["encoder/conv1/weight"].shape[1], positions=arrays["encoder/position_encodings/encodings"].shape[0],
    )  # fmt: skip


def projections(size: Size) -> Iterator[Layer]:
    """Every projection of every block, by its name in the training network."""
    for side, count in (("encoder", size.encoder_layers), ("decoder", size.decoder_layers)):
        for number in range(count):
            here, there = f"{side}.layers.{number}", f"{side}/layer_{number}"
            for part, letter in enumerate("qkv"):
                yield Layer(f"{here}.self_attn.{letter}_proj", f"{there}/self_attention/linear_0", part, 3)
            yield Layer(f"{here}.self_attn.out_proj", f"{there}/self_attention/linear_1")
            if side == "decoder":
                yield Layer(f"{here}.encoder_attn.q_proj", f"{there}/attention/linear_0")
                for part, letter in enumerate("kv"):
                    yield Layer(f"{here}.encoder_attn.{letter}_proj", f"{there}/attention/linear_1", part, 2)
                yield Layer(f"{here}.encoder_attn.out_proj", f"{there}/attention/linear_2")
            yield Layer(f"{here}.fc1", f"{there}/ffn/linear_0")
            yield Layer(f"{here}.fc2", f"{there}/ffn/linear_1")


def hf_arrays(weights: Weights) -> Iterator[tuple[str, np.ndarray]]:
    """The whole model under the names of the training network."""
    arrays, size = weights.arrays, whisper_size(weights)
    for layer in projections(size):
        for kind in ("weight", "bias"):
            array = arrays[f"{layer.name}/{kind}"]
            if kind == "bias" and layer.hf.endswith("k_proj"):
                continue
            yield f"model.{layer.hf}.{kind}", array[layer.rows(array)]
    for side, count in (("encoder", size.encoder_layers), ("decoder", size.decoder_layers)):
        for number in range(count):
            for norm, place in NORMS.items():
                if side == "encoder" and place == "attention":
                    continue
                yield from _norm(
                    arrays, f"{side}/layer_{number}/{place}/layer_norm", f"model.{side}.layers.{number}.{norm}"
                )
        yield from _norm(arrays, f"{side}/layer_norm", f"model.{side}.layer_norm")
        yield f"model.{side}.embed_positions.weight", arrays[f"{side}/position_encodings/encodings"]
    for conv in ("conv1", "conv2"):
        for kind in ("weight", "bias"):
            yield f"model.encoder.{conv}.{kind}", arrays[f"encoder/{conv}/{kind}"]
    yield "model.decoder.embed_tokens.weight", arrays["decoder/embeddings/weight"]


def _norm(arrays: dict[str, np.ndarray], there: str, here: str) -> Iterator[tuple[str, np.ndarray]]:
    yield f"{here}.weight", arrays[f"{there}/gamma"]
    yield f"{here}.bias", arrays[f"{there}/beta"]
