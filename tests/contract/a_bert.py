"""A tiny random BERT in the ONNX form of ours, with a tokenizer of single characters: an encoder without torch."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from agents.models.encoder import GRAPH, TOKENIZER, EncoderLabeller
from agents.models.encoder_base import Weights
from agents.models.encoder_onnx import graph_of

WIDTH, LAYERS, PLACES = 64, 2, 64
CHARS = "停水管爆压自来电跳闸表线变器暖气不热供室温力我们小区了一二三四天没人管的，"


def tokenizer() -> Tokenizer:
    words = {word: i for i, word in enumerate(["[PAD]", "[UNK]", "[CLS]", "[SEP]", *dict.fromkeys(CHARS)])}
    made = Tokenizer(models.WordLevel(words, unk_token="[UNK]"))
    made.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", words["[CLS]"]), ("[SEP]", words["[SEP]"])]
    )
    return made


def base(words: int, seed: int = 3) -> Weights:
    """Weights by the names that transformers gives them."""
    dice = np.random.default_rng(seed)

    def some(*shape: int) -> np.ndarray:
        return dice.normal(0, 0.2, shape).astype(np.float32)

    found: Weights = {
        "embeddings.word_embeddings.weight": some(words, WIDTH),
        "embeddings.position_embeddings.weight": some(PLACES, WIDTH) * 0.1,
        "embeddings.token_type_embeddings.weight": some(2, WIDTH),
    }
    norms = ["embeddings.LayerNorm"]
    for i in range(LAYERS):
        at = f"encoder.layer.{i}."
        for name in ("attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"):
            found |= {f"{at}{name}.weight": some(WIDTH, WIDTH), f"{at}{name}.bias": some(WIDTH)}
        found |= {f"{at}intermediate.dense.weight": some(128, WIDTH), f"{at}intermediate.dense.bias": some(128)}
        found |= {f"{at}output.dense.weight": some(WIDTH, 128), f"{at}output.dense.bias": some(WIDTH)}
        norms += [f"{at}attention.output.LayerNorm", f"{at}output.LayerNorm"]
    for name in norms:
        found |= {f"{name}.weight": np.ones(WIDTH, np.float32), f"{name}.bias": np.zeros(WIDTH, np.float32)}
    return found


def encoder(folder: Path, texts: list[str], labels: list[str]) -> EncoderLabeller:
    """An encoder whose layers are random and whose head is fitted: it still tells these words apart."""
    folder.mkdir(parents=True, exist_ok=True)
    reader = tokenizer()
    reader.save(str(folder / TOKENIZER))
    weights, names = base(reader.get_vocab_size()), sorted(set(labels))
    probe = {**weights, "head.weight": np.eye(WIDTH, dtype=np.float32), "head.bias": np.zeros(WIDTH, np.float32)}
    (folder / GRAPH).write_bytes(graph_of(probe, 1))
    vectors = EncoderLabeller(folder, [str(i) for i in range(WIDTH)], PLACES).margins(texts)
    truth = np.array([[5.0 * (label == name) for name in names] for label in labels])
    middle = vectors.mean(axis=0)
    near = vectors - middle
    fitted = np.linalg.solve(near.T @ near + 1e-3 * np.eye(WIDTH), near.T @ truth)
    head = {"head.weight": fitted.T.astype(np.float32), "head.bias": (-middle @ fitted).astype(np.float32)}
    (folder / GRAPH).write_bytes(graph_of({**weights, **head}, 1))
    return EncoderLabeller(folder, names, PLACES)
