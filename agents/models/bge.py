"""Sentences as vectors by bge-small-zh-v1.5: Chinese, 24 million weights, run by ONNX Runtime."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from agents.models.embedding import BGE, EmbeddingMissing, Vectors
from agents.models.encoder_runtime import EncoderRuntime
from agents.models.vectors import unit

ASKED = "为这个句子生成表示以用于检索相关文章："  # the model was trained with it before what is looked for
TOKENS = 512
MODEL, TOKENIZER = "onnx/model.onnx", "tokenizer.json"


class BgeSmall:
    """The first token's vector, as the model was trained; text beyond 512 tokens is not read."""

    name = BGE
    size = 512

    def __init__(self, folder: Path, threads: int = 1) -> None:
        """Opens the model in `folder`. Raises EmbeddingMissing."""
        if not self.is_in(folder):
            raise EmbeddingMissing(f"{BGE} is not in {folder}: run `hotline models fetch {BGE}`")
        self._encoder = EncoderRuntime(folder / MODEL, folder / TOKENIZER, TOKENS, threads)

    @staticmethod
    def is_in(folder: Path) -> bool:
        return all((folder / name).is_file() for name in (MODEL, TOKENIZER))

    def questions(self, texts: Sequence[str]) -> Vectors:
        return self.passages([ASKED + text for text in texts])

    def passages(self, texts: Sequence[str]) -> Vectors:
        return unit(self._encoder.first_output(texts, (self.size,), lambda hidden: hidden[:, 0]))
