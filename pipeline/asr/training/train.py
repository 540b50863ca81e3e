"""The ear's school, sixth step: trains the adapter. Seeded, resumable, sized by steps or by the clock."""

from __future__ import annotations

import json
import math
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from pipeline.asr.training.dataset import Batch

IGNORED = -100


class TrainOptions(msgspec.Struct, kw_only=True):
    """What to train on, how long, how hard."""

    base: Path  # folder of the stock model (model.bin, tokenizer.json)
    clips: list[Path]  # folders of spoken clips; they may still grow
    out: Path  # folder of the checkpoint, the log and the adapter
    start: Path | None = None  # an adapter of the same rank to begin with; None = from stock
    steps: int = 1800
    until: float | None = None  # UNIX time by which the schedule must have ended; overrides `steps`
    rate: float = 4e-4
    warm_up: int = 60  # steps
    rank: int = 16
    seconds: float = 36.0  # of audio per batch
    smoothing: float = 0.05
    seed: int = 7
    threads: int = 2
    save_every: int = 100


def schedule(done: float, step: int, options: TrainOptions) -> float:
    """Learning rate: linear warm-up by steps, then half a cosine over the share `done` of the work."""
    warm = min(1.0, (step + 1) / max(options.warm_up, 1))
    return options.rate * warm * (0.04 + 0.96 * 0.5 * (1 + math.cos(math.pi * min(done, 1.0))))


def token_rows(batch: Batch, tokens: Any) -> tuple[np.ndarray, np.ndarray]:
    """Inputs and targets, padded on the right; nothing is asked of the prompt and the task tokens."""
    head = [tokens.context, *tokens.encode(batch.prompt), *tokens.task] if batch.prompt else list(tokens.task)
    rows = [[*head, *tokens.encode(text), tokens.end] for text in batch.texts]
    width = max(len(row) for row in rows) - 1
    inputs = np.full((len(rows), width), tokens.end, np.int64)
    targets = np.full((len(rows), width), IGNORED, np.int64)
    for index, row in enumerate(rows):
        inputs[index, : len(row) - 1] = row[:-1]
        targets[index, len(head) - 1 : len(row) - 1] = row[len(head) :]
    return inputs, targets


def run_train(options: TrainOptions, progress: Callable[[int, int], None] | None = None) -> Path:
    """Trains until the schedule ends, going on from the last checkpoint; returns the adapter's path."""
    import torch

    from pipeline.asr.models.adapter import Adapter
    from pipeline.asr.models.weights import Weights
    from pipeline.asr.training import network
    from pipeline.asr.training.loader import Loader
    from pipeline.asr.training.text import Tokens

    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    options.out.mkdir(parents=True, exist_ok=True)
    model = network.build(Weights.read(options.base / "model.bin"))
    trained = network.add_adapter(model, options.rank)
    if options.start:
        _fill(model, Adapter.read(options.start).arrays)
    model.to(device).train()
    optimizer = torch.optim.AdamW(trained, lr=options.rate, betas=(0.9, 0.98), weight_decay=0.01)
    step, done = _resume(options, model, optimizer, device)
    tokens = Tokens(options.base)
    began, done_before = time.monotonic(), done
    left = max(options.until - time.time(), 1.0) if options.until else 0.0
    losses: list[float] = []
    with Loader(options.clips, options.seed + step, options.seconds) as loader:
        while done < 1.0:
            batch = loader.next()
            inputs, targets = token_rows(batch, tokens)
            out = network.logits(model, torch.from_numpy(batch.mels).to(device), torch.from_numpy(inputs).to(device))
            wanted = torch.from_numpy(targets).to(device).flatten()
            kept = wanted != IGNORED
            loss = torch.nn.functional.cross_entropy(
                out.flatten(0, 1)[kept], wanted[kept], label_smoothing=options.smoothing
            )
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(trained, 1.0)
            for group in optimizer.param_groups:
                group["lr"] = schedule(done, step, options)
            optimizer.step()
            losses.append(float(loss.detach()))
            step += 1
            if options.until:
                done = done_before + (1 - done_before) * (time.monotonic() - began) / left
            else:
                done = step / options.steps
            if progress:
                progress(int(done * 1000), 1000)
            if step % 20 == 0:
                _log(options, step, done, losses, time.monotonic() - began)
                losses.clear()
            if step % options.save_every == 0 or done >= 1.0:
                _save(options, model, optimizer, step, done)
    return options.out / "adapter.npz"


def _log(options: TrainOptions, step: int, done: float, losses: list[float], seconds: float) -> None:
    line = {
        "step": step,
        "done": round(done, 4),
        "loss": round(float(np.mean(losses)), 4),
        "seconds": round(seconds, 1),
    }
    with (options.out / "log.jsonl").open("a", encoding="utf-8") as log:
        log.write(json.dumps(line) + "\n")


def _save(options: TrainOptions, model: Any, optimizer: Any, step: int, done: float) -> None:
    import torch

    from pipeline.asr.models.adapter import Adapter
    from pipeline.asr.training.network import ALPHA_PER_RANK, adapter_arrays

    arrays = adapter_arrays(model)
    Adapter(arrays, ALPHA_PER_RANK).write(options.out / "adapter.npz")
    partial = options.out / "checkpoint.pt.part"
    torch.save({"arrays": arrays, "optimizer": optimizer.state_dict(), "step": step, "done": done}, partial)
    os.replace(partial, options.out / "checkpoint.pt")


def _resume(options: TrainOptions, model: Any, optimizer: Any, device: Any) -> tuple[int, float]:
    import torch

    path = options.out / "checkpoint.pt"
    if not path.is_file():
        return 0, 0.0
    saved = torch.load(path, map_location=device, weights_only=False)
    _fill(model, saved["arrays"])
    optimizer.load_state_dict(saved["optimizer"])
    return int(saved["step"]), float(saved["done"])


def _fill(model: Any, arrays: dict[str, np.ndarray]) -> None:
    """Puts an adapter's matrices into the network. Raises KeyError where one is missing."""
    import torch

    for name, parameter in model.model.named_parameters():
        if ".lora_" in name:
            place, _, rest = name.partition(".lora_")
            array = arrays[f"{place}.{rest.split('.')[0].lower()}"]
            parameter.data.copy_(torch.from_numpy(np.asarray(array, np.float32)))
