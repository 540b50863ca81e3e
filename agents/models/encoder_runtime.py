"""Runs a BERT-like encoder in ONNX form over texts: tokens in, its first output out. No torch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

TOKENS_AT_ONCE = 4096  # of a batch, padding counted: bounds memory


class EncoderRuntime:
    """Texts of like length go through together; the order of the answers is that of the texts."""

    def __init__(self, model: Path, tokenizer: Path, tokens: int, threads: int = 1) -> None:
        """`tokens`: what of a text is read. Raises OSError where a file is missing, ValueError where it is none."""
        import onnxruntime
        from tokenizers import Tokenizer

        for path in (model, tokenizer):
            if not path.is_file():
                raise FileNotFoundError(f"{path}: no such file")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        try:
            self._tokenizer = Tokenizer.from_file(str(tokenizer))
            self._session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        except Exception as error:
            raise ValueError(f"{model.parent}: cannot be opened as an encoder: {error}") from error
        self._tokenizer.enable_truncation(tokens)
        self._tokenizer.no_padding()
        self._inputs = {given.name for given in self._session.get_inputs()}

    def first_output(
        self, texts: Sequence[str], shape: tuple[int, ...], take: Callable[[NDArray[np.float32]], NDArray[np.float32]]
    ) -> NDArray[np.float32]:
        """What `take` makes of the model's first output, one row of `shape` per text."""
        found = np.zeros((len(texts), *shape), dtype=np.float32)
        encoded = self._tokenizer.encode_batch([_clean(text) for text in texts])
        order = sorted(range(len(texts)), key=lambda i: (len(encoded[i].ids), i))
        batch: list[int] = []
        for at in order:
            if batch and (len(batch) + 1) * len(encoded[at].ids) > TOKENS_AT_ONCE:
                found[batch] = take(self._run([encoded[i].ids for i in batch]))
                batch = []
            batch.append(at)
        if batch:
            found[batch] = take(self._run([encoded[i].ids for i in batch]))
        return found

    def _run(self, ids: list[list[int]]) -> NDArray[np.float32]:
        width = max(len(row) for row in ids)
        tokens = np.zeros((len(ids), width), dtype=np.int64)
        mask = np.zeros((len(ids), width), dtype=np.int64)
        for row, known in enumerate(ids):
            tokens[row, : len(known)] = known
            mask[row, : len(known)] = 1
        given: dict[str, Any] = {"input_ids": tokens, "attention_mask": mask, "token_type_ids": np.zeros_like(tokens)}
        return np.asarray(self._session.run(None, {k: v for k, v in given.items() if k in self._inputs})[0])


def tokens_of(tokenizer: Path, texts: Sequence[str], most: int) -> list[list[int]]:
    """The tokens of each text, at most so many. What training and running share."""
    from tokenizers import Tokenizer

    reader = Tokenizer.from_file(str(tokenizer))
    reader.enable_truncation(most)
    reader.no_padding()
    return [row.ids for row in reader.encode_batch([_clean(text) for text in texts])]


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
