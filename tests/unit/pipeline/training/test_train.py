"""One step of the school from end to end on a toy model: it learns, saves, goes on, and merges back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pipeline.asr.training.train import TrainOptions, schedule

pytestmark = pytest.mark.training


def test_the_rate_warms_up_and_falls() -> None:
    options = TrainOptions(base=Path("b"), clips=[], out=Path("o"), rate=1e-3, warm_up=10)
    rates = [schedule(step / 100, step, options) for step in range(101)]
    assert rates[0] == pytest.approx(1e-4, rel=0.01)
    assert max(rates) == rates[9] or max(rates) == rates[10]
    assert rates[-1] < 0.05 * max(rates)


def test_a_step_changes_the_adapter_alone_and_the_merge_equals_the_network() -> None:
    torch = pytest.importorskip(
        "torch", reason="PROMISE NOT TESTED: the adapter's training; install the training extra"
    )
    pytest.importorskip("peft", reason="PROMISE NOT TESTED: the adapter's training; install the training extra")
    from pipeline.asr.models.adapter import Adapter, merge
    from pipeline.asr.training import network
    from tests.unit.pipeline.asr_models.small_whisper import MELS, VOCABULARY, small_whisper

    torch.manual_seed(0)
    weights = small_whisper()
    for name, array in weights.arrays.items():
        weights.arrays[name] = array.astype(np.float32) if array.dtype == np.float16 else array
    model = network.build(weights)
    trained = network.add_adapter(model, rank=2)
    mels, tokens = torch.randn(2, MELS, 20), torch.randint(0, VOCABULARY, (2, 6))
    optimizer = torch.optim.SGD(trained, lr=0.5)
    losses = []
    for _ in range(8):
        out = network.logits(model, mels, tokens[:, :-1])
        loss = torch.nn.functional.cross_entropy(out.flatten(0, 1), tokens[:, 1:].flatten())
        losses.append(float(loss.detach()))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert losses[-1] < losses[0]

    adapter = Adapter(network.adapter_arrays(model), network.ALPHA_PER_RANK)
    merged = network.build(merge(weights, adapter, 1.0))
    with torch.no_grad():
        difference = network.logits(model, mels, tokens) - network.logits(merged, mels, tokens)
    assert float(difference.abs().max()) < 1e-3
