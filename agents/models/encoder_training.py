"""Fine-tunes a small BERT on labelled texts; the one file that needs torch and transformers (the `training` extra)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from agents.models.bge import MODEL
from agents.models.encoder import GRAPH, TOKENIZER, EncoderLabeller
from agents.models.encoder_base import Weights, read_onnx
from agents.models.encoder_lessons import Lessons, Progress, batches, slope
from agents.models.encoder_onnx import graph_of
from agents.models.encoder_runtime import tokens_of
from routing.scripts import simplified

SCALE = 16.0  # of the cosine between a text and a label


def train_encoder(
    texts: Sequence[str],
    labels: Sequence[str],
    base: Path,
    folder: Path,
    lessons: Lessons,
    threads: int = 2,
    progress: Progress | None = None,
) -> EncoderLabeller:
    """An encoder fine-tuned from the model in the folder `base`; its files are written into `folder`."""
    names, weights = fine_tune(read_onnx(base / MODEL), base / TOKENIZER, texts, labels, lessons, threads, progress)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / GRAPH).write_bytes(graph_of(weights, heads(len(weights["embeddings.LayerNorm.weight"]))))
    (folder / TOKENIZER).write_bytes((base / TOKENIZER).read_bytes())
    return EncoderLabeller(folder, names, lessons.tokens, threads=threads)


def fine_tune(
    base: Weights,
    tokenizer: Path,
    texts: Sequence[str],
    labels: Sequence[str],
    lessons: Lessons,
    threads: int = 2,
    progress: Progress | None = None,
) -> tuple[list[str], Weights]:
    """The labels, and all weights, those of the head among them (`head.weight`, `head.bias`).

    A label starts out at the mean of its texts' vectors, so that rare ones are known from the first step on.
    """
    import torch

    torch.manual_seed(lessons.seed)
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(True)
    names = sorted(set(labels))
    column = {name: i for i, name in enumerate(names)}
    rows = tokens_of(tokenizer, [simplified(text) for text in texts], lessons.tokens)
    truth = [column[label] for label in labels]
    model = _bert(base, lessons.dropout)
    head = torch.nn.Linear(model.config.hidden_size, len(names))
    with torch.no_grad():
        head.weight.copy_(_prototypes(model, rows, truth, len(names)))
        head.bias.zero_()
    spread = Counter(truth)
    weight = torch.tensor([(len(truth) / len(names) / spread[i]) ** lessons.balance for i in range(len(names))])
    loss_of = torch.nn.CrossEntropyLoss(weight=weight, label_smoothing=lessons.smoothing)
    model.embeddings.word_embeddings.weight.requires_grad_(False)  # half of all weights; too few rows to move it
    groups = [*_groups(model, lessons), {"params": list(head.parameters()), "lr": lessons.head_rate}]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01)
    plan = batches([len(row) for row in rows], lessons)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: slope(step, len(plan)))
    model.train()
    for step, batch in enumerate(plan):
        logits = head(_vectors(model, [rows[i] for i in batch])) * SCALE
        loss = loss_of(logits, torch.tensor([truth[i] for i in batch]))
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_([p for g in groups for p in g["params"]], 1.0)
        optimizer.step()
        schedule.step()
        if progress is not None:
            progress(step + 1, len(plan))
    weights = {name: value.numpy().copy() for name, value in model.state_dict().items()}
    weights["head.weight"] = head.weight.detach().numpy().copy() * SCALE
    weights["head.bias"] = head.bias.detach().numpy().copy() * SCALE
    return names, weights


def _bert(base: Weights, dropout: float) -> Any:
    """A BERT of the shape that the weights have."""
    import torch
    from transformers import BertConfig, BertModel

    words, width = base["embeddings.word_embeddings.weight"].shape
    layers = 1 + max(int(name.split(".")[2]) for name in base if name.startswith("encoder.layer."))
    config = BertConfig(
        vocab_size=words,
        hidden_size=width,
        num_hidden_layers=layers,
        num_attention_heads=heads(width),
        intermediate_size=base["encoder.layer.0.intermediate.dense.weight"].shape[0],
        max_position_embeddings=len(base["embeddings.position_embeddings.weight"]),
        type_vocab_size=len(base["embeddings.token_type_embeddings.weight"]),
        hidden_dropout_prob=dropout,
        attention_probs_dropout_prob=dropout,
    )
    model = BertModel(config, add_pooling_layer=False)
    given = {name: torch.from_numpy(np.array(value)) for name, value in base.items() if not name.startswith("head.")}
    missing, unexpected = model.load_state_dict(given, strict=False)
    if missing or unexpected:
        raise ValueError(f"the base is no BERT: missing {missing[:3]}, unknown {unexpected[:3]}")
    return model


def heads(width: int) -> int:
    """Of attention: 64 numbers each, as in every BERT of that family."""
    return max(1, width // 64)


def _vectors(model: Any, rows: Sequence[Sequence[int]]) -> Any:
    """The first token's vector of each row, at length one."""
    import torch

    width = max(len(row) for row in rows)
    ids = torch.tensor([[*row, *[0] * (width - len(row))] for row in rows])
    mask = torch.tensor([[1] * len(row) + [0] * (width - len(row)) for row in rows])
    hidden = model(input_ids=ids, attention_mask=mask).last_hidden_state[:, 0]
    return torch.nn.functional.normalize(hidden, dim=1)


def _prototypes(model: Any, rows: Sequence[Sequence[int]], truth: Sequence[int], labels: int) -> Any:
    import torch

    model.eval()
    total = torch.zeros(labels, model.config.hidden_size)
    order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
    for start in range(0, len(order), 32):
        batch = order[start : start + 32]
        total.index_add_(0, torch.tensor([truth[i] for i in batch]), _vectors(model, [rows[i] for i in batch]))
    mean = torch.nn.functional.normalize(total, dim=1)
    return torch.nn.functional.normalize(mean - mean.mean(dim=0, keepdim=True), dim=1)


def _groups(model: Any, lessons: Lessons) -> list[dict[str, Any]]:
    """Lower layers learn more slowly: they know the language already."""
    layers = list(model.encoder.layer)
    found = [{"params": [p for p in model.embeddings.parameters() if p.requires_grad], "lr": lessons.rate * 0.3}]
    for i, layer in enumerate(layers):
        found.append({"params": list(layer.parameters()), "lr": lessons.rate * 0.85 ** (len(layers) - 1 - i)})
    return found
