"""A label from an encoder fine-tuned on the city's own tickets, run by ONNX Runtime; trained elsewhere, with torch."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from agents.models.encoder_runtime import EncoderRuntime
from routing import model_folder
from routing.labelling import REASONS, Reason, Scores, occluded, softmax
from routing.model_folder import BadModel
from routing.scripts import simplified

GRAPH, TOKENIZER = "encoder.onnx", "tokenizer.json"


class EncoderLabeller:
    """Reads the first tokens of a text as a whole, in their order; says why by leaving words out."""

    kind = "encoder"

    def __init__(
        self,
        folder: Path,
        labels: Sequence[str],
        tokens: int,
        sharpness: float = 1.0,
        threshold: float = 0.0,
        threads: int = 1,
    ) -> None:
        """`folder` holds the graph and the tokenizer. Raises OSError, ValueError."""
        self.labels = tuple(labels)
        self.tokens = tokens
        self.sharpness = sharpness
        self.threshold = threshold
        self._folder = folder
        self._runtime = EncoderRuntime(folder / GRAPH, folder / TOKENIZER, tokens, threads)

    def margins(self, texts: Sequence[str]) -> Scores:
        """The head's numbers, before they are made shares."""
        found = self._runtime.first_output([simplified(t) for t in texts], (len(self.labels),), lambda logits: logits)
        return found.astype(np.float64)

    def shares(self, texts: Sequence[str]) -> Scores:
        return softmax(self.margins(texts), self.sharpness)

    def explain(self, text: str, label: str, most: int = REASONS) -> list[Reason]:
        return occluded(self, text, label, most)

    def save(self, folder: Path) -> None:
        """Copies graph and tokenizer, and writes what they are."""
        folder.mkdir(parents=True, exist_ok=True)
        for name in (GRAPH, TOKENIZER):
            if (folder / name).resolve() != (self._folder / name).resolve():
                shutil.copyfile(self._folder / name, folder / name)
        head = {
            "labels": self.labels,
            "tokens": self.tokens,
            "sharpness": self.sharpness,
            "threshold": self.threshold,
        }
        model_folder.write(folder, self.kind, head, {}, (GRAPH, TOKENIZER))

    @classmethod
    def load(cls, folder: Path, threads: int = 1) -> EncoderLabeller:
        """Reads what `save` wrote. Raises BadModel."""
        head = model_folder.read_head(folder)
        try:
            given = head["labels"], int(head["tokens"]), float(head["sharpness"]), float(head["threshold"])
            model = cls(folder, *given, threads=threads)
            model.shares([""])
        except (KeyError, TypeError, ValueError, OSError, RuntimeError) as error:
            raise BadModel(f"{folder}: no encoder that can run: {error}") from error
        return model
