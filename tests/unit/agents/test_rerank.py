"""A cross-encoder in a local folder reads the best answers again; tiny real models are made here."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from agents.models.rerank import OnnxReader, ReaderMissing, TorchReader, open_reader
from routing.retrieval import Document, Search

TEXTS = ("身份证到派出所办理甲。", "身份证到派出所办理乙。", "身份证到派出所办理丙。")


class Prefers:
    """A reader that looks for a character."""

    name = "prefers"

    def __init__(self, character: str) -> None:
        self.character = character
        self.asked: list[tuple[str, ...]] = []

    def read(self, question: str, stretches: object) -> np.ndarray:
        self.asked.append(tuple(stretches))  # type: ignore[arg-type]
        return np.array([float(self.character in s) for s in self.asked[-1]])


def test_the_reader_has_the_last_word_among_the_best_only() -> None:
    documents = [Document(text) for text in TEXTS]
    for at, character in enumerate("甲乙丙"):
        reader = Prefers(character)
        assert Search(documents, reader=reader).rank("身份证到派出所")[0].at == at
        assert set(reader.asked[0]) == set(TEXTS)
    many = [*documents, *(Document(f"公交{n}路的站点。") for n in range(30))]
    reader = Prefers("站")
    assert Search(many, reader=reader).rank("身份证到派出所")[0].at in (0, 1, 2)


def test_it_reads_the_window_that_answers_and_not_the_whole() -> None:
    long = "加强领导落实责任做好保障工作。" * 60 + "犬只走失到流浪犬收容中心认领。" + "各单位要高度重视。" * 60
    reader = Prefers("收容")
    Search([Document(long), Document("养犬登记。")], reader=reader).rank("犬只走失到哪里认领")
    assert any("收容中心" in stretch for stretch in reader.asked[0])
    assert all(len(stretch) <= 200 for stretch in reader.asked[0])


def test_an_empty_folder_is_said_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(ReaderMissing, match="no cross-encoder can be opened"):
        open_reader(tmp_path)
    (tmp_path / "model.onnx").write_bytes(b"no model")
    with pytest.raises(ReaderMissing, match="no cross-encoder can be opened"):
        open_reader(tmp_path)


@pytest.mark.training
def test_a_tiny_cross_encoder_scores_alike_by_torch_and_in_onnx_form(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    pytest.importorskip("onnx")
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    torch.manual_seed(1)
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *sorted(set("".join(TEXTS)))]
    (tmp_path / "vocab.txt").write_text("\n".join(words), "utf-8")
    tokenizer = BertTokenizerFast(vocab={word: at for at, word in enumerate(words)})
    tokenizer.save_pretrained(tmp_path)
    config = BertConfig(
        vocab_size=len(words), hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32,
        num_labels=1, initializer_range=0.5,
    )  # fmt: skip
    model = BertForSequenceClassification(config).eval()
    model.save_pretrained(tmp_path)
    by_torch = open_reader(tmp_path)
    assert isinstance(by_torch, TorchReader)
    expected = by_torch.read("身份证", TEXTS)
    assert len(set(expected.tolist())) > 1

    pair = tokenizer("身份证", TEXTS[0], return_tensors="pt")
    names = ["input_ids", "attention_mask", "token_type_ids"]
    axes = {name: {0: "batch", 1: "length"} for name in names}
    torch.onnx.export(
        model, tuple(pair[name] for name in names), str(tmp_path / "model.onnx"), input_names=names,
        output_names=["logits"], dynamic_axes=axes, dynamo=False,
    )  # fmt: skip
    by_onnx = open_reader(tmp_path)
    assert isinstance(by_onnx, OnnxReader)
    np.testing.assert_allclose(by_onnx.read("身份证", TEXTS), expected, atol=1e-3)
    assert json.loads((tmp_path / "config.json").read_text("utf-8"))["hidden_size"] == 16
    found = Search([Document(t) for t in TEXTS], reader=by_onnx).rank("身份证到派出所")
    assert found[0].at == int(expected.argmax())
