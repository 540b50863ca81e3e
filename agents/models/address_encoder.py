"""Scores the parts of an address by the states of a frozen BERT: what the words mean, beside how they look."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from agents.models.address_head import Adam, Pass, Weights, new_head
from routing.address_bio import Labelled
from routing.address_chain import Numbers, loss_gradient, padded
from routing.model_folder import BadModel, read_arrays, read_head, write

KIND = "address-encoder"
WARM = 100  # steps until the full rate
TOGETHER = 100  # addresses scored at once


class States(Protocol):
    """Gives each word of an address a vector that knows the words around it. Same address, same vectors."""

    @property
    def size(self) -> int:
        """Numbers per word."""

    def of(self, addresses: Sequence[Sequence[str]]) -> Iterator[Numbers]:
        """Per address, in order: words × size."""


class EncoderOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How the network over the states learns."""

    rounds: int = 8
    rate: float = 2e-3
    width: int = 256
    drop: float = 0.35
    batch: int = 32  # addresses per step
    seed: int = 12345


class AddressEncoder:
    """Scores every label for every word. The BERT is not changed; the same data and options give the same weights."""

    def __init__(self, labels: Sequence[str], weights: Weights, scale: float, states: States) -> None:
        """`scale`: what states are multiplied by before they go in."""
        self.labels = tuple(labels)
        self.steps, self.start = weights["steps"], weights["start"]
        self.weights, self.scale, self._states = weights, np.float32(scale), states

    @classmethod
    def fit(
        cls,
        data: Sequence[Labelled],
        states: States,
        options: EncoderOptions | None = None,
        tell: Callable[[str], None] = lambda said: None,
    ) -> AddressEncoder:
        """Learns from labelled addresses; `tell` hears of each round."""
        options = options or EncoderOptions()
        labels = tuple(sorted({label for _, own in data for label in own}))
        index = {label: at for at, label in enumerate(labels)}
        truth = [np.array([index[label] for label in own]) for _, own in data]
        tell(f"encoder: reads {len(data)} addresses")
        rows = [own.astype(np.float16) for own in states.of([words for words, _ in data])]
        scale = 1 / float(np.concatenate(rows[:200]).astype(np.float32).std())
        order = np.random.default_rng(options.seed)
        encoder = cls(labels, new_head(states.size, options.width, len(labels), order), scale, states)
        adam = Adam(encoder.weights)
        taken, whole = 0, options.rounds * -(-len(rows) // options.batch)
        for turn in range(options.rounds):
            lost, mixed = 0.0, order.permutation(len(rows))
            for at in range(0, len(mixed), options.batch):
                chosen = mixed[at : at + options.batch]
                taken += 1
                rate = options.rate * min(1.0, taken / WARM) * (1 - taken / (whole + 1))
                lost += encoder._learn(
                    [rows[i] for i in chosen], [truth[i] for i in chosen], rate, adam, options, order
                )
            tell(f"encoder, round {turn + 1} of {options.rounds}: {lost / len(rows):.3f} per address")
        return encoder

    def scores(self, addresses: Sequence[Sequence[str]]) -> Iterator[Numbers]:
        """Per address: words × labels."""
        for at in range(0, len(addresses), TOGETHER):
            rows = list(self._states.of(addresses[at : at + TOGETHER]))
            lengths = np.array([len(own) for own in rows])
            found = Pass(self.weights, np.concatenate(rows) * self.scale, lengths, 0.0, None).scores
            yield from np.split(found, np.cumsum(lengths)[:-1])

    def _learn(
        self,
        rows: Sequence[NDArray[np.float16]],
        truth: Sequence[NDArray[np.int64]],
        rate: float,
        adam: Adam,
        options: EncoderOptions,
        order: np.random.Generator,
    ) -> float:
        """One step over a few addresses; gives their loss."""
        lengths = np.array([len(own) for own in rows])
        there = np.concatenate(rows).astype(np.float32) * self.scale
        way = Pass(self.weights, there, lengths, options.drop, order)
        scores, mask = padded([way.scores], lengths)
        right = np.zeros(mask.shape, np.int64)
        right[mask] = np.concatenate(truth)
        loss, by_scores, by_steps, by_start = loss_gradient(scores, mask, right, self.steps, self.start)
        share = np.float32(1 / len(rows))
        pull = {**way.back(by_scores[mask] * share), "steps": by_steps * share, "start": by_start * share}
        adam.take(pull, {name: rate * (5 if name in ("steps", "start") else 1) for name in pull})
        return loss


def save_encoder(encoder: AddressEncoder, folder: Path) -> None:
    """Writes the network, not the BERT, into `folder`."""
    head = {"labels": list(encoder.labels), "scale": float(encoder.scale)}
    write(folder, KIND, head, encoder.weights)


def load_encoder(folder: Path, states: States) -> AddressEncoder:
    """Reads what `save_encoder` wrote. Raises BadModel."""
    head, weights = read_head(folder), read_arrays(folder)
    if head["kind"] != KIND:
        raise BadModel(f"{folder}: a model of kind {head['kind']!r}, not {KIND!r}")
    width = len(weights.get("in_bias", ()))
    wanted = new_head(states.size, width, len(head["labels"]), np.random.default_rng(0))
    if {name: own.shape for name, own in weights.items()} != {name: own.shape for name, own in wanted.items()}:
        raise BadModel(f"{folder}: the numbers do not fit the labels and the BERT")
    return AddressEncoder(head["labels"], weights, head["scale"], states)
