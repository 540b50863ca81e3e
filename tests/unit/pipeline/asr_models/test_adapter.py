"""The adapter changes exactly its projections, by its strength."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pipeline.asr.models.adapter import Adapter, AdapterError, merge
from pipeline.asr.models.layout import hf_arrays
from tests.unit.pipeline.asr_models.small_whisper import WIDTH, small_adapter, small_whisper


def test_strength_zero_is_the_stock_model() -> None:
    stock = small_whisper()
    assert merge(stock, small_adapter(stock), 0.0) is stock


def test_the_change_grows_with_the_strength() -> None:
    stock = small_whisper()
    adapter = small_adapter(stock)
    name = "encoder/layer_0/ffn/linear_0/weight"
    half, full = merge(stock, adapter, 0.5), merge(stock, adapter, 1.0)
    before = stock.arrays[name].astype(np.float32)
    np.testing.assert_allclose(full.arrays[name] - before, 2 * (half.arrays[name] - before), atol=0.05)


def test_fused_rows_take_the_change_of_their_own_projection() -> None:
    stock = small_whisper()
    adapter = small_adapter(stock)
    name = "decoder/layer_0/self_attention/linear_0/weight"
    change = merge(stock, adapter, 1.0).arrays[name].astype(np.float32) - stock.arrays[name].astype(np.float32)
    for part, letter in enumerate("qkv"):
        wanted = adapter.change(f"decoder.layers.0.self_attn.{letter}_proj")
        np.testing.assert_allclose(change[part * WIDTH : (part + 1) * WIDTH], wanted, atol=0.02)


def test_merging_leaves_the_stock_weights_and_all_else_alone() -> None:
    stock = small_whisper()
    before = {name: array.copy() for name, array in stock.arrays.items()}
    merged = merge(stock, small_adapter(stock), 0.7)
    for name, array in before.items():
        np.testing.assert_array_equal(stock.arrays[name], array)
        if not name.endswith("/weight") or "linear" not in name:
            np.testing.assert_array_equal(merged.arrays[name], array)


def test_an_adapter_for_another_model_is_refused() -> None:
    stock = small_whisper()
    adapter = small_adapter(stock)
    del adapter.arrays["encoder.layers.0.fc1.a"]
    with pytest.raises(AdapterError, match=r"encoder\.layers\.0\.fc1"):
        merge(stock, adapter, 0.5)


def test_a_strength_out_of_range_is_refused() -> None:
    stock = small_whisper()
    with pytest.raises(AdapterError, match="strength 3"):
        merge(stock, small_adapter(stock), 3.0)


def test_the_adapter_file_keeps_half_precision(tmp_path: Path) -> None:
    adapter = small_adapter(small_whisper())
    adapter.write(tmp_path / "a.npz")
    back = Adapter.read(tmp_path / "a.npz")
    assert back.scale == adapter.scale
    for name, array in adapter.arrays.items():
        np.testing.assert_allclose(back.arrays[name], array, rtol=2e-3, atol=1e-3)


def test_every_array_of_the_training_network_comes_from_the_table() -> None:
    names = [name for name, _ in hf_arrays(small_whisper())]
    assert len(names) == len(set(names))
    assert "model.decoder.layers.0.encoder_attn.v_proj.weight" in names
    assert "model.encoder.layers.0.self_attn.k_proj.bias" not in names  # Whisper's keys have none
