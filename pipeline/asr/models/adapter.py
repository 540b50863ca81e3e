"""The ear's models: our telephone adapter, two thin matrices per projection, and its merge into the stock weights."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from pipeline.asr.models.layout import projections, whisper_size
from pipeline.asr.models.weights import Weights


class AdapterError(ValueError):
    """An adapter that does not fit the weights; the message says where."""


class Adapter(msgspec.Struct):
    """Low-rank changes: at strength s a projection W becomes W + s · scale · B·A."""

    arrays: dict[str, np.ndarray]  # "<projection>.a" [rank, in] and "<projection>.b" [out, rank]
    scale: float

    @classmethod
    def read(cls, path: Path) -> Adapter:
        with np.load(path, allow_pickle=False) as table:
            arrays: dict[str, Any] = {name: table[name] for name in table.files if name != "scale"}
            return cls(arrays, float(table["scale"]))

    def write(self, path: Path) -> None:
        """As float16, compressed; atomic."""
        partial = path.with_name(path.name + ".part")
        with partial.open("wb") as file:
            arrays: dict[str, Any] = {name: array.astype(np.float16) for name, array in self.arrays.items()}
            np.savez_compressed(file, scale=np.float32(self.scale), **arrays)
        os.replace(partial, path)

    def change(self, projection: str) -> np.ndarray:
        try:
            thin, wide = self.arrays[f"{projection}.a"], self.arrays[f"{projection}.b"]
        except KeyError as error:
            raise AdapterError(f"the adapter has nothing for {projection}") from error
        return self.scale * (wide.astype(np.float32) @ thin.astype(np.float32))


def merge(weights: Weights, adapter: Adapter, strength: float) -> Weights:
    """The weights with the adapter at `strength`; 0 gives the stock weights unchanged."""
    if not 0.0 <= strength <= 1.5:
        raise AdapterError(f"strength {strength}: expected 0 (stock) to 1.5")
    if strength == 0.0:
        return weights
    arrays = dict(weights.arrays)
    for layer in projections(whisper_size(weights)):
        name = f"{layer.name}/weight"
        stock, change = arrays[name], adapter.change(layer.hf)
        rows = layer.rows(stock)
        if stock[rows].shape != change.shape:
            raise AdapterError(f"{layer.hf}: the adapter's {change.shape} does not fit {stock[rows].shape}")
        merged = stock.copy() if arrays[name] is weights.arrays[name] else stock
        merged[rows] = (stock[rows].astype(np.float32) + strength * change).astype(stock.dtype)
        arrays[name] = merged
    return Weights(weights.name, weights.revision, arrays, dict(weights.aliases))
