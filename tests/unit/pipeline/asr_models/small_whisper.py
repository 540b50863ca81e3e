"""A Whisper of toy size as a table of arrays, and an adapter that fits it."""

from __future__ import annotations

import numpy as np

from pipeline.asr.models.adapter import Adapter
from pipeline.asr.models.layout import projections, whisper_size
from pipeline.asr.models.weights import Weights

WIDTH, INNER, MELS, VOCABULARY = 8, 16, 4, 20


def small_whisper(seed: int = 0) -> Weights:
    rng = np.random.default_rng(seed)

    def block(*shape: int) -> np.ndarray:
        return rng.standard_normal(shape).astype(np.float16)

    arrays: dict[str, np.ndarray] = {
        "decoder/embeddings/weight": block(VOCABULARY, WIDTH),
        "decoder/num_heads": np.int16(2),  # type: ignore[dict-item]
        "decoder/position_encodings/encodings": block(16, WIDTH),
        "encoder/conv1/weight": block(WIDTH, MELS, 3),
        "encoder/conv1/bias": block(WIDTH),
        "encoder/conv2/weight": block(WIDTH, WIDTH, 3),
        "encoder/conv2/bias": block(WIDTH),
        "encoder/num_heads": np.int16(2),  # type: ignore[dict-item]
        "encoder/position_encodings/encodings": block(30, WIDTH),
    }
    shapes = {
        "self_attention/linear_0": (3 * WIDTH, WIDTH),
        "self_attention/linear_1": (WIDTH, WIDTH),
        "ffn/linear_0": (INNER, WIDTH),
        "ffn/linear_1": (WIDTH, INNER),
    }
    cross = {
        "attention/linear_0": (WIDTH, WIDTH),
        "attention/linear_1": (2 * WIDTH, WIDTH),
        "attention/linear_2": (WIDTH, WIDTH),
    }
    for side, more in (("encoder", {}), ("decoder", cross)):
        for name, shape in {**shapes, **more}.items():
            arrays[f"{side}/layer_0/{name}/weight"] = block(*shape)
            arrays[f"{side}/layer_0/{name}/bias"] = block(shape[0])
        for norm in ("self_attention", "ffn", *(["attention"] if more else [])):
            arrays[f"{side}/layer_0/{norm}/layer_norm/gamma"] = block(WIDTH)
            arrays[f"{side}/layer_0/{norm}/layer_norm/beta"] = block(WIDTH)
        arrays[f"{side}/layer_norm/gamma"] = block(WIDTH)
        arrays[f"{side}/layer_norm/beta"] = block(WIDTH)
    arrays = {name: np.asarray(array) for name, array in arrays.items()}
    return Weights("WhisperSpec", 3, arrays, {"decoder/projection/weight": "decoder/embeddings/weight"})


def small_adapter(weights: Weights, rank: int = 2, seed: int = 1) -> Adapter:
    rng = np.random.default_rng(seed)
    arrays: dict[str, np.ndarray] = {}
    for layer in projections(whisper_size(weights)):
        whole = weights.arrays[f"{layer.name}/weight"]
        rows = whole[layer.rows(whole)]
        arrays[f"{layer.hf}.a"] = rng.standard_normal((rank, rows.shape[1])).astype(np.float32)
        arrays[f"{layer.hf}.b"] = rng.standard_normal((rows.shape[0], rank)).astype(np.float32)
    return Adapter(arrays, scale=2.0)
