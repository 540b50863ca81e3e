"""Reads question and answer together: a cross-encoder in a local folder, in ONNX form or by `transformers`."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from routing.retrieval import Reader
from routing.retrieval_posts import Scores

TOKENS = 512  # of question and stretch together
HEARD = 200  # characters of a question
ONNX = ("model.onnx", "onnx/model.onnx")


class ReaderMissing(RuntimeError):
    """No cross-encoder can be opened there; says why."""


def open_reader(folder: Path) -> Reader:
    """The cross-encoder in the folder: ONNX where it lies there, else by torch. Raises ReaderMissing."""
    onnx = next((folder / name for name in ONNX if (folder / name).is_file()), None)
    return OnnxReader(folder, onnx) if onnx is not None else TorchReader(folder)


class OnnxReader:
    """One score per stretch. Each pair goes through alone, so that the same pair has the same score."""

    def __init__(self, folder: Path, model: Path) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
            self._session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        except Exception as error:
            raise ReaderMissing(f"{folder}: no cross-encoder can be opened: {error}") from error
        self._tokenizer.enable_truncation(TOKENS, strategy="only_second")
        self._tokenizer.no_padding()
        self._inputs = [given.name for given in self._session.get_inputs()]
        self.name = folder.name

    def read(self, question: str, stretches: Sequence[str]) -> Scores:
        return np.array([self._one(question[:HEARD], stretch) for stretch in stretches], dtype=np.float64).round(4)

    def _one(self, question: str, stretch: str) -> float:
        pair = self._tokenizer.encode(_clean(question), _clean(stretch))
        given = {"input_ids": pair.ids, "attention_mask": pair.attention_mask, "token_type_ids": pair.type_ids}
        fed = {name: np.array([given[name]], dtype=np.int64) for name in self._inputs if name in given}
        return _answers(np.asarray(self._session.run(None, fed)[0])[0])


class TorchReader:
    """The same by `transformers`, where the training extra is installed. Nothing is fetched, no code of it is run."""

    def __init__(self, folder: Path) -> None:
        try:
            import torch
            from transformers import AutoModelForSequenceClassification, AutoTokenizer

            chosen: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
            self._tokenizer = AutoTokenizer.from_pretrained(folder, **chosen)
            self._model = AutoModelForSequenceClassification.from_pretrained(folder, **chosen).eval()
        except (ImportError, OSError, ValueError) as error:
            raise ReaderMissing(f"{folder}: no cross-encoder can be opened: {type(error).__name__}: {error}") from error
        self._torch = torch
        self._lock = threading.Lock()
        self.name = folder.name

    def read(self, question: str, stretches: Sequence[str]) -> Scores:
        with self._lock, self._torch.inference_mode():
            return np.array([self._one(question[:HEARD], stretch) for stretch in stretches], dtype=np.float64).round(4)

    def _one(self, question: str, stretch: str) -> float:
        given = self._tokenizer(
            _clean(question), _clean(stretch), return_tensors="pt", truncation="only_second", max_length=TOKENS
        )
        return _answers(self._model(**given).logits[0].numpy())


def _answers(logits: np.ndarray[Any, Any]) -> float:
    """One logit is the score; of two and more the last stands for "answers"."""
    return float(logits[0]) if logits.size == 1 else float(logits[-1] - logits[0])


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")
