"""What a frozen BERT makes of each word of an address: its inner states, computed from its weights with numpy alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agents.models.bge import MODEL, TOKENIZER
from agents.models.onnx_weights import BadWeights, read_weights

Numbers = NDArray[np.float32]
Marks = NDArray[np.bool_]
HEADS, LAYERS = 8, 4
TAKEN = (1, 2, 3)  # layers whose states are given, from 0
AT_ONCE = 48  # addresses that go through together
LONGEST = 128  # pieces of an address that are read
_GELU = np.float32(0.7978845608)  # √(2/π), of the tanh form


class WordStates:
    """One vector per word: the states of its first piece in several layers, side by side. Always the same."""

    def __init__(self, folder: Path) -> None:
        """`folder`: where bge-small-zh lies. Raises BadWeights, OSError."""
        from tokenizers import Tokenizer

        self._weights = read_weights(folder / MODEL)
        if f"encoder.layer.{LAYERS - 1}.attention.self.query.weight" not in self._weights:
            raise BadWeights(f"{folder / MODEL}: not the BERT that was looked for")
        self._pieces = Tokenizer.from_file(str(folder / TOKENIZER))
        self._pieces.no_padding()
        self._pieces.enable_truncation(LONGEST)
        self.size = len(TAKEN) * len(self._weights["embeddings.LayerNorm.bias"])

    def of(self, addresses: Sequence[Sequence[str]]) -> Iterator[Numbers]:
        """Per address, in order: words × size. A word beyond what is read gets zeros."""
        for at in range(0, len(addresses), AT_ONCE):
            yield from self._together(addresses[at : at + AT_ONCE])

    def _together(self, addresses: Sequence[Sequence[str]]) -> Iterator[Numbers]:
        read = [self._pieces.encode([w.lower() for w in words], is_pretokenized=True) for words in addresses]
        lengths = np.array([len(one.ids) for one in read])
        mask = np.arange(int(lengths.max()))[None] < lengths[:, None]
        flat = self._states(np.concatenate([one.ids for one in read]), mask)
        for words, one, end in zip(addresses, read, np.cumsum(lengths), strict=True):
            own = np.zeros((len(words), flat.shape[1]), np.float32)
            for piece in reversed(range(len(one.ids))):  # so that a word's first piece has the last say
                if (word := one.word_ids[piece]) is not None:
                    own[word] = flat[end - len(one.ids) + piece]
            yield own

    def _states(self, ids: NDArray[np.int64], mask: Marks) -> Numbers:
        """Pieces (end to end) × size. `mask`: address × longest."""
        weights = self._weights
        place = np.broadcast_to(np.arange(mask.shape[1]), mask.shape)[mask]
        there = (
            weights["embeddings.word_embeddings.weight"][ids] + weights["embeddings.position_embeddings.weight"][place]
        )
        there = self._normal(there + weights["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
        kept: list[Numbers] = []
        for layer in range(LAYERS):
            there = self._layer(there, mask, f"encoder.layer.{layer}")
            if layer in TAKEN:
                kept.append(there)
        return np.concatenate(kept, axis=1)

    def _layer(self, there: Numbers, mask: Marks, name: str) -> Numbers:
        query, key, value = (
            _heads(self._linear(there, f"{name}.attention.self.{part}"), mask) for part in ("query", "key", "value")
        )
        match = query @ key.transpose(0, 1, 3, 2) / np.float32(np.sqrt(query.shape[3]))
        match += np.where(mask, 0, -1e4).astype(np.float32)[:, None, None, :]
        share = np.exp(match - match.max(axis=3, keepdims=True))
        share /= share.sum(axis=3, keepdims=True)
        seen = (share @ value).transpose(0, 2, 1, 3).reshape(*mask.shape, -1)[mask]
        there = self._normal(
            there + self._linear(seen, f"{name}.attention.output.dense"), f"{name}.attention.output.LayerNorm"
        )
        wide = gelu(self._linear(there, f"{name}.intermediate.dense"))
        return self._normal(there + self._linear(wide, f"{name}.output.dense"), f"{name}.output.LayerNorm")

    def _linear(self, there: Numbers, name: str) -> Numbers:
        return there @ self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]

    def _normal(self, there: Numbers, name: str) -> Numbers:
        centred = there - there.mean(axis=1, keepdims=True)
        spread = np.sqrt((centred * centred).mean(axis=1, keepdims=True) + np.float32(1e-12))
        return centred / spread * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"]


def gelu(x: Numbers) -> Numbers:
    """The smooth ramp between BERT's layers, in its tanh form."""
    return np.float32(0.5) * x * (1 + np.tanh(_GELU * (x + np.float32(0.044715) * x * x * x)))


def _heads(there: Numbers, mask: Marks) -> Numbers:
    block = np.zeros((*mask.shape, there.shape[1]), np.float32)
    block[mask] = there
    return block.reshape(*mask.shape, HEADS, -1).transpose(0, 2, 1, 3)
